//! The rows of the revisions: number, role now, age, images with what changed bright, how it ended, pods left.
//! Never lets the selected row out of sight.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Shown;
use crate::release::acting::{Outcome, Revision};
use crate::release::words;
use crate::theme::{Glyph, Role};
use crate::view::format::{age, cut, fit, pad, right, seconds, shorten, tag, width};
use crate::view::paint::{lines, selected as chosen};
use crate::view::release::Row;

/// Draws the heading and the rows.
pub fn draw(shown: &Shown<'_>, area: Rect, buf: &mut Buffer) {
    let all = &shown.history.revisions;
    let current = shown.state.revisions().current(shown.history);
    let at = all.iter().position(|one| Some(one) == current).unwrap_or(0);
    let columns = Columns::of(shown, usize::from(area.width));
    let mut out = vec![columns.heading(shown)];
    let room = usize::from(area.height).saturating_sub(1);
    let cut_off = all.len() > room;
    let visible = if cut_off { room.saturating_sub(1).max(1) } else { room };
    let first = (at + 2).saturating_sub(visible).min(all.len().saturating_sub(visible)).min(at);
    out.extend(all.iter().enumerate().skip(first).take(visible).map(|(n, one)| columns.line(shown, one, n == at)));
    if cut_off {
        let below = all.len().saturating_sub(first + visible);
        let said: Vec<String> =
            [(first, "above"), (below, "more")].iter().filter(|(n, _)| *n > 0).map(|(n, w)| format!("+{n} {w}")).collect();
        out.push(Row::new(shown.paint).text("   ").dim(said.join("  ")).line());
    }
    lines(&out, area, buf);
}

/// What a revision is now: the role of the version that runs it.
pub fn role(shown: &Shown<'_>, revision: &Revision) -> &'static str {
    let version = shown.release.versions.iter().find(|version| version.uid == revision.uid);
    match version {
        Some(version) => words::role(shown.release, version),
        None if revision.current => "current",
        None => "",
    }
}

/// How it ended: sign, look and word.
pub fn ended(one: &Revision) -> (Glyph, Role, &'static str) {
    match &one.outcome {
        Outcome::Good(_) => (Glyph::Done, Role::VerdictPass, "good"),
        Outcome::Bad(why) if why.contains("abort") => (Glyph::Failed, Role::VerdictFail, "aborted"),
        Outcome::Bad(why) if why.contains("available") => (Glyph::Failed, Role::VerdictFail, "never ready"),
        Outcome::Bad(_) => (Glyph::Failed, Role::VerdictFail, "failed"),
        Outcome::Unknown(_) if one.current => (Glyph::Now, Role::PhaseProgressing, "on its way"),
        Outcome::Unknown(_) => (Glyph::Unknown, Role::VerdictUnknown, "not known"),
    }
}

/// Why it is said to have ended so.
pub fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Good(why) | Outcome::Bad(why) | Outcome::Unknown(why) => why,
    }
}

/// How wide each column is; 0 where it is left out.
struct Columns {
    number: usize,
    role: usize,
    age: usize,
    images: usize,
    ended: usize,
    pods: usize,
}

/// Cursor, mark and the blanks around them.
const LEAD: usize = 4;
/// The longest word for an end, with its sign.
const ENDED: usize = 13;

impl Columns {
    fn of(shown: &Shown<'_>, room: usize) -> Self {
        let all = &shown.history.revisions;
        let widest = |heading: &str, of: &dyn Fn(&Revision) -> usize| all.iter().map(of).max().unwrap_or(0).max(width(heading));
        let mut columns = Self {
            number: widest("REV", &|one| width(&number(one))),
            role: widest("NOW", &|one| width(role(shown, one))),
            age: widest("AGE", &|one| width(&old(shown, one))),
            images: widest("IMAGES", &|one| width(&images(shown, one).concat())),
            ended: ENDED,
            pods: widest("PODS", &|one| width(&pods(one))),
        };
        let fixed = |c: &Self| LEAD + [c.number, c.role, c.age, c.ended, c.pods].iter().filter(|w| **w > 0).map(|w| w + 2).sum::<usize>();
        let droppable: [fn(&mut Self) -> &mut usize; 3] = [|c| &mut c.pods, |c| &mut c.age, |c| &mut c.role];
        for drop in droppable {
            if fixed(&columns) + columns.images.min(12) > room {
                *drop(&mut columns) = 0;
            }
        }
        columns.images = columns.images.min(room.saturating_sub(fixed(&columns)));
        // What is left goes to how it is known how it ended.
        columns.ended += room.saturating_sub(fixed(&columns) + columns.images + 2);
        columns
    }

