//! What is said of a release: the row on the board, the two lines of the cockpit, and the reasons behind them.
#![allow(clippy::unwrap_used, reason = "a test ends when something is wrong")]

mod releases;

use flightdeck::release::words::{Attention, Mark, Rank, attention, judged, kubectl, sentence, summary, version_pair, why};
use flightdeck::release::{Alarm, Phase};
use releases as r;

fn said(release: &flightdeck::release::Release) -> [String; 2] {
    sentence(release, r::now()).lines()
}

#[test]
fn why_is_a_sentence_not_a_phase() {
    let rows: Vec<(&str, Rank, String)> = r::all()
        .into_iter()
        .map(|(name, release)| {
            let Attention { rank, why } = attention(&release, r::now());
            (name, rank, why)
        })
        .collect();
    let expected = [
        ("healthy", Rank::Idle, "healthy  3 d"),
        ("timed-pause", Rank::Progressing, "weight 20, 5m48s left"),
        ("waits", Rank::Waiting, "waits for you  2 h 10 m"),
        ("failing", Rank::Failing, "1 of 3 crashing: out of memory"),
        ("aborted", Rank::Failing, "aborted by analysis success-rate"),
        ("aborted-exposed", Rank::Failing, "aborted, still gets 20 %"),
        ("blue-green", Rank::Progressing, "switches in 41 s"),
        ("rolling", Rank::Progressing, "6 of 10 updated"),
        ("stuck", Rank::Failing, "stuck: image can't be pulled"),
        ("one-replica", Rank::Progressing, "weight 5, 5m48s left"),
        ("experiment", Rank::Progressing, "experiment runs"),
        ("unread", Rank::Progressing, "weight 20, 5m48s left"),
        ("sixty", Rank::Failing, "4 of 12 crashing: out of memory"),
        ("five-versions", Rank::Progressing, "weight 20, 5m48s left"),
        ("long-names", Rank::Failing, "1 of 3 crashing: out of memory"),
    ];
    for ((name, rank, why), wanted) in rows.iter().zip(expected) {
        assert_eq!((*name, *rank, why.as_str()), wanted);
    }
    assert_eq!(rows.len(), expected.len());
}

#[test]
fn those_who_wait_for_a_person_come_first_and_idle_ones_last() {
    let mut ranks = [Rank::Idle, Rank::Failing, Rank::Progressing, Rank::Waiting];
    ranks.sort();
    assert_eq!(ranks, [Rank::Waiting, Rank::Failing, Rank::Progressing, Rank::Idle]);
    assert!(Rank::Failing.needs_a_person() && !Rank::Progressing.needs_a_person());
}

#[test]
fn both_lines_hold_at_every_width_a_screen_may_have() {
    for (name, release) in r::all() {
        let verdict = sentence(&release, r::now());
        for room in [66, 105, 186] {
            for line in verdict.fit(room, room) {
                assert!(line.chars().count() <= room, "{name} at {room}: {line}");
                assert!(!line.is_empty(), "{name} at {room}");
            }
        }
    }
}

#[test]
fn nobody_shouts_and_nothing_is_done_successfully() {
    for (name, release) in r::all() {
        let mut words: Vec<String> = why(&release, r::now()).into_iter().map(|reason| reason.text).collect();
        words.extend(said(&release));
        words.push(attention(&release, r::now()).why);
        words.push(summary(&release, r::now()));
        for text in words {
            assert!(!text.contains('!') && !text.to_lowercase().contains("successful"), "{name}: {text}");
            assert!(!text.contains("  .") && !text.contains(".."), "{name}: {text}");
        }
    }
}

#[test]
fn what_was_not_read_is_said_and_never_green() {
    let mut release = r::unread();
    let [says, _] = said(&release);
    assert!(says.contains("What 1.5.0 gets is not known") && says.contains("its pods are not read"), "{says}");
    assert_eq!(judged(&release), Some((Mark::Unknown, "NO DATA")));
    assert!(why(&release, r::now()).iter().any(|reason| reason.about == "Not read"));
    release = r::healthy();
    release.versions[0].mix = None;
    release.pods.clear();
    let [says, _] = said(&release);
    assert!(says.contains("Counted by the controller; its pods are not read"), "{says}");
}

#[test]
fn a_steady_release_with_pods_that_are_not_ready_is_not_marked_well() {
    let mut release = r::healthy();
    release.replicas.ready = 7;
    assert_eq!(sentence(&release, r::now()).mark, Mark::Unknown);
    assert_eq!(attention(&release, r::now()).why, "7 of 9 ready");
}

#[test]
fn a_preview_that_is_ready_is_not_said_to_start() {
    let mut release = r::blue_green();
    (release.phase, release.message) = (Phase::Progressing, None);
    release.countdowns.clear();
    release.control.gates.clear();
    release.control.controller_pause = true;
    let [says, then] = said(&release);
    assert!(says.contains("is being switched to now"), "{says}");
    assert_eq!(then, "All traffic goes to 1.5.0 within seconds.");
    // Before the controller has told whether it pauses.
    release.control.controller_pause = false;
    let [says, then] = said(&release);
    assert!(says.contains("stands ready beside 1.4.2"), "{says}");
    assert!(then.starts_with("The switch comes next, unless"), "{then}");
    release.versions[0].available = 0;
    assert!(said(&release)[0].contains("1.5.0 starts beside 1.4.2"), "{}", said(&release)[0]);
}

