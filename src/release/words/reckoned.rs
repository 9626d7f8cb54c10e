//! Every measured figure as the formula it comes from, with its numbers, and the questions behind it with their answers and ages.
//! Refuses to show a result without what it was reckoned from.

use super::alerts::firing;
use super::judged::{found, opponents};
use super::measured::{filled, grouped};
use super::opinions::second_opinions;
use super::period::{resets, span_of};
use super::why::Reason;
use crate::release::figures::{age, burn, duration, error_ratio, exact, left, rounded, seconds, share, target, window};
use crate::release::telemetry::{BudgetFrom, BudgetState, Evidence, Metering, Telemetry};
use crate::release::{Label, Release, Time};
use crate::slo::interval::wilson;
use crate::slo::reach::{Routing, users_at_most};
use crate::slo::tier::{Dead, State};
use crate::slo::verdict::{Bad, Judgement};
use crate::slo::{Outcome, Reading};

const MEASURED: &str = "What is measured";
const BUDGET: &str = "Error budget";
const VERDICT: &str = "Verdict";
const ASKED: &str = "Questions asked of Prometheus";

/// Formulas first, then questions.
pub(super) fn reckoned(release: &Release, now: Time) -> Vec<Reason> {
    let Some(telemetry) = &release.telemetry else {
        return vec![reason(
            "Not read",
            "Nothing is measured: no Prometheus is named (--prometheus URL, or [prometheus] in config.toml)".to_owned(),
        )];
    };
    let mut all = vec![metering(&telemetry.metering)];
    all.extend(requests(release, telemetry, now));
    all.extend(telemetry.verdicts.iter().chain(&telemetry.bystanders).map(|one| verdict(release, one)));
    all.extend(second_opinions(release, now).into_iter().map(|text| reason(VERDICT, text)));
    all.extend(firing(release, now).into_iter().map(|text| reason("Alerts", text)));
    for one in &telemetry.budgets {
        all.extend(budget(one, now));
    }
    all.extend(telemetry.evidence.iter().map(|one| asked(one, now)));
    all
}

/// The word, what was counted, the rule that fired, and what would change it.
fn verdict(release: &Release, judgement: &Judgement) -> Reason {
    let [new, old] = opponents(release, judgement);
    let found = found(judgement, &new, &old);
    let parts = [Some(found.says.long), Some(found.rule.long), found.then.map(|then| then.long)];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(". ");
    reason(VERDICT, format!("{} by {}: {text}", judgement.word, judgement.evidence.indicator))
}

fn reason(about: &'static str, text: String) -> Reason {
    Reason { about, text }
}

fn metering(metering: &Metering) -> Reason {
    match metering {
        Metering::Live(counted) if counted.way.is_empty() => reason(MEASURED, format!("Counted by: {}", counted.family)),
        Metering::Live(counted) => reason(MEASURED, format!("Counted by: {}, from {}", counted.family, counted.address)),
        Metering::Unnamed => reason("Not read", "Nothing is measured: no Prometheus is named".to_owned()),
        Metering::Unfound(sentence) => reason("Not read", super::capital(sentence)),
        Metering::Waiting(address) => reason("Not read", format!("{address} is being asked for the first time")),
        Metering::NoMetrics(looked_for) => reason("Not read", format!("No metric counts its requests; looked for {looked_for}")),
        Metering::Failing { sentence, .. } => reason("Not read", super::capital(sentence)),
    }
}

/// The upper bound of users that met the new version.
fn users(of: f64, requests_per_user: Option<f64>) -> String {
    let sticky = share(users_at_most(of, Routing::Sticky), Label::Measured);
    let Some(requests) = requests_per_user else {
        return format!(
            "Users: {sticky} where they stick to a version; with each request routed anew more of them meet it (`requests_per_user` in [[objective]] bounds how many)"
        );
    };
    let most = share(users_at_most(of, Routing::PerRequest(requests)), Label::Measured);
    let of = share(of, Label::Measured);
    format!("Users: at most {most} = 1 - (1 - {of})^{requests}, at {requests} requests each; {sticky} where they stick to a version")
}

