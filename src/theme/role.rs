//! The closed set of meanings that have a look, and the glyph that carries each meaning without colour.
//! Refuses to name colours: a theme does.

use super::glyph::Glyph;

macro_rules! roles {
    ($($variant:ident $name:literal $glyph:expr, $about:literal;)+) => {
        /// A meaning that a theme gives a look.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role {
            $(#[doc = $about] $variant,)+
        }

        impl Role {
            /// Every role, in the order `flightdeck themes` shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name a theme file uses.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// One line that says where it is used.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)+ }
            }

            /// The glyph that is drawn beside or as this meaning, where there is one.
            #[must_use]
            pub const fn glyph(self) -> Option<Glyph> {
                match self { $(Self::$variant => $glyph,)+ }
            }
        }
    };
}

roles! {
    Text "text" None, "Ordinary text";
    Dim "dim" None, "Text of second rank, and a picture that is no longer fresh";
    Strong "strong" None, "The figure or the part of a name that matters here";
    Title "title" None, "Titles of panels";
    Header "header" None, "Column headings";
    Border "border" None, "Frames of panels";
    BorderFocused "border-focused" None, "The frame of the panel that has the keys";
    Selection "selection" Some(Glyph::Cursor), "The selected row";
    Marked "marked" Some(Glyph::Marked), "A marked row";
    Band "band" None, "The line on top that says where one is";
    LinkLive "link-live" Some(Glyph::LinkLive), "The link is live";
    LinkStale "link-stale" Some(Glyph::LinkStale), "The link has been silent";
    LinkLost "link-lost" Some(Glyph::LinkLost), "The link is lost";
    PhaseHealthy "phase-healthy" Some(Glyph::Done), "Released and well";
    PhaseProgressing "phase-progressing" Some(Glyph::Now), "On its way";
    PhasePaused "phase-paused" Some(Glyph::Paused), "Standing still until someone or something lets it go on";
    PhaseDegraded "phase-degraded" Some(Glyph::Failed), "Not well, or aborted";
    VerdictPass "verdict-pass" Some(Glyph::Done), "Judged good";
    VerdictFail "verdict-fail" Some(Glyph::Failed), "Judged bad";
    VerdictUnknown "verdict-unknown" Some(Glyph::Unknown), "Not judged, and why";
    VersionOld "version-old" Some(Glyph::Old), "The old version";
    VersionNew "version-new" Some(Glyph::New), "The new version";
    VersionOther "version-other" Some(Glyph::Other), "Any other version that holds pods";
    PodReady "pod-ready" Some(Glyph::Ready), "A pod that is ready";
    PodStarting "pod-starting" Some(Glyph::Starting), "A pod that is not ready yet";
    PodFailing "pod-failing" Some(Glyph::Failed), "A pod that fails";
    PodTerminating "pod-terminating" Some(Glyph::Terminating), "A pod on its way out";
    BarTrack "bar-track" Some(Glyph::BarTrack), "The empty part of a bar";
    Warning "warning" Some(Glyph::Warning), "Something to look at";
    Danger "danger" Some(Glyph::Worse), "Something that is hurting";
    Key "key" None, "A key in the key line, help and palette";
    Hint "hint" None, "The word beside a key";
    Notice "notice" None, "A line that says what just happened, or what is wrong with a file";
    Redacted "redacted" None, "A name that is hidden";
}

impl Role {
    /// Sets of roles that stand beside one another and must never be told apart by colour alone.
    pub const NEIGHBOURS: &'static [&'static [Self]] = &[
        &[Self::LinkLive, Self::LinkStale, Self::LinkLost],
        &[Self::PhaseHealthy, Self::PhaseProgressing, Self::PhasePaused, Self::PhaseDegraded],
        &[Self::VerdictPass, Self::VerdictFail, Self::VerdictUnknown],
        &[Self::VersionOld, Self::VersionNew, Self::VersionOther],
        &[Self::PodReady, Self::PodStarting, Self::PodFailing, Self::PodTerminating],
        &[Self::Text, Self::Warning, Self::Danger],
        &[Self::Border, Self::BorderFocused],
        &[Self::Text, Self::Selection, Self::Marked],
        &[Self::Key, Self::Hint],
    ];

    /// The role of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