#[test]
fn an_abort_that_leaves_traffic_is_called_out_once_the_controller_had_its_time() {
    let mut release = r::aborted_exposed();
    let [says, then] = said(&release);
    assert!(says.starts_with("Aborted 2 m ago, yet 1.5.0 still gets 20 % of requests."), "{says}");
    assert!(then.starts_with("The controller should have taken its traffic away"), "{then}");
    if let Some(abort) = &mut release.abort {
        abort.at = Some(r::ago(4));
    }
    let [_, then] = said(&release);
    assert!(then.starts_with("Its share should fall within seconds."), "{then}");
}

#[test]
fn an_abort_names_its_cause_and_what_sends_it_out_again() {
    let mut release = r::aborted();
    let [says, then] = said(&release);
    assert_eq!(
        says,
        "1.5.0 was aborted 2 m ago. Cause: success-rate 0.9312 against >= 0.99, failed 2 of 1 allowed. It gets 0 % of requests."
    );
    assert_eq!(then, "The spec still names 1.5.0: retry, or any edit, sends it out again. Its 2 pods go in 25 s.");
    // Where the controller says no more than that it aborted, no cause is made up.
    if let Some(abort) = &mut release.abort {
        abort.chain = vec!["RolloutAborted: Rollout aborted update to revision 42".into()];
    }
    assert!(!said(&release)[0].contains("Cause"), "{}", said(&release)[0]);
}

#[test]
fn a_degraded_deployment_says_that_nothing_goes_back_by_itself() {
    let [says, then] = said(&r::stuck());
    assert_eq!(
        says,
        "No progress within the deadline: 5 of 5 new pods fail, image can't be pulled. 2026.11.2 gets 0 % of ready endpoints."
    );
    assert_eq!(then, "It goes on trying; nothing is rolled back by itself.");
}

#[test]
fn failing_pods_are_said_also_while_a_person_has_paused() {
    let mut release = r::failing();
    release.paused_by_hand = true;
    release.countdowns.clear();
    assert_eq!(sentence(&release, r::now()).mark, Mark::Bad);
    assert!(said(&release)[1].starts_with("Nothing moves by itself, and the pods go on failing"));
}

#[test]
fn a_change_the_controller_has_not_seen_is_not_taken_for_granted() {
    let mut release = r::timed_pause();
    release.phase = Phase::Progressing;
    release.alarms = vec![Alarm::NotObserved];
    assert_eq!(attention(&release, r::now()).why, "change not seen yet");
    assert_eq!(sentence(&release, r::now()).mark, Mark::Unknown);
}

#[test]
fn versions_are_told_apart_by_the_image_that_differs_else_by_revision() {
    let mut release = r::timed_pause();
    assert_eq!(version_pair(&release), "1.4.2 → 1.5.0");
    for (v, side) in release.versions.iter_mut().zip(["1.9", "1.8"]) {
        v.images = vec!["proxy:7".into(), format!("app:{side}").into()];
    }
    assert_eq!(version_pair(&release), "1.8 → 1.9");
    release.versions.iter_mut().for_each(|v| v.images = vec!["app:1".into()]);
    assert_eq!(version_pair(&release), "r41 → r42");
    assert_eq!(version_pair(&r::healthy()), "1.4.2");
    assert_eq!(version_pair(&r::rolling()), "2026.11.1 → .2");
}

#[test]
fn the_same_can_be_asked_of_kubectl() {
    assert_eq!(kubectl(&r::timed_pause(), "prod"), "kubectl argo rollouts get rollout checkout -n payments --context prod");
    assert_eq!(kubectl(&r::rolling(), "it's"), r"kubectl rollout status deployment/thumbs -n media --context 'it'\''s'");
}

#[test]
fn a_summary_is_one_paragraph_with_name_versions_and_moment() {
    let text = summary(&r::failing(), r::now());
    assert!(text.starts_with("payments/checkout (1.4.2 → 1.5.0), 2026-11-21 02:47:10 UTC: FAIL. 1 of 3 new pods fails"), "{text}");
    assert!(!text.contains('\n'));
}

#[test]
fn evicted_pods_that_were_replaced_are_no_failing_ones() {
    let evicted = || flightdeck::release::PodState::Failing(flightdeck::release::Trouble::Evicted("low on memory".into()));
    let mut release = r::timed_pause();
    let (version, wanted) = (release.versions[0].uid.clone(), release.versions[0].desired);
    let one = release.pods.iter().find(|pod| pod.version == version).unwrap().clone();
    for n in 0..9 {
        let uid = flightdeck::objects::Uid::from(format!("gone-{n}").as_str());
        release.pods.push(flightdeck::release::PodView { uid, state: evicted(), ..one.clone() });
    }
    assert_eq!(release.versions[0].mix.unwrap().ready, wanted);
    assert_eq!(sentence(&release, r::now()).word, "PAUSED");
    // Where one is missing, no more is said than what became of them.
    release.versions[0].mix.as_mut().unwrap().ready -= 1;
    assert!(said(&release)[0].starts_with("9 of 11 new pods were evicted."), "{}", said(&release)[0]);
}
