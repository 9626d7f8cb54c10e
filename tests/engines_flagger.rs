//! Releases by the real Flagger, recorded: what is read at each moment against what status, route and target said then.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

mod recording;

use flightdeck::engines;
use flightdeck::objects::{Kind, World};
use flightdeck::release::{Alarm, Label, Phase, Release, ReleaseRef, Role, Strategy};
use recording::{Life, Order};
use serde_json::Value;

const LIVES: [&str; 4] = ["flagger-canary-life", "flagger-gates-life", "flagger-blue-green", "flagger-levers"];

fn canary_of(world: &World) -> ReleaseRef {
    let all: Vec<_> = world.releases().collect();
    assert_eq!(all.iter().map(|key| key.kind).collect::<Vec<_>>(), [Kind::Canary], "its two Deployments are no releases");
    all[0].clone()
}

fn at(life: &Life, ms: i64) -> Release {
    let world = life.world_at(ms, Order::AsRecorded);
    engines::read(&world, &canary_of(&world)).expect("a release")
}

/// The share of the route in a line, 0..=1.
fn routed(said: &Value) -> Option<f64> {
    let rule = said["route"].as_array()?.first()?.as_array()?;
    let weight = |part: &str| rule.iter().find(|one| one[0].as_str().unwrap().ends_with(part)).map_or(0, |one| one[1].as_i64().unwrap());
    Some(weight("-canary") as f64 / (weight("-canary") + weight("-primary")) as f64)
}

fn agrees(order: Order) {
    let mut lines = 0;
    for name in LIVES {
        let life = Life::load(name);
        for said in life.says() {
            let ms = said["at_ms"].as_i64().unwrap();
            let world = life.world_at(ms, order);
            let release = engines::read(&world, &canary_of(&world)).expect("a release");
            let place = format!("{name} at {ms} ({}), {order:?}", said["note"]);
            phase(&release, said, &place);
            shares(&release, said, &place);
            let target = world.deployment(&release.key.namespace, &release.key.name).unwrap();
            assert_eq!(said["target_replicas"], target.spec.replicas.unwrap(), "{place}: the recording itself");
            let tried: Vec<i64> = release.versions.iter().filter(|v| !v.replica_set.contains("-primary-")).map(|v| v.desired).collect();
            let (wanted, pods) = (target.spec.replicas.unwrap(), tried.iter().sum::<i64>());
            // A target that was changed on its way replaces its pods one by one, and may have one more meanwhile.
            assert!(pods == wanted || tried.len() > 1 && pods == wanted + 1, "{place}: pods wanted of the target: {tried:?}");
            lines += 1;
        }
    }
    assert_eq!(lines, 33, "every line of every life");
}

fn phase(release: &Release, said: &Value, place: &str) {
    let expected = match said["phase"].as_str().unwrap() {
        "Initialized" | "Succeeded" => Phase::Healthy,
        "Waiting" | "WaitingPromotion" => Phase::Paused,
        "Failed" => Phase::Degraded,
        _ => Phase::Progressing,
    };
    // Skipping the analysis ends it before the primary has replaced its pods: it is not over then.
    let rolls = release.message.as_deref().is_some_and(|message| message.starts_with("the primary still replaces its pods"));
    assert_eq!(release.phase, if rolls { Phase::Progressing } else { expected }, "{place}");
    assert!(!rolls || said["note"] == "promoted", "{place}");
    assert!(
        release.message.as_deref().unwrap().contains(said["message"].as_str().unwrap().trim_end_matches('.')),
        "{place}: {:?}",
        release.message
    );
    let gates: Vec<_> = release.control.gates.iter().map(|gate| gate.reason.as_str()).collect();
    match said["phase"].as_str().unwrap() {
        "Waiting" => assert_eq!(gates, ["confirm-rollout"], "{place}"),
        "WaitingPromotion" => assert_eq!(gates, ["confirm-promotion"], "{place}"),
        _ => assert!(gates.is_empty(), "{place}"),
    }
    assert_eq!(release.abort.is_some(), said["phase"] == "Failed", "{place}");
}

