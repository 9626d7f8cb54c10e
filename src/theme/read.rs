//! Reads one theme file into a palette and looks, with every mistake in it.
//! Refuses to know what the file rests on, but for the palette words it may use.

use std::collections::BTreeMap;

use ratatui::style::Modifier;
use toml::de::DeValue;

use super::colour::{Shade, parse};
use super::role::Role;
use crate::config::{Document, Item, Mistake, Text, entries, unknown};

/// What can be added to a style.
pub(super) const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
    ("crossed-out", Modifier::CROSSED_OUT),
];

/// The background a theme is made for. It is the terminal's own and never painted; contrast is reckoned against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Near black.
    #[default]
    Dark,
    /// Near white.
    Light,
}

/// A colour as a role names it: resolved only when all files are known, so that a file may change the palette of the one it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Paint {
    Word(String),
    Shade(Shade),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub fg: Option<Paint>,
    pub bg: Option<Paint>,
    pub add: Modifier,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sheet {
    pub background: Option<Background>,
    pub palette: BTreeMap<String, Shade>,
    pub looks: BTreeMap<Role, Look>,
}

/// Reads one file. `base` is the palette of what it rests on.
pub(super) fn read(text: &Text, base: &BTreeMap<String, Shade>) -> (Sheet, Vec<Mistake>) {
    let mut document = Document::parse(&text.file, &text.text);
    let root = document.take_root();
    let mut sheet = Sheet { palette: base.clone(), ..Sheet::default() };
    // The palette first, wherever in the file it stands.
    if let Some(item) = root.get("palette") {
        read_palette(&mut document, item, &mut sheet.palette);
    }
    for (key, item) in entries(&root) {
        match key.get_ref().as_ref() {
            "format" => document.format(item),
            "inherits" => {
                document.string("inherits", item);
            }
            "background" => sheet.background = read_background(&mut document, item),
            "palette" => {}
            "role" => read_roles(&mut document, item, &mut sheet),
            _ => document.unknown_key(key, "of a theme", ["format", "inherits", "background", "palette", "role"]),
        }
    }
    (sheet, document.finish())
}

fn read_background(document: &mut Document<'_>, item: &Item<'_>) -> Option<Background> {
    match document.string("background", item)? {
        "dark" => Some(Background::Dark),
        "light" => Some(Background::Light),
        other => {
            document.mistake(&item.span(), unknown(other, "background", ["dark", "light"]));
            None
        }
    }
}

fn read_palette(document: &mut Document<'_>, item: &Item<'_>, palette: &mut BTreeMap<String, Shade>) {
    let Some(table) = document.table("palette", item) else { return };
    for (name, item) in entries(table) {
        // A word of the palette names a colour, not another word: nothing can go in circles.
        if let Some(Paint::Shade(shade)) = read_paint(document, item, &BTreeMap::new()) {
            palette.insert(name.get_ref().to_string(), shade);
        }
    }
}

fn read_roles(document: &mut Document<'_>, item: &Item<'_>, sheet: &mut Sheet) {
    let Some(table) = document.table("role", item) else { return };
    for (name, item) in entries(table) {
        let Some(role) = Role::from_name(name.get_ref()) else {
            document.mistake(&name.span(), unknown(name.get_ref(), "role", Role::ALL.iter().map(|role| role.name())));
            continue;
        };
        let look = match item.get_ref() {
            DeValue::Table(_) => read_look(document, item, &sheet.palette),
            _ => Look { fg: read_paint(document, item, &sheet.palette), ..Look::default() },
        };
        sheet.looks.insert(role, look);
    }
}

fn read_look(document: &mut Document<'_>, item: &Item<'_>, palette: &BTreeMap<String, Shade>) -> Look {
    let mut look = Look::default();
    for (key, item) in item.get_ref().as_table().map(entries).unwrap_or_default() {
        match key.get_ref().as_ref() {
            "fg" => look.fg = read_paint(document, item, palette),
            "bg" => look.bg = read_paint(document, item, palette),
            "add" => look.add = read_modifiers(document, item),
            _ => document.unknown_key(key, "of a role", ["fg", "bg", "add"]),
        }
    }
    look
}

fn read_modifiers<'i>(document: &mut Document<'_>, item: &'i Item<'i>) -> Modifier {
    let items: Vec<&'i Item<'i>> = item.get_ref().as_array().map_or_else(|| vec![item], |list| list.iter().collect());
    let mut add = Modifier::empty();
    for item in items {
        let Some(word) = document.string("add", item) else { continue };
        match MODIFIERS.iter().find(|(name, _)| *name == word) {
            Some((_, modifier)) => add |= *modifier,
            None => document.mistake(&item.span(), unknown(word, "modifier", MODIFIERS.map(|(name, _)| name))),
        }
    }
    add
}

/// A colour: a word, `#rrggbb`, a number, or a list of such a one and the name that stands in for it where there are only sixteen.
fn read_paint(document: &mut Document<'_>, item: &Item<'_>, palette: &BTreeMap<String, Shade>) -> Option<Paint> {
    if let Some(list) = item.get_ref().as_array() {
        let [full, basic] = list.iter().collect::<Vec<_>>()[..] else {
            document.mistake(&item.span(), "a list of colours holds two: the colour, and the name used where there are only sixteen");
            return None;
        };
        let (full, basic) = (read_paint(document, full, palette), read_paint(document, basic, palette));
        return match (full?, basic?) {
            (Paint::Shade(full), Paint::Shade(Shade { full: basic, .. }))
                if super::colour::NAMES.iter().any(|(_, named)| *named == basic) =>
            {
                Some(Paint::Shade(Shade { full: full.full, basic: Some(basic) }))
            }
            _ => {
                document.mistake(
                    &item.span(),
                    "the second colour of a list is one of the sixteen names, and the first is no word of the palette",
                );
                None
            }
        };
    }
    let number;
    let word = match item.get_ref() {
        DeValue::String(word) => word.as_ref(),
        DeValue::Integer(digits) if digits.radix() == 10 => {
            number = digits.as_str().to_owned();
            number.as_str()
        }
        _ => {
            document.wrong_type("a colour", item, "a name, #rrggbb in quotes or a number from 0 to 255");
            return None;
        }
    };
    if palette.contains_key(word) {
        return Some(Paint::Word(word.to_owned()));
    }
    match parse(word, palette.keys().map(String::as_str)) {
        Ok(full) => Some(Paint::Shade(Shade { full, basic: None })),
        Err(why) => {
            document.mistake(&item.span(), why);
            None
        }
    }
}
