//! One objective of one release: what is asked for because of it, and what the screen says of where it came from.
//! Refuses to measure it by anything but what it says: one that can't be asked for is told, not replaced.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::measure::JudgedBy;
use crate::objectives::split::{Arm, split};
use crate::objectives::{Found, Origin, Recorded, Sli, raw};
use crate::ports::metrics::{Alarm, Counters, Kept, Promise, Since};
use crate::release::telemetry::Provenance;
use crate::release::{Release, Version};
use crate::slo::Objective;
use crate::slo::calendar::Calendar;
use crate::slo::method::Method;
use crate::slo::tier::Tier;
use crate::slo::verdict::Bad;
use crate::text::Clean;

/// Windows that a ratio of somebody's query is asked over: those of the paired burn-rate alerts that page.
const WINDOWS: [u64; 4] = [300, 1800, 3600, 21_600];

/// Queries for bad requests and for all of one version each, by its hash.
type Arms = Vec<(Clean, (String, String))>;

/// How an objective came to a release.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mapped {
    pub reason: Option<Clean>,
    pub doubt: Option<Clean>,
    /// Whether it counts the requests of others too.
    pub is_shared: bool,
    /// The label that names the pods in its series, else why there is none, as a clause.
    pub pod_label: Result<&'static str, Clean>,
}

impl Default for Mapped {
    fn default() -> Self {
        Self { reason: None, doubt: None, is_shared: false, pod_label: Err(Clean::from("its series name no pods")) }
    }
}

/// An objective of a release.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::app) struct Given {
    pub objective: Objective,
    /// Its alerts; empty for the usual ones.
    pub tiers: Vec<Tier>,
    pub promise: Promise,
    pub provenance: Provenance,
    /// Whether anybody said it.
    pub is_assumed: bool,
    pub judged_by: JudgedBy,
}

/// All of a release, under names of their own; and those that can't be followed, each with the reason as sentences.
pub(super) fn all(release: &Release, found: Vec<(Mapped, Found)>) -> (Vec<Given>, Vec<Clean>) {
    let mut taken = BTreeSet::new();
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for (mapped, found) in &found {
        match one(release, mapped, found, &mut taken) {
            Ok(given) => all.push(given),
            Err(why) => left_out.push(super::said::left_out(found, &release.key, &why)),
        }
    }
    (all, left_out)
}

fn one(release: &Release, mapped: &Mapped, found: &Found, taken: &mut BTreeSet<Clean>) -> Result<Given, Clean> {
    let promised = found.objective()?;
    let mut promise = Promise { window: promised.window(), ..promise(found).ok_or_else(|| unasked(found))? };
    let id = if found.id.is_empty() { found.full_name() } else { found.id.clone() };
    let numbered = (2..).map(|n| Clean::from(format!("{id} {n}")));
    let mut names = [found.name.clone(), found.full_name(), id.clone()].into_iter().chain(numbered);
    let name = names.find(|name| !taken.contains(name)).unwrap_or(id);
    taken.insert(name.clone());
    let objective = Objective::new(name.clone(), promised.target(), promised.window()).map_err(|why| Clean::from(why.to_string()))?;
    let objective = match promised.calendar() {
        Some(calendar) => objective.by(*calendar),
        None => objective,
    };
    promise.name = name;
    promise.since = promised.calendar().map(|calendar| since(*calendar, &found.recorded));
    if promise.since.is_some() {
        // What rules keep of the last so many days is of no period of the calendar.
        (promise.kept.remaining, promise.kept.availability) = (None, None);
        promise.kept.ratios.retain(|(window, _)| *window < promised.window());
    }
    let tiers: Vec<Tier> = found.tiers.iter().map(|alert| alert.tier).collect();
    promise.alarms = alarms(&objective, &tiers);
    let mut provenance = provenance(mapped, found);
    if promise.queries.is_some() {
        match arms(release, mapped, &found.sli) {
            Ok(arms) => promise.arms = arms,
            Err(why) => provenance.unsplit = Some(Clean::from(format!("not split by version: {why}"))),
        }
        match counters(release, mapped, &found.sli) {
            Ok(counters) => promise.counters = Some(counters),
            Err(why) => provenance.unjudged = Some(Clean::from(why)),
        }
    } else if !promise.kept.is_empty() {
        provenance.unjudged = Some(Clean::from("it is known by ratios, and nobody can tell how many events there were"));
        provenance.unsplit = Some(Clean::from("not split by version: it is known by ratios that are summed over all pods"));
    }
    let judged_by = judged_by(&promise, &found.sli);
    if promise.counters.is_some() {
        // What is counted pod by pod is known by version already.
        (promise.arms, provenance.unsplit) = (Vec::new(), None);
    }
    Ok(Given { objective, tiers, promise, provenance, is_assumed: found.origin() == Origin::Assumed, judged_by })
}

