//! A Deployment's plans by the state it is in, each trap named.

use serde_json::json;

use crate::engines::plan;
use crate::engines::tests::Scene;
use crate::release::acting::{Change, Goal, Intent, PatchKind, Premise, Refusal, Verb};

fn asked(scene: Scene, intent: Intent) -> Result<Change, Refusal> {
    let (world, release) = scene.play();
    plan(&world, &release, &intent)
}

fn told(scene: Scene, intent: Intent) -> String {
    let refusal = asked(scene, intent).unwrap_err();
    format!("{} {}", refusal.why, refusal.instead)
}

fn calm() -> Scene {
    Scene::deployment().revision(1, 6, 6).progress(1, "NewReplicaSetAvailable")
}

fn rolling() -> Scene {
    let scene = Scene::deployment().revision(1, 4, 4).revision(2, 3, 2).in_force(2);
    scene.edit(|w| {
        w["status"] = json!({"observedGeneration": 3, "replicas": 7, "updatedReplicas": 3, "readyReplicas": 6, "availableReplicas": 6})
    })
}

fn paused() -> Scene {
    rolling().edit(|w| w["spec"]["paused"] = json!(true))
}

fn stuck() -> Scene {
    rolling().progress(2, "ProgressDeadlineExceeded")
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-11-21T03:04:05Z".parse().unwrap()
}

#[test]
fn pause_keeps_the_mix() {
    let change = asked(rolling(), Intent::Pause).unwrap();
    assert_eq!(change.effect, "Stops the update where it is: old and new pods both go on serving, in the mix of now.");
    let write = change.first_write().unwrap();
    assert_eq!(
        (&write.body, write.patch, write.place().as_str()),
        (&json!({"spec": {"paused": true}}), PatchKind::Merge, "deployments/checkout")
    );
    assert_eq!(change.stages[0].goal, Goal::PausedByHand(true));
    assert_eq!(change.exposed.before, change.exposed.after);
    assert!(change.stages[0].premises.contains(&Premise::PausedByHand(false)), "a second press sends nothing");
    assert!(asked(calm(), Intent::Pause).unwrap().effect.starts_with("Nothing is being released: the next change"));
    assert!(asked(stuck(), Intent::Pause).unwrap().notes.iter().any(|n| n.contains("deadline has passed already")));
    assert!(told(paused(), Intent::Pause).starts_with("It is paused already."));
}

#[test]
fn resume_ends_the_pause_and_advance_means_the_same_mid_roll() {
    for intent in [Intent::Resume, Intent::Advance] {
        let change = asked(paused(), intent.clone()).unwrap();
        assert_eq!(change.intent, intent);
        assert_eq!(change.effect, "The update goes on by itself to every pod: a Deployment has no further step to stop at.");
        assert_eq!(change.first_write().unwrap().body, json!({"spec": {"paused": false}}));
        assert_eq!(change.stages[0].goal, Goal::PausedByHand(false));
        assert_eq!(change.exposed.after, Some(1.0));
    }
    let waiting = calm().edit(|w| {
        w["spec"]["paused"] = json!(true);
        w["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop:2");
    });
    let change = asked(waiting, Intent::Resume).unwrap();
    assert_eq!(change.effect, "The change of the template that was made while it was paused begins, and goes to every pod.");
    let idle = asked(calm().edit(|w| w["spec"]["paused"] = json!(true)), Intent::Resume).unwrap();
    assert!(idle.effect.ends_with("one that was made while it was paused begins now."), "{}", idle.effect);
}

#[test]
fn restart_writes_the_annotation_that_kubectl_writes_and_says_why() {
    let change = asked(calm(), Intent::Restart(at())).unwrap();
    assert_eq!(
        change.first_write().unwrap().body,
        json!({
            "metadata": {"annotations": {"kubernetes.io/change-cause": "flightdeck: restart"}},
            "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-21T03:04:05Z"}}}},
        })
    );
    assert_eq!(change.effect, "Replaces all 6 pods by new ones of the same version: at most 1 more than wanted, none missing.");
    assert_eq!(change.stages[0].goal, Goal::ReleasingOther("h1".into()));
    assert_eq!(change.stages[1].goal, Goal::All(vec![Goal::ReleasingOther("h1".into()), Goal::Promoted]));
    assert!(change.notes[0].contains("a roll back passes it over"));
    assert!(asked(rolling(), Intent::Restart(at())).unwrap().risks[0].contains("takes the new version to every pod"));
}

