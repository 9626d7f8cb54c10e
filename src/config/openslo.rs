//! The OpenSLO files that the config or the command line names: read, with every mistake at its file and line.
//! Never fails for one of them: what can be read of the others is in force.

use std::path::{Path, PathBuf};

use super::files::read_text;
use super::in_force::InForce;
use super::mistake::Mistake;
use crate::objectives::{Remark, openslo};

/// Reads the files that `force`'s config names, adds what they promise and what is wrong in them. `config` is the config's own path, for
/// files that are not there.
pub fn add(force: &mut InForce, config: &str) {
    let mut texts = Vec::new();
    for (path, line) in &force.config.openslo {
        let missing = || "the file is not there".to_owned();
        match whole(path)
            .ok_or_else(|| "no home folder is known for ~".to_owned())
            .and_then(|whole| read_text(&whole).map_err(|why| why.unwrap_or_else(missing)))
        {
            Ok(text) => texts.push((path.clone(), text)),
            Err(why) => force.banners.push(Mistake { file: config.to_owned(), line: *line, what: format!("openslo {path}: {why}") }),
        }
    }
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    force.found = openslo::files(&files);
    force.banners.extend(force.found.remarks.iter().map(|remark| mistake(remark, &files)));
}

/// Whether a file can be read at all.
///
/// # Errors
/// Why not.
pub fn readable(path: &Path) -> Result<(), String> {
    read_text(path).map(|_| ()).map_err(|why| why.unwrap_or_else(|| "the file is not there".to_owned()))
}

fn whole(path: &str) -> Option<PathBuf> {
    match path.strip_prefix("~/") {
        Some(below) => Some(directories::BaseDirs::new()?.home_dir().join(below)),
        None => Some(PathBuf::from(path)),
    }
}

/// A remark at its line: the one it names, else the first of its document.
fn mistake(remark: &Remark, files: &[(&str, &str)]) -> Mistake {
    let place = remark.place.as_str();
    let Some((file, text)) = files.iter().filter(|(file, _)| place.starts_with(file)).max_by_key(|(file, _)| file.len()) else {
        return Mistake { file: place.to_owned(), line: 1, what: remark.what.to_string() };
    };
    let rest = place.get(file.len()..).unwrap_or_default().trim_start();
    let number =
        |word: &str| rest.strip_prefix(word).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok());
    let (line, path) = match (number("line "), number("document ")) {
        (Some(line), _) => (line, ""),
        (None, Some(document)) => (line_of(text, document), rest.split_once([',', '.']).map_or("", |(_, path)| path.trim())),
        (None, None) => (1, rest),
    };
    let what = if path.is_empty() { remark.what.to_string() } else { format!("{path}: {}", remark.what) };
    Mistake { file: (*file).to_owned(), line, what }
}

/// The line that the `document`th YAML document of a text begins on, both from 1.
fn line_of(text: &str, document: usize) -> usize {
    let mut seen = 1;
    let mut is_filled = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            seen += usize::from(is_filled);
            is_filled = false;
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            if !is_filled && seen >= document {
                return at + 1;
            }
            is_filled = true;
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_stands_at_the_line_of_its_document() {
        let text = "# two of them\n---\nkind: SLI\n---\n\nkind: SLO\nspec: {}\n";
        assert_eq!((line_of(text, 1), line_of(text, 2)), (3, 6));
        let files = [("/a/slo.yaml", text)];
        let at = |place: &str| {
            let remark = Remark { place: place.into(), what: "it has no objectives".into() };
            mistake(&remark, &files).to_string()
        };
        assert_eq!(at("/a/slo.yaml document 2, spec"), "/a/slo.yaml:6: spec: it has no objectives");
        assert_eq!(at("/a/slo.yaml line 7"), "/a/slo.yaml:7: it has no objectives");
    }
}
