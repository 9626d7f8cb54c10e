//! Everything drawn that is not a word, each with its ASCII twin, each one column wide.
//! Refuses to choose between the two by guessing: whoever builds `Glyphs` says which.

use ratatui::symbols::border;

macro_rules! glyphs {
    ($($variant:ident $utf8:literal $ascii:literal, $about:literal;)+) => {
        /// A sign with a meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Glyph {
            $(#[doc = $about] $variant,)+
        }

        impl Glyph {
            /// Every glyph.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The sign on a terminal that shows UTF-8.
            #[must_use]
            pub const fn utf8(self) -> &'static str {
                match self { $(Self::$variant => $utf8,)+ }
            }

            /// The sign where only ASCII can be trusted.
            #[must_use]
            pub const fn ascii(self) -> &'static str {
                match self { $(Self::$variant => $ascii,)+ }
            }

            /// What it stands for.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)+ }
            }
        }
    };
}

glyphs! {
    Old "●" "o", "A pod of the old version";
    New "◆" "*", "A pod of the new version";
    Other "■" "#", "A pod of any other version";
    Ready "●" "o", "A pod that is ready, where versions are not told apart";
    Starting "○" "~", "Not ready yet";
    Terminating "·" ".", "On its way out";
    Failed "✖" "x", "Failed";
    Done "✔" "+", "Done, or well";
    Now "▶" ">", "Where it stands now";
    Next "·" ".", "Still to come";
    Paused "‖" "=", "Paused";
    Unknown "?" "?", "Not known";
    LinkLive "•" "*", "Live";
    LinkStale "~" "~", "Silent";
    LinkLost "!" "!", "Lost";
    Cursor "▸" ">", "The selected row";
    Crumb "▸" ">", "From one level to the next in the band";
    Marked "▪" "*", "A marked row";
    Folded "▸" "+", "A folded group";
    Unfolded "▾" "-", "An open group";
    Worse "▲" "^", "Worse, or hurting";
    Better "▼" "v", "Better";
    Same "●" "=", "No different";
    Warning "▵" "!", "Something to look at";
    Arrow "→" ">", "From one version or weight to another";
    Times "×" "x", "Times as many";
    PlusMinus "±" "~", "Give or take";
    AtLeast "≥" ">", "At least";
    Dash "–" "-", "Nothing to say here";
    Separator "·" "-", "Between two facts on one line";
    Ellipsis "…" "~", "Something was left out here";
    Rule "─" "-", "A line across";
    Upright "│" "|", "A line down";
    BarFull "█" "#", "The filled part of a bar";
    BarHalf "▒" "=", "The part of a bar that is not ready";
    BarTrack "░" ".", "The empty part of a bar";
    ScrollThumb "█" "#", "Where in the list one is";
    ScrollTrack "│" "|", "How long the list is";
    Input "▁" "_", "A place to type";
}

const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
/// None of them the sign of an empty or a half-ready cell.
const ASCII_EIGHTHS: [&str; 9] = [" ", ":", ":", ":", ":", "+", "+", "+", "#"];
const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_LEVELS: [&str; 8] = ["_", ".", ":", "-", "=", "+", "*", "#"];

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The focused frame differs by shape, so that it stands out without colour.
const ASCII_BORDER_FOCUSED: border::Set<'static> =
    border::Set { horizontal_top: "=", horizontal_bottom: "=", vertical_left: "#", vertical_right: "#", ..ASCII_BORDER };

/// Which of the two sets of signs is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Glyphs {
    /// Draw with ASCII only.
    pub ascii: bool,
}

impl Glyphs {
    /// The sign for a meaning.
    #[must_use]
    pub const fn get(self, glyph: Glyph) -> &'static str {
        if self.ascii { glyph.ascii() } else { glyph.utf8() }
    }

    /// One cell of a bar that is filled to `eighths` of its width, from the left. More than eight is full.
    #[must_use]
    pub fn bar_cell(self, eighths: usize) -> &'static str {
        let cells = if self.ascii { &ASCII_EIGHTHS } else { &EIGHTHS };
        cells[eighths.min(8)]
    }

    /// The filled part of a bar `width` cells long, to the nearest eighth; never empty for a share above nothing, never full below all of it.
    #[must_use]
    pub fn bar(self, share: f64, width: usize) -> String {
        let whole = width.saturating_mul(8);
        if whole == 0 || share.is_nan() || share <= 0.0 {
            return String::new();
        }
        // Truncation is meant: the value is within 0..=whole.
        let eighths = ((share.min(1.0) * whole as f64).round() as usize).clamp(1, if share < 1.0 { whole - 1 } else { whole });
        let mut bar = self.bar_cell(8).repeat(eighths / 8);
        if eighths % 8 > 0 {
            bar.push_str(self.bar_cell(eighths % 8));
        }
        bar
    }

    /// One column of a sparkline for a value between 0 and 1; what is not a number is blank.
    #[must_use]
    pub fn spark(self, share: f64) -> &'static str {
        if share.is_nan() {
            return " ";
        }
        let levels = if self.ascii { &ASCII_LEVELS } else { &LEVELS };
        levels[((share.clamp(0.0, 1.0) * 7.0).round() as usize).min(7)]
    }

    /// The frame of a panel.
    #[must_use]
    pub const fn border(self, focused: bool) -> border::Set<'static> {
        match (self.ascii, focused) {
            (true, false) => ASCII_BORDER,
            (true, true) => ASCII_BORDER_FOCUSED,
            (false, false) => border::PLAIN,
            (false, true) => border::THICK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn every_sign_is_one_column_wide_and_its_twin_is_ascii() {
        let bars = (0..=8).flat_map(|eighths| [Glyphs { ascii: false }, Glyphs { ascii: true }].map(|glyphs| glyphs.bar_cell(eighths)));
        let sparks =
            (0..8).flat_map(|level| [Glyphs { ascii: false }, Glyphs { ascii: true }].map(|glyphs| glyphs.spark(f64::from(level) / 7.0)));
        let signs = Glyph::ALL.iter().flat_map(|glyph| [glyph.utf8(), glyph.ascii()]);
        for sign in signs.chain(bars).chain(sparks) {
            assert_eq!((sign.width(), sign.chars().count()), (1, 1), "{sign}");
        }
        for glyph in Glyph::ALL {
            assert!(glyph.ascii().is_ascii(), "{glyph:?}");
        }
    }

    #[test]
    fn a_bar_is_never_empty_for_something_nor_full_for_less_than_all() {
        let glyphs = Glyphs { ascii: false };
        assert_eq!(glyphs.bar(0.0, 10), "");
        assert_eq!(glyphs.bar(f64::NAN, 10), "");
        assert_eq!(glyphs.bar(0.001, 10), "▏");
        assert_eq!(glyphs.bar(0.999, 4), "███▉");
        assert_eq!(glyphs.bar(1.0, 4), "████");
        assert_eq!(glyphs.bar(7.0, 4), "████");
        assert_eq!(glyphs.bar(0.5, 0), "");
        assert_eq!(glyphs.bar(0.196, 40), "███████▉");
    }

    #[test]
    fn the_focused_frame_differs_by_shape() {
        for ascii in [false, true] {
            let glyphs = Glyphs { ascii };
            assert_ne!(glyphs.border(true), glyphs.border(false));
        }
    }
}
