//! What checks do to a plan: it waits for them, closes where they do not hold, and is sent on fresh answers or over a typed reason only.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use flightdeck::app::Asks;
use flightdeck::ports::journal::Told;
use flightdeck::release::acting::Intent;

use crate::flight::{Begin, Flight};
use crate::{config, paused, planned, stand};

/// What a server does with the next request.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Answer(u16),
    Hold,
}

/// A server in the test's hand.
#[derive(Clone)]
struct Hand {
    url: String,
    does: Arc<Mutex<Does>>,
    asked: Arc<AtomicUsize>,
}

impl Hand {
    async fn serve() -> Self {
        let (does, asked) = (Arc::new(Mutex::new(Does::Answer(200))), Arc::new(AtomicUsize::new(0)));
        let (now, count) = (does.clone(), asked.clone());
        let answer = async move || {
            count.fetch_add(1, Ordering::SeqCst);
            loop {
                let does = *now.lock().unwrap();
                match does {
                    Does::Answer(code) => return StatusCode::from_u16(code).unwrap(),
                    Does::Hold => tokio::time::sleep(Duration::from_millis(2)).await,
                }
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(answer))).await });
        Self { url, does, asked }
    }

    fn set(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn begin(&self) -> Begin {
        Begin { config: config(&[("edge", format!("url = \"{}/\"\ntimeout = \"50s\"", self.url))]), ..Begin::default() }
    }
}

/// Opens the plan without waiting for its checks.
async fn open(flight: &mut Flight, hand: &Hand) {
    let before = hand.asked();
    let asked = Box::new((flight.key.clone(), Intent::Advance, String::new()));
    flight.session.feed(flightdeck::app::Event::Asked(asked));
    for _ in 0..2_000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        flight.session.drain();
        if hand.asked() > before && matches!(flight.session.state.plan().unwrap().dry_run, flightdeck::app::DryRun::Accepted(_)) {
            return;
        }
    }
    panic!("it was never asked");
}

