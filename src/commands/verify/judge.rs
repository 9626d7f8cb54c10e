//! When a release that is watched is good, bad, or could not be told: pure, from one look after another.
//! Refuses to call anything good that was not counted, and to judge another version than the one it began with.

use std::time::Duration;

use chrono::TimeDelta;

use crate::measure::trouble;
use crate::objects::Time;
use crate::release::figures::{duration, seconds};
use crate::release::telemetry::Metering;
use crate::release::words::{Standing, called, capital, found, overall_found, place, sentence, standing, suspended};
use crate::release::{Phase, Release};
use crate::slo::verdict::{Judgement, Word, overall};
use crate::text::Clean;

/// How long a release may take to begin after it was asked about: a pipeline is quicker than a controller.
const BEGINS: TimeDelta = TimeDelta::seconds(60);

/// Counts as old as this are still of now: twice the slowest usual scrape, and the pace of asking.
const FRESH: Duration = Duration::from_secs(90);

/// A release that was out no longer than this before is still judged.
const JUST_OUT: TimeDelta = TimeDelta::hours(1);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is good.
    Good,
    /// It is bad.
    Bad,
    /// Nobody can tell.
    Unknown,
}

/// The decision, and the sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What came of it.
    pub answer: Answer,
    /// Why, without its full stop.
    pub why: String,
}

impl Decision {
    fn new(answer: Answer, why: impl Into<String>) -> Self {
        Self { answer, why: why.into() }
    }

    /// Nobody can tell, and why.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::new(Answer::Unknown, why)
    }
}

/// Follows one release.
#[derive(Debug, Clone)]
pub struct Watch {
    objective: Option<Clean>,
    lasts: TimeDelta,
    began: Time,
    /// The version that is judged, by its hash, once it is known.
    version: Option<Clean>,
    /// What it is called.
    pub name: String,
    /// What the version that it replaces is called; empty while none is known.
    pub old: String,
    /// Since when the verdict is a pass without a break.
    good_since: Option<Time>,
    /// Since when nothing is counted, where nothing more is to come by itself or there is nothing to count by.
    blind_since: Option<Time>,
    /// The newest judgements of the version.
    pub judgements: Vec<Judgement>,
    /// Their word.
    pub word: Word,
}

impl Watch {
    /// Begins at `began` by the cluster's clock.
    pub fn new(objective: Option<&str>, lasts: TimeDelta, began: Time) -> Self {
        Self {
            objective: objective.map(Clean::from),
            lasts,
            began,
            version: None,
            name: String::new(),
            old: String::new(),
            good_since: None,
            blind_since: None,
            judgements: Vec::new(),
            word: Word::NoData,
        }
    }

    /// Looks at the release as it stands at `now` by the cluster's clock; `fresh` is whether that is what the cluster is like now.
    pub fn look(&mut self, release: &Release, fresh: bool, now: Time) -> Option<Decision> {
        if !fresh {
            self.good_since = None;
            return None;
        }
        if let Some(replaced) = self.replaced(release) {
            return Some(replaced);
        }
        let late = self.version.is_none() && now - self.began >= BEGINS && is_just_out(release, now);
        // What the controller has not looked at yet still bears the old version's hash.
        let told = release.control.observed && !release.control.new_hash.is_empty();
        if (release.under_way && (told || self.version.is_some())) || late {
            self.version.get_or_insert_with(|| release.control.new_hash.clone());
            self.name_both(release, late);
        }
        if let Some(bad) = self.plainly_bad(release, now) {
            return Some(bad);
        }
        match self.weigh(release, now) {
            Err(decision) => return Some(decision),
            Ok(()) => self.keep_time(release, now),
        }
        if self.word == Word::Fail {
            return Some(Decision::new(Answer::Bad, self.told()));
        }
        self.not_begun(release, now).or_else(|| self.ripe(release, now)).or_else(|| self.blind(release, now))
    }

    /// What stands so far, for whoever has to leave without a decision.
    pub fn so_far(&self, release: Option<&Release>) -> String {
        match release {
            Some(_) if !self.judgements.is_empty() => self.told(),
            Some(release) => sentence(release, self.began).lines()[0].trim_end_matches('.').to_owned(),
            None => "the release was not read".to_owned(),
        }
    }

    /// The judgements in sentences: the word, the counts, the rule.
    pub fn told(&self) -> String {
        let all = overall(&self.judgements);
        let Some(decides) = all.decides else { return overall_found(&all) };
        let [says, _] = found(decides, &self.name, self.old_name()).lines();
        format!("{}: {}", overall_found(&all), says.trim_end_matches('.'))
    }

    /// Both names as they were while both were there: once it is out, the new version is the only one, and the old one.
    fn name_both(&mut self, release: &Release, late: bool) {
        let names = called(release);
        if let Some(new) = names.new {
            self.name = new;
            self.old = names.old.unwrap_or_default();
        } else if self.name.is_empty() {
            self.name = names.old.filter(|_| late).unwrap_or_else(|| "the new version".to_owned());
        }
    }

    /// What the version that it replaces is called in sentences.
    pub fn old_name(&self) -> &str {
        if self.old.is_empty() || self.old == self.name { "the old one" } else { &self.old }
    }

    fn replaced(&self, release: &Release) -> Option<Decision> {
        let version = self.version.as_ref()?;
        let now = &release.control.new_hash;
        (now != version).then(|| {
            let why = format!("{} is not being released any more: another version took its place ({now})", capital(&self.name));
            Decision::unknown(why)
        })
    }

