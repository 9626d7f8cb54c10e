//! A plan as `flightdeck act` prints it: for people, and as one JSON object whose keys are stable.

use serde_json::{Value, json};

use super::confirmed;
use crate::app::{CheckStand, Checked, DryRun, OpenPlan, Running, State};
use crate::objects::Time;
use crate::release::acting::{Change, Masked, masked, raises};
use crate::release::telemetry::Metering;
use crate::release::words::overall_found;
use crate::release::{Label, figures};
use crate::slo::verdict::overall;

/// `--plan -o json`: the whole plan, patches exactly as they would be sent now.
pub fn json(state: &State, now: Time, result: Option<(&str, String)>) -> String {
    let object = object(state, now);
    match result {
        Some((word, words)) => with_result(object, word, &words),
        None => pretty(&object),
    }
}

/// The plan with what came of it.
pub fn with_result(mut plan: Value, word: &str, words: &str) -> String {
    plan["result"] = json!({ "outcome": word, "message": words });
    pretty(&plan)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// The plan as an object.
pub fn object(state: &State, now: Time) -> Value {
    let Some(open) = state.plan() else { return Value::Null };
    let target = json!({
        "context": state.identity().context, "namespace": open.key.namespace, "name": open.key.name, "kind": open.key.kind.name(),
        "uid": state.shown().get(&open.key).map(|release| release.uid.0.to_string()),
    });
    let intent = open.intent.verb().name();
    let change = match &open.planned {
        Ok(change) => change,
        Err(refusal) => {
            let offers: Vec<&str> = refusal.offers.iter().map(|verb| verb.name()).collect();
            return json!({ "target": target, "intent": intent, "refused": { "why": refusal.why, "instead": refusal.instead, "offers": offers } });
        }
    };
    let stages = stages(state, open, change);
    let first = stages.iter().find(|stage| !stage["patch"].is_null()).cloned().unwrap_or_default();
    let premises: Vec<_> = premises(state, open, change);
    json!({
        "target": target,
        "intent": intent,
        "effect": change.effect,
        "before": change.exposed.before,
        "after": change.exposed.after,
        "request": first["request"],
        "subresource": first["subresource"],
        "patch_type": first["patch_type"],
        "patch": first["patch"],
        "stages": stages,
        "premises": premises,
        "dry_run": dry_run(&open.dry_run),
        "notes": change.notes,
        "verdict": verdict(state, open, change),
        "gates": open.gates.iter().map(|gate| json!({
            "gate": gate.closed.gate, "message": gate.closed.why, "source": gate.source.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
        "checks": open.checks.iter().map(|one| check(one, now)).collect::<Vec<_>>(),
        "risks": change.risks,
        "undone_by": change.undone_by,
        "obstacle": state.obstacle(now),
        "confirm": confirmed::typed(open).map(|(name, _)| name),
    })
}

fn stages(state: &State, open: &OpenPlan, change: &Change) -> Vec<Value> {
    let release = state.shown().get(&open.key);
    let one = |stage: &crate::release::acting::Stage| {
        let request = release.and_then(|release| state.request(stage, release, false));
        json!({
            "name": stage.name,
            "request": stage.write.as_ref().map(|write| format!("PATCH {}", write.place())),
            "subresource": stage.write.as_ref().map(|write| write.subresource),
            "patch_type": stage.write.as_ref().map(|write| write.patch.word()),
            "patch": request.map(|request| request.body),
            "waits_for": stage.goal.words(),
            "alarm_after_seconds": stage.patience.num_seconds(),
        })
    };
    change.stages.iter().map(one).collect()
}

fn premises(state: &State, open: &OpenPlan, change: &Change) -> Vec<String> {
    let Some(release) = state.shown().get(&open.key) else { return Vec::new() };
    change.stages.first().map(|stage| stage.premises.iter().map(|premise| premise.words(release).to_string()).collect()).unwrap_or_default()
}

fn check(one: &Checked, now: Time) -> Value {
    let (outcome, message, age) = match &one.stand {
        CheckStand::Unasked => ("not-asked", None, None),
        CheckStand::Asking => ("no-answer", None, None),
        CheckStand::Holds(found, at) => ("holds", Some(found), Some(figures::seconds(*at, now))),
        CheckStand::Closed(why) => ("closed", Some(why), None),
    };
    json!({ "name": one.check.name, "outcome": outcome, "message": message, "age_seconds": age, "source": one.source.to_string() })
}

fn dry_run(dry_run: &DryRun) -> Value {
    match dry_run {
        DryRun::NotNeeded => json!({ "outcome": "not-needed", "warnings": [] }),
        DryRun::Asking { .. } => json!({ "outcome": "no-answer", "warnings": [] }),
        DryRun::Accepted(warnings) => json!({ "outcome": "accepted", "warnings": warnings }),
        DryRun::Denied { code, reason, warnings } => json!({ "outcome": "denied", "code": code, "message": reason, "warnings": warnings }),
        DryRun::Unavailable(why) => json!({ "outcome": "unavailable", "message": why, "warnings": [] }),
    }
}

/// The plan for people.
pub fn text(state: &State, now: Time) -> String {
    let Some(open) = state.plan() else { return String::new() };
    lines(state, open, now).into_iter().fold(String::new(), |mut out, (head, line)| {
        out.push_str(format!("{head:<10}{line}").trim_end());
        out.push('\n');
        out
    })
}

fn lines(state: &State, open: &OpenPlan, now: Time) -> Vec<(&'static str, String)> {
    let name = format!("{} {}/{} in {}", open.intent.verb().words(), open.key.namespace, open.key.name, state.identity().context);
    let change = match &open.planned {
        Ok(change) => change,
        Err(refusal) => {
            return vec![("", format!("Not possible: {name}")), ("Why", refusal.why.to_string()), ("Instead", refusal.instead.to_string())];
        }
    };
    let mut all = vec![("", crate::release::words::capital(&name)), ("Effect", change.effect.to_string())];
    if let (Some(before), Some(after)) = (change.exposed.before, change.exposed.after) {
        let told = |share| figures::share(share, Label::Measured);
        all.push(("Exposure", format!("{} → {}", told(before), told(after))));
    }
    all.extend(change.notes.iter().map(|note| ("", note.to_string())));
    for stage in &change.stages {
        let request = state.shown().get(&open.key).and_then(|release| state.request(stage, release, false));
        match (&stage.write, request) {
            (Some(write), Some(request)) => {
                all.push(("Sends", format!("PATCH {} {}", write.place(), write.patch.word())));
                all.push(("", masked(&request.body).to_string()));
            }
            _ => all.push(("Waits", stage.name.to_string())),
        }
        all.push(("Then", format!("watches for {}; alarms after {} s", stage.goal.words(), stage.patience.num_seconds())));
    }
    let premises = premises(state, open, change);
    if !premises.is_empty() {
        all.push(("Rests on", premises.join(" · ")));
    }
    let shown = |value: &Masked| match value {
        Masked::Shown(text) => text.to_string(),
        Masked::Hidden => "(hidden)".to_owned(),
        Masked::Absent => "-".to_owned(),
    };
    all.extend(change.diff.iter().map(|one| ("Changes", format!("{}: {} → {}", one.place, shown(&one.from), shown(&one.to)))));
    all.push(("Server", server(&open.dry_run)));
    all.extend(verdict(state, open, change).map(|words| ("Verdict", words)));
    all.extend(open.gates.iter().map(|gate| ("Gate", format!("closed: {}", gate.words()))));
    all.extend(open.checks.iter().filter_map(|one| match &one.stand {
        CheckStand::Closed(_) => None,
        CheckStand::Holds(found, _) => Some(("Check", format!("{} holds: {found}", one.check.name))),
        CheckStand::Asking | CheckStand::Unasked => Some(("Check", format!("{}: no answer yet", one.check.name))),
    }));
    all.extend(change.risks.iter().map(|risk| ("Risk", risk.to_string())));
    all.extend(change.undone_by.iter().map(|who| ("Undone by", who.to_string())));
    all.extend(confirmed::typed(open).map(|(name, why)| ("Confirm", format!("--yes --confirm {name}: {why}"))));
    all.extend(state.obstacle(now).map(|why| ("Not now", why.to_string())));
    all
}

/// What is known of the version that more would meet; `None` where nobody more does.
fn verdict(state: &State, open: &OpenPlan, change: &Change) -> Option<String> {
    let release = state.shown().get(&open.key).filter(|release| raises(release, change))?;
    let telemetry = release.telemetry.as_deref();
    let found = overall_found(&overall(telemetry.map(|one| one.verdicts.as_slice()).unwrap_or_default()));
    let why = match telemetry.map(|one| &one.metering) {
        Some(Metering::Failing { sentence, .. } | Metering::Unfound(sentence)) => Some(sentence.as_str().trim_end_matches('.').to_owned()),
        Some(Metering::Waiting(_)) => Some("Prometheus has not answered yet".to_owned()),
        None | Some(Metering::Unnamed | Metering::Live(_) | Metering::NoMetrics(_)) => None,
    };
    Some(why.map_or_else(|| found.clone(), |why| format!("{found}. {why}")))
}

fn server(dry_run: &DryRun) -> String {
    match dry_run {
        DryRun::NotNeeded => "nothing is sent to it".to_owned(),
        DryRun::Asking { .. } => "no answer to the dry run yet".to_owned(),
        DryRun::Accepted(warnings) if warnings.is_empty() => "dry run accepted, no warnings".to_owned(),
        DryRun::Accepted(warnings) => {
            format!("dry run accepted, and warns: {}", warnings.iter().map(|w| w.as_str()).collect::<Vec<_>>().join("; "))
        }
        DryRun::Denied { code, reason, .. } => format!("dry run refused ({code}): {reason}"),
        DryRun::Unavailable(why) => format!("no dry run: {why}"),
    }
}

/// How far an action has got, in a sentence.
pub fn progress(running: &Running) -> String {
    crate::release::words::capital(&running.words())
}
