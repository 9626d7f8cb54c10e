//! What every command needs first: the person's files, the terminal's abilities, and where errors go.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use crate::cli::Global;
use crate::config::{Asked, InForce, assemble, files, openslo};
use crate::theme::{Depth, Screen, detect};

/// The environment, as far as it is text.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// What standard output is good for.
pub fn screen() -> Screen {
    detect(&environment(), std::io::stdout().is_terminal())
}

/// How many colours to use for text that is printed rather than drawn.
pub fn print_depth() -> Depth {
    match screen() {
        Screen::Draws(depth) => depth,
        Screen::NotATerminal | Screen::Dumb => Depth::Mono,
    }
}

/// The person's files and flags brought together.
///
/// # Errors
/// A sentence naming a theme or keymap that does not exist.
pub fn in_force(global: &Global, depth: Depth) -> Result<InForce, String> {
    let found = files::folder().map(|folder| files::read(&folder)).unwrap_or_default();
    bring_together(&found, global, depth)
}

/// The shipped defaults and the flags, whatever the person's files say: what a reproducible frame needs.
///
/// # Errors
/// A sentence naming a theme or keymap that does not exist.
pub fn shipped(global: &Global, depth: Depth) -> Result<InForce, String> {
    bring_together(&files::Files::default(), global, depth)
}

fn bring_together(found: &files::Files, global: &Global, depth: Depth) -> Result<InForce, String> {
    let asked = Asked { theme: global.theme.as_deref(), keymap: global.keymap.as_deref() };
    // Where there are no colours the theme made for that is the right one, unless another was asked for by name.
    let mono = depth == Depth::Mono && asked.theme.is_none();
    let asked = if mono { Asked { theme: Some("mono"), ..asked } } else { asked };
    let mut force = assemble(found, asked, depth)?;
    for path in &global.openslo {
        // What was named by hand just now is not left out with a remark.
        openslo::readable(path).map_err(|why| format!("--openslo {}: {why}", path.display()))?;
        force.config.openslo.push((path.display().to_string(), 0));
    }
    openslo::add(&mut force, found.config.as_ref().map_or("", |config| config.file.as_str()));
    Ok(force)
}
