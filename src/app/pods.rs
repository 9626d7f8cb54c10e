//! The pods list's own state: selection by UID, order and filter.

use std::collections::BTreeSet;

use crate::objects::Uid;
use crate::release::words::trouble;
use crate::release::{PodState, PodView, Release};

/// What the pods are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PodSort {
    /// Those in trouble first.
    #[default]
    Trouble,
    /// By name.
    Name,
    /// By restarts, most first.
    Restarts,
    /// By node.
    Node,
    /// Youngest first.
    Age,
}

impl PodSort {
    /// The next one.
    pub fn next(self) -> Self {
        match self {
            Self::Trouble => Self::Name,
            Self::Name => Self::Restarts,
            Self::Restarts => Self::Node,
            Self::Node => Self::Age,
            Self::Age => Self::Trouble,
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Name => "name",
            Self::Restarts => "restarts",
            Self::Node => "node",
            Self::Age => "age",
        }
    }
}

/// The pods list's own state.
#[derive(Debug, Clone, Default)]
pub struct Pods {
    /// The selected pod.
    pub selected: Option<Uid>,
    /// Rows shown match this, in name, node, zone or reason.
    pub filter: String,
    /// Order.
    pub sort: PodSort,
    /// Order turned around.
    pub reversed: bool,
    /// Marked pods.
    pub marks: BTreeSet<Uid>,
    /// Whether the selected pod's details are open.
    pub detail: bool,
}

impl Pods {
    /// The pods that match the filter, in order.
    pub fn rows<'a>(&self, release: &'a Release) -> Vec<&'a PodView> {
        let needle = self.filter.to_lowercase();
        let mut rows: Vec<&PodView> = release.pods.iter().filter(|pod| needle.is_empty() || matched(pod, &needle)).collect();
        rows.sort_by(|a, b| {
            let by_name = || a.name.cmp(&b.name);
            match self.sort {
                PodSort::Trouble => weight(a).cmp(&weight(b)).then_with(|| b.restarts.cmp(&a.restarts)).then_with(by_name),
                PodSort::Name => by_name(),
                PodSort::Restarts => b.restarts.cmp(&a.restarts).then_with(by_name),
                PodSort::Node => a.node.cmp(&b.node).then_with(by_name),
                PodSort::Age => b.created.cmp(&a.created).then_with(by_name),
            }
        });
        if self.reversed {
            rows.reverse();
        }
        rows
    }

    /// Moves the selection by so many rows.
    pub fn step(&mut self, by: isize, release: &Release) {
        let rows = self.rows(release);
        let at = self.selected.as_ref().and_then(|uid| rows.iter().position(|p| p.uid == *uid)).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(rows.len().saturating_sub(1));
        self.selected = rows.get(to).map(|p| p.uid.clone());
    }

    /// The selected pod, the first one where none is.
    pub fn current<'a>(&self, release: &'a Release) -> Option<&'a PodView> {
        let rows = self.rows(release);
        rows.iter().find(|p| Some(&p.uid) == self.selected.as_ref()).or(rows.first()).copied()
    }
}

fn weight(pod: &PodView) -> u8 {
    match pod.state {
        PodState::Failing(_) => 0,
        PodState::Starting => 1,
        PodState::Terminating => 2,
        PodState::Ready => 3,
    }
}

fn matched(pod: &PodView, needle: &str) -> bool {
    let reason = if let PodState::Failing(t) = &pod.state { trouble(t) } else { String::new() };
    [pod.name.as_str(), pod.node.as_str(), pod.zone.as_str(), reason.as_str()].iter().any(|text| text.to_lowercase().contains(needle))
}
