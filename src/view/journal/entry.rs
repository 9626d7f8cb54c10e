//! One line of the journal on screen: when, who, which release, what was asked, and what came of it.
//! Never repeats what the line of the same action above it says.

use ratatui::text::Line;

use crate::ports::journal::{Entry, Told};
use crate::theme::{Glyph, Role};
use crate::view::format::{self, left, pad, width};
use crate::view::paint::Paint;
use crate::view::release::Row;

/// Below this an entry takes two lines.
const ONE_LINE: usize = 90;
/// `Nov 21 02:47:02`, or the clock alone on the day itself.
const TIME: usize = 8;

/// How wide each column is.
pub struct Columns {
    room: usize,
    user: usize,
    release: usize,
    intent: usize,
    stage: usize,
}

impl Columns {
    /// For these entries in `room` columns.
    pub fn of(entries: &[&Entry], paint: &Paint<'_>, room: usize) -> Self {
        let widest = |heading: &str, of: &dyn Fn(&Entry) -> usize| entries.iter().map(|one| of(one)).max().unwrap_or(0).max(width(heading));
        let third = room / 5;
        Self {
            room,
            user: widest("WHO", &|one| width(&one.user)).min(third.min(24)),
            release: widest("RELEASE", &|one| width(&release(one, paint))).min(third.min(40)),
            intent: widest("ASKED", &|one| width(&one.intent)),
            stage: widest("", &|one| width(&one.stage)).min(if room >= 150 { 40 } else { 0 }),
        }
    }

    fn is_wide(&self) -> bool {
        self.room >= ONE_LINE
    }

    /// The headings.
    pub fn heading(&self, paint: &Paint<'_>) -> Option<Line<'static>> {
        let columns = [("TIME", TIME), ("WHO", self.user), ("RELEASE", self.release), ("ASKED", self.intent), ("STAGE", self.stage)];
        let row = columns
            .iter()
            .filter(|(_, width)| *width > 0)
            .fold(Row::new(paint).text("  "), |row, (word, width)| row.put(Role::Header, pad(word, *width)).text("  "));
        self.is_wide().then(|| row.put(Role::Header, "WHAT CAME OF IT").line())
    }

    /// The lines of one entry: `first` and `last` of its action.
    pub fn lines(&self, entry: &Entry, first: bool, last: bool, paint: &Paint<'_>) -> Vec<Line<'static>> {
        // What belongs together hangs together.
        let joint = match (first, last) {
            (true, _) => " ",
            (false, _) => paint.glyph(Glyph::Upright),
        };
        let (look, text) = outcome(entry);
        let text = paint.twins(&paint.hide(&text)).into_owned();
        let time = format::moment(entry.at, paint.now, paint.zone);
        let mut row = Row::new(paint).dim(joint).text(" ").dim(time).text("  ");
        if self.is_wide() {
            let words =
                [(entry.user.to_string(), self.user), (release(entry, paint), self.release), (entry.intent.to_string(), self.intent)];
            for (n, (text, width)) in words.into_iter().enumerate() {
                let role = if n == 0 { Role::Dim } else { Role::Text };
                row = row.put(role, if first { left(&text, width) } else { " ".repeat(width) }).text("  ");
            }
            if self.stage > 0 {
                row = row.dim(left(&entry.stage, self.stage)).text("  ");
            } else if !entry.stage.is_empty() {
                return self.hang(row, look, &format!("{}: {text}", entry.stage), paint);
            }
            return self.hang(row, look, &text, paint);
        }
        let text = if entry.stage.is_empty() { text } else { format!("{}: {text}", entry.stage) };
        if !first {
            return self.hang(row, look, &text, paint);
        }
        let room = self.room.saturating_sub(row.used());
        let head = format!("{}  {}", entry.intent, release(entry, paint));
        let mut out = vec![row.put(Role::Strong, paint.fit(&head, room)).line()];
        out.extend(self.hang(Row::new(paint).text(" ".repeat(TIME + 4)), look, &text, paint));
        out
    }

    /// The rest of a line, which goes on below itself where it is too long.
    fn hang(&self, row: Row<'_>, look: Role, text: &str, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let start = row.used();
        let mut broken = format::wrap(text, self.room.saturating_sub(start).max(8), 4, paint.ellipsis()).into_iter();
        let mut out = vec![row.put(look, broken.next().unwrap_or_default()).line()];
        out.extend(broken.map(|line| Row::new(paint).text(" ".repeat(start)).put(look, line).line()));
        out
    }
}

/// `payments/checkout`: the kind is in the file.
fn release(entry: &Entry, paint: &Paint<'_>) -> String {
    let name = entry.release.split_once('/').map_or(entry.release.as_str(), |(_, name)| name);
    paint.hide(name)
}

/// What the line tells, and its look.
fn outcome(entry: &Entry) -> (Role, String) {
    match entry.told {
        Told::About => (Role::Dim, about(entry)),
        Told::Answer if entry.answer.starts_with("accepted") => (Role::Text, entry.answer.to_string()),
        Told::Answer => (Role::Warning, entry.answer.to_string()),
        Told::Effect if entry.effect.starts_with("took effect") => (Role::PhaseHealthy, entry.effect.to_string()),
        Told::Effect => (Role::Danger, entry.effect.to_string()),
        Told::Unsent => (Role::Warning, entry.effect.to_string()),
        Told::Guard if entry.effect.starts_with("fired") => (Role::Danger, format!("guard {}", entry.effect)),
        Told::Guard => (Role::Text, format!("guard {}", entry.effect)),
        Told::Note => (Role::Text, format!("note: {}", entry.note)),
    }
}

fn about(entry: &Entry) -> String {
    let note = if entry.note.is_empty() { String::new() } else { format!(", note: {}", entry.note) };
    let tried = if entry.dry_run.is_empty() { String::new() } else { format!("; dry run {}", entry.dry_run) };
    format!("to be sent: {}{tried}{note}", entry.request)
}
