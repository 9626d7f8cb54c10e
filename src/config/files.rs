//! Finds and reads the person's files in the XDG config folder. The only place here that touches the disk.
//! Refuses to read the current directory, anything that is not a plain file, and more than a mebibyte of it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::document::Text;
use super::mistake::Mistake;

/// More than any settings file a person wrote.
const LARGEST: u64 = 1 << 20;
/// More themes or keymaps than a person can choose between.
const MOST: usize = 500;

/// All files found, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// `config.toml`.
    pub config: Option<Text>,
    /// `keys.toml`, laid over the chosen keymap.
    pub keys: Option<Text>,
    /// `theme.toml`, laid over the chosen theme.
    pub theme: Option<Text>,
    /// `keymaps/*.toml`.
    pub keymaps: Vec<Text>,
    /// `themes/*.toml`.
    pub themes: Vec<Text>,
    /// What is there and could not be read.
    pub unreadable: Vec<Mistake>,
    /// Why nothing may be changed: `config.toml` is there and its policies could not be read.
    pub read_only: Option<String>,
}

/// The folder the files are in: `$XDG_CONFIG_HOME/flightdeck`, else `~/.config/flightdeck`; none where there is no home either.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    folder_from(std::env::var_os("XDG_CONFIG_HOME").as_deref(), home.as_deref())
}

/// A relative path is ignored, as the XDG specification asks: it would mean the current directory, which may be anyone's.
fn folder_from(xdg: Option<&OsStr>, home: Option<&Path>) -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let base = xdg.map(PathBuf::from).and_then(absolute).or_else(|| absolute(home?.join(".config")))?;
    Some(base.join("flightdeck"))
}

/// Reads what is there. Missing files and a missing folder are fine.
#[must_use]
pub fn read(folder: &Path) -> Files {
    let mut files = Files::default();
    files.config = read_one(&folder.join("config.toml"), &mut files.unreadable);
    if let (None, Some(mistake)) = (&files.config, files.unreadable.first()) {
        files.read_only = Some(format!(
            "the policies in {} could not be read, so flightdeck started read-only; mend the file and start again",
            mistake.file
        ));
    }
    files.keys = read_one(&folder.join("keys.toml"), &mut files.unreadable);
    files.theme = read_one(&folder.join("theme.toml"), &mut files.unreadable);
    files.keymaps = read_folder(&folder.join("keymaps"), &mut files.unreadable);
    files.themes = read_folder(&folder.join("themes"), &mut files.unreadable);
    files
}

fn read_folder(folder: &Path, unreadable: &mut Vec<Mistake>) -> Vec<Text> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = found
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .take(MOST)
        .collect();
    paths.sort();
    paths.iter().filter_map(|path| read_one(path, unreadable)).collect()
}

fn read_one(path: &Path, unreadable: &mut Vec<Mistake>) -> Option<Text> {
    let why = match read_text(path) {
        Ok(text) => {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            return Some(Text { name, file: path.display().to_string(), text });
        }
        Err(None) => return None,
        Err(Some(why)) => why,
    };
    unreadable.push(Mistake { file: path.display().to_string(), line: 1, what: format!("{why}, so nothing in it is in force") });
    None
}

/// The text of a file; `Err(None)` where there is none.
pub(super) fn read_text(path: &Path) -> Result<String, Option<String>> {
    // Asked first: opening a pipe would wait for its other end for ever.
    let known = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => None,
        _ => Some(format!("the file cannot be read ({error})")),
    })?;
    if !known.is_file() {
        return Err(Some("this is not a plain file".to_owned()));
    }
    if known.len() > LARGEST {
        return Err(Some("the file is larger than 1 MiB".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| Some(format!("the file cannot be read ({error})")))?;
    String::from_utf8(bytes).map_err(|_| Some("the file is not UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_never_relative() {
        let home = Path::new("/home/ada");
        let found = |xdg: Option<&str>, home| folder_from(xdg.map(OsStr::new), home);
        assert_eq!(found(Some("/etc/mine"), Some(home)), Some("/etc/mine/flightdeck".into()));
        assert_eq!(found(Some("here"), Some(home)), Some("/home/ada/.config/flightdeck".into()));
        assert_eq!(found(None, Some(home)), Some("/home/ada/.config/flightdeck".into()));
        assert_eq!(found(Some("here"), None), None);
    }
}
