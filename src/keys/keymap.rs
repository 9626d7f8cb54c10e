//! The keymap in force: files laid over one another, the later winning chord by chord.
//! Refuses a file that would lock anyone in or leave a key that can never be reached: that file is left out, the ones below it hold.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::action::Action;
use super::chord::Chord;
use super::mode::Mode;
use super::read::{Line, read};
use super::sequence::Chords;
use crate::config::{Mistake, Shelf, Text};

/// The keymaps that come with the program, by name.
pub const SHIPPED: [(&str, &str); 3] = [
    ("default", include_str!("../../keymaps/default.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("arrows", include_str!("../../keymaps/arrows.toml")),
];

/// What a chord does in one mode, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keymap it comes from, by name.
    pub layer: String,
    /// How many layers lie below, and the line: what is laid on top, then what is written first, is shown first.
    place: (Reverse<usize>, usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    /// Nothing where a file says `none`; kept, so that it also hides what `global` says.
    action: Option<Action>,
    layer: String,
    file: String,
    line: usize,
    depth: usize,
}

impl Bound {
    fn binding(&self) -> Option<Binding> {
        Some(Binding { action: self.action?, layer: self.layer.clone(), place: (Reverse(self.depth), self.line) })
    }
}

/// Every binding in force, by mode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keymap {
    bound: BTreeMap<(Mode, Chords), Bound>,
    live: BTreeMap<Mode, BTreeMap<Chords, Binding>>,
}

impl Keymap {
    /// The shipped `default`.
    #[must_use]
    pub fn built_in() -> Self {
        load(&shelf(), "default", None).map_or_else(|_| Self::default(), |(keymap, _)| keymap)
    }

    /// The bindings of a mode, the ones of `global` among them.
    pub fn bindings(&self, mode: Mode) -> impl Iterator<Item = (&Chords, &Binding)> {
        self.live.get(&mode).into_iter().flatten()
    }

    /// What these chords do in a mode.
    #[must_use]
    pub fn get(&self, mode: Mode, chords: &[Chord]) -> Option<&Binding> {
        self.bindings(mode).find(|(bound, _)| bound.as_slice() == chords).map(|(_, binding)| binding)
    }

    /// The bindings written for a mode itself, in the order of actions. Those of `global` are said once, there.
    #[must_use]
    pub fn said(&self, mode: Mode) -> Vec<(&Chords, Binding)> {
        let own = self.bound.iter().filter(|((of, _), _)| *of == mode);
        let mut said: Vec<_> = own.filter_map(|((_, chords), bound)| Some((chords, bound.binding()?))).collect();
        said.sort_by_key(|(_, binding)| (binding.action, binding.place));
        said
    }

    /// All that does this in a mode, the one to show first: the fewest presses, nothing held, the person's own, then as the file has it.
    #[must_use]
    pub fn chords(&self, action: Action, mode: Mode) -> Vec<&Chords> {
        let mut all: Vec<_> = self.bindings(mode).filter(|(_, binding)| binding.action == action).collect();
        all.sort_by_key(|(chords, binding)| {
            let held = chords.as_slice().iter().filter(|chord| chord.mods().ctrl || chord.mods().alt).count();
            (chords.as_slice().len(), held, binding.place)
        });
        all.into_iter().map(|(chords, _)| chords).collect()
    }

    /// The key to name for this in a mode, in every sentence that names one.
    #[must_use]
    pub fn shortest_chord(&self, action: Action, mode: Mode) -> Option<&Chords> {
        self.chords(action, mode).first().copied()
    }

    /// Lays the lines of one file over what holds, without judging the result.
    fn with(&self, text: &Text, lines: Vec<Line>) -> Self {
        let mut bound = self.bound.clone();
        let depth = 1 + bound.values().map(|below| below.depth).max().unwrap_or_default();
        for Line { mode, chords, action, line } in lines {
            bound.insert((mode, chords), Bound { action, layer: text.name.clone(), file: text.file.clone(), line, depth });
        }
        let live = Mode::ALL.into_iter().map(|mode| (mode, resolve(&bound, mode))).collect();
        Self { bound, live }
    }

    /// Where the binding of these chords in this mode was written: in the mode itself, or in `global`.
    fn source(&self, mode: Mode, chords: &Chords) -> Option<&Bound> {
        self.bound.get(&(mode, chords.clone())).or_else(|| self.bound.get(&(Mode::Global, chords.clone())))
    }

    /// Chords that hide longer ones, told at the line of the file being read; of two lines in one file, at the later.
    fn prefixes(&self, file: &str) -> Vec<Mistake> {
        // One complaint a line, however many modes and sequences it spoils.
        let mut found: BTreeMap<usize, (String, String, BTreeSet<&Chords>)> = BTreeMap::new();
        for (mode, live) in &self.live {
            // Sorted, so what begins with a sequence follows it directly.
            let sequences: Vec<&Chords> = live.keys().collect();
            for (at, short) in sequences.iter().enumerate() {
                for long in sequences[at + 1..].iter().take_while(|long| short.begins(long)) {
                    let (Some(a), Some(b)) = (self.source(*mode, short), self.source(*mode, long)) else { continue };
                    let short_is_here = a.file == file && (b.file != file || a.line > b.line);
                    let (here, there, other) = if short_is_here { (a, b, *long) } else { (b, a, *short) };
                    let place = if there.file == file { format!("line {}", there.line) } else { format!("keymap {}", there.layer) };
                    let origin = format!("'{other}' comes from {place}, and \"none\" takes it away");
                    found.entry(here.line).or_insert_with(|| (short.to_string(), origin, BTreeSet::new())).2.insert(long);
                }
            }
        }
        let told = |(line, (short, origin, longs)): (usize, (String, String, BTreeSet<&Chords>))| {
            let first = longs.first().map(ToString::to_string).unwrap_or_default();
            let more = if longs.len() > 1 { format!(" and {} more", longs.len() - 1) } else { String::new() };
            let what = format!("'{short}' is the beginning of '{first}'{more}, which could never be pressed; {origin}");
            Mistake { file: file.to_owned(), line, what }
        };
        found.into_iter().map(told).collect()
    }

    /// Actions nobody could reach any more, told at the line that took the last key away.
    fn unreachable(&self, text: &Text) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for action in Action::REQUIRED {
            let needs = |mode: &Mode| *mode != Mode::Global && (!mode.takes_text() || action == Action::Back);
            // Leaving from the board is enough: back leads there from everywhere.
            let needs = |mode: &Mode| needs(mode) && (action != Action::Quit || *mode == Mode::Board);
            let without: Vec<Mode> =
                Mode::ALL.into_iter().filter(needs).filter(|mode| self.shortest_chord(action, *mode).is_none()).collect();
            let Some(first) = without.first() else { continue };
            let line = self.bound.iter().filter(|((mode, _), bound)| bound.file == text.file && (mode == first || *mode == Mode::Global));
            let line = line.filter(|(_, bound)| bound.action != Some(action)).map(|(_, bound)| bound.line).max().unwrap_or(1);
            let places =
                if without.len() > 3 { "most modes".to_owned() } else { without.iter().map(|m| m.name()).collect::<Vec<_>>().join(", ") };
            mistakes.push(Mistake {
                file: text.file.clone(),
                line,
                what: format!("{action} would have no key in {places}, and every keymap needs one for it"),
            });
        }
        mistakes
    }
}

