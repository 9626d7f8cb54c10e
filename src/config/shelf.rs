//! Named files of one kind, shipped and the person's own, and what each inherits.
//! Refuses to read them from disk, and to go in circles.

use super::document::{Document, Text};
use super::mistake::{Mistake, unknown};

/// The name that inherits nothing.
pub const NOTHING: &str = "none";

/// All themes, or all keymaps, that can be chosen by name.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    kind: &'static str,
    texts: Vec<Text>,
}

impl Shelf {
    /// A shelf of things called `kind`, with the shipped ones on it.
    #[must_use]
    pub fn new(kind: &'static str, folder: &str, shipped: &[(&str, &str)]) -> Self {
        let text = |(name, text): &(&str, &str)| Text {
            name: (*name).to_owned(),
            file: format!("{folder}/{name}.toml (shipped)"),
            text: (*text).to_owned(),
        };
        Self { kind, texts: shipped.iter().map(text).collect() }
    }

    /// Puts a file of the person's own beside the shipped ones. A name that is taken stays with the one that has it: if a file could stand
    /// in for `default`, there would be nothing sound left to fall back to.
    pub fn add(&mut self, text: Text) -> Option<Mistake> {
        if self.get(&text.name).is_ok() {
            let what = format!("there is a {} called {} already; give this file another name", self.kind, text.name);
            return Some(Mistake { file: text.file, line: 1, what });
        }
        self.texts.push(text);
        None
    }

    /// The names that can be chosen.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| text.name.as_str())
    }

    /// The file of that name.
    ///
    /// # Errors
    /// A clause that says there is none, and the nearest name.
    pub fn get(&self, name: &str) -> Result<&Text, String> {
        self.texts.iter().find(|text| text.name == name).ok_or_else(|| unknown(name, self.kind, self.names()))
    }

    /// The name after this one, the first after the last: what `theme-next` tries.
    #[must_use]
    pub fn after<'s>(&'s self, name: &'s str) -> &'s str {
        let mut names = self.names().skip_while(|known| *known != name).skip(1);
        names.next().or_else(|| self.names().next()).unwrap_or(name)
    }

    /// The file of that name with all it inherits, the deepest first. What inherits nothing by name rests on `default`.
    ///
    /// # Errors
    /// A clause that says there is no file of that name. A base that does not exist, or a circle, is added to `mistakes`, and
    /// the file rests on `default`.
    pub fn chain(&self, name: &str, mistakes: &mut Vec<Mistake>) -> Result<Vec<&Text>, String> {
        let mut chain = vec![self.get(name)?];
        while let Some(text) = chain.last().copied() {
            let Some((base, line)) = inherits(text) else { break };
            let wrong = match self.get(&base) {
                Ok(found) if chain.iter().any(|seen| seen.name == found.name) => {
                    let names: Vec<&str> = chain.iter().map(|seen| seen.name.as_str()).chain([base.as_str()]).collect();
                    format!("this goes in a circle: {}", names.join(" inherits "))
                }
                Ok(found) => {
                    chain.push(found);
                    continue;
                }
                Err(_) => unknown(&base, self.kind, self.names().filter(|name| *name != text.name)),
            };
            mistakes.push(Mistake { file: text.file.clone(), line, what: wrong });
            // The rest of the file may be sound; on `default` it can stand.
            chain.extend(self.get("default").ok().filter(|default| chain.iter().all(|seen| seen.name != default.name)));
            break;
        }
        chain.reverse();
        Ok(chain)
    }
}

/// What a file rests on, and the line that says so.
fn inherits(text: &Text) -> Option<(String, usize)> {
    let mut document = Document::parse(&text.file, &text.text);
    let root = document.take_root();
    match root.get("inherits") {
        Some(item) => match item.get_ref().as_str() {
            Some(NOTHING) => None,
            Some(base) => Some((base.to_owned(), document.line(&item.span()))),
            None => None,
        },
        None => (text.name != "default").then(|| ("default".to_owned(), 1)),
    }
}
