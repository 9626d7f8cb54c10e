//! Pause, resume, promote fully and the levers that Flagger does not have.

use serde_json::{Value, json};

use super::scene::{Scene, intent, said, sent};
use crate::engines::wake;
use crate::objects::Kind;
use crate::release::acting::{Confirm, Goal, Intent, Verb};

const SKIP: &str = "canaries/billing";

#[test]
fn a_pause_says_that_nothing_is_checked_while_it_lasts() {
    for scene in [Scene::levers(31_950), Scene::levers(56_000), Scene::gates(71_700), Scene::gates(95_000)] {
        let change = scene.plan(&Intent::Pause).unwrap();
        assert_eq!(sent(&change)[0].1, json!({"spec": {"suspend": true}}));
        assert_eq!(change.exposed.before, change.exposed.after);
        assert_eq!(change.stages[0].goal, Goal::PausedByHand(true));
        assert!(said(&change).contains("Flagger checks nothing and takes nothing back"), "{}", said(&change));
    }
    let waiting = Scene::gates(21_900).plan(&Intent::Pause).unwrap();
    assert!(waiting.effect.contains("before its first pod") && !said(&waiting).contains("takes nothing back"), "{}", said(&waiting));
    assert!(Scene::levers(12_000).refused(&Intent::Pause).starts_with("Nothing is being released."));
    assert!(Scene::levers(31_950).suspended().refused(&Intent::Pause).starts_with("It is suspended already."));
}

#[test]
fn a_resume_takes_the_field_away_and_says_what_the_next_look_does() {
    let change = Scene::levers(31_950).suspended().plan(&Intent::Resume).unwrap();
    assert_eq!(sent(&change), [(SKIP.to_owned(), json!({"spec": {"suspend": null}}))]);
    assert!(change.effect.contains("from 10 % of requests"), "{}", change.effect);
    let gated = Scene::gates(80_000).plan(&Intent::Resume).unwrap();
    assert!(gated.effect.contains("gate promote (http://127.0.0.1:18097/promote)"), "{}", gated.effect);
    assert_eq!(gated.exposed.after, Some(1.0));
    let asked = Scene::levers(31_950).suspended().canary(|canary| canary["status"]["failedChecks"] = json!(2));
    assert_eq!(asked.plan(&Intent::Resume).unwrap().exposed.after, Some(0.0), "it is taken back instead");
    assert!(Scene::levers(31_950).refused(&Intent::Resume).contains("it takes the next one by itself"));
}

#[test]
fn promote_fully_leaves_the_analysis_out_for_this_release_only() {
    let change = Scene::levers(81_950).plan(&Intent::PromoteFull).unwrap();
    let (on, off) = (json!({"spec": {"skipAnalysis": true}}), json!({"spec": {"skipAnalysis": null}}));
    assert_eq!(sent(&change), [(SKIP.to_owned(), on), (SKIP.to_owned(), off)]);
    assert!(matches!(change.confirm, Confirm::Typed(_)) && change.exposed.after == Some(1.0));
    assert!(said(&change).contains("All traffic goes to the primary while its pods are being replaced"), "{}", said(&change));
    let stages = &change.stages;
    let [asked, done, back] = [82_020, 92_100, 92_200].map(|at| Scene::levers(at).release());
    assert!(!stages[0].goal.met(&asked) && stages[0].goal.met(&done));
    assert!(!stages[1].goal.met(&done) && stages[1].premises.iter().all(|premise| premise.holds(&done)), "it is taken back");
    assert!(stages[1].goal.met(&back) && stages[2].goal.met(&back));
    // Failed instead: the wish is taken back all the same, and it does not count as promoted.
    let failed = Scene::levers(41_980).canary(|canary| canary["spec"]["skipAnalysis"] = json!(true)).release();
    assert!(stages[0].goal.met(&failed) && !stages[1].goal.met(&failed) && !stages[2].goal.met(&failed));
    let suspended = Scene::levers(81_950).suspended().plan(&Intent::PromoteFull).unwrap();
    assert_eq!(sent(&suspended)[0].1, json!({"spec": {"skipAnalysis": true, "suspend": null}}));
    let gates = Scene::gates(60_000).plan(&Intent::PromoteFull).unwrap();
    let Confirm::Typed(why) = gates.confirm else { panic!("a name is typed") };
    assert!(why.contains("gate raise") && why.contains("gate promote"), "{why}");
}