fn requests(release: &Release, telemetry: &Telemetry, now: Time) -> Vec<Reason> {
    let mut all = Vec::new();
    let mut give = |text: String| all.push(reason(MEASURED, text));
    if release.under_way {
        match telemetry.share {
            Ok(measured) => {
                let when = telemetry.as_of.map(|at| format!(", newest sample {} old", age(seconds(at, now)))).unwrap_or_default();
                let new = rounded(measured.share * measured.requests);
                let said = share(measured.share, Label::Measured);
                give(format!("Share: {said} = {new} / {} requests of the last minute{when}", rounded(measured.requests)));
                give(users(measured.share, telemetry.requests_per_user));
            }
            Err(why) => give(format!("Share: not measured, {why}")),
        }
        if let Some(off) = telemetry.disagreement {
            let (far, bears) = (share(off.distance, Label::Measured), share(off.tolerance, Label::Measured));
            give(format!("The split is not what the router was told: off by {far}, chance explains {bears}"));
        }
        if let Some((most, at)) = telemetry.peak {
            give(format!("Most in one minute: {} at {}", share(most, Label::Measured), at.format("%H:%M UTC")));
        }
        if let (Some(affected), Some(failed)) = (telemetry.affected, telemetry.failed) {
            let least = if telemetry.at_least { ", at least: a pod restarted before it was first seen" } else { "" };
            give(format!("New version since its pods started: {} requests, {} failed{least}", rounded(affected), rounded(failed)));
        }
        if telemetry.spent.requests > 0.0 {
            let spent = telemetry.spent;
            give(format!(
                "Errors beyond the old version's, minute by minute: {} of {} ({spent})",
                rounded(spent.excess),
                rounded(spent.gross)
            ));
        }
    }
    if let Some(both) = &telemetry.comparison {
        let span = duration(i64::try_from(both.covers.as_secs()).unwrap_or(i64::MAX));
        for (name, arm) in [("Old", &both.old), ("New", &both.new)] {
            if let Reading::Value(seen) = arm.seen {
                give(format!(
                    "{name}: {} = {} / {} requests in {span}{}",
                    ratio(seen),
                    rounded(seen.bad),
                    rounded(seen.total),
                    interval(seen)
                ));
            }
        }
    }
    all
}

fn ratio(seen: Outcome) -> String {
    seen.error_ratio().value().map_or_else(|| "?".to_owned(), error_ratio)
}

fn interval(seen: Outcome) -> String {
    wilson(seen).map_or_else(String::new, |i| format!(", 95 % interval {} to {} (Wilson)", error_ratio(i.lower), error_ratio(i.upper)))
}

/// The first day of the period, as everybody's clock has it.
fn began(one: &BudgetState) -> String {
    one.period.map_or_else(String::new, |period| period.from.format("%-d %b %H:%M UTC").to_string())
}

