//! Every intent at every moment of every recorded life: what holds of all plans and all refusals.

use std::sync::{Arc, LazyLock};

use flightdeck::engines;
use flightdeck::release::Release;
use flightdeck::release::acting::{Change, Confirm, Direction, Intent, PatchKind, Refusal, Verb};
use serde_json::Value;

use crate::state::{LIVES, State, intents, moments, read};

/// What came of one intent at one moment.
struct Seen {
    place: String,
    release: Arc<Release>,
    intent: Intent,
    planned: Result<Change, Refusal>,
}

/// Every moment of every life once for all tests here: each moment's intents stand together.
static SEEN: LazyLock<Vec<Vec<Seen>>> = LazyLock::new(|| {
    let mut seen = Vec::new();
    for life in LIVES {
        for at in moments(life) {
            let world = State::at(life, at).world();
            let release = Arc::new(read(&world).expect("a rollout"));
            let look = |intent: Intent| {
                let planned = engines::plan(&world, &release, &intent);
                Seen { place: format!("{life} at {at}: {}", intent.verb()), release: release.clone(), intent, planned }
            };
            seen.push(intents().into_iter().map(look).collect());
        }
    }
    seen
});

fn everywhere(mut look: impl FnMut(&str, &Release, &Intent, &Result<Change, Refusal>)) {
    let all = SEEN.iter().flatten();
    assert!(all.clone().count() > 2_000);
    all.for_each(|seen| look(&seen.place, &seen.release, &seen.intent, &seen.planned));
}

fn is_sentence(text: &str) -> bool {
    let first = text.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
    first && text.ends_with('.') && !text.contains('!') && !text.contains("successfully") && !text.contains("  ")
}

#[test]
fn every_refusal_says_why_and_what_works_instead() {
    let mut refused = 0;
    everywhere(|place, _, intent, planned| {
        let Err(refusal) = planned else { return };
        refused += 1;
        assert_eq!(refusal.asked, intent.verb(), "{place}");
        assert!(is_sentence(&refusal.why), "{place}: {}", refusal.why);
        assert!(is_sentence(&refusal.instead), "{place}: {}", refusal.instead);
    });
    assert!(refused > 500);
}

/// What a refusal offers is what a person tries next: it must not be refused in turn.
#[test]
fn what_a_refusal_offers_works() {
    for moment in SEEN.iter() {
        for seen in moment {
            let Err(refusal) = &seen.planned else { continue };
            // Which run is asked for beside the verb; the other two are planned by other engines' rules.
            let own = |verb: &&Verb| !matches!(verb, Verb::Terminate | Verb::RollBack | Verb::SetImage);
            for offered in refusal.offers.iter().filter(own) {
                let offer = moment.iter().find(|other| other.intent.verb() == *offered).unwrap();
                if let Err(again) = &offer.planned {
                    panic!("{} refused ({}), {offered} offered, and refused: {}", seen.place, refusal.why, again.why);
                }
            }
        }
    }
}

#[test]
fn every_plan_is_told_in_sentences_and_rests_on_what_is_so() {
    let mut planned_at_all = 0;
    everywhere(|place, release, intent, planned| {
        let Ok(change) = planned else { return };
        planned_at_all += 1;
        for text in [&change.effect].into_iter().chain(&change.notes).chain(&change.risks) {
            assert!(is_sentence(text), "{place}: {text}");
        }
        assert_eq!(change.stages.is_empty(), *intent == Intent::Note, "{place}");
        let Some(first) = change.stages.first() else { return };
        assert!(!first.premises.is_empty(), "{place}");
        for premise in &first.premises {
            assert!(premise.holds(release), "{place}: {premise:?} does not hold");
            assert!(!premise.words(release).is_empty());
        }
        assert!(!first.goal.met(release), "{place}: {:?} is met before anything is sent", first.goal);
        for stage in &change.stages {
            assert!(!stage.name.is_empty() && !stage.premises.is_empty(), "{place}");
            assert!(stage.patience.num_seconds() >= 30, "{place}: {} waits {}", stage.name, stage.patience);
        }
    });
    assert!(planned_at_all > 800);
}

