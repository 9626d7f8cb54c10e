//! What is in force: the files, the flags and the terminal brought together, with every mistake on the way.
//! Refuses to fail for a file: only a name asked for on the command line that does not exist is an error.

use super::document::Text;
use super::files::Files;
use super::mistake::Mistake;
use super::settings::{Chosen, Config, load_text};
use super::shelf::Shelf;
use crate::keys::{self, Keymap};
use crate::objectives::Read;
use crate::theme::{self, Depth, Theme};

/// What the command line asks for; it wins over the files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// `--theme NAME`.
    pub theme: Option<&'a str>,
    /// `--keymap NAME`.
    pub keymap: Option<&'a str>,
}

/// Everything the person's files decide.
#[derive(Debug, Clone)]
pub struct InForce {
    /// `config.toml`.
    pub config: Config,
    /// The keymap, resolved.
    pub keymap: Keymap,
    /// The name of the keymap.
    pub keymap_name: String,
    /// The theme, resolved.
    pub theme: Theme,
    /// All keymaps that can be chosen.
    pub keymaps: Shelf,
    /// All themes that can be chosen.
    pub themes: Shelf,
    /// `theme.toml`, for when another theme is tried.
    pub own_theme: Option<Text>,
    /// What is wrong in the files, in the order they are read.
    pub banners: Vec<Mistake>,
    /// Why nothing may be changed, where safety settings could not be read for certain.
    pub read_only: Option<String>,
    /// The objectives in the OpenSLO files that the config names.
    pub found: Read,
}

/// Brings it all together. With no files and nothing asked, the result is the shipped defaults without a word.
///
/// # Errors
/// A clause that says which name on the command line does not exist, and the nearest that does.
pub fn assemble(files: &Files, asked: Asked<'_>, depth: Depth) -> Result<InForce, String> {
    let mut banners = files.unreadable.clone();
    let loaded = files.config.as_ref().map(load_text).unwrap_or_default();
    banners.extend(loaded.banners);

    let (mut keymaps, mut themes) = (keys::shelf(), theme::shelf());
    banners.extend(files.keymaps.iter().filter_map(|text| keymaps.add(text.clone())));
    banners.extend(files.themes.iter().filter_map(|text| themes.add(text.clone())));

    let file = files.config.as_ref().map_or("", |text| text.file.as_str());
    let keymap_name = choose(&keymaps, asked.keymap, loaded.config.keymap.as_ref(), file, &mut banners)?;
    let theme_name = choose(&themes, asked.theme, loaded.config.theme.as_ref(), file, &mut banners)?;
    let (keymap, wrong) = keys::load(&keymaps, &keymap_name, files.keys.as_ref())?;
    banners.extend(wrong);
    let (theme, wrong) = theme::load(&themes, &theme_name, files.theme.as_ref(), depth)?;
    banners.extend(wrong);

    let read_only = files.read_only.clone().or(loaded.read_only);
    Ok(InForce {
        config: loaded.config,
        keymap,
        keymap_name,
        theme,
        keymaps,
        themes,
        own_theme: files.theme.clone(),
        banners,
        read_only,
        found: Read::default(),
    })
}

/// The name asked for, else the one in the file, else `default`.
fn choose(shelf: &Shelf, asked: Option<&str>, chosen: Option<&Chosen>, file: &str, banners: &mut Vec<Mistake>) -> Result<String, String> {
    if let Some(name) = asked {
        return shelf.get(name).map(|text| text.name.clone());
    }
    let Some(Chosen { name, line }) = chosen else { return Ok("default".to_owned()) };
    if let Err(what) = shelf.get(name) {
        banners.push(Mistake { file: file.to_owned(), line: *line, what });
        return Ok("default".to_owned());
    }
    Ok(name.clone())
}