fn budget(one: &BudgetState, now: Time) -> Vec<Reason> {
    let objective = &one.objective;
    let mut all = Vec::new();
    let mut give = |text: String| all.push(reason(BUDGET, text));
    let allowed = error_ratio(objective.budget());
    let origin = &one.provenance;
    let method = match (&one.from, origin.is_by_slices) {
        (Some(BudgetFrom::Recorded(_)), _) | (_, false) if !origin.method.is_empty() => format!("counted {}", origin.method),
        (_, true) => format!("counted by requests here: it is promised {}, and nothing recorded tells those", origin.method),
        _ => "counted by requests".to_owned(),
    };
    give(format!(
        "{}: {} over {}, so {allowed} of requests may {}; {method}",
        objective.name(),
        target(objective.target()),
        span_of(one),
        if one.bad == Bad::Slow { "be too slow" } else { "fail" }
    ));
    if let Some(period) = resets(one, now) {
        give(super::capital(&period));
    }
    if !origin.from.is_empty() {
        give(format!("{}: {}", objective.name(), origin.from));
    }
    if !origin.is_own_file
        && origin.from.as_str() != format!("from {}", origin.places)
        && !origin.places.is_empty()
        && origin.places.as_str() != "no SLO found"
    {
        give(format!("Found in {}", origin.places));
    }
    for note in origin.mapped.iter().filter(|_| !origin.is_own_file).chain(&origin.notes) {
        give(note.to_string());
    }
    if let Some(which) = grouped(one) {
        give(format!("Shown of its groups: {which}"));
    }
    if let Some(why) = &origin.unsplit {
        give(format!("Its figures are those of the whole service: {why}"));
    }
    if let Some(why) = &origin.unjudged {
        give(format!("Its own events are not judged by version: {why}"));
    }
    if let Some((new, old)) = one.split {
        let said = |name: &str, seen: Outcome| {
            format!("{name} by its own events: {} = {} / {} in at most 5 min", ratio(seen), rounded(seen.bad), rounded(seen.total))
        };
        give(said("New", new));
        give(said("Old", old));
    }
    match (one.left, &one.from) {
        (Reading::Value(budget), Some(BudgetFrom::Recorded(series))) => {
            let over = window(objective.window());
            give(match filled(one) {
                part if part.is_empty() => format!("Left: {} as recorded by {series}", left(budget.remaining)),
                part => format!(
                    "Left: {} as recorded by {series} over {over}{part}: it takes the rest for being like that part",
                    left(budget.remaining)
                ),
            });
        }
        (Reading::Value(budget), Some(BudgetFrom::Counted(length))) => give(format!(
            "Left: at most {} = 1 - burn over {} x {} / {}; what went before is not known here, and is taken to have been as busy",
            left(budget.remaining),
            window(*length),
            window(*length),
            one.period.map_or_else(|| window(objective.window()), |period| format!("what is over of {}", period.name()))
        )),
        (Reading::Value(budget), Some(BudgetFrom::Since(series))) => {
            let by = match series {
                Some(series) => format!("1 - mean of {series} since {} / {allowed}", began(one)),
                None => budget.events.map_or_else(String::new, |events| format!("1 - {events} since {}", began(one))),
            };
            give(format!("Left: {} = {by}{}; what is allowed grows with the traffic of the period", left(budget.remaining), filled(one)));
        }
        (reading, _) => give(format!("Left: {}", reading.gap().map_or_else(String::new, |gap| gap.to_string()))),
    }
    for (length, reading) in &one.burns {
        match reading {
            Reading::Value(rate) => {
                let errors = error_ratio(rate.error_ratio(objective));
                give(format!("Burn over {}: {}x = {errors} / {allowed}", window(*length), burn(rate.get())));
            }
            other => give(format!("Burn over {}: {}", window(*length), other.gap().map_or_else(String::new, |gap| gap.to_string()))),
        }
    }
    for (tier, state) in &one.tiers {
        let pair = format!("{} and {} over {}", window(tier.long), window(tier.short), exact(tier.threshold.get()));
        let word = if tier.severity == crate::slo::tier::Severity::Page { "Page" } else { "Ticket" };
        match state {
            State::Fires => give(format!("{word} fires: {pair}")),
            State::Quiet => give(format!("{word} is quiet: {pair}")),
            State::Unknown(gap) => give(format!("{word} is not known: {pair}, {gap}")),
            State::TooFew { bad, needed } => {
                give(format!("{word} waits for more errors: {pair}, {} of {}", rounded(*bad), rounded(*needed)))
            }
            State::Dead(Dead::Unreachable(_)) => give(format!("{word} can never fire at this target: {pair}")),
            State::Dead(Dead::LongerThanWindow) => give(format!("{word} can never fire: {pair}, longer than the objective's window")),
        }
    }
    if let Reading::Value(whose) = one.attribution {
        let said = share(whose.share, Label::Measured);
        if let (Some(own), Some(against)) = (whose.attributable, whose.compared.ratio()) {
            let new = error_ratio(whose.if_promoted.error_ratio(objective));
            give(format!(
                "This release's share: {}x = {said} x ({new} - {}) / {allowed} ({})",
                burn(own.get()),
                error_ratio(against),
                whose.compared
            ));
        }
        let new = error_ratio(whose.if_promoted.error_ratio(objective));
        give(format!("If promoted: {}x = {new} / {allowed}", burn(whose.if_promoted.get())));
    }
    if let Some(next) = &one.next {
        give(format!("After the next step: {}x at {}", burn(next.burn.get()), share(next.share, Label::Configured)));
    }
    all
}

fn asked(one: &Evidence, now: Time) -> Reason {
    let when = match one.at {
        Some(at) => format!("{} ago, took {} ms", age(seconds(at, now)), one.took.as_millis()),
        None => "never".to_owned(),
    };
    let doubt = one.doubt.as_ref().map(|doubt| format!(" ({doubt})")).unwrap_or_default();
    reason(ASKED, format!("{}: {}, {when}{doubt}. {}", super::capital(&one.about), one.sample, one.query))
}