/// What holds in a mode: its own lines, then those of `global` that mean something there and that it does not hide.
fn resolve(bound: &BTreeMap<(Mode, Chords), Bound>, mode: Mode) -> BTreeMap<Chords, Binding> {
    let mut live = BTreeMap::new();
    for ((of, chords), said) in bound {
        let own = *of == mode;
        let inherited = *of == Mode::Global && !bound.contains_key(&(mode, chords.clone()));
        let typed = mode.takes_text() && chords.as_slice()[0].typed().is_some();
        if let (true, false, Some(binding)) = (own || inherited, typed, said.binding())
            && binding.action.lives_in(mode)
        {
            live.insert(chords.clone(), binding);
        }
    }
    live
}

/// The shipped keymaps, to which the person's own can be added.
#[must_use]
pub fn shelf() -> Shelf {
    Shelf::new("keymap", "keymaps", &SHIPPED)
}

/// Builds the keymap of that name, with the person's own layer over it. Files with mistakes are left out and all their mistakes returned.
///
/// # Errors
/// A clause that says there is no keymap of that name.
pub fn load(shelf: &Shelf, name: &str, own: Option<&Text>) -> Result<(Keymap, Vec<Mistake>), String> {
    let mut mistakes = Vec::new();
    let chain = shelf.chain(name, &mut mistakes)?;
    let mut keymap = Keymap::default();
    for text in chain.into_iter().chain(own) {
        let (lines, mut wrong) = read(text);
        let next = keymap.with(text, lines);
        wrong.extend(next.prefixes(&text.file));
        // A line that could not be read may be the one that binds it; one complaint is enough.
        if wrong.is_empty() {
            wrong = next.unreachable(text);
        }
        if wrong.is_empty() {
            keymap = next;
        }
        mistakes.extend(wrong);
    }
    // A file that rests on nothing and was left out leaves nothing to press.
    if keymap.live.is_empty() && name != "default" {
        keymap = Keymap::built_in();
    }
    Ok((keymap, mistakes))
}