    /// What needs neither metrics nor time.
    fn plainly_bad(&self, release: &Release, now: Time) -> Option<Decision> {
        let degraded = matches!(standing(release), Standing::Degraded | Standing::Invalid);
        let says = || sentence(release, now).lines()[0].trim_end_matches('.').to_owned();
        (trouble(release).is_some() || degraded).then(|| Decision::new(Answer::Bad, says()))
    }

    /// Takes in what is judged of it now; once nothing is being released, what was last known stands.
    fn weigh(&mut self, release: &Release, now: Time) -> Result<(), Decision> {
        let telemetry = release.telemetry.as_deref();
        if self.version.is_none() {
            return Ok(());
        }
        if telemetry.is_none_or(|telemetry| telemetry.metering == Metering::Unnamed) {
            let why = "nothing can be counted: no Prometheus is named; --prometheus URL names one, or [prometheus] in config.toml";
            return Err(Decision::unknown(why));
        }
        if let Some(Metering::Unfound(sentence)) = telemetry.map(|telemetry| &telemetry.metering) {
            return Err(Decision::unknown(format!("nothing can be counted: {}", sentence.as_str().trim_end_matches('.'))));
        }
        let judged = telemetry.map(|one| if release.under_way { &one.verdicts[..] } else { &one.released[..] }).unwrap_or_default();
        let mine = |one: &&Judgement| self.objective.as_ref().is_none_or(|name| one.evidence.indicator == *name);
        let wanted: Vec<Judgement> = judged.iter().filter(mine).cloned().collect();
        // One that is looked up in the cluster is there later than one out of a file: whom it speaks of has to be asked first.
        let looked = now - self.began >= BEGINS;
        if let (Some(name), true, false, true) = (&self.objective, wanted.is_empty(), judged.is_empty(), looked) {
            let mut known: Vec<&str> = judged.iter().map(|one| one.evidence.indicator.as_str()).collect();
            known.dedup();
            return Err(Decision::unknown(format!("no objective {name} is promised of it; there is {}", known.join(", "))));
        }
        if release.under_way || !wanted.is_empty() {
            self.judgements = wanted;
            self.word = overall(&self.judgements).word;
        }
        Ok(())
    }

    fn keep_time(&mut self, release: &Release, now: Time) {
        let metering = release.telemetry.as_deref().map(|telemetry| &telemetry.metering);
        // A pass of counts that nobody takes any more says nothing of now.
        let young = |judgement: &Judgement| judgement.evidence.age.is_some_and(|age| age <= FRESH);
        let counted = matches!(metering, Some(Metering::Live(_))) && self.judgements.iter().all(young);
        if self.word == Word::Pass && counted {
            self.good_since.get_or_insert(now);
        } else {
            self.good_since = None;
        }
        let hopeless = settled(release).is_some() || matches!(metering, Some(Metering::NoMetrics(_)));
        let blind = hopeless && matches!(self.word, Word::NoData | Word::NoTraffic);
        self.blind_since = if blind { self.blind_since.or(Some(now)) } else { None };
    }

    /// Nothing is being released, and nothing has begun for a while.
    fn not_begun(&self, release: &Release, now: Time) -> Option<Decision> {
        let waited = now - self.began >= BEGINS;
        (self.version.is_none() && waited).then(|| {
            let says = sentence(release, now).lines()[0].trim_end_matches('.').to_owned();
            Decision::unknown(format!("nothing is being released, so there is nothing to judge: {says}"))
        })
    }

    /// Nothing more comes by itself, and it has been good for long enough.
    fn ripe(&self, release: &Release, now: Time) -> Option<Decision> {
        let settled = settled(release).filter(|_| self.version.is_some())?;
        let good = now - self.good_since?;
        (good >= self.lasts).then(|| {
            let good = duration(good.num_seconds());
            let held = suspended(release).map(|why| format!(". {}", capital(why))).unwrap_or_default();
            Decision::new(Answer::Good, format!("{} {settled} and has been good for {good}. {}{held}", self.name, self.told()))
        })
    }

    /// Nothing is counted, and waiting for more of it has no use.
    fn blind(&self, release: &Release, now: Time) -> Option<Decision> {
        let since = self.blind_since?;
        let waited = seconds(since, now);
        (now - since >= self.lasts.max(BEGINS)).then(|| {
            let why = match release.telemetry.as_deref().map(|telemetry| &telemetry.metering) {
                Some(Metering::NoMetrics(looked_for)) => format!("Prometheus knows no request metric of it ({looked_for})"),
                Some(Metering::Failing { sentence, .. }) => sentence.trim_end_matches('.').to_owned(),
                _ => self.told(),
            };
            Decision::unknown(format!("nothing was counted for {}: {why}", duration(waited)))
        })
    }
}

/// Whether its newest version was out before anybody asked: a small release is quicker than a pipeline.
fn is_just_out(release: &Release, now: Time) -> bool {
    let newest = release.versions.iter().find(|version| version.hash == release.control.new_hash);
    let made = newest.and_then(|version| version.created);
    release.phase == Phase::Healthy && made.is_some_and(|made| now - made <= JUST_OUT)
}

/// Whether nothing more comes by itself, and how that is said of the version.
fn settled(release: &Release) -> Option<String> {
    match standing(release) {
        Standing::WaitsForPerson | Standing::Inconclusive | Standing::Held => Some(format!("waits for a person at {}", place(release))),
        Standing::Steady if release.phase == Phase::Healthy && !release.under_way => Some("is out".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
