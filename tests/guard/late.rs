//! What comes late, or stands still behind what moves, is no news; and what is shown while it counts down is what is so.

use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::ports::metrics::Found;

use crate::stage::deck::{Deck, Heard};

/// The board's rows are asked for as well, and go on coming when the counters stand still or are not scraped any more.
#[test]
fn a_board_that_is_counted_on_does_not_make_old_counters_new() {
    let rows = |deck: &mut Deck| {
        let at = deck.moment();
        let versions = vec![("8d486854c".into(), 1000.0, 1.0), ("58f47d68c4".into(), 1000.0, 1.0)];
        deck.hand_over(Heard { at, partial: false, found: Found::Row(Duration::from_secs(300), versions) });
    };
    let mut deck = Deck::open();
    deck.count(100.0, 30.0, false);
    for _ in 0..4 {
        deck.pass(25);
        rows(&mut deck);
    }
    deck.arm("abort when harmed over 20 or verdict fail");
    deck.pass(15);
    assert_eq!((deck.sent(), deck.lines("counts down")), (0, 0), "{:?}", deck.stand());
    // The counters are answered, and the newest sample of them is old.
    let mut deck = Deck::open();
    let at = deck.moment();
    let sample = Found::Fresh(at - TimeDelta::seconds(120), Duration::from_secs(15));
    deck.hand_over(Heard { at, partial: false, found: sample });
    deck.count(100.0, 30.0, false);
    rows(&mut deck);
    deck.arm("abort when harmed over 20 or verdict fail");
    deck.pass(15);
    assert_eq!((deck.sent(), deck.lines("counts down")), (0, 0), "{:?}", deck.stand());
}

#[test]
fn an_answer_that_comes_late_does_not_take_the_place_of_a_newer_one() {
    let mut deck = Deck::open();
    let late = |deck: &mut Deck, at| {
        for window in [300, 1800, 3600, 21_600] {
            let found = deck.window(20.0, window);
            deck.hand_over(Heard { at, partial: false, found });
        }
    };
    let before = deck.moment();
    deck.pass(5);
    deck.burn(1.0, &[300, 1800, 3600, 21_600]);
    deck.arm("abort when burn over 10 for 1s");
    late(&mut deck, before);
    deck.pass(15);
    assert_eq!((deck.sent(), deck.lines("counts down")), (0, 0), "{:?}", deck.stand());
    // Late, and yet the newest: it counts as long as it is not old.
    let before = deck.moment();
    deck.pass(60);
    late(&mut deck, before);
    deck.pass(15);
    assert_eq!((deck.sent(), deck.lines("counts down")), (1, 1), "{:?}", deck.stand());
}

#[test]
fn the_cause_it_counts_down_for_is_what_is_so_now() {
    let mut deck = Deck::open();
    deck.arm("abort when pods failing or harmed over 20");
    crate::deeds::crash(&mut deck, true);
    deck.pass(3);
    deck.count(100.0, 30.0, false);
    assert!(deck.text().contains("because 1 pod of the new version fails"), "{}", deck.text());
    crate::deeds::crash(&mut deck, false);
    assert!(deck.text().contains("guard: abort in 7 s, because 30 requests failed at the new version"), "{}", deck.text());
    deck.pass(8);
    assert_eq!((deck.sent(), deck.lines("fired: 30 requests"), deck.lines("countdown stopped")), (1, 1, 0));
}