fn shares(release: &Release, said: &Value, place: &str) {
    let route = routed(said);
    match &release.exposure.configured {
        Some(share) => assert!((share.value - route.unwrap_or(0.0)).abs() < 1e-9, "{place}: {share:?}"),
        None => assert!(route.unwrap_or(0.0) <= 0.0, "{place}: nothing was read, and the route sends {route:?}"),
    }
    let Some(weight) = release.weight else { return assert!(release.strategy == Strategy::BlueGreen, "{place}") };
    assert_eq!(weight.actual, (route.unwrap() * 100.0).round() as i64, "{place}: the route's weight");
    if said["phase"] == "WaitingPromotion" {
        assert_eq!((said["weight"].as_i64(), weight.set), (Some(0), weight.actual), "{place}: there the status lies");
    } else {
        assert_eq!(said["weight"], weight.set, "{place}: the status's weight");
    }
    let failed: Vec<_> = release.analyses.iter().map(|one| one.message.to_string()).collect();
    if said["phase"] == "Progressing" {
        let count = said["failed_checks"].as_i64().unwrap();
        assert!(failed.iter().all(|text| text.contains(&format!("{count} of 2 allowed failures"))), "{place}: {failed:?}");
    }
}

#[test]
fn every_recorded_moment_reads_as_status_route_and_target_said() {
    agrees(Order::AsRecorded);
}

#[test]
fn kinds_may_arrive_in_any_order_twice_or_listed_anew() {
    for seed in 0..4 {
        agrees(Order::ShuffledAcrossKinds(seed));
    }
    agrees(Order::Repeated);
    agrees(Order::RelistInTheMiddle);
}

#[test]
fn whatever_the_order_the_whole_release_is_the_same() {
    for name in LIVES {
        let life = Life::load(name);
        let end = life.end();
        for at in [end / 5, end / 3, end / 2, end] {
            let whole = |order| {
                let world = life.world_at(at, order);
                engines::read(&world, &canary_of(&world))
            };
            let recorded = whole(Order::AsRecorded);
            for order in [Order::ShuffledAcrossKinds(7), Order::Repeated, Order::RelistInTheMiddle] {
                assert_eq!(whole(order), recorded, "{name} at {at}, {order:?}");
            }
        }
    }
}

#[test]
fn while_it_waits_for_promotion_the_route_tells_what_the_status_hides() {
    let life = Life::load("flagger-gates-life");
    let waits = at(&life, 71_723);
    let share = waits.exposure.headline.clone().unwrap();
    assert_eq!((share.label, share.value, share.source.as_str()), (Label::Configured, 0.4, "weights of HTTPRoute cart"));
    assert!(waits.under_way && !waits.paused_by_hand);
    let held = at(&life, 81_000);
    assert!(held.paused_by_hand && held.phase == Phase::Paused && held.exposure.headline.unwrap().value == 0.4);
    let pair = waits.versions.iter().map(|v| (v.role, v.runs_new, v.revision)).collect::<Vec<_>>();
    assert_eq!(pair, [(Role::Canary, true, 2), (Role::Stable, false, 1)]);
}

#[test]
fn while_it_is_promoted_three_populations_add_up() {
    let life = Life::load("flagger-canary-life");
    let mut largest = 0.0_f64;
    for ms in (61_300..71_290).step_by(250) {
        let release = at(&life, ms);
        let share = release.exposure.headline.clone().unwrap();
        assert!(share.value >= 0.6 - 1e-9 && share.value >= largest - 1e-9, "at {ms}: {share:?}");
        largest = largest.max(share.value);
        assert_eq!(release.exposure.configured.unwrap().value, 0.6);
    }
    assert!((largest - 1.0).abs() < 1e-9, "in the end all run it: {largest}");
    let roles: Vec<_> = at(&life, 63_000).versions.iter().map(|v| v.role).collect();
    assert!([Role::Canary, Role::New, Role::Stable].iter().all(|role| roles.contains(role)), "{roles:?}");
    let done = at(&life, 85_000);
    assert!(!done.under_way && done.exposure.headline.is_none() && done.control.new_hash == done.control.stable_hash);
    assert_eq!(done.versions.iter().map(|v| (v.role, v.revision)).collect::<Vec<_>>(), [(Role::Stable, 2)]);
}

