//! The two lines on top: one word with its mark, what is true, and what comes if nobody acts.
//! Refuses to say anything the words of the release do not say.

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use crate::release::words::{Mark, sentence};
use crate::theme::{Glyph, Role};
use crate::view::format::{clip, fold_to, width};

/// The sign and the look of a mark.
pub fn look(mark: Mark) -> (Glyph, Role) {
    match mark {
        Mark::Good => (Glyph::Done, Role::PhaseHealthy),
        Mark::Bad => (Glyph::Failed, Role::VerdictFail),
        Mark::Paused => (Glyph::Paused, Role::PhasePaused),
        Mark::Moving => (Glyph::Now, Role::PhaseProgressing),
        Mark::Unknown => (Glyph::Unknown, Role::VerdictUnknown),
    }
}

/// Columns before the sentence: sign, blank, the longest word, two blanks.
const INDENT: usize = 13;

/// Both lines.
pub fn lines(scene: &Scene, room: usize) -> [Line<'static>; 2] {
    let verdict = sentence(scene.release, scene.paint.now);
    let (glyph, look) = look(verdict.mark);
    let head = Row::new(scene.paint).text(" ").put(look, scene.paint.glyph(glyph)).text(" ").put(look, verdict.word);
    if room >= 70 {
        let left = room.saturating_sub(INDENT + 1);
        let [says, then] = verdict.fit(left, left).map(|line| clip(&scene.veiled(&line), left));
        return [head.to(INDENT).text(says).line(), Row::new(scene.paint).text(" ".repeat(INDENT)).text(then).line()];
    }
    // Too narrow for an indent: what is true takes the rest of the first line, what comes the second.
    let left = room.saturating_sub(head.used() + 1);
    let [says, then] = verdict.fit(left, room.saturating_sub(2));
    if width(&says) > left {
        // One sentence that needs both lines is worth more than two that are cut.
        let mut both = fold_to(&scene.veiled(&says), left, 2).into_iter();
        let first = both.next().unwrap_or_default();
        let rest = both.next().unwrap_or_default();
        let [_, then] = verdict.fit(0, room.saturating_sub(3 + width(&rest)));
        let rest = format!("{rest} {then}");
        return [head.text(" ").text(first).line(), Row::new(scene.paint).text(" ").text(clip(&rest, room.saturating_sub(2))).line()];
    }
    [
        head.text(" ").text(scene.veiled(&says)).line(),
        Row::new(scene.paint).text(" ").text(clip(&scene.veiled(&then), room.saturating_sub(2))).line(),
    ]
}
