//! The questions of `trace.rs` can be answered with no: a flight as it was flown has nothing wrong with it, and each lie about it is seen.
//! What each lie stands for: a premise not looked at again before sending, a second send after a lost answer, a journal line after the send, …

use flightdeck::demo::store::Part;
use flightdeck::objects::Kind;
use flightdeck::ports::journal::Told;
use flightdeck::ports::write::Answer;
use flightdeck::release::acting::Intent;
use serde_json::json;

use crate::chaos::{Life, confirm, told};
use crate::flight::{image, meddle};
use crate::lab::{STEPS, canary};
use crate::replica::Replica;
use crate::seat::Fate;
use crate::trace::{Case, Line, Wrong, of};

/// An advance whose first request meets a newer version, and whose second lands. Gives the trace and the cluster before it.
async fn flown() -> (Case, Replica) {
    let mut life = Life::begin(1, Kind::Rollout, &canary(STEPS)).await;
    image(&life.at, Kind::Rollout, "2.0");
    life.calm(60).await;
    let cluster = life.at.cluster.clone();
    let seat = &mut life.seats[0];
    seat.session.feed(flightdeck::app::Event::Asked(Box::new((of(Kind::Rollout), Intent::Advance, String::new()))));
    seat.settle(&mut |_| Fate::Deliver).await;
    seat.draw();
    confirm(seat);
    let mut first = true;
    seat.settle(&mut |_| {
        let cluster = cluster.clone();
        let touch = move || meddle(&cluster, Kind::Rollout, Part::Main, |o| o["metadata"]["annotations"]["touched"] = json!("yes"));
        if std::mem::take(&mut first) { Fate::Before(Box::new(touch)) } else { Fate::Deliver }
    })
    .await;
    life.calm(20).await;
    let case = life.trace();
    (case, life.replica)
}

/// The line that `is` finds, counted from the end.
fn last(case: &Case, is: impl Fn(&Line) -> bool) -> usize {
    case.lines.iter().rposition(is).unwrap()
}

fn is_about(line: &Line) -> bool {
    matches!(line, Line::Written { entry, .. } if entry.told == Told::About)
}

fn is_left(line: &Line) -> bool {
    matches!(line, Line::Left { .. })
}

/// What is found wrong once the trace has been falsified; lines keep their numbers, so a line is taken away by making another of it.
async fn found(lie: impl FnOnce(&mut Case)) -> Vec<Wrong> {
    let (mut case, mut replica) = flown().await;
    lie(&mut case);
    let mut wrongs: Vec<Wrong> = case.wrongs(&mut replica).into_iter().map(|(_, wrong)| wrong).collect();
    wrongs.sort();
    wrongs.dedup();
    wrongs
}

/// A line that tells nothing in the place of one that did.
fn take_away(case: &mut Case, n: usize) {
    case.lines[n] = Line::Heard { of: usize::MAX, answer: Answer::Conflict };
}

#[tokio::test]
async fn a_flight_as_it_was_flown_has_nothing_wrong_with_it() {
    let (case, mut replica) = flown().await;
    assert_eq!(case.wrongs(&mut replica), [], "{}", told(&case, 0, usize::MAX));
    assert_eq!(case.lines.iter().filter(|line| is_left(line)).count(), 2, "{}", told(&case, 0, usize::MAX));
    assert_eq!(case.lines.iter().filter(|line| matches!(line, Line::Landed { .. })).count(), 1);
}

#[tokio::test]
async fn a_send_with_no_line_before_it_is_seen() {
    let lie = |case: &mut Case| {
        let about = last(case, is_about);
        take_away(case, about);
    };
    assert_eq!(found(lie).await, [Wrong::NoLineBefore]);
}

#[tokio::test]
async fn a_line_that_came_after_the_send_is_seen() {
    let lie = |case: &mut Case| {
        let (about, left) = (last(case, is_about), last(case, is_left));
        case.lines.swap(about, left);
        for line in &mut case.lines {
            if let Line::Landed { of, .. } | Line::Heard { of, .. } = line
                && *of == left
            {
                *of = about;
            }
        }
    };
    assert_eq!(found(lie).await, [Wrong::NoLineBefore]);
}

#[tokio::test]
async fn a_body_that_is_not_the_plans_is_seen() {
    let lie = |case: &mut Case| {
        let (about, left) = (last(case, is_about), last(case, is_left));
        let body = json!({ "metadata": { "resourceVersion": "1" }, "status": { "promoteFull": true } });
        if let Line::Written { entry, .. } = &mut case.lines[about] {
            entry.patch = body.clone();
        }
        if let Line::Left { request, .. } = &mut case.lines[left] {
            request.body = body;
        }
    };
    assert_eq!(found(lie).await, [Wrong::NotAsPlanned]);
}

#[tokio::test]
async fn a_plan_that_was_on_no_frame_is_seen() {
    let lie = |case: &mut Case| {
        let shown = last(case, |line| matches!(line, Line::Shown { .. }));
        take_away(case, shown);
    };
    assert_eq!(found(lie).await, [Wrong::NeverShown]);
}

#[tokio::test]
async fn a_second_send_after_a_lost_answer_is_seen() {
    let lie = |case: &mut Case| {
        let conflict = last(case, |line| matches!(line, Line::Heard { answer: Answer::Conflict, .. }));
        if let Line::Heard { answer, .. } = &mut case.lines[conflict] {
            *answer = Answer::Unknown("the connection broke".into());
        }
    };
    assert_eq!(found(lie).await, [Wrong::SentAgain]);
}

#[tokio::test]
async fn a_stage_that_was_done_twice_is_seen() {
    let lie = |case: &mut Case| {
        let landed = last(case, |line| matches!(line, Line::Landed { .. }));
        let first = case.lines.iter().position(is_left).unwrap();
        let Line::Landed { on, .. } = case.lines[landed] else { unreachable!() };
        case.lines.push(Line::Landed { of: first, on });
    };
    assert_eq!(found(lie).await, [Wrong::LandedTwice]);
}

#[tokio::test]
async fn a_write_that_landed_on_another_state_is_seen() {
    let lie = |case: &mut Case| {
        let landed = last(case, |line| matches!(line, Line::Landed { .. }));
        // By then the pause was long over.
        if let Line::Landed { on, .. } = &mut case.lines[landed] {
            *on = u64::MAX;
        }
    };
    assert_eq!(found(lie).await, [Wrong::OnAnotherState]);
}

#[tokio::test]
async fn a_journal_that_keeps_the_answer_or_the_end_to_itself_is_seen() {
    let silence = |told: Told| {
        move |case: &mut Case| {
            while let Some(n) = case.lines.iter().position(|line| matches!(line, Line::Written { entry, .. } if entry.told == told)) {
                take_away(case, n);
            }
        }
    };
    assert_eq!(found(silence(Told::Answer)).await, [Wrong::NoAnswerLine]);
    assert_eq!(found(silence(Told::Effect)).await, [Wrong::NoEndLine]);
}