#[test]
fn what_was_released_is_still_known_by_the_name_it_was_released_under() {
    use flightdeck::release::acting::Goal;
    let life = Life::load("flagger-canary-life");
    let (before, during, after) = (at(&life, 15_000), at(&life, 41_500), at(&life, 85_000));
    let new = during.control.new_hash.clone();
    assert_ne!(new, during.control.stable_hash);
    let promoted = Goal::All(vec![Goal::Releasing(new.clone()), Goal::Promoted]);
    let other = Goal::All(vec![Goal::ReleasingOther(before.control.stable_hash.clone()), Goal::Promoted]);
    for (release, met) in [(&before, false), (&during, false), (&at(&life, 65_000), false), (&after, true)] {
        assert_eq!((promoted.met(release), other.met(release)), (met, met), "{:?}", release.control);
    }
    let failed = at(&life, 131_434);
    assert!(Goal::Aborted.met(&failed) && !Goal::Promoted.met(&failed));
    assert!(Goal::NoExposure.met(&failed));
}

#[test]
fn a_failure_tells_its_cause_though_flagger_says_the_same_of_each() {
    let chain = |life: &str, ms| {
        let abort = at(&Life::load(life), ms).abort.expect("it failed");
        abort.chain.iter().map(|link| link.to_string()).collect::<Vec<_>>()
    };
    let own = "Canary analysis failed, Deployment scaled to zero.";
    assert_eq!(chain("flagger-canary-life", 131_434), [own, "2 checks failed; 2 take it back", "success 70.00 < 95"]);
    let late = chain("flagger-canary-life", 175_000);
    let why = "its pods were not ready within its deadline of 25 s: waiting for rollout to finish: 0 of 3 (readyThreshold 100%) updated \
               replicas are available";
    assert_eq!(late.get(..2), Some(&[own.to_owned(), why.to_owned()][..]), "{late:?}");
    assert_eq!(chain("flagger-gates-life", 141_809), [own, "a rollback webhook asked for it"]);
}

#[test]
fn its_checks_count_what_failed_and_what_must_have_passed() {
    let life = Life::load("flagger-canary-life");
    let checks = |ms| at(&life, ms).analyses.first().map(|one| (one.phase, one.metrics.first().map(|m| (m.counts, m.last.clone()))));
    use flightdeck::objects::AnalysisPhase::{Failed, Running, Successful};
    assert_eq!(checks(15_000), None, "nothing is being released");
    assert_eq!(checks(51_400), Some((Running, Some(([2, 0, 0, 0], None)))), "two rises after the first");
    assert_eq!(checks(65_000), Some((Successful, Some(([3, 0, 0, 0], None)))));
    assert_eq!(checks(111_498), Some((Running, Some(([0, 1, 0, 0], Some("70.00".into()))))));
    assert_eq!(checks(131_434), Some((Failed, Some(([0, 2, 0, 0], Some("70.00".into()))))));
    assert_eq!(checks(175_000), None, "no check ended it, its pods did");
}

#[test]
fn blue_green_on_plain_services_exposes_nothing_before_the_primary_rolls() {
    let life = Life::load("flagger-blue-green");
    let round = at(&life, 41_900);
    assert_eq!(round.strategy, Strategy::BlueGreen);
    assert_eq!(round.exposure.headline.as_ref().map(|share| share.value), Some(0.0));
    assert_eq!(round.position.map(|p| (p.index, p.total)), Some((2, 5)), "pods, three rounds, promotion");
    let rolling: Vec<_> = (71_900..81_800).step_by(300).map(|ms| at(&life, ms).exposure.headline.unwrap()).collect();
    assert!(rolling.iter().any(|share| share.label == Label::Inferred && share.value > 0.0), "{rolling:?}");
    assert!((rolling.last().unwrap().value - 1.0).abs() < 1e-9);
}

