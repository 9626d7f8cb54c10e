//! One word for several: the worst counts, and what keeps the rest from being known is named.
//! It refuses to be better than its least known part.

use super::{Judgement, Word};

/// The verdict over all indicators and versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Overall<'a> {
    /// The worst word; no data where nothing was judged at all.
    pub word: Word,
    /// The judgement it comes from.
    pub decides: Option<&'a Judgement>,
    /// What is not known yet, the least known first: no data, no traffic, too few requests, undecided.
    pub missing: Vec<&'a Judgement>,
}

/// The worst of all. Among equal words the one with more evidence against it stands for them.
pub fn overall(all: &[Judgement]) -> Overall<'_> {
    let mut sorted: Vec<&Judgement> = all.iter().collect();
    sorted.sort_by(|one, other| one.word.cmp(&other.word).then(other.worse().total_cmp(&one.worse())));
    let open = |word: Word| matches!(word, Word::NoData | Word::NoTraffic | Word::Warming | Word::Inconclusive);
    Overall {
        word: sorted.first().map_or(Word::NoData, |worst| worst.word),
        decides: sorted.first().copied(),
        missing: sorted.into_iter().filter(|judgement| open(judgement.word)).collect(),
    }
}