#[test]
fn a_restart_of_what_is_paused_would_wait_for_a_moment_nobody_chose() {
    assert_eq!(
        told(paused(), Intent::Restart(at())),
        "It is paused: no pod would be replaced now, and all of them at the moment somebody resumes it. Resume it first, then restart it."
    );
}

#[test]
fn what_it_cannot_do_is_refused_with_what_works_as_it_stands() {
    let table: [(&str, Scene, Intent, &str, &[Verb]); 13] = [
        (
            "abort mid-roll",
            rolling(),
            Intent::Abort,
            "A Deployment has no abort. Roll back takes the new version away; pause keeps the mix as it is.",
            &[Verb::RollBack, Verb::Pause],
        ),
        (
            "abort paused mid-roll",
            paused(),
            Intent::Abort,
            "A Deployment has no abort. It is paused half way: roll back takes the new version away, resume goes on with it.",
            &[Verb::RollBack, Verb::Resume],
        ),
        (
            "abort past the deadline: nothing rolls back by itself",
            stuck(),
            Intent::Abort,
            "A Deployment has no abort. Roll back takes the new version away.",
            &[Verb::RollBack],
        ),
        (
            "abort with nothing under way",
            calm(),
            Intent::Abort,
            "A Deployment has no abort, and nothing is being released. Roll back goes to an older version; set the image of another one.",
            &[Verb::RollBack, Verb::SetImage],
        ),
        (
            "advance what moves by itself",
            rolling(),
            Intent::Advance,
            "It has no steps, and it waits for nobody: it moves pod by pod by itself. Roll back takes the new version away; pause keeps the mix as it is.",
            &[Verb::RollBack, Verb::Pause],
        ),
        (
            "advance past the deadline",
            stuck(),
            Intent::Advance,
            "It has no steps, and it waits for nobody: its new pods do not become available. Roll back takes the new version away.",
            &[Verb::RollBack],
        ),
        (
            "advance with nothing under way",
            calm(),
            Intent::Advance,
            "Nothing is being released. Roll back goes to an older version; set the image of another one.",
            &[Verb::RollBack, Verb::SetImage],
        ),
        (
            "resume what is not paused",
            rolling(),
            Intent::Resume,
            "It is not paused: it moves pod by pod by itself. Roll back takes the new version away; pause keeps the mix as it is.",
            &[Verb::RollBack, Verb::Pause],
        ),
        (
            "skip",
            paused(),
            Intent::Skip,
            "A Deployment has no steps to leave out: it goes to every pod by itself. It is paused half way: roll back takes the new version away, resume goes on with it.",
            &[Verb::RollBack, Verb::Resume],
        ),
        (
            "promote fully",
            rolling(),
            Intent::PromoteFull,
            "A Deployment has no steps to leave out: it goes to every pod by itself. Roll back takes the new version away; pause keeps the mix as it is.",
            &[Verb::RollBack, Verb::Pause],
        ),
        (
            "retry past the deadline",
            stuck(),
            Intent::Retry,
            "A Deployment is never aborted, so there is nothing to retry. Restart replaces its pods and starts the progress deadline anew; a roll back takes the version away.",
            &[Verb::Restart, Verb::RollBack],
        ),
        (
            "switch",
            calm(),
            Intent::Switch,
            "A Deployment has no preview to switch to. Roll back goes to an older version; set the image of another one.",
            &[Verb::RollBack, Verb::SetImage],
        ),
        (
            "terminate",
            calm(),
            Intent::Terminate(None),
            "A Deployment runs no analysis. Roll back goes to an older version; set the image of another one.",
            &[Verb::RollBack, Verb::SetImage],
        ),
    ];
    for (name, scene, intent, words, offers) in table {
        let refusal = asked(scene, intent.clone()).unwrap_err();
        assert_eq!(format!("{} {}", refusal.why, refusal.instead), words, "{name}");
        assert_eq!((refusal.asked, refusal.offers.as_slice()), (intent.verb(), offers), "{name}");
    }
}

#[test]
fn a_note_sends_nothing() {
    let change = asked(calm(), Intent::Note).unwrap();
    assert!(change.stages.is_empty());
}