#[test]
fn pods_that_never_become_ready_are_an_alarm_with_a_deadline() {
    let life = Life::load("flagger-canary-life");
    let stuck: Vec<Release> = (142_000..171_000).step_by(1_000).map(|ms| at(&life, ms)).collect();
    assert!(stuck.iter().any(|r| r.alarms.iter().any(|alarm| matches!(alarm, Alarm::PodsFailing { .. }))));
    assert!(stuck.iter().filter(|r| !r.countdowns.is_empty()).count() > 15, "its deadline is counted down");
    let last = stuck.last().unwrap();
    assert_eq!(last.exposure.headline.as_ref().map(|share| share.value), Some(0.0));
}

#[test]
fn setting_the_image_back_is_told_not_to_end_it() {
    let back = at(&Life::load("flagger-gates-life"), 169_758);
    assert!(back.message.as_deref().unwrap().contains("setting the image back does not end a release"), "{:?}", back.message);
}

/// What a person reads first, a minute after the recording began.
fn lines(life: &str, ms: i64) -> [String; 2] {
    let release = at(&Life::load(life), ms);
    let began = release.versions.iter().filter_map(|v| v.created).min().unwrap();
    flightdeck::release::words::sentence(&release, began + chrono::TimeDelta::milliseconds(ms)).lines()
}

#[test]
fn the_sentences_say_what_flagger_does_and_does_not() {
    let [says, then] = lines("flagger-gates-life", 81_000);
    assert!(says.starts_with("Paused by hand") && says.contains("gets 40 % of requests"), "{says}");
    assert_eq!(then, "While it is suspended nothing is checked, nothing moves, and nothing is taken back.");
    let [says, then] = lines("flagger-gates-life", 71_723);
    assert!(says.starts_with("Waits for a person, step 3 of 4") && says.contains("40 %"), "{says}");
    assert_eq!(then, "It is promoted once confirm-promotion is opened; its checks go on meanwhile.");
    let [says, then] = lines("flagger-gates-life", 21_912);
    assert!(says.starts_with("Waits for a person, step 1 of 4"), "{says}");
    assert_eq!(then, "Its first pods start once confirm-rollout is opened; nothing is taken back before.");
    let [_, then] = lines("flagger-canary-life", 41_578);
    assert_eq!(then, "Once its checks pass: weight 60, 40 % → 60 %.");
    let [says, then] = lines("flagger-canary-life", 131_434);
    assert!(says.contains("was aborted") && says.contains("Cause: success 70.00 < 95"), "{says}");
    assert_eq!(then, "The same template is not tried again: any change of it is.");
}

#[test]
fn what_would_take_it_back_is_told_where_nothing_does() {
    use flightdeck::release::words::unaided;
    let life = Life::load("flagger-gates-life");
    let held = "it is suspended, and while it is Flagger checks nothing and takes nothing back";
    assert_eq!(unaided(&at(&life, 81_000)), Some(held));
    assert_eq!(unaided(&at(&life, 71_723)), None, "its checks go on");
    let waits = unaided(&at(&Life::load("flagger-canary-life"), 165_000)).unwrap();
    assert!(waits.starts_with("its new pods are not ready"), "{waits}");
}

#[test]
fn a_release_is_found_by_its_own_name_and_by_its_targets() {
    let mut release = at(&Life::load("flagger-canary-life"), 41_578);
    release.key.name = "shop".into();
    let named = |kind, name| release.is_named(kind, "flagger-canary", name);
    assert!(named(None, "shop") && named(Some(Kind::Canary), "shop") && named(None, "orders") && named(Some(Kind::Deployment), "orders"));
    assert!(!named(Some(Kind::Rollout), "orders") && !named(Some(Kind::Canary), "orders") && !named(None, "orders-primary"));
}
