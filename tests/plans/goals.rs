//! What the real controller made of each write, moment by moment: when an effect counts as seen, and when a plan no longer may be sent.

use flightdeck::release::acting::{Intent, Premise};

use crate::state::State;

type Succession = (&'static str, i64, &'static str, usize, &'static [i64], i64);

/// Life, the moment of the plan, intent, stage; moments at which its goal is not met yet; the moment at which it is.
const SUCCESSIONS: [Succession; 15] = [
    // Conditions cleared; phase Progressing with the old index; then the index moves.
    ("argo-canary-life", 3_816, "advance", 0, &[3_976, 3_984], 3_992),
    ("argo-canary-double-promote", 13_698, "advance", 0, &[13_766, 13_776], 13_786),
    ("argo-routed-life", 4_198, "advance", 0, &[4_252, 4_262], 4_275),
    ("argo-workload-ref", 14_154, "advance", 0, &[14_199, 14_208], 14_216),
    // The write raises the index itself: only the controller's move counts.
    ("argo-analysis-inconclusive", 6_156, "advance", 0, &[6_212], 6_222),
    ("argo-canary-double-promote", 15_000, "skip", 0, &[15_340], 15_350),
    // Cleared, Progressing, and only then switched.
    ("argo-blue-green-life", 21_748, "switch", 0, &[21_809, 21_816], 21_839),
    // Asked for; taken in by the phase.
    ("argo-canary-life", 35_387, "abort", 0, &[35_458], 35_471),
    ("argo-canary-life", 35_387, "abort", 1, &[35_471, 35_695], 35_741),
    ("argo-routed-life", 16_471, "abort", 0, &[16_516], 16_539),
    ("argo-blue-green-life", 62_219, "abort", 0, &[74_433], 74_447),
    ("argo-canary-life", 50_274, "retry", 0, &[50_340], 50_351),
    ("argo-canary-life", 51_992, "promote-full", 0, &[52_047], 52_066),
    ("argo-canary-life", 51_992, "promote-full", 1, &[52_066, 54_776, 55_688], 55_716),
    ("argo-canary-life", 27_762, "pause", 0, &[28_800], 28_810),
];

fn intent(name: &str) -> Intent {
    crate::state::intents().into_iter().find(|intent| intent.verb().name() == name).unwrap()
}

#[test]
fn an_effect_counts_once_the_controller_has_reacted_and_not_before() {
    for (life, at, name, stage, not_yet, met) in SUCCESSIONS {
        let change = State::at(life, at).plan(&intent(name)).unwrap_or_else(|r| panic!("{life} at {at}: {name}: {}", r.why));
        let goal = &change.stages[stage].goal;
        for moment in not_yet {
            assert!(!goal.met(&State::at(life, *moment).release()), "{life}: {name} counts as done at {moment}: {goal:?}");
        }
        assert!(goal.met(&State::at(life, met).release()), "{life}: {name} is not seen at {met}: {goal:?}");
    }
}

#[test]
fn a_plan_kept_open_says_what_moved() {
    let moved = |life: &str, at: i64, name: &str, later: i64| -> Vec<String> {
        let change = State::at(life, at).plan(&intent(name)).unwrap();
        let release = State::at(life, later).release();
        let broken = change.stages[0].premises.iter().filter(|premise| !premise.holds(&release));
        broken.map(|premise| premise.moved(&release).to_string()).collect()
    };
    assert_eq!(moved("argo-canary-life", 3_816, "advance", 3_900), Vec::<String>::new(), "nothing moved");
    let stepped = moved("argo-canary-life", 3_816, "advance", 5_684);
    assert!(stepped.contains(&"it was at 1 steps done and is now at 3 of 6".to_owned()), "{stepped:?}");
    let held = moved("argo-canary-life", 27_762, "advance", 28_810);
    assert!(held.contains(&"its spec was changed".to_owned()) && held.contains(&"it was paused by hand".to_owned()), "{held:?}");
    let aborted = moved("argo-canary-life", 35_387, "abort", 35_458);
    assert_eq!(aborted, ["it was aborted"]);
    let other = moved("argo-canary-life", 5_684, "abort", 27_762);
    assert!(other.iter().any(|text| text.starts_with("another version is being released now")), "{other:?}");
    // A pause rests on no more than the object: neither step nor version may keep a person from stopping it.
    assert_eq!(moved("argo-canary-life", 3_816, "pause", 5_684), Vec::<String>::new());
}

#[test]
fn a_roll_back_by_somebody_else_is_no_effect_of_an_advance() {
    // 86.9 s: undone, the index jumps to the end.
    let change = State::at("argo-canary-life", 3_816).plan(&Intent::Advance).unwrap();
    let undone = State::at("argo-canary-life", 87_029).release();
    assert!(!change.stages[0].goal.met(&undone));
}

#[test]
fn an_abort_of_a_release_that_was_degraded_before_is_not_seen_too_early() {
    let mut state = State::at("argo-canary-life", 86_884);
    let change = state.plan(&Intent::Abort).unwrap();
    state.rollout(|rollout| rollout["status"]["abort"] = serde_json::json!(true));
    assert!(!change.stages[0].goal.met(&state.release()), "the write alone is no effect");
    state.rollout(|rollout| rollout["status"]["abortedAt"] = serde_json::json!("2026-11-21T02:47:00Z"));
    assert!(change.stages[0].goal.met(&state.release()));
}

#[test]
fn a_named_run_is_a_premise_until_it_ends() {
    let change = State::at("argo-blue-green-life", 8_376).plan(&Intent::Terminate(None)).unwrap();
    let over = State::at("argo-blue-green-life", 11_279).release();
    assert!(change.stages[0].goal.met(&over));
    let run = Premise::RunGoing("ledger-5cb46c5ff7-2-pre".into());
    assert!(change.stages[0].premises.contains(&run) && !run.holds(&over));
}
