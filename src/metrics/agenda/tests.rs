use super::*;
use crate::metrics::questions::{About, Form};
use crate::text::Clean;

fn at(seconds: i64) -> Time {
    Time::from_timestamp(1_700_000_010 + seconds, 0).unwrap()
}

fn id(name: &str) -> QuestionId {
    QuestionId::Families(vec![Clean::from(name)])
}

fn question(name: &str, every: u64, priority: u8) -> Question {
    let about = About::Namespaces(Vec::new());
    let every = (every > 0).then(|| Duration::from_secs(every));
    Question { id: id(name), expr: name.to_owned(), form: Form::Instant, every, priority, about }
}

fn names(due: &[Arc<Question>]) -> Vec<&str> {
    due.iter().map(|question| question.expr.as_str()).collect()
}

/// Everything due at `now` is sent and answered after `took`; returns what it was.
fn round(agenda: &mut Agenda, now: Time, took: Duration) -> Vec<String> {
    let mut sent = Vec::new();
    loop {
        let due = agenda.due(now);
        if due.is_empty() {
            return sent;
        }
        for question in due {
            agenda.answered(&question.id, took);
            sent.push(question.expr.clone());
        }
    }
}

#[test]
fn four_go_at_once_the_most_urgent_first_and_the_rest_as_room_comes() {
    let mut agenda = Agenda::default();
    agenda.set(["a", "b", "c", "d", "e", "f"].iter().zip(0..).map(|(name, at)| question(name, 15, 9 - at)).collect());
    assert_eq!(names(&agenda.due(at(0))), ["f", "e", "d", "c"]);
    assert_eq!((agenda.due(at(0)).len(), agenda.next(at(0))), (0, None));
    agenda.answered(&id("d"), Duration::ZERO);
    assert_eq!(agenda.next(at(0)), Some(at(0)));
    assert_eq!(names(&agenda.due(at(0))), ["b"]);
}

#[test]
fn questions_are_spread_over_their_interval() {
    let mut agenda = Agenda::default();
    agenda.set((0..20).map(|at| question(&format!("q{at}"), 15, 1)).collect());
    assert_eq!(round(&mut agenda, at(0), Duration::from_millis(5)).len(), 20);
    let mut counts: Vec<usize> = Vec::new();
    // The first turn brings each to its place; from then on the seconds are alike.
    for second in 15..60 {
        counts.push(round(&mut agenda, at(second), Duration::from_millis(5)).len());
    }
    assert!(counts[15..].iter().all(|count| *count <= 2), "{counts:?}");
    assert_eq!(counts[30..].iter().sum::<usize>(), 20);
}

#[test]
fn a_slow_server_is_asked_less_often() {
    let mut agenda = Agenda::default();
    agenda.set(vec![question("a", 15, 1)]);
    round(&mut agenda, at(0), Duration::from_secs(4));
    let sent: usize = (0..400).map(|second| round(&mut agenda, at(second), Duration::from_secs(4)).len()).sum();
    assert_eq!(sent, 10);
}

#[test]
fn a_changed_question_keeps_its_pace_and_a_new_one_goes_at_once() {
    let mut agenda = Agenda::default();
    agenda.set(vec![question("a", 15, 1)]);
    round(&mut agenda, at(0), Duration::ZERO);
    let changed = Question { expr: "other".to_owned(), ..question("a", 15, 1) };
    agenda.set(vec![changed, question("b", 15, 1)]);
    assert_eq!(round(&mut agenda, at(1), Duration::ZERO), ["b"]);
    assert_eq!(round(&mut agenda, at(7), Duration::ZERO), Vec::<String>::new());
    assert!(round(&mut agenda, at(15), Duration::ZERO).contains(&"other".to_owned()));
    agenda.set(Vec::new());
    assert!(!agenda.holds(&id("a")) && agenda.next(at(15)).is_none());
}

