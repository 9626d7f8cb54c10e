//! The questions of `trace.rs` can be answered with no: a life as it was lived has nothing wrong with it, and each lie about it is seen.
//! What each lie stands for: old counters taken for new ones, a part for the whole, a countdown cut short, a line that was not written, …

use chrono::TimeDelta;
use flightdeck::app::guard::{Stand, Terms};
use flightdeck::ports::journal::Told;

use crate::lives::Life;
use crate::trace::{Case, Line, Wrong};

/// A guard that fired because 30 requests failed.
fn lived() -> Case {
    let mut life = Life::begin(&Terms::parse("abort when harmed over 20").unwrap());
    life.pass(3, true);
    life.count(100.0, 30.0);
    life.pass(14, true);
    assert!(matches!(life.deck.stand(), Some(Stand::Fired { .. })), "{:?}", life.deck.stand());
    life.case
}

/// What is found wrong once the trace has been falsified.
fn found(lie: impl FnOnce(&mut Case)) -> Vec<Wrong> {
    let mut case = lived();
    lie(&mut case);
    let mut wrongs: Vec<Wrong> = case.wrongs().into_iter().map(|(_, wrong)| wrong).collect();
    wrongs.sort();
    wrongs.dedup();
    wrongs
}

fn last(case: &Case, is: impl Fn(&Line) -> bool) -> usize {
    case.lines.iter().rposition(|(_, line)| is(line)).unwrap()
}

fn is_answer(line: &Line) -> bool {
    matches!(line, Line::Answer(_))
}

fn fires(case: &Case) -> usize {
    case.lines.iter().position(|(_, line)| matches!(line, Line::Stands(Stand::Fired { .. }))).unwrap()
}

fn says(line: &Line, beginning: &str) -> bool {
    matches!(line, Line::Written(entry) if entry.told == Told::Guard && entry.effect.starts_with(beginning))
}

fn is_about(line: &Line) -> bool {
    matches!(line, Line::Written(entry) if entry.told == Told::About)
}

/// Something else happens just before it fires.
fn before(case: &mut Case, line: Line) {
    let first = case.lines.iter().position(|(_, line)| says(line, "fired: ")).unwrap();
    case.lines.insert(first, (case.lines[first].0, line));
}

#[test]
fn a_life_as_it_was_lived_has_nothing_wrong_with_it() {
    assert_eq!(lived().wrongs(), []);
}

#[test]
fn an_act_on_nothing_on_what_is_old_and_on_a_part_is_seen() {
    let changed = |change: fn(&mut crate::stage::deck::Heard)| {
        move |case: &mut Case| {
            let at = last(case, is_answer);
            if let Line::Answer(heard) = &mut case.lines[at].1 {
                change(heard);
            }
        }
    };
    let never = |case: &mut Case| {
        let at = last(case, is_answer);
        case.lines[at].1 = Line::Passed;
    };
    assert_eq!(found(never), [Wrong::Groundless]);
    assert_eq!(found(changed(|heard| heard.partial = true)), [Wrong::OnPart]);
    // Old, and yet newer than the one before it: both were worked out long ago.
    let old = |case: &mut Case| {
        for (_, line) in &mut case.lines {
            if let Line::Answer(heard) = line {
                heard.at -= TimeDelta::seconds(81);
            }
        }
    };
    assert_eq!(found(old), [Wrong::OnOld]);
}

#[test]
fn an_act_while_nothing_is_seen_is_seen() {
    assert_eq!(found(|case| before(case, Line::Link(false))), [Wrong::Blind]);
    assert_eq!(found(|case| before(case, Line::Link(true))), [Wrong::Blind], "the link is only just back");
    let silent = |case: &mut Case| case.lines.retain(|(_, line)| !matches!(line, Line::Beat));
    assert_eq!(found(silent), [Wrong::Blind]);
    assert_eq!(found(|case| before(case, Line::Metrics(false))), [Wrong::OnOld]);
}

#[test]
fn a_countdown_that_is_cut_short_is_seen() {
    let late = |case: &mut Case| {
        let answer = case.lines.remove(last(case, is_answer));
        let passed = case.lines.iter().position(|(when, line)| *when > answer.0 + TimeDelta::seconds(2) && matches!(line, Line::Passed));
        let at = passed.unwrap();
        case.lines.insert(at, (case.lines[at].0, answer.1));
    };
    assert_eq!(found(late), [Wrong::TooEarly]);
}

#[test]
fn an_act_after_the_end_of_it_is_seen() {
    assert_eq!(found(|case| before(case, Line::Over)), [Wrong::Overruled]);
    let by_hand = |case: &mut Case| {
        let (_, Line::Written(entry)) = &case.lines[last(case, is_about)] else { unreachable!() };
        let mut own = entry.clone();
        own.note = "".into();
        before(case, Line::Written(own));
    };
    assert_eq!(found(by_hand), [Wrong::Overruled]);
}

#[test]
fn a_second_act_and_another_one_are_seen() {
    let again = |case: &mut Case| {
        let about = last(case, is_about);
        let more: Vec<_> = case.lines[about..about + 2].to_vec();
        case.lines.extend(more);
    };
    assert_eq!(found(again), [Wrong::Twice]);
    let more = |case: &mut Case| {
        let about = last(case, is_about);
        let mut more: Vec<_> = case.lines[about..about + 2].to_vec();
        for (_, line) in &mut more {
            match line {
                Line::Written(entry) => entry.action = "another".into(),
                Line::Sent(action, _) => *action = "another".to_owned(),
                _ => {}
            }
        }
        case.lines.extend(more);
    };
    assert_eq!(found(more), [Wrong::Twice]);
    let another = |case: &mut Case| {
        let about = last(case, is_about);
        if let Line::Written(entry) = &mut case.lines[about].1 {
            entry.intent = "promote".into();
        }
    };
    assert_eq!(found(another), [Wrong::AnotherDeed]);
}

#[test]
fn a_line_that_was_not_written_or_only_afterwards_is_seen() {
    for beginning in ["counts down ", "fired: "] {
        let silent = |case: &mut Case| case.lines.retain(|(_, line)| !says(line, beginning));
        assert_eq!(found(silent), [Wrong::NoLine], "{beginning}");
    }
    assert_eq!(found(|case| case.lines.retain(|(_, line)| !is_about(line))), [Wrong::NoLine]);
    let after = |case: &mut Case| {
        let about = last(case, is_about);
        case.lines.swap(about, about + 1);
    };
    assert_eq!(found(after), [Wrong::NoLine]);
}

#[test]
fn a_guard_that_sleeps_is_seen() {
    let sleeps = |case: &mut Case| {
        let at = fires(case);
        let (when, _) = case.lines[at];
        case.lines.retain(|(_, line)| !matches!(line, Line::Stands(_) | Line::Written(_) | Line::Sent(..)));
        for second in 0..30 {
            case.lines.extend([Line::Beat, Line::Passed].map(|line| (when + TimeDelta::seconds(second), line)));
        }
    };
    assert_eq!(found(sleeps), [Wrong::Asleep]);
}