    fn heading(&self, shown: &Shown<'_>) -> Line<'static> {
        let mut row = Row::new(shown.paint).text(" ".repeat(LEAD));
        let columns = [
            (self.number, "REV"),
            (self.role, "NOW"),
            (self.age, "AGE"),
            (self.images, "IMAGES"),
            (self.pods, "PODS"),
            (self.ended, "HOW IT ENDED"),
        ];
        for (width, word) in columns.into_iter().filter(|(width, _)| *width > 0) {
            let word = if matches!(word, "AGE" | "PODS") { right(word, width) } else { pad(word, width) };
            row = row.put(Role::Header, shorten(&word, width)).text("  ");
        }
        row.line()
    }

    fn line(&self, shown: &Shown<'_>, one: &Revision, selected: bool) -> Line<'static> {
        let paint = shown.paint;
        let picked = shown.history.chosen.as_ref().is_some_and(|(number, _)| *number == one.number && one.number > 0);
        let cursor = if selected { paint.glyph(Glyph::Cursor) } else { " " };
        let mark = if picked { paint.glyph(Glyph::Marked) } else { " " };
        let mut row = Row::new(paint).put(Role::Strong, cursor).text(" ").put(Role::Marked, mark).text(" ");
        row = row.put(if one.current { Role::Strong } else { Role::Text }, pad(&number(one), self.number)).text("  ");
        if self.role > 0 {
            row = row.text(pad(role(shown, one), self.role)).text("  ");
        }
        if self.age > 0 {
            row = row.dim(right(&old(shown, one), self.age)).text("  ");
        }
        let start = row.used();
        let pieces = images(shown, one);
        if width(&pieces.concat()) <= self.images {
            for (n, piece) in pieces.iter().enumerate() {
                row = row.put(if n % 2 == 1 { Role::Strong } else { Role::Dim }, piece);
            }
        } else {
            // The tag says more than the name it stands behind.
            let tags: Vec<String> = one.images.iter().map(|image| tag(image)).collect();
            row = row.text(fit(&tags.join("+"), self.images, paint.ellipsis()));
        }
        row = row.to(start + self.images + 2);
        if self.pods > 0 {
            row = row.text(right(&pods(one), self.pods)).text("  ");
        }
        let (glyph, look, word) = ended(one);
        row = row.put(look, format!("{} {word}", paint.glyph(glyph)));
        let left = (start + self.images + 2 + if self.pods > 0 { self.pods + 2 } else { 0 } + self.ended).saturating_sub(row.used() + 2);
        let because = paint.hide(why(&one.outcome));
        // A reason that would only be hinted at stands below the list, whole.
        if left >= 24 {
            row = row.text("  ").dim(cut(&because, left, paint.ellipsis()));
        }
        let line = row.line();
        if selected { chosen(line, paint) } else { line }
    }
}

/// `r41`.
pub fn number(one: &Revision) -> String {
    if one.number > 0 { format!("r{}", one.number) } else { one.hash.to_string() }
}

fn old(shown: &Shown<'_>, one: &Revision) -> String {
    one.created.map(|at| age(seconds(at, shown.paint.now))).unwrap_or_default()
}

/// Pods available of those wanted; nothing where none are left.
fn pods(one: &Revision) -> String {
    match one.pods {
        (0, 0) => "none".to_owned(),
        (wanted, available) if wanted == available => wanted.to_string(),
        (wanted, available) => format!("{available} of {wanted}"),
    }
}

/// Images by container as pieces that are dim and bright in turn: bright is what is not as it runs now.
fn images(shown: &Shown<'_>, one: &Revision) -> Vec<String> {
    let now = shown.history.revisions.iter().find(|other| other.current);
    let mut out = Vec::new();
    for (n, image) in one.images.iter().enumerate() {
        let before = if n > 0 { "  " } else { "" };
        let image = shown.paint.hide(image);
        let version = tag(&image);
        let name = image.split('@').next().unwrap_or_default();
        let name = name.strip_suffix(&format!(":{version}")).unwrap_or(name);
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let same = now.is_none_or(|now| now.images.get(n) == one.images.get(n)) && !one.current;
        if same {
            out.extend([format!("{before}{name}:{version}"), String::new()]);
        } else {
            out.extend([format!("{before}{name}:"), version]);
        }
    }
    out
}
