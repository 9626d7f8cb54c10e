//! The board's own state: selection by identity, order, filter, marks and folded groups. None of it is lost when releases change.

use std::collections::{BTreeMap, BTreeSet};

use crate::objects::Time;
use crate::release::words::{Rank, attention};
use crate::release::{Release, ReleaseRef};

/// A group of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Waits for a decision, or fails.
    NeedsYou,
    /// Moves.
    Moving,
    /// Done.
    Steady,
}

/// What the rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Who needs a person most, first.
    #[default]
    Need,
    /// By namespace and name.
    Name,
    /// By the share that gets the new version, largest first.
    Exposure,
    /// By how long they are in their phase, newest first.
    Age,
}

impl Sort {
    /// The next one.
    pub fn next(self) -> Self {
        match self {
            Self::Need => Self::Name,
            Self::Name => Self::Exposure,
            Self::Exposure => Self::Age,
            Self::Age => Self::Need,
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Need => "who needs you",
            Self::Name => "name",
            Self::Exposure => "exposure",
            Self::Age => "age",
        }
    }
}

/// A line of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A group's heading: how many are in it, and whether it is folded.
    Heading(Group, usize, bool),
    /// A release.
    Release(ReleaseRef),
}

/// The board's own state.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// The selected release.
    pub selected: Option<ReleaseRef>,
    /// Rows shown match this, in name, version or reason.
    pub filter: String,
    /// Order.
    pub sort: Sort,
    /// Order turned around.
    pub reversed: bool,
    /// Marked releases.
    pub marks: BTreeSet<ReleaseRef>,
    /// Folded groups.
    pub folded: BTreeSet<Group>,
    /// Whether the person moved the selection: until then it stays on the first row.
    pub chosen: bool,
    /// Whether each release has two lines, with the whole sentence why.
    pub spread: bool,
    /// Which row it was when it was last chosen: where it goes to its neighbour when its own goes.
    pub at: usize,
}

/// Which group a rank belongs to.
pub fn group(rank: Rank) -> Group {
    match rank {
        Rank::Waiting | Rank::Failing | Rank::Burning => Group::NeedsYou,
        Rank::Progressing => Group::Moving,
        Rank::Idle => Group::Steady,
    }
}

impl Board {
    /// The releases that match the filter, in order.
    pub fn order<'a>(&self, releases: &'a BTreeMap<ReleaseRef, Release>, now: Time) -> Vec<(&'a Release, Rank)> {
        let needle = self.filter.to_lowercase();
        let mut rows: Vec<(&Release, Rank)> = releases
            .values()
            .filter_map(|release| {
                let attention = attention(release, now);
                let matches = needle.is_empty() || matched(release, &attention.why, &needle);
                matches.then_some((release, attention.rank))
            })
            .collect();
        rows.sort_by(|(a, rank_a), (b, rank_b)| {
            let by_name = || a.key.cmp(&b.key);
            let newest = || b.since.cmp(&a.since);
            match self.sort {
                Sort::Need => rank_a.cmp(rank_b).then_with(newest).then_with(by_name),
                Sort::Name => by_name(),
                Sort::Exposure => share(b).total_cmp(&share(a)).then_with(by_name),
                Sort::Age => newest().then_with(by_name),
            }
        });
        if self.reversed {
            rows.reverse();
        }
        rows
    }

    /// The lines of the board: headings only where rows are grouped by need.
    pub fn rows(&self, releases: &BTreeMap<ReleaseRef, Release>, now: Time) -> Vec<Row> {
        let ordered = self.order(releases, now);
        if self.sort != Sort::Need {
            return ordered.into_iter().map(|(r, _)| Row::Release(r.key.clone())).collect();
        }
        let mut out = Vec::new();
        let mut last = None;
        for (release, rank) in &ordered {
            let group = group(*rank);
            let folded = self.folded.contains(&group);
            if last != Some(group) {
                let members = ordered.iter().filter(|(_, r)| self::group(*r) == group).count();
                out.push(Row::Heading(group, members, folded));
                last = Some(group);
            }
            if !folded {
                out.push(Row::Release(release.key.clone()));
            }
        }
        out
    }

    /// Moves the selection by so many releases.
    pub fn step(&mut self, by: isize, rows: &[Row]) {
        let keys: Vec<&ReleaseRef> = rows.iter().filter_map(|r| if let Row::Release(key) = r { Some(key) } else { None }).collect();
        if keys.is_empty() {
            return;
        }
        let at = self.selected.as_ref().and_then(|s| keys.iter().position(|k| *k == s)).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(keys.len() - 1);
        self.selected = keys.get(to).map(|k| (*k).clone());
        self.at = to;
        self.chosen = true;
    }

    /// Moves the selection to the first release of the next group, or of the one before.
    pub fn turn(&mut self, forward: bool, rows: &[Row]) {
        let here = rows.iter().position(|row| matches!(row, Row::Release(key) if Some(key) == self.selected.as_ref())).unwrap_or(0);
        let opens =
            |n: &usize| matches!(rows.get(*n), Some(Row::Release(_))) && (*n == 0 || matches!(rows.get(n - 1), Some(Row::Heading(..))));
        let mut starts = (0..rows.len()).filter(opens);
        let to = if forward { starts.find(|n| *n > here) } else { starts.take_while(|n| *n < here).last() };
        if let Some(to) = to {
            let before = rows.iter().take(to).filter(|row| matches!(row, Row::Release(_))).count();
            self.selected = rows.get(to).and_then(|row| if let Row::Release(key) = row { Some(key.clone()) } else { None });
            self.at = before;
            self.chosen = true;
        }
    }

    /// Whether some releases are not listed, by a filter or a folded group.
    pub fn hides_some(&self) -> bool {
        !self.filter.is_empty() || !self.folded.is_empty()
    }
}

fn matched(release: &Release, why: &str, needle: &str) -> bool {
    let name = format!("{}/{}", release.key.namespace, release.key.name).to_lowercase();
    name.contains(needle)
        || why.to_lowercase().contains(needle)
        || release.versions.iter().flat_map(|v| &v.images).any(|image| image.to_lowercase().contains(needle))
}

fn share(release: &Release) -> f64 {
    release.exposure.headline.as_ref().map_or(-1.0, |s| s.value)
}
