//! Roll back, retry, restart and another image: what a change of the target's template comes to, and the trap in the middle.

use serde_json::json;

use super::scene::{Scene, intent, said, sent};
use crate::engines::needs_revisions;
use crate::release::acting::{Intent, RollBack, Verb};

fn back(to: i64, at_once: bool) -> Intent {
    Intent::RollBack(RollBack { to: Some(to), at_once })
}

/// `flagger-levers`, 112.2 s: set back at 10 %, the real one went on to 50 %, promoted, and recorded the bad version as promoted.
#[test]
fn in_the_middle_setting_the_target_back_is_refused_whatever_the_verb() {
    for scene in [Scene::levers(31_950), Scene::gates(71_700), Scene::levers(31_950).suspended()] {
        let told = scene.refused(&intent(Verb::RollBack));
        assert!(
            told.starts_with("Setting the target back now does not abort it") && told.contains("Abort takes the traffic back"),
            "{told}"
        );
        assert!(!needs_revisions(&scene.world(), &scene.release(), &intent(Verb::RollBack)), "told before the revisions are read");
    }
    let image = |tag: &str| Intent::SetImage(vec![("*".into(), format!("registry.example/billing:{tag}").into())]);
    assert!(Scene::levers(31_950).refused(&image("1.0.0")).starts_with("Setting the target back now does not abort it"));
    let other = Scene::levers(31_950).plan(&image("1.1.1")).unwrap();
    assert!(other.effect.contains("takes the weight back to 0 and begins the analysis anew"), "{}", other.effect);
    assert!(Scene::levers(31_950).suspended().refused(&image("1.1.1")).contains("nothing would check it"));
    assert!(Scene::gates(95_000).refused(&intent(Verb::SetImage)).starts_with("It is being promoted"));
    assert!(Scene::gates(95_000).refused(&intent(Verb::RollBack)).starts_with("It is being promoted"));
}

#[test]
fn after_a_failure_it_takes_the_version_out_and_releases_nothing() {
    let scene = Scene::levers(41_980);
    let change = scene.plan(&intent(Verb::RollBack)).unwrap();
    assert!(change.effect.contains("nothing is released by it"), "{}", change.effect);
    let sent = sent(&change);
    assert_eq!((sent.len(), sent[0].0.as_str()), (1, "deployments/billing"), "the target, and never the primary");
    let image = sent[0].1[0].pointer("/value/spec/containers/0/image");
    assert_eq!(image, Some(&json!("registry.example/billing:1.0.0")));
    assert_eq!((change.exposed.before, change.exposed.after), (Some(0.0), Some(0.0)));
}

#[test]
fn before_its_first_pod_going_back_takes_it_out_too() {
    let change = Scene::gates(21_900).plan(&intent(Verb::RollBack)).unwrap();
    assert!(
        change.effect.contains("nothing is released by it") && said(&change).contains("goes on waiting at its gate"),
        "{}",
        said(&change)
    );
    let begun = Scene::gates(41_700).release();
    assert!(change.stages[0].premises.iter().any(|premise| !premise.holds(&begun)), "not once the gate was opened");
}

#[test]
fn after_a_promotion_it_is_a_release_of_its_own() {
    let scene = Scene::gates(115_000);
    let change = scene.plan(&back(1, false)).unwrap();
    assert!(change.effect.contains("analyses it as a release; the first share it gets is 10 %"), "{}", change.effect);
    assert_eq!(change.stages.len(), 1);
    assert!(!change.stages[0].goal.met(&scene.release()));
    assert!(said(&change).contains("confirm-rollout gate"), "{}", said(&change));
}

#[test]
fn all_at_once_leaves_the_analysis_out_for_this_one_only() {
    let scene = Scene::gates(115_000);
    let change = scene.plan(&back(1, true)).unwrap();
    let sent = sent(&change);
    let places: Vec<_> = sent.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["canaries/cart", "deployments/cart", "canaries/cart"]);
    assert_eq!((&sent[0].1, &sent[2].1), (&json!({"spec": {"skipAnalysis": true}}), &json!({"spec": {"skipAnalysis": null}})));
    assert!(change.risks.iter().any(|risk| risk.contains("everything at once")));
    // What is stable now must not be taken for what is to become so.
    let skips = scene.canary(|canary| canary["spec"]["skipAnalysis"] = json!(true)).release();
    assert!(change.stages[0].goal.met(&skips) && change.stages[1].premises.iter().all(|premise| premise.holds(&skips)));
    assert!(!change.stages[1].goal.met(&skips), "nothing has begun yet");
}

#[test]
fn a_retry_is_another_template_of_the_same_images() {
    let change = Scene::levers(41_980).plan(&Intent::Retry).unwrap();
    let (place, body) = sent(&change).remove(0);
    assert_eq!(place, "deployments/billing");
    let generation = Scene::levers(41_980).release().control.template.unwrap().generation;
    let stamp = format!("after generation {generation}");
    assert_eq!(body["spec"], json!({"template": {"metadata": {"annotations": {"flightdeck.dev/retried": stamp}}}}));
    assert!(!change.stages[0].goal.met(&Scene::levers(41_980).release()));
    assert!(Scene::levers(31_950).refused(&Intent::Retry).starts_with("It has not failed"));
    assert!(Scene::levers(12_000).refused(&Intent::Retry).starts_with("It has not failed"));
}

#[test]
fn a_restart_is_a_release_and_says_so() {
    let change = Scene::levers(12_000).plan(&intent(Verb::Restart)).unwrap();
    let (place, body) = sent(&change).remove(0);
    assert_eq!(place, "deployments/billing", "never the primary");
    let written = json!({"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-21T04:00:00Z"}}}});
    assert_eq!(body["spec"], written);
    assert!(said(&change).contains("To Flagger a restart is a release"), "{}", said(&change));
    assert!(Scene::levers(31_950).refused(&intent(Verb::Restart)).contains("begin anew from weight 0"));
    assert!(Scene::levers(41_980).refused(&intent(Verb::Restart)).contains("would release that one again"));
}
