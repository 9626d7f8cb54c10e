//! The whole program in a pseudo-terminal against the embedded cluster over HTTP: it starts, shows, is left, is signalled, loses its
//! link, and gives the terminal back each time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

mod pty;

use std::time::Duration;

use pty::{Program, Served, flightdeck};
use rustix::process::Signal;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn the_demo_opens_on_the_scenario_and_q_leaves_the_last_frame_behind() {
    let mut program = Program::start(flightdeck().args(["demo", "canary"]), 120, 40);
    program.sees("payments/checkout", SOON);
    assert!(program.in_alternate_screen());
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
    assert!(program.is_restored(), "the terminal is given back");
    assert!(program.text().contains("payments/checkout"), "the last frame stays:\n{}", program.text());
}

#[test]
fn enter_opens_a_release_and_esc_goes_back() {
    let mut program = Program::start(flightdeck().args(["demo", "canary"]), 120, 40);
    program.sees("payments/checkout", SOON);
    program.types("\r");
    program.sees("Steps", SOON);
    program.types("l");
    program.sees("NODE", SOON);
    program.types("\x1b");
    program.sees("Steps", SOON);
    program.types("\x1b");
    program.sees("WHY", SOON);
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn signals_that_end_it_restore_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut program = Program::start(flightdeck().args(["demo", "canary"]), 80, 24);
        program.sees("checkout", SOON);
        program.signal(signal);
        assert_eq!(program.ends(SOON), code, "{signal:?}");
        assert!(program.is_restored(), "{signal:?}");
    }
}

#[test]
fn stopped_and_continued_it_draws_again() {
    let mut program = Program::start(flightdeck().args(["demo", "canary"]), 80, 24);
    program.sees("checkout", SOON);
    program.signal(Signal::TSTP);
    program.until(SOON, "the terminal is handed to the shell", |p| !p.in_alternate_screen());
    // The screen is given back just before it stops: continued in between, it would stop for good.
    program.until(SOON, "it is stopped", Program::is_stopped);
    program.signal(Signal::CONT);
    program.until(SOON, "the cockpit is back", |p| p.in_alternate_screen() && p.text().contains("checkout"));
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn a_flood_of_resizes_ends_in_a_whole_frame() {
    let mut program = Program::start(flightdeck().args(["demo", "canary"]), 120, 40);
    program.sees("payments/checkout", SOON);
    for n in 0..60_u16 {
        program.resize(30 + n * 2, 8 + n % 30);
    }
    program.resize(39, 11);
    program.sees("40", SOON);
    program.resize(100, 30);
    program.sees("payments/checkout", SOON);
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn without_a_kubeconfig_it_says_so_and_names_the_demo() {
    let mut program = Program::start(flightdeck().env("KUBECONFIG", "/nonexistent/config"), 100, 30);
    program.sees("flightdeck demo", SOON);
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn a_server_that_falls_silent_is_noticed_and_the_picture_stays() {
    let served = Served::start("canary");
    let mut program = Program::start(flightdeck().arg("-A").arg("--kubeconfig").arg(served.kubeconfig()), 120, 40);
    program.sees("payments/checkout", SOON);
    served.signal(Signal::STOP);
    program.sees("LINK LOST", Duration::from_secs(20));
    assert!(program.text().contains("payments/checkout"), "the last picture stays:\n{}", program.text());
    served.signal(Signal::CONT);
    program.until(SOON, "the link is live again", |p| !p.text().contains("LINK LOST"));
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn a_server_that_is_gone_does_not_end_it() {
    let served = Served::start("canary");
    let mut program = Program::start(flightdeck().arg("-A").arg("--kubeconfig").arg(served.kubeconfig()), 120, 40);
    program.sees("payments/checkout", SOON);
    drop(served);
    program.sees("LINK LOST", SOON);
    assert!(program.text().contains("payments/checkout"));
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn with_no_color_nothing_but_emphasis_is_sent() {
    let mut program = Program::start(flightdeck().args(["demo", "canary"]).env("NO_COLOR", "1"), 120, 40);
    program.sees("payments/checkout", SOON);
    assert!(program.colours().is_empty(), "{:?}", program.colours());
    assert!(program.has_emphasis(), "bold or reversed survives NO_COLOR");
    program.types("q");
    assert_eq!(program.ends(SOON), 0);
}

#[test]
fn a_panic_restores_the_terminal_first() {
    let this = std::env::current_exe().unwrap();
    let command = pty::command(this).args(["--ignored", "--exact", "panics_while_the_terminal_is_taken", "--nocapture"]);
    let mut program = Program::start(command, 80, 24);
    let code = program.ends(SOON);
    assert_ne!(code, 0);
    assert!(program.is_restored());
    assert!(program.text().contains("on purpose"), "the report is readable:\n{}", program.text());
}

#[test]
#[ignore = "runs only as a child of a_panic_restores_the_terminal_first, inside a pseudo-terminal of its own"]
fn panics_while_the_terminal_is_taken() {
    let _screen = flightdeck::runtime::terminal::Screen::take(true, |_| {}).unwrap();
    panic!("on purpose");
}
