//! What is left that tells how a revision ended: the newest word counts, as an aborted revision may have been promoted after all.
//! Never makes a sign into a proof: how long a revision ran is said, and its end stays unknown.

use crate::objects::{Event, Time, World};
use crate::release::acting::Outcome;
use crate::release::{Release, figures};
use crate::text::Clean;

use super::set::{Set, began};

/// One word about a revision, and when it was said.
pub struct Word {
    /// When.
    pub at: Option<Time>,
    /// What it says.
    pub outcome: Outcome,
}

/// The newest word; of two at once the worse one.
pub fn newest(words: Vec<Word>) -> Option<Outcome> {
    words.into_iter().max_by_key(|word| (word.at, matches!(word.outcome, Outcome::Bad(_)))).map(|word| word.outcome)
}

/// The events about the workload itself.
pub fn events<'a>(world: &'a World, release: &Release) -> impl Iterator<Item = &'a Event> + 'a {
    world.events_about(&release.uid)
}

/// What is said where nothing tells: how long it ran before the next revision came, which alone proves nothing.
pub fn nothing_tells(sets: &[Set], set: &Set) -> Outcome {
    let ran = began(sets, set.number).zip(began(sets, set.number + 1)).filter(|_| set.before.is_empty());
    Outcome::Unknown(Clean::from(match ran {
        Some((from, to)) => {
            let long = figures::duration(figures::seconds(from, to));
            format!("nothing left tells how it ended; {long} passed before r{} came, which proves nothing", set.number + 1)
        }
        None => "nothing left tells how it ended".to_owned(),
    }))
}
