//! What Flagger says in its events: they all have one reason, so the words are read (flagger pkg/controller/scheduler*.go).
//! Never takes an event for the truth about now: the server drops and combines them.

use crate::engines::timeline::COMBINED;
use crate::objects::{Canary, Event, Time, World};
use crate::text::Clean;

/// One thing it said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A new version begins.
    NewRevision,
    /// The canary's weight was raised to this.
    Weight(i64),
    /// A measurement is out of its range: metric, value, limit with `<` or `>`.
    Out(Clean, Clean, Clean),
    /// A metric has no values.
    NoValues(Clean),
    /// A metric could not be asked for, and why.
    Query(Clean),
    /// A webhook refused: its name.
    Refused(Clean),
    /// A gate is closed.
    Gate,
    /// Too many checks failed: how many.
    TooMany(i64),
    /// A rollback webhook asked for it.
    Webhook,
    /// Time ran out, in its words.
    Deadline(Clean),
    /// The primary did not come up with the new version.
    BrokenPromotion(Clean),
    /// Pods are not ready, in its words.
    NotReady(Clean),
    /// Promoted without analysis.
    Skipped,
    /// Something else.
    Other,
}

/// One thing it said, when, first and last.
pub struct Word {
    /// Last said.
    pub at: Time,
    /// First said, where the event tells.
    pub first: Option<Time>,
    /// How often, over all releases.
    pub count: i64,
    /// What.
    pub said: Said,
}

/// Everything it said about a Canary, newest first.
pub fn about(world: &World, canary: &Canary) -> Vec<Word> {
    let mut words: Vec<(Word, u64, &Clean)> = world.events_about(&canary.metadata.uid).filter_map(word).collect();
    words.sort_by(|(a, stored, text), (b, other, words)| b.at.cmp(&a.at).then(other.cmp(stored)).then_with(|| text.cmp(words)));
    words.into_iter().map(|(word, ..)| word).collect()
}

fn word(event: &Event) -> Option<(Word, u64, &Clean)> {
    let stored = event.metadata.resource_version.parse().unwrap_or(0);
    let word = Word { at: event.at()?, first: event.first_timestamp, count: event.count.max(1), said: parse(&event.message) };
    Some((word, stored, &event.message))
}

/// Reads one message.
pub fn parse(message: &str) -> Said {
    let message = message.strip_prefix(COMBINED).unwrap_or(message);
    if message.starts_with("New revision detected!") {
        return Said::NewRevision;
    }
    if let Some(weight) = message.strip_prefix("Advance ").and_then(|rest| rest.rsplit_once(" canary weight ")) {
        return weight.1.trim().parse().map_or(Said::Other, Said::Weight);
    }
    if let Some(rest) = message.strip_prefix("Halt ") {
        return halt(rest);
    }
    if let Some(rest) = message.strip_prefix("Metric query failed for ") {
        return Said::Query(Clean::from(rest));
    }
    if let Some(rest) = message.strip_prefix("Rolling back ") {
        return match () {
            () if rest.contains("failed checks threshold reached") => {
                Said::TooMany(rest.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0))
            }
            () if rest.contains("manual webhook") => Said::Webhook,
            () if rest.contains("progress deadline") => Said::Deadline(Clean::from(after(rest, "progress deadline"))),
            () => Said::Other,
        };
    }
    if message.starts_with("Promotion completed! Canary analysis was skipped") {
        return Said::Skipped;
    }
    if message.starts_with("Promotion of ") && message.contains("failed") {
        return Said::BrokenPromotion(Clean::from(message));
    }
    match message.split_once(" not ready: ") {
        Some((who, why)) if who.starts_with("canary ") => Said::NotReady(Clean::from(why)),
        _ => Said::Other,
    }
}

/// `<name>.<namespace> advancement <what>`, or `advancement no values found for <provider> metric <metric> probably …`.
fn halt(rest: &str) -> Said {
    if let Some((_, found)) = rest.split_once("no values found for ") {
        let metric = found.split_once("metric ").map_or(found, |(_, after)| after);
        return Said::NoValues(Clean::from(metric.split(' ').next().unwrap_or_default()));
    }
    let Some((_, what)) = rest.split_once(" advancement ") else { return Said::Other };
    if what.starts_with("waiting for ") {
        return Said::Gate;
    }
    if let Some(hook) = what.strip_prefix("external check ") {
        return Said::Refused(Clean::from(hook.split(' ').next().unwrap_or_default()));
    }
    let side = [" < ", " > "].into_iter().find_map(|sign| what.rsplit_once(sign).map(|(left, limit)| (left, sign, limit)));
    let Some((left, sign, limit)) = side else { return Said::Other };
    let Some((metric, value)) = left.rsplit_once(' ') else { return Said::Other };
    // What is built in is told by other words than it is asked for with.
    let metric = match metric {
        "success rate" => "request-success-rate",
        "request duration" => "request-duration",
        other => other,
    };
    Said::Out(Clean::from(metric), Clean::from(value), Clean::from(format!("{}{limit}", sign.trim_start())))
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.find(mark).and_then(|at| text.get(at..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_scheduler_are_read() {
        let out = |metric: &str, value: &str, limit: &str| Said::Out(metric.into(), value.into(), limit.into());
        assert_eq!(parse("Halt orders.shop advancement success 70.00 < 95"), out("success", "70.00", "< 95"));
        assert_eq!(parse("Halt a.b advancement success rate 71.20% < 99%"), out("request-success-rate", "71.20%", "< 99%"));
        assert_eq!(parse("Halt a.b advancement request duration 700ms > 500ms"), out("request-duration", "700ms", "> 500ms"));
        let combined = "(combined from similar events): Halt a.b advancement my errors 7.30 > 1";
        assert_eq!(parse(combined), out("my errors", "7.30", "> 1"));
        assert_eq!(parse("Halt a.b advancement waiting for promotion approval promote"), Said::Gate);
        assert_eq!(parse("Halt a.b advancement external check load failed 500"), Said::Refused("load".into()));
        let silent = "Halt advancement no values found for prometheus metric errors probably a.b is not receiving traffic: x";
        assert_eq!(parse(silent), Said::NoValues("errors".into()));
        assert_eq!(parse("Advance a.b canary weight 20"), Said::Weight(20));
        assert_eq!(parse("Advance a.b primary weight 20"), Said::Other);
        assert_eq!(parse("Rolling back a.b failed checks threshold reached 2"), Said::TooMany(2));
        assert_eq!(parse("Rolling back a.b manual webhook invoked"), Said::Webhook);
        let late = "canary deployment a.b not ready: waiting for rollout to finish: 0 of 3 updated replicas are available";
        assert_eq!(parse(late), Said::NotReady("waiting for rollout to finish: 0 of 3 updated replicas are available".into()));
        assert_eq!(parse("a-primary.b not ready: waiting"), Said::Other, "the primary's is another matter");
        for broken in ["", "Halt ", "Halt x advancement", "Advance x canary weight many", "Halt x advancement  < ", "Rolling back "] {
            parse(broken);
        }
    }
}
