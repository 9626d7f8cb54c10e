//! How many colours a terminal has, told from its environment alone.
//! Refuses to ask the terminal: over a slow link the answer would hold up the first frame.

use std::collections::BTreeMap;

use termprofile::{DetectorSettings, IsTerminal, TermProfile, TermVars};

/// How many colours can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None: bold, dim, underlined and reversed only.
    Mono,
    /// The sixteen named ones.
    #[default]
    Sixteen,
    /// 256 by number.
    Indexed,
    /// Any.
    Rgb,
}

impl Depth {
    /// As it is printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mono => "no colours",
            Self::Sixteen => "16 colours",
            Self::Indexed => "256 colours",
            Self::Rgb => "any colour",
        }
    }
}

/// What a terminal is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A cockpit can be drawn, with this many colours.
    Draws(Depth),
    /// Standard output is not a terminal.
    NotATerminal,
    /// `TERM=dumb`: it cannot place text.
    Dumb,
}

/// The variables that speak of the terminal. Those of build services, which the detector also knows, say nothing about a screen someone looks at.
const ABOUT_THE_TERMINAL: [&str; 7] =
    ["TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TMUX", "FORCE_COLOR", "CLICOLOR_FORCE"];

/// Terminals from before colour. The sixteen are written in a form these would garble.
const WITHOUT_COLOUR: [&str; 6] = ["vt100", "vt102", "vt220", "vt320", "xterm-mono", "linux-m"];

struct Attached;

impl IsTerminal for Attached {
    fn is_terminal(&self) -> bool {
        true
    }
}

/// Reads what the terminal can do off its environment. Only the variables named here are looked at.
#[must_use]
pub fn detect(env: &BTreeMap<String, String>, is_terminal: bool) -> Screen {
    if !is_terminal {
        return Screen::NotATerminal;
    }
    let term = env.get("TERM").map(String::as_str).unwrap_or_default();
    if term == "dumb" {
        return Screen::Dumb;
    }
    // no-color.org: present and not empty, whatever it says.
    if env.get("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Screen::Draws(Depth::Mono);
    }
    if let Some(depth) = env.get("FORCE_COLOR").and_then(|value| forced(value)) {
        return Screen::Draws(depth);
    }
    if WITHOUT_COLOUR.contains(&term) {
        return Screen::Draws(Depth::Mono);
    }
    let known: BTreeMap<String, String> =
        ABOUT_THE_TERMINAL.iter().filter_map(|name| Some(((*name).to_owned(), env.get(*name)?.clone()))).collect();
    let vars = TermVars::from_source(&known, &Attached, DetectorSettings::new().enable_tmux_info(false));
    Screen::Draws(match TermProfile::detect_with_vars(vars) {
        TermProfile::TrueColor => Depth::Rgb,
        TermProfile::Ansi256 => Depth::Indexed,
        TermProfile::Ansi16 => Depth::Sixteen,
        // It is a terminal and it is not dumb: an unset TERM is more often a bare shell than a paper printer.
        TermProfile::NoColor | TermProfile::NoTty => Depth::Sixteen,
    })
}

/// The levels `FORCE_COLOR` has come to mean (supports-color): 0 to 3. Other values are left to the detector.
fn forced(value: &str) -> Option<Depth> {
    match value {
        "0" | "false" => Some(Depth::Mono),
        "2" => Some(Depth::Indexed),
        "3" => Some(Depth::Rgb),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(vars: &[(&str, &str)]) -> Screen {
        let env = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        detect(&env, true)
    }

    #[test]
    fn the_environment_says_how_many_colours() {
        assert_eq!(seen(&[("TERM", "xterm-256color")]), Screen::Draws(Depth::Indexed));
        assert_eq!(seen(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Screen::Draws(Depth::Rgb));
        assert_eq!(seen(&[("TERM", "linux")]), Screen::Draws(Depth::Sixteen));
        assert_eq!(seen(&[("TERM", "xterm")]), Screen::Draws(Depth::Sixteen));
        assert_eq!(seen(&[("TERM", "vt220")]), Screen::Draws(Depth::Mono));
        assert_eq!(seen(&[]), Screen::Draws(Depth::Sixteen));
    }

    #[test]
    fn inside_tmux_colorterm_of_the_outer_terminal_is_not_believed() {
        assert_eq!(seen(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/t,1,0"), ("COLORTERM", "truecolor")]), Screen::Draws(Depth::Indexed));
    }

    #[test]
    fn no_color_wins_over_everything_and_only_when_not_empty() {
        assert_eq!(seen(&[("NO_COLOR", "1"), ("FORCE_COLOR", "3"), ("TERM", "xterm-256color")]), Screen::Draws(Depth::Mono));
        assert_eq!(seen(&[("NO_COLOR", "0"), ("TERM", "xterm-256color")]), Screen::Draws(Depth::Mono));
        assert_eq!(seen(&[("NO_COLOR", ""), ("TERM", "xterm-256color")]), Screen::Draws(Depth::Indexed));
    }

    #[test]
    fn force_color_names_a_level() {
        assert_eq!(seen(&[("FORCE_COLOR", "3"), ("TERM", "xterm")]), Screen::Draws(Depth::Rgb));
        assert_eq!(seen(&[("FORCE_COLOR", "0"), ("TERM", "xterm")]), Screen::Draws(Depth::Mono));
    }

    #[test]
    fn a_build_service_around_the_terminal_changes_nothing() {
        assert_eq!(seen(&[("CI", "true"), ("TERM", "xterm-256color")]), Screen::Draws(Depth::Indexed));
    }

    #[test]
    fn nothing_is_drawn_on_a_pipe_or_a_dumb_terminal() {
        assert_eq!(detect(&BTreeMap::new(), false), Screen::NotATerminal);
        assert_eq!(seen(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]), Screen::Dumb);
    }
}