/// Lets the cluster's clock run and the session see it, while an answer is held back.
fn pass(at: &crate::embedded::Embedded, flight: &mut Flight, seconds: i64) {
    for _ in 0..seconds {
        at.run(1_000);
        flight.session.drain();
        flight.session.feed(flightdeck::app::Event::Tick);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_waits_for_its_checks_and_is_sent_when_they_hold() {
    let hand = Hand::serve().await;
    let (_at, mut flight) = paused(hand.begin()).await;
    hand.set(Does::Hold);
    open(&mut flight, &hand).await;
    assert_eq!(stand(&flight, "edge"), "asking");
    assert_eq!(flight.obstacle().as_deref(), Some("the check edge is asked at this moment"));
    let picture = flight.draw();
    assert!(picture.contains("edge: checking") && picture.contains("once its checks have answered"), "{picture}");
    flight.session.feed(flightdeck::app::Event::Confirmed);
    assert!(flight.writes().is_empty() && flight.notice().contains("nothing was sent"), "{}", flight.notice());
    hand.set(Does::Answer(200));
    flight.wait("the answer", |f| stand(f, "edge").starts_with("holds")).await;
    assert!(flight.draw().contains("edge holds: it answers 200; seen just now"), "{}", flight.draw());
    assert_eq!((flight.obstacle(), &flight.session.state.plan().unwrap().asks()), (None, &Asks::Key));
    flight.confirm().await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_does_not_answer_is_a_closed_gate_with_its_override_in_the_journal() {
    let hand = Hand::serve().await;
    let (at, mut flight) = paused(hand.begin()).await;
    hand.set(Does::Hold);
    open(&mut flight, &hand).await;
    pass(&at, &mut flight, 3);
    assert_eq!(stand(&flight, "edge"), "closed: it has not answered yet");
    let picture = flight.draw();
    assert!(picture.contains("Gate closed") && picture.contains("The check edge does not hold: it has not answered yet"), "{picture}");
    assert!(picture.contains("config.toml:"), "who asks for it is said: {picture}");
    // One key is not enough, and neither is the name alone.
    flight.blind("y");
    flight.session.feed(flightdeck::app::Event::Confirmed);
    assert!(flight.writes().is_empty());
    hand.set(Does::Answer(503));
    flight.press(&["backspace"]).await;
    flight.wait("the answer", |f| stand(f, "edge").contains("503")).await;
    flight.types("edge is being moved").await;
    flight.press(&["enter"]).await;
    flight.types("web").await;
    flight.press(&["enter"]).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.draw());
    assert_eq!(flight.told().await[0], Told::About);
    let note = &flight.journal()[0].note;
    assert!(note.contains("edge is being moved (over a closed gate: the check edge does not hold: it answers 503"), "{note}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_fetched_anew_before_it_is_old_and_one_that_is_too_old_sends_nothing() {
    let hand = Hand::serve().await;
    let (at, mut flight) = paused(hand.begin()).await;
    planned(&mut flight).await;
    assert_eq!(hand.asked(), 1);
    flight.live(15_000).await;
    assert_eq!(hand.asked(), 1, "it is young");
    hand.set(Does::Answer(404));
    flight.live(10_000).await;
    assert_eq!(hand.asked(), 2);
    assert_eq!(stand(&flight, "edge"), "closed: it answers 404, and 200 to 299 is asked for");
    // It holds again, and then nobody looks at the plan for longer than an answer counts.
    hand.set(Does::Answer(200));
    flight.live(25_000).await;
    assert!(stand(&flight, "edge").starts_with("holds"), "{}", stand(&flight, "edge"));
    hand.set(Does::Hold);
    at.run(40_000);
    flight.session.feed(flightdeck::app::Event::Confirmed);
    assert!(flight.writes().is_empty());
    assert!(flight.notice().contains("the check edge is asked at this moment"), "{}", flight.notice());
    pass(&at, &mut flight, 3);
    assert_eq!(stand(&flight, "edge"), "closed: its last answer is too old, and the next has not come yet");
    hand.set(Does::Answer(200));
    flight.wait("the answer", |f| stand(f, "edge").starts_with("holds")).await;
    flight.confirm().await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_of_a_reason_do_not_become_keys_when_the_gate_opens() {
    let hand = Hand::serve().await;
    let (_at, mut flight) = paused(hand.begin()).await;
    hand.set(Does::Answer(503));
    planned(&mut flight).await;
    flight.types("it should be ok b").await;
    hand.set(Does::Answer(200));
    flight.live(25_000).await;
    assert!(stand(&flight, "edge").starts_with("holds"), "{}", stand(&flight, "edge"));
    flight.types("y then").await;
    assert!(flight.writes().is_empty(), "y confirms only where no line is being typed");
    assert_eq!(flight.session.state.plan().unwrap().line.text, "it should be ok by then");
    flight.press(&["enter", "y"]).await;
    let note = &flight.landed();
    assert_eq!(note.len(), 1);
    flight.session.flush().await;
    assert_eq!(*flight.journal()[0].note, *"it should be ok by then");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_are_asked_only_for_what_takes_exposure_up_and_can_be_sent() {
    let hand = Hand::serve().await;
    hand.set(Does::Answer(503));
    let (_at, mut flight) = paused(hand.begin()).await;
    for intent in [Intent::Pause, Intent::Abort] {
        flight.plan(intent).await;
        let open = flight.session.state.plan().unwrap();
        assert!(open.checks.is_empty() && open.gates.is_empty());
    }
    assert_eq!(hand.asked(), 0);
    let (_at, mut flight) = paused(Begin { read_only: true, ..hand.begin() }).await;
    flight.session.feed(flightdeck::app::Event::Asked(Box::new((flight.key.clone(), Intent::Advance, String::new()))));
    flight.hear().await;
    assert_eq!((stand(&flight, "edge").as_str(), hand.asked()), ("unasked", 0));
}