#[test]
fn promote_fully_is_refused_where_flagger_would_not_look() {
    assert!(Scene::gates(21_900).refused(&Intent::PromoteFull).contains("not left out by skipAnalysis"));
    assert!(Scene::levers(56_000).refused(&Intent::PromoteFull).contains("Flagger promotes nothing before it is"));
    assert!(Scene::levers(31_950).unready().refused(&Intent::PromoteFull).contains("1 of 2 pods are available"));
    assert!(Scene::levers(82_020).refused(&Intent::PromoteFull).starts_with("skipAnalysis is set already"));
    assert!(Scene::gates(95_000).refused(&Intent::PromoteFull).starts_with("It is being promoted already."));
    assert!(Scene::levers(41_980).refused(&Intent::PromoteFull).starts_with("It has failed"));
}

#[test]
fn what_flagger_has_no_lever_for_is_refused_with_what_it_does_by_itself() {
    let no_lever = [Intent::Advance, Intent::Skip, Intent::Switch, Intent::Terminate(None)];
    for at in [12_000, 31_950, 41_980, 56_000] {
        for one in &no_lever {
            assert!(Scene::levers(at).refused(one).len() > 40);
            assert!(Scene::levers(at).suspended().refused(one).len() > 40);
        }
    }
    let told = Scene::gates(60_000).refused(&Intent::Advance);
    assert!(told.contains("(every 10 s)") && told.contains("gate raise (http://127.0.0.1:18097/raise), which is opened there"), "{told}");
    let told = Scene::gates(71_700).refused(&Intent::Skip);
    assert!(told.starts_with("It waits at gate promote (http://127.0.0.1:18097/promote)"), "{told}");
    assert!(Scene::gates(21_900).refused(&Intent::Advance).starts_with("It waits at gate start"));
    assert!(Scene::levers(31_950).refused(&Intent::Terminate(None)).starts_with("Flagger makes no analysis run"));
}

#[test]
fn a_gates_address_is_shown_without_what_may_be_secret_in_it() {
    let scene = Scene::gates(71_700).canary(|canary| {
        let hook = &mut canary["spec"]["analysis"]["webhooks"][2];
        hook["url"] = json!("https://user:secret@gates.shop/promote?token=secret#secret");
    });
    let told = scene.refused(&Intent::Advance);
    assert!(told.contains("gate promote (https://gates.shop/promote)") && !told.contains("secret"), "{told}");
}

#[test]
fn the_safe_retry_sends_the_same_write_and_wakes_nobody() {
    let scene = Scene::levers(31_950);
    let change = scene.plan(&Intent::Abort).unwrap();
    let now = "2026-11-21T04:00:00Z".parse().unwrap();
    let again = wake(&scene.release(), &Intent::Abort, &change.stages[0], now).unwrap();
    assert_eq!((sent(&again), &again.stages), (sent(&change), &change.stages));
    let done = wake(&Scene::levers(42_122).release(), &Intent::Abort, &change.stages[0], now).unwrap_err();
    assert!(done.why.contains("taken effect"));
    let waits = &Scene::levers(81_950).plan(&Intent::PromoteFull).unwrap().stages[2];
    let told = wake(&Scene::levers(82_020).release(), &Intent::PromoteFull, waits, now).unwrap_err();
    assert!(told.why.contains("nothing wakes it"), "{}", told.why);
}

