//! What all policies together say about one intent on one release at one moment.
//! Refuses to let one policy soften another: of all that match, the strictest word holds, whatever their order.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::freeze::Window;
use super::{Need, Policy, Source};
use crate::objects::{ReleaseRef, Time};
use crate::release::acting::{Direction, Verb};
use crate::text::Clean;

/// Freezes that follow one another without a gap are told as one, up to so many.
const CHAIN: usize = 64;

/// A freeze in force, or one to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Since when.
    pub from: Time,
    /// Until when; where others follow without a gap, the end of the last.
    pub until: Time,
    /// Why; empty where no reason is given.
    pub why: Clean,
    /// Whose clocks it was written for.
    pub zone: Tz,
    /// Who says so.
    pub source: Source,
}

impl Frozen {
    /// `until 2027-01-02 08:00 Europe/Berlin: end of the year`.
    pub fn words(&self) -> Clean {
        let until = self.until.with_timezone(&self.zone).format("%Y-%m-%d %H:%M");
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        Clean::from(format!("until {until} {}{why}", self.zone))
    }
}

/// One thing that is asked, and who asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// What is asked, as a clause: `a typed name`.
    pub what: Clean,
    /// Who asks.
    pub source: Source,
}

impl std::fmt::Display for Because {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

/// What is asked of an intent on a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The intent.
    pub verb: Verb,
    /// The strictest word. The plan may ask for more by itself: then that holds.
    pub confirm: Need,
    /// Why it is denied, where it is.
    pub denied: Option<Clean>,
    /// Whether it goes only with a note, or with the reason of an override.
    pub note_required: bool,
    /// The freeze in force, also where this intent passes it.
    pub freeze: Option<Frozen>,
    /// Whether nothing may be sent to this release.
    pub read_only: bool,
    /// Who asks what, in the order of the file.
    pub because: Vec<Because>,
}

impl Ruling {
    /// What holds where no policy speaks.
    pub const fn free(verb: Verb) -> Self {
        Self { verb, confirm: Need::Key, denied: None, note_required: false, freeze: None, read_only: false, because: Vec::new() }
    }

    /// Both of two rulings: the stricter word of each.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            verb: self.verb,
            confirm: self.confirm.max(other.confirm),
            denied: self.denied.or(other.denied),
            note_required: self.note_required || other.note_required,
            freeze: self.freeze.or(other.freeze),
            read_only: self.read_only || other.read_only,
            because: self.because.into_iter().chain(other.because).collect(),
        }
    }

    /// Whether a freeze is in force that this intent passes only with a typed reason.
    pub fn needs_override(&self) -> bool {
        self.freeze.is_some() && !passes_a_freeze(self.verb)
    }

    /// What stands in the way, a sentence; `note` is what the person wrote as note or reason. `None`: nothing does.
    pub fn refusal(&self, note: &str) -> Option<Clean> {
        let by = |asked: &str| {
            let source = self.because.iter().find(|because| because.what.starts_with(asked)).map(|because| &because.source);
            source.map_or_else(String::new, |source| format!(" ({source})"))
        };
        let verb = self.verb.words();
        let sentence = if self.read_only {
            format!("This release is read-only here{}: nothing is sent to it.", by("read-only"))
        } else if let Some(reason) = &self.denied {
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            format!("A policy does not let you {verb} here{}{reason}.", by("denied"))
        } else if !note.trim().is_empty() {
            return None;
        } else if let Some(freeze) = self.freeze.as_ref().filter(|_| self.needs_override()) {
            let source = &freeze.source;
            format!(
                "A freeze holds {} ({source}). Pause, abort and roll back go through; to {verb} all the same, write the reason as a note.",
                freeze.words()
            )
        } else if self.note_required {
            format!("A policy asks for a note{}: write why you {verb}.", by("a note"))
        } else {
            return None;
        };
        Some(Clean::from(sentence))
    }
}

/// What leads to safety may always go out, and a note goes nowhere.
pub(super) fn passes_a_freeze(verb: Verb) -> bool {
    matches!(verb.direction(), Direction::Safety | Direction::None)
}

/// What these policies say about this intent on this release at `now`. Adding a policy never makes it laxer.
pub fn rule(policies: &[Policy], context: &str, release: &ReleaseRef, verb: Verb, now: Time) -> Ruling {
    let mut ruling = Ruling::free(verb);
    let matching: Vec<&Policy> = policies.iter().filter(|policy| policy.is_about(context, release)).collect();
    for policy in &matching {
        let mut because = |what: &str, line: usize| {
            ruling.because.push(Because { what: Clean::from(what), source: Source { line, ..policy.source.clone() } });
        };
        // A note sends nothing.
        if policy.read_only && verb != Verb::Note {
            because("read-only", policy.source.line);
            ruling.read_only = true;
        }
        if policy.note && verb != Verb::Note {
            because("a note", policy.source.line);
            ruling.note_required = true;
        }
        for rule in policy.rules_for(verb) {
            match rule.need {
                Need::Key => {}
                Need::Typed => because("a typed name", rule.line),
                Need::Deny => because("denied", rule.line),
            }
            if rule.need == Need::Deny {
                // The first reason that is given is the one to read.
                let reason = rule.reason.clone().unwrap_or_default();
                ruling.denied = ruling.denied.take().filter(|told| !told.is_empty()).or(Some(reason));
            }
            if rule.note && verb != Verb::Note {
                because("a note", rule.line);
                ruling.note_required = true;
            }
            ruling.confirm = ruling.confirm.max(rule.need);
        }
    }
    ruling.freeze = freeze_at(&matching, now);
    if let Some(freeze) = ruling.freeze.as_ref().filter(|_| !passes_a_freeze(verb)) {
        ruling.because.push(Because { what: "a freeze".into(), source: freeze.source.clone() });
        ruling.confirm = ruling.confirm.max(Need::Typed);
        ruling.note_required = true;
    }
    ruling
}

/// The next freeze of this release that begins after `now`, and at most `within` after it.
pub fn next_freeze(policies: &[Policy], context: &str, release: &ReleaseRef, now: Time, within: TimeDelta) -> Option<Frozen> {
    let matching: Vec<&Policy> = policies.iter().filter(|policy| policy.is_about(context, release)).collect();
    let next = told(&matching, |freeze| freeze.next_window(now, within)).min_by_key(|frozen| frozen.from)?;
    freeze_at(&matching, next.from).map(|whole| Frozen { from: next.from, until: whole.until, ..next })
}

/// The freeze in force, until no other follows it without a gap. The one that ends last gives the reason.
fn freeze_at(policies: &[&Policy], now: Time) -> Option<Frozen> {
    let at = |moment| told(policies, move |freeze| freeze.window_at(moment)).max_by_key(|frozen| frozen.until);
    let mut frozen = at(now)?;
    for _ in 0..CHAIN {
        match at(frozen.until) {
            Some(next) if next.until > frozen.until => frozen.until = next.until,
            _ => break,
        }
    }
    Some(frozen)
}

fn told<'p>(policies: &'p [&Policy], window: impl Fn(&super::Freeze) -> Option<Window> + 'p) -> impl Iterator<Item = Frozen> + 'p {
    policies.iter().flat_map(|policy| policy.freeze.iter().map(move |freeze| (policy, freeze))).filter_map(move |(policy, freeze)| {
        let Window { from, until } = window(freeze)?;
        let source = Source { line: freeze.line, ..policy.source.clone() };
        Some(Frozen { from, until, why: freeze.why.clone(), zone: freeze.zone, source })
    })
}