/// Why nothing can be asked for, as a sentence.
fn unasked(found: &Found) -> Clean {
    Clean::from(match &found.sli {
        Sli::Unread(why) => format!("There is nothing to ask: {why}, and no series is known that records it."),
        Sli::Threshold { .. } => "It limits a value, and a value has no budget.".to_owned(),
        _ => "Its query has no window in it, and no series is known that records it, so nothing tells of its budget.".to_owned(),
    })
}

/// What is asked for; `None` where nothing can be.
fn promise(found: &Found) -> Option<Promise> {
    let queries = found.sli.events().map(|(bad, total)| (bad.text().to_owned(), total.text().to_owned()));
    let is_written = matches!(found.origin(), Origin::Config | Origin::Template | Origin::Assumed);
    if is_written && found.recorded.is_empty() && !matches!(found.sli, Sli::ErrorRatio(_)) {
        let slower_than = if let Sli::Within(threshold) = &found.sli { Some(*threshold) } else { None };
        return Some(Promise { queries, slower_than, ..Promise::default() });
    }
    let mut kept = kept(&found.recorded);
    if let (true, Sli::ErrorRatio(query)) = (kept.ratios.is_empty() && found.sli.widest().is_some_and(|q| q.has_window()), &found.sli) {
        kept.ratios = WINDOWS.iter().map(|seconds| Duration::from_secs(*seconds)).map(|window| (window, query.over(window))).collect();
    }
    let is_plain = |label: &&Clean| {
        let mut letters = label.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let grouping = found.grouping.iter().filter(is_plain).cloned().collect();
    let promise = Promise { queries, kept, grouping, marked: found.mark(), ..Promise::default() };
    (!promise.is_built_in()).then_some(promise)
}

/// The longest window whose ratio, averaged since the start of a period, is not blurred by what went before that.
const SHARP: Duration = Duration::from_secs(3600);

fn since(calendar: Calendar, recorded: &Recorded) -> Since {
    let shortest = recorded.ratios.first().filter(|(window, _)| *window <= SHARP);
    Since { calendar, recorded: shortest.map(|(_, series)| series.to_string()) }
}

fn kept(recorded: &Recorded) -> Kept {
    Kept {
        ratios: recorded.ratios.iter().map(|(window, series)| (*window, series.to_string())).collect(),
        remaining: recorded.remaining.as_ref().map(ToString::to_string),
        availability: recorded.availability.as_ref().map(ToString::to_string),
    }
}

/// Those that can fire, the usual ones where none are said.
fn alarms(objective: &Objective, said: &[Tier]) -> Vec<Alarm> {
    let usual = Tier::standard(objective);
    let tiers = if said.is_empty() { &usual } else { said };
    let one =
        |tier: &Tier| Alarm { severity: tier.severity, long: tier.long, short: tier.short, over: tier.threshold.error_ratio(objective) };
    tiers.iter().filter(|tier| tier.dead(objective).is_none()).map(one).collect()
}

/// What its verdict rests on.
fn judged_by(promise: &Promise, sli: &Sli) -> JudgedBy {
    let bad = if counts_errors(sli) { Bad::Failed } else { Bad::Slow };
    if promise.is_built_in() {
        JudgedBy::Requests
    } else if promise.counters.is_some() || promise.slower_than.is_some() {
        JudgedBy::Events(bad)
    } else if bad == Bad::Failed {
        JudgedBy::Instead
    } else {
        JudgedBy::Nothing
    }
}

/// Its counters by pod, for the pods of all versions at once.
fn counters(release: &Release, mapped: &Mapped, sli: &Sli) -> Result<Counters, String> {
    let label = mapped.pod_label.clone().map_err(|why| why.to_string())?;
    let all: Vec<String> = release.versions.iter().filter_map(|version| regex(release, version)).collect();
    if all.is_empty() {
        return Err("the pods of its versions are not known".to_owned());
    }
    let arm = Arm { label: label.to_owned(), regex: all.join("|") };
    let raw::Counters { total, some, is_good } = raw::counters(sli, &arm).map_err(|why| why.to_string())?;
    Ok(Counters { total, some, is_good, pod_label: label })
}

/// Its queries for each version.
fn arms(release: &Release, mapped: &Mapped, sli: &Sli) -> Result<Arms, String> {
    let label = mapped.pod_label.clone().map_err(|why| why.to_string())?;
    let mut all = Vec::new();
    for version in release.versions.iter().filter(|version| !version.replica_set.is_empty() || version.current > 0) {
        let Some(regex) = regex(release, version) else { continue };
        let split = split(sli, &Arm { label: label.to_owned(), regex }).map_err(|why| why.to_string())?;
        if let Some((bad, total)) = split.events() {
            all.push((version.hash.clone(), (bad.text().to_owned(), total.text().to_owned())));
        }
    }
    if all.is_empty() { Err("the pods of its versions are not known".to_owned()) } else { Ok(all) }
}

/// Matches the names of a version's pods: those its ReplicaSet foretells, and whatever else runs.
fn regex(release: &Release, version: &Version) -> Option<String> {
    let set = &version.replica_set;
    let foretold = (!set.is_empty()).then(|| format!("{}-[a-z0-9]+", literally(set)));
    let others = release.pods.iter().filter(|pod| pod.version == version.uid && (set.is_empty() || !pod.name.starts_with(set.as_str())));
    let all: Vec<String> = foretold.into_iter().chain(others.map(|pod| literally(&pod.name))).collect();
    (!all.is_empty()).then(|| all.join("|"))
}

/// A regular expression for this name alone; a dash means itself outside of brackets.
fn literally(name: &str) -> String {
    regex::escape(name).replace("\\-", "-")
}

/// Latency objectives are not judged by failed requests.
fn counts_errors(sli: &Sli) -> bool {
    match sli {
        Sli::Latency { .. } | Sli::NativeLatency { .. } | Sli::Within(_) | Sli::Threshold { .. } => false,
        Sli::Events { .. } | Sli::Good { .. } | Sli::ErrorRatio(_) => {
            let of_latency = |text: &str| text.contains("_bucket") || text.contains("histogram_");
            !sli.queries().iter().any(|query| of_latency(query.text()))
        }
        Sli::Unread(_) => true,
    }
}

fn provenance(mapped: &Mapped, found: &Found) -> Provenance {
    let first = found.sources.first().map(|source| source.words.to_string()).unwrap_or_default();
    let last = |text: &str| text.rsplit(' ').next().unwrap_or_default().to_owned();
    let from = match found.origin() {
        Origin::Config => "from the config file".to_owned(),
        Origin::Sloth => format!("from Sloth {}", last(&first)),
        Origin::Pyrra => format!("from Pyrra {}", last(&first)),
        Origin::Assumed if mapped.doubt.is_some() => "no SLO found where one could look, the target is assumed".to_owned(),
        Origin::Assumed => "no SLO found, the target is assumed".to_owned(),
        Origin::Rules | Origin::Series | Origin::Template | Origin::OpenSlo => format!("from {first}"),
    };
    Provenance {
        from: Clean::from(from),
        is_own_file: found.origin() == Origin::Config,
        places: found.found_in(),
        method: Clean::from(found.method.to_string()),
        is_grouped: !found.grouping.is_empty(),
        is_by_slices: found.method.counted() != Some(Method::Occurrences),
        is_shared: mapped.is_shared,
        mapped: mapped.reason.clone(),
        notes: mapped.doubt.iter().chain(&found.notes).cloned().collect(),
        unsplit: None,
        unjudged: None,
    }
}
