//! What `flightdeck verify` prints in the end: one sentence, one JSON object whose keys are stable, or a JUnit test suite.
//! Never prints what was not decided as if it had been.

use serde_json::{Value, json};

use super::judge::{Answer, Decision, Watch};
use crate::commands::Named;
use crate::ports::Identity;
use crate::release::Release;
use crate::release::words::{found, place};
use crate::slo::verdict::{Judgement, Word};

const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Good => "pass",
        Answer::Bad => "fail",
        Answer::Unknown => "unknown",
    }
}

/// The last line.
pub fn text(named: &Named, decision: &Decision) -> String {
    let head = match decision.answer {
        Answer::Good => "Good",
        Answer::Bad => "Bad",
        Answer::Unknown => "Could not tell",
    };
    format!("{head}: {}/{}: {}.\n", named.namespace, named.name, decision.why)
}

/// One object; every key is always there.
pub fn json(named: &Named, identity: &Identity, release: Option<&Release>, watch: &Watch, decision: &Decision) -> String {
    let object = json!({
        "context": identity.context,
        "namespace": named.namespace,
        "name": named.name,
        "outcome": word(decision.answer),
        "reason": decision.why,
        "version": (!watch.name.is_empty()).then_some(&watch.name),
        "step": release.map(place),
        "verdict": (!watch.judgements.is_empty()).then(|| watch.word.to_string()),
        "verdicts": watch.judgements.iter().map(|one| judgement(one, &watch.name, watch.old_name())).collect::<Vec<Value>>(),
    });
    serde_json::to_string_pretty(&object).unwrap_or_default() + "\n"
}

fn judgement(one: &Judgement, new: &str, old: &str) -> Value {
    let told = found(one, new, old);
    let evidence = &one.evidence;
    let counts = |seen: crate::slo::Outcome| json!({ "bad": seen.bad.round(), "total": seen.total.round() });
    json!({
        "objective": evidence.indicator,
        "version": evidence.version,
        "word": one.word.to_string(),
        "counts": told.says.long,
        "rule": told.rule.long,
        "new": counts(evidence.new),
        "stable": counts(evidence.stable),
        "baseline": evidence.compared.to_string(),
        "window_seconds": evidence.window.as_secs(),
        "missed_seconds": evidence.missed.as_secs(),
    })
}

/// A suite with one case for each objective; what is not known is an error, not a failure. One case of its own says what came of the whole.
pub fn junit(named: &Named, watch: &Watch, decision: &Decision) -> String {
    let release = format!("{}/{}", named.namespace, named.name);
    let mut cases = vec![case(&release, "release", decision.answer, &decision.why)];
    cases.extend(watch.judgements.iter().map(|one| {
        let told = found(one, &watch.name, watch.old_name());
        let answer = match one.word {
            Word::Fail => Answer::Bad,
            Word::Pass => Answer::Good,
            _ => Answer::Unknown,
        };
        case(&release, &format!("{}: {}", evidence_name(one), watch.name), answer, &told.lines()[0])
    }));
    let count = |tag: &str| cases.iter().filter(|case| case.contains(tag)).count();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"flightdeck verify {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}</testsuite>\n",
        escaped(&release),
        cases.len(),
        count("<failure"),
        count("<error"),
        cases.concat()
    )
}

fn evidence_name(one: &Judgement) -> &str {
    one.evidence.indicator.as_str()
}

fn case(class: &str, name: &str, answer: Answer, why: &str) -> String {
    let head = format!("  <testcase classname=\"{}\" name=\"{}\"", escaped(class), escaped(name));
    let why = escaped(why);
    match answer {
        Answer::Good => format!("{head}><system-out>{why}</system-out></testcase>\n"),
        Answer::Bad => format!("{head}><failure message=\"{why}\"/></testcase>\n"),
        Answer::Unknown => format!("{head}><error message=\"{why}\"/></testcase>\n"),
    }
}

/// Text inside XML, attributes included. What comes from a cluster was cleaned before; what a person typed was not.
fn escaped(text: &str) -> String {
    let is_no_character = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.replace(is_no_character, "\u{fffd}").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
