//! What is said of the guard at the bottom of every screen, and in the dialog it is asked for in: never that it is armed when it is not.

use chrono::TimeDelta;
use flightdeck::app::Event;

use crate::stage::deck::Deck;

#[test]
fn a_guard_disarmed_by_hand_is_said_to_be_over_on_every_screen() {
    for screen in ["", "w", "l", "h"] {
        let mut deck = Deck::open();
        deck.arm("abort when harmed over 20");
        deck.stage.feed(Event::Notice("guard armed; nobody else does anything".into()));
        deck.stage.keys(screen);
        deck.stage.keys("D");
        assert!(!deck.text().contains("guard armed"), "{screen}\n{}", deck.text());
        assert!(deck.text().contains("disarmed: by hand"), "{screen}\n{}", deck.text());
    }
}

#[test]
fn what_was_said_ends_in_time_also_where_nothing_else_turns() {
    let mut deck = Deck::open();
    deck.stage.keys("l");
    deck.stage.feed(Event::Notice("copied".into()));
    // Its end passes while nobody looks: the moment it was asked to be woken at is over.
    deck.stage.now += TimeDelta::seconds(7);
    assert!(deck.stage.state.deadline(deck.stage.now).unwrap() <= deck.stage.now + TimeDelta::seconds(1));
    deck.stage.hear();
    assert!(!deck.text().contains("copied"), "{}", deck.text());
}

#[test]
fn a_guard_that_is_not_taken_is_asked_for_again_where_it_was_typed() {
    let mut deck = Deck::open();
    deck.stage.keys("G space x enter");
    assert!(deck.text().contains("abort when verdict fail or pods failing x▁"), "the text is kept\n{}", deck.text());
    assert!(deck.text().contains("not armed: "), "{}", deck.text());
    deck.stage.keys("backspace");
    assert!(!deck.text().contains("not armed: "), "what was mended is not complained of\n{}", deck.text());
    deck.stage.keys("q q");
    assert!(deck.text().contains("pods failing qq▁"), "letters are letters\n{}", deck.text());
    deck.stage.keys("ctrl-u p a u s e enter");
    assert!(deck.text().contains(": pause▁") && deck.stand().is_none(), "{}", deck.text());
    deck.stage.keys("space w h e n space v e r d i c t space f a i l enter");
    assert!(deck.stand().is_some() && !deck.text().contains("not armed"), "{}", deck.text());
}