#[test]
fn every_plan_is_for_this_object_and_every_refusal_has_a_way_out() {
    let verbs =
        [Verb::Resume, Verb::PromoteFull, Verb::Pause, Verb::Abort, Verb::Retry, Verb::Restart, Verb::RollBack, Verb::SetImage].map(intent);
    let moments = [1_075, 12_000, 21_940, 31_950, 41_980, 56_000, 82_020, 92_100];
    let mut scenes: Vec<Scene> = moments.into_iter().map(Scene::levers).collect();
    scenes.extend([21_900, 60_000, 71_700, 80_000, 95_000, 105_000, 115_000].map(Scene::gates));
    scenes.extend(scenes.clone().into_iter().map(Scene::suspended));
    for scene in &scenes {
        for one in &verbs {
            match scene.plan(one) {
                Err(_) => assert!(scene.refused(one).len() > 40),
                Ok(change) => {
                    let release = scene.release();
                    let first = &change.stages[0];
                    assert!(first.premises.iter().all(|premise| premise.holds(&release)), "{one:?}: {:?}", first.premises);
                    assert!(!first.goal.met(&release), "{one:?} at {:?} would count as done before it is sent", release.phase);
                    assert!(change.stages.iter().all(|stage| stage.patience.num_seconds() >= 20));
                }
            }
        }
    }
}

/// `spec.suspend` of a merge, `/spec/template` of a patch: what a body changes.
fn changed(body: &Value, at: &str, out: &mut Vec<String>) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                changed(value, &if at.is_empty() { name.clone() } else { format!("{at}.{name}") }, out);
            }
        }
        Value::Array(operations) if at.is_empty() => out.extend(operations.iter().map(|one| one["path"].as_str().unwrap().to_owned())),
        _ => out.push(at.to_owned()),
    }
}

#[test]
fn nothing_else_is_written_than_is_promised() {
    let verbs = [Verb::Resume, Verb::PromoteFull, Verb::Pause, Verb::Abort, Verb::Retry, Verb::Restart, Verb::RollBack, Verb::SetImage];
    let moments = [1_075, 12_000, 21_940, 31_950, 41_980, 56_000, 82_020, 92_100];
    let mut scenes: Vec<Scene> = moments.into_iter().map(Scene::levers).collect();
    scenes.extend([21_900, 60_000, 71_700, 80_000, 95_000, 105_000, 115_000].map(Scene::gates));
    scenes.extend(scenes.clone().into_iter().map(Scene::suspended));
    let mut seen = std::collections::BTreeSet::new();
    for (scene, verb) in scenes.iter().flat_map(|scene| verbs.iter().map(move |verb| (scene, *verb))) {
        let Ok(change) = scene.plan(&intent(verb)) else { continue };
        let target = scene.release().control.template.unwrap().name;
        for write in change.stages.iter().filter_map(|stage| stage.write.as_ref()) {
            let mut paths = Vec::new();
            changed(&write.body, "", &mut paths);
            let may = |path: &String| match write.kind {
                Kind::Canary if write.subresource == "status" => path == "status.failedChecks",
                Kind::Canary => ["spec.suspend", "spec.skipAnalysis", "spec.analysis.canaryReadyThreshold"].contains(&path.as_str()),
                _ => {
                    let cause = path.starts_with("/metadata/annotations") || path.starts_with("metadata.annotations.");
                    path.starts_with("/spec/template") || path.starts_with("spec.template.") || cause
                }
            };
            assert!(paths.iter().all(may), "{verb:?} writes {paths:?} of {:?}", write.place());
            assert!(write.kind == Kind::Canary || write.kind == Kind::Deployment && write.name == target, "{:?}", write.place());
            seen.extend(paths);
        }
    }
    assert!(["spec.suspend", "spec.skipAnalysis", "status.failedChecks"].iter().all(|path| seen.contains(*path)), "{seen:?}");
}
