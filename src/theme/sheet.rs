//! The theme in force: files laid over one another, resolved to one style a role at the depth of the terminal.
//! Refuses a file with a mistake in it: that file is left out, the ones below it hold.

use std::collections::BTreeMap;

use ratatui::style::{Modifier, Style};

use super::colour::Shade;
use super::depth::Depth;
use super::read::{Background, Look, Paint, Sheet, read};
use super::role::Role;
use crate::config::{Mistake, Shelf, Text};

/// The themes that come with the program, by name, in the order `theme-next` tries them.
pub const SHIPPED: [(&str, &str); 6] = [
    ("default", include_str!("../../themes/default.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../themes/deuteranopia.toml")),
    ("tritanopia", include_str!("../../themes/tritanopia.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// The look of one role before the depth of the terminal is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ink {
    /// The colour of the text.
    pub fg: Option<Shade>,
    /// The colour behind it.
    pub bg: Option<Shade>,
    /// Bold, dim and the like.
    pub add: Modifier,
}

/// A look for every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    background: Background,
    depth: Depth,
    inks: Vec<Ink>,
    styles: Vec<Style>,
}

impl Theme {
    /// The shipped `default`, at the depth given.
    #[must_use]
    pub fn built_in(depth: Depth) -> Self {
        load(&shelf(), "default", None, depth).map_or_else(|_| Self::new("default", &Sheet::default(), depth), |(theme, _)| theme)
    }

    /// The style of a role on this terminal.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        // Both lists are as long as the table of roles.
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The look of a role, whatever the terminal.
    #[must_use]
    pub fn ink(&self, role: Role) -> Ink {
        self.inks.get(role as usize).copied().unwrap_or_default()
    }

    /// The name it is chosen by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The background it is made for.
    #[must_use]
    pub const fn background(&self) -> Background {
        self.background
    }

    /// How many colours it was resolved for.
    #[must_use]
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    fn new(name: &str, sheet: &Sheet, depth: Depth) -> Self {
        let inks: Vec<Ink> = Role::ALL.iter().map(|role| ink(sheet, sheet.looks.get(role).cloned().unwrap_or_default())).collect();
        let styles = inks.iter().map(|ink| style(*ink, depth)).collect();
        Self { name: name.to_owned(), background: sheet.background.unwrap_or_default(), depth, inks, styles }
    }
}

fn ink(sheet: &Sheet, look: Look) -> Ink {
    let shade = |paint: Option<Paint>| match paint? {
        Paint::Shade(shade) => Some(shade),
        Paint::Word(word) => sheet.palette.get(&word).copied(),
    };
    Ink { fg: shade(look.fg), bg: shade(look.bg), add: look.add }
}

fn style(ink: Ink, depth: Depth) -> Style {
    let mut style = Style::new().add_modifier(ink.add);
    style.fg = ink.fg.and_then(|shade| shade.at(depth));
    style.bg = ink.bg.and_then(|shade| shade.at(depth));
    style
}

/// The shipped themes, to which the person's own can be added.
#[must_use]
pub fn shelf() -> Shelf {
    Shelf::new("theme", "themes", &SHIPPED)
}

/// Builds the theme of that name, with the person's own layer over it. Files with mistakes are left out and all their mistakes returned.
/// Without colours it is `mono`: what is left of another theme when its colours are taken away was not made to be read.
///
/// # Errors
/// A clause that says there is no theme of that name.
pub fn load(shelf: &Shelf, name: &str, own: Option<&Text>, depth: Depth) -> Result<(Theme, Vec<Mistake>), String> {
    let mut mistakes = Vec::new();
    shelf.get(name)?;
    let name = if depth == Depth::Mono { "mono" } else { name };
    let chain = shelf.chain(name, &mut mistakes)?;
    let mut sheet = Sheet::default();
    for text in chain.into_iter().chain(own) {
        let (mut next, wrong) = read(text, &sheet.palette);
        if depth == Depth::Mono {
            // What says itself by colour says nothing here; what `mono` says instead must not be lost to it.
            next.looks.retain(|_, look| look.fg.is_none() && look.bg.is_none());
        }
        if wrong.is_empty() {
            sheet = lay(sheet, next);
        }
        mistakes.extend(wrong);
    }
    if sheet.looks.is_empty() && name != "default" {
        return load(shelf, "default", None, depth).map(|(theme, _)| (theme, mistakes));
    }
    Ok((Theme::new(name, &sheet, depth), mistakes))
}

/// A role or palette word said again replaces what was said before; the rest stays.
fn lay(below: Sheet, above: Sheet) -> Sheet {
    let mut looks: BTreeMap<Role, Look> = below.looks;
    looks.extend(above.looks);
    Sheet { background: above.background.or(below.background), palette: above.palette, looks }
}
