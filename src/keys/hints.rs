//! The key line, the help and the table that `flightdeck keys` prints, all from the keymap in force.
//! Refuses to name a key that is not bound.

use std::fmt::Write as _;

use super::action::Action;
use super::keymap::Keymap;
use super::mode::Mode;

/// A key with the word that says what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The chords as they are printed.
    pub keys: String,
    /// One or two words.
    pub word: &'static str,
    /// What it does, for whoever wants to grey it out.
    pub action: Action,
}

/// What the key line of a mode offers, the most wanted first. A narrow screen drops from the end, but keeps the last, help.
const fn offered(mode: Mode) -> &'static [Action] {
    match mode {
        Mode::Board => &[Action::Open, Action::Filter, Action::Mark, Action::Sort, Action::Namespace, Action::Palette, Action::Help],
        Mode::Release => &[
            Action::Abort,
            Action::Pause,
            Action::Advance,
            Action::RollBack,
            Action::PromoteFull,
            Action::ShowPods,
            Action::ShowRevisions,
            Action::Why,
            Action::Palette,
            Action::Help,
        ],
        Mode::Revisions => &[Action::RollBack, Action::RollBackNow, Action::ShowPods, Action::Back, Action::Palette, Action::Help],
        Mode::Plan => &[Action::Confirm, Action::Back, Action::Replan, Action::Help],
        Mode::Confirm => &[Action::Confirm, Action::Back],
        Mode::Journal => &[Action::Filter, Action::Back, Action::Palette, Action::Help],
        Mode::Pods => &[Action::Open, Action::Filter, Action::Mark, Action::Sort, Action::Back, Action::Palette, Action::Help],
        Mode::Why => &[Action::Back, Action::CopySummary, Action::ShowPods, Action::Palette, Action::Help],
        Mode::Help => &[Action::Back, Action::Filter, Action::Palette],
        Mode::Palette | Mode::Filter | Mode::Choose => &[Action::Accept, Action::Back],
        Mode::Global => &[Action::Palette, Action::Help, Action::Quit],
    }
}

/// The key line of a mode.
#[must_use]
pub fn hints(keymap: &Keymap, mode: Mode) -> Vec<Hint> {
    let hint = |action: &Action| {
        let chords = keymap.shortest_chord(*action, mode)?;
        Some(Hint { keys: chords.to_string(), word: action.word(), action: *action })
    };
    offered(mode).iter().filter_map(hint).collect()
}

/// One action as help and the palette show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// All that does it here, the quickest first; empty where only the palette does.
    pub keys: Vec<String>,
}

/// Every action that means something in a mode, bound or not, in table order.
#[must_use]
pub fn help(keymap: &Keymap, mode: Mode) -> Vec<Entry> {
    let entry = |action: &Action| Entry { action: *action, keys: keymap.chords(*action, mode).iter().map(ToString::to_string).collect() };
    Action::ALL.iter().filter(|action| action.lives_in(mode)).map(entry).collect()
}

/// The table `flightdeck keys` prints: mode, keys, action, what it does, and the keymap that says so.
#[must_use]
pub fn print(keymap: &Keymap) -> String {
    let mut text = format!("{:8}  {:12}  {:14}  {:9}  WHAT IT DOES\n", "MODE", "KEYS", "ACTION", "FROM");
    for mode in Mode::ALL {
        for (chords, binding) in keymap.said(mode) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{mode:8}  {chords:12}  {:14}  {:9}  {}", binding.action, binding.layer, binding.action.about());
        }
    }
    text.push_str("\nctrl-c leaves everywhere. The palette does what has no key:\n");
    for action in Action::ALL.iter().filter(|action| Mode::ALL.into_iter().all(|mode| keymap.shortest_chord(**action, mode).is_none())) {
        let _ = writeln!(text, "{:24}{:14}  {:9}  {}", "", action.name(), "", action.about());
    }
    text
}