#[test]
fn what_is_asked_once_is_asked_until_it_is_answered() {
    let mut agenda = Agenda::default();
    agenda.set(vec![question("a", 0, 1)]);
    assert_eq!(agenda.due(at(0)).len(), 1);
    let setback = agenda.failed(&id("a"), &Failure::Execution(Clean::default()), Duration::ZERO, at(0));
    assert_eq!(setback, Setback { again: Some(Duration::from_secs(15)), rest: None });
    assert_eq!(round(&mut agenda, at(15), Duration::ZERO), ["a"]);
    assert_eq!(agenda.next(at(15)), None);
    agenda.refresh();
    assert_eq!(agenda.next(at(15)), None);
}

#[test]
fn what_the_server_can_not_read_waits_until_it_changes() {
    let mut agenda = Agenda::default();
    agenda.set(vec![question("a", 15, 1)]);
    agenda.due(at(0));
    let setback = agenda.failed(&id("a"), &Failure::BadQuery(Clean::default()), Duration::ZERO, at(0));
    assert_eq!((setback, agenda.next(at(99))), (Setback { again: None, rest: None }, None));
    agenda.set(vec![Question { expr: "mended".to_owned(), ..question("a", 15, 1) }]);
    assert_eq!(round(&mut agenda, at(99), Duration::ZERO), ["mended"]);
}

#[test]
fn a_server_that_limits_is_left_alone_and_then_asked_one_question() {
    let mut agenda = Agenda::default();
    agenda.set(["a", "b", "c"].map(|name| question(name, 15, 1)).into());
    assert_eq!(agenda.due(at(0)).len(), 3);
    let busy = Failure::TooMany { retry_after: Some(Duration::from_secs(40)), words: Clean::default() };
    let setback = agenda.failed(&id("a"), &busy, Duration::ZERO, at(0));
    assert_eq!(setback.rest, Some(Duration::from_secs(40)));
    assert!(setback.again >= setback.rest);
    agenda.failed(&id("b"), &busy, Duration::ZERO, at(0));
    agenda.failed(&id("c"), &busy, Duration::ZERO, at(0));
    let wake = agenda.next(at(1)).unwrap();
    // The third refusal in a row: 15, 30, 60 seconds.
    assert_eq!((agenda.due(at(59)).len(), wake), (0, at(60)));
    assert_eq!(agenda.due(at(75)).len(), 1);
    assert!(agenda.answered(&id("a"), Duration::ZERO));
    assert_eq!(agenda.due(at(76)).len(), 2);
}

#[test]
fn a_clock_that_is_put_back_silences_nobody() {
    let mut agenda = Agenda::default();
    agenda.set(vec![question("a", 15, 1)]);
    round(&mut agenda, at(3600), Duration::ZERO);
    assert_eq!(round(&mut agenda, at(0), Duration::ZERO), ["a"]);
}

#[test]
fn what_is_newly_promised_is_asked_about_at_once() {
    let release = || crate::release::ReleaseRef { kind: crate::objects::Kind::Rollout, namespace: "shop".into(), name: "cart".into() };
    let asking = |expr: &str| {
        let ids = [QuestionId::Recorded(release()), QuestionId::Alerts(release()), QuestionId::Counters(release())];
        ids.map(|id| Question { id, ..question(expr, 60, 1) }).to_vec()
    };
    let mut agenda = Agenda::default();
    agenda.set(asking("a"));
    assert_eq!(round(&mut agenda, at(0), Duration::ZERO).len(), 3);
    agenda.set(asking("a"));
    assert_eq!(round(&mut agenda, at(1), Duration::ZERO).len(), 0, "nothing changed");
    agenda.set(asking("b"));
    assert_eq!(round(&mut agenda, at(2), Duration::ZERO).len(), 2, "the counters of a pod more wait for their turn");
    // One that is on its way is asked anew when its answer has come.
    agenda.set(asking("c"));
    let sent = agenda.due(at(3));
    agenda.set(asking("d"));
    assert!(agenda.due(at(3)).is_empty());
    for question in &sent {
        agenda.answered(&question.id, Duration::ZERO);
    }
    assert_eq!(round(&mut agenda, at(3), Duration::ZERO), ["d", "d"]);
}
