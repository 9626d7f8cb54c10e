//! Reads one keymap file into bindings, with every mistake in it.
//! Refuses to judge how its bindings stand beside other files': that is `keymap`.

use std::collections::BTreeMap;

use super::action::Action;
use super::chord::ALWAYS_QUITS;
use super::mode::Mode;
use super::sequence::Chords;
use crate::config::{Document, Item, Mistake, Text, Word, entries, quote, unknown};

/// The word that takes a binding away.
pub(super) const UNBOUND: &str = "none";

/// One line of a keymap file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub mode: Mode,
    pub chords: Chords,
    /// Nothing where the line takes a binding away.
    pub action: Option<Action>,
    pub line: usize,
}

/// Reads the bindings of one file, in file order.
pub(super) fn read(text: &Text) -> (Vec<Line>, Vec<Mistake>) {
    let mut document = Document::parse(&text.file, &text.text);
    let root = document.take_root();
    let mut lines = Vec::new();
    for (key, item) in entries(&root) {
        match key.get_ref().as_ref() {
            "format" => document.format(item),
            "inherits" => {
                document.string("inherits", item);
            }
            "mode" => read_modes(&mut document, item, &mut lines),
            _ => document.unknown_key(key, "of a keymap", ["format", "inherits", "mode"]),
        }
    }
    (lines, document.finish())
}

fn read_modes(document: &mut Document<'_>, item: &Item<'_>, lines: &mut Vec<Line>) {
    let Some(modes) = item.get_ref().as_table() else { return document.wrong_type("'mode'", item, "tables such as [mode.board]") };
    for (name, item) in entries(modes) {
        let Some(mode) = Mode::from_name(name.get_ref()) else {
            document.mistake(&name.span(), unknown(name.get_ref(), "mode", Mode::ALL.map(Mode::name)));
            continue;
        };
        let Some(table) = item.get_ref().as_table() else {
            document.wrong_type(&quote(mode.name()), item, "keys and actions, such as \"g g\" = \"top\"");
            continue;
        };
        let mut seen: BTreeMap<Chords, usize> = BTreeMap::new();
        for (key, item) in entries(table) {
            let Some(line) = read_line(document, mode, key, item) else { continue };
            if let Some(before) = seen.insert(line.chords.clone(), line.line) {
                let what = format!("{} is {}, which line {before} binds already", quote(key.get_ref()), line.chords);
                document.mistake(&key.span(), what);
                continue;
            }
            lines.push(line);
        }
    }
}

fn read_line(document: &mut Document<'_>, mode: Mode, key: &Word<'_>, item: &Item<'_>) -> Option<Line> {
    let action = read_action(document, mode, key, item);
    let chords = match Chords::parse(key.get_ref()) {
        Ok(chords) => chords,
        Err(why) => {
            document.mistake(&key.span(), why);
            return None;
        }
    };
    let action = action?;
    if chords.as_slice().contains(&ALWAYS_QUITS) && (action != Some(Action::Quit) || chords.as_slice().len() > 1) {
        document.mistake(&key.span(), "ctrl-c always leaves flightdeck, and cannot do anything else");
        return None;
    }
    if let (true, Some(typed)) = (mode.takes_text(), chords.as_slice()[0].typed()) {
        document.mistake(&key.span(), format!("{} is typed as text in mode {mode}, and can start no key there", quote(&typed.to_string())));
        return None;
    }
    Some(Line { mode, chords, action, line: document.line(&key.span()) })
}

/// The action an entry names, `Some(None)` for `none`, or nothing where the entry is mistaken.
fn read_action(document: &mut Document<'_>, mode: Mode, key: &Word<'_>, item: &Item<'_>) -> Option<Option<Action>> {
    let Some(name) = item.get_ref().as_str() else {
        document.wrong_type(&quote(key.get_ref()), item, "the name of an action in quotes");
        return None;
    };
    if name == UNBOUND {
        return Some(None);
    }
    let Some(action) = Action::from_name(name) else {
        let names = Action::ALL.iter().map(|action| action.name()).chain([UNBOUND]);
        document.mistake(&item.span(), unknown(name, "action", names));
        return None;
    };
    // Bound in global, an action holds wherever it means something; there is nothing to get wrong.
    if mode != Mode::Global && !action.lives_in(mode) {
        let modes: Vec<&str> = action.modes().iter().filter(|mode| **mode != Mode::Global).map(|mode| mode.name()).collect();
        document.mistake(&item.span(), format!("{action} means nothing in mode {mode}; it lives in {}", modes.join(", ")));
        return None;
    }
    Some(Some(action))
}