#[test]
fn towards_exposure_a_name_is_typed_and_towards_safety_a_key_is_enough() {
    everywhere(|place, _, intent, planned| {
        let Ok(change) = planned else { return };
        let typed = matches!(change.confirm, Confirm::Typed(_));
        match intent.verb().direction() {
            Direction::Exposure => assert!(typed, "{place}"),
            Direction::Safety | Direction::None => assert!(!typed, "{place}"),
            Direction::Step => {}
        }
        if intent.verb().direction() == Direction::Safety {
            let more = change.exposed.before.zip(change.exposed.after).is_some_and(|(before, after)| after > before);
            assert!(!more, "{place}: {:?}", change.exposed);
        }
    });
}

/// The API server takes a patch of `/status` to the object itself for nothing, and the other way round.
#[test]
fn spec_goes_to_the_object_and_status_to_its_subresource() {
    everywhere(|place, release, _, planned| {
        let Ok(change) = planned else { return };
        for write in change.stages.iter().filter_map(|stage| stage.write.as_ref()) {
            let keys: Vec<&String> = write.body.as_object().unwrap().keys().collect();
            let expected = if write.subresource == "status" { "status" } else { "spec" };
            assert_eq!(keys, [expected], "{place}");
            assert_eq!(write.patch, PatchKind::Merge, "{place}");
            if write.kind == flightdeck::objects::Kind::Rollout {
                assert_eq!((&write.uid, &write.name), (&release.uid, &release.key.name), "{place}");
            }
            let guarded = write.guarded(&release.resource_version);
            assert_eq!(guarded["metadata"]["resourceVersion"], Value::from(release.resource_version.as_str()), "{place}");
        }
    });
}

/// Trap: one verb of the field's own tool is three (end a pause, skip a step, do nothing), by the state it happens to meet.
#[test]
fn only_skip_and_an_overridden_gate_ever_write_an_index() {
    everywhere(|place, _, intent, planned| {
        let Ok(change) = planned else { return };
        for write in change.stages.iter().filter_map(|stage| stage.write.as_ref()) {
            let index = write.body.pointer("/status/currentStepIndex").is_some();
            let typed = matches!(change.confirm, Confirm::Typed(_));
            let may = *intent == Intent::Skip || *intent == Intent::Advance && typed;
            assert!(!index || may, "{place}: {}", write.body);
            let paused = write.body.pointer("/spec/paused");
            assert!(*intent != Intent::Pause || paused == Some(&Value::from(true)), "{place}");
            assert!(*intent == Intent::Pause || paused != Some(&Value::from(true)), "{place}: only pause pauses");
        }
    });
}

#[test]
fn a_limit_that_was_asked_for_and_can_not_be_checked_is_a_closed_gate() {
    use flightdeck::release::acting::{Limits, closed, is_gated};
    let asked = Limits { pass: true, budget: Some(0.1), burn: Some(10.0), exposure: Some(0.0) };
    let (mut shut, mut free) = (0, 0);
    everywhere(|place, release, intent, planned| {
        let Ok(change) = planned else { return };
        assert_eq!(closed(release, change, &Limits::default(), Default::default()), [], "{place}: nothing is known against it");
        let gates = closed(release, change, &asked, Default::default());
        let grows = change.exposed.before.zip(change.exposed.after).is_none_or(|(before, after)| after > before);
        if is_gated(intent.verb()) && grows {
            // Nothing measures these lives: not one of the limits can be shown to be kept.
            assert_eq!(gates.iter().map(|one| one.gate.as_str()).collect::<Vec<_>>(), ["verdict", "budget", "burn", "exposure"], "{place}");
            shut += 1;
        } else {
            assert_eq!(gates, [], "{place}");
            free += 1;
        }
        if change.intent.verb().direction() == Direction::Safety {
            assert_eq!(gates, [], "{place}: nothing stands in the way of safety");
        }
    });
    assert!(shut > 50 && free > 50, "{shut} {free}");
}
