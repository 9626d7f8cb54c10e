//! The sentences, as a person reads them.
//! It checks words only: what leads to them is tested with the rules.

use super::*;
use crate::slo::Objective;
use crate::slo::verdict::{Limits, Spread, judge, overall};

fn judged(new: (f64, f64), old: (f64, f64), minutes: u64, pace: f64) -> Judgement {
    let objective = Objective::new("availability", 0.999, Duration::from_secs(30 * 86_400)).unwrap();
    let outcome = |(bad, total)| Outcome { bad, total };
    let evidence = Evidence::of("6f4d8c9b7", "availability", Limits::of(&objective), outcome(new), outcome(old));
    let window = Duration::from_secs(60 * minutes);
    judge(&Evidence { window, pace, spread: Spread { minutes: 2, pods: 0 }, ..evidence })
}

fn lines(judgement: &Judgement) -> [String; 2] {
    found(judgement, "1.5.0", "1.4.2").lines()
}

#[test]
fn warming_says_how_many_it_takes_and_when() {
    let [first, second] = lines(&judged((0.0, 120.0), (3.0, 2280.0), 5, 0.4));
    assert_eq!(
        first,
        "1.5.0: 0 of 120 failed in 5m; 1.4.2: 3 of 2,280. 207 clean requests rule out page-level burn; 120 so far, about 4 min."
    );
    assert_eq!(second, "3 more failed ones now fail it.");
}

#[test]
fn a_failure_says_the_counts_and_the_evidence() {
    let mut judgement = judged((3.0, 200.0), (10.0, 20_000.0), 4, 1.0);
    assert_eq!(
        lines(&judgement),
        [
            "1.5.0: 3 of 200 failed in 4m; 1.4.2: 10 of 20,000. Evidence 87:1 that it is worse (20:1 fails), and it burns between 5.1x \
             and 43x by itself."
                .to_owned(),
            String::new()
        ]
    );
    judgement.evidence.bad = Bad::Slow;
    let said = found(&judgement, "1.5.0", "1.4.2");
    assert_eq!((said.mark, said.says.short.as_str()), (Mark::Bad, "1.5.0: 3 of 200 were too slow"));
}

#[test]
fn the_others_say_what_is_in_sight() {
    let [first, second] = lines(&judged((2.0, 500.0), (0.0, 9500.0), 10, 1.0));
    assert!(
        first.ends_with("Evidence 15.6:1 that it is worse: 5:1 holds, 20:1 fails.")
            || first.ends_with("Evidence 16:1 that it is worse: 5:1 holds, 20:1 fails."),
        "{first}"
    );
    assert!(second.contains("until FAIL if both go on like this; 1 more failed one now fails it."), "{second}");
    let [first, _] = lines(&judged((6.0, 2000.0), (54.0, 18_000.0), 10, 1.0));
    assert!(first.contains("Both are over the objective and 1.5.0 is not shown to be worse (0.2:1): look beyond this release"), "{first}");
    let [first, second] = lines(&judged((0.0, 3000.0), (30.0, 57_000.0), 10, 5.0));
    assert!(first.contains("Neither worse (0.2:1 of 20:1) nor shown to be fine (7.3:1 of 20:1)"), "{first}");
    assert!(second.contains(" more requests (about ") && second.contains("until PASS if both go on like this"), "{second}");
}

#[test]
fn nothing_counted_is_said_as_such() {
    let [first, second] = lines(&judged((0.0, 0.0), (0.0, 5000.0), 10, 0.0));
    assert_eq!(first, "No request of 1.5.0 was counted. No verdict without traffic: 1.5.0 gets no requests.");
    assert_eq!(second, "");
}

#[test]
fn overall_names_what_is_not_known() {
    let all = [judged((3.0, 200.0), (10.0, 20_000.0), 4, 1.0), judged((0.0, 120.0), (3.0, 2280.0), 5, 0.4)];
    assert_eq!(overall_found(&overall(&all)), "FAIL by availability; not known yet: availability (WARMING)");
    assert_eq!(overall_found(&overall(&[])), "NO DATA: nothing is measured that could be judged");
}

#[test]
fn what_turned_worse_is_told_beside_what_it_was_weighed_against() {
    use crate::slo::verdict::{Compared, Lately};
    let outcome = |(bad, total)| Outcome { bad, total };
    let mut judgement = judged((40.0, 20_000.0), (9.0, 90_000.0), 40, 5.0);
    let compared = Compared { before: 900.0, stable: 300.0, ..Compared::default() };
    let (new, stable) = (outcome((31.0, 1200.0)), outcome((0.0, 60.0)));
    judgement.evidence.before = Some(outcome((30.0, 60_000.0)));
    judgement.evidence.lately = Some(Lately { worse: 210.0, new, stable, compared, minutes: 4, window: Duration::from_secs(360) });
    (judgement.word, judgement.rule) = (Word::Fail, Rule::TurnedWorse(Duration::from_secs(360)));
    let said = found(&judgement, "1.5.0", "1.4.2").rule.long;
    let told = "31 of 1,200 failed against 30 of 60,000 before the release, evidence 210:1 (100:1 fails)";
    assert!(said.ends_with(told), "{said}");
}

#[test]
fn one_request_is_one() {
    let mut judgement = judged((0.0, 3000.0), (30.0, 57_000.0), 10, 5.0);
    judgement.outlook.requests = Some(1.0);
    let then = found(&judgement, "1.5.0", "1.4.2").then.unwrap();
    assert!(then.long.starts_with("About 1 more request (") && then.short.starts_with("PASS in "), "{then:?}");
    assert_eq!(crate::slo::exposure::Unmeasured::TooFew(1.0).to_string(), "only 1 request in the window, it takes 30");
}
