//! What reaches the terminal when one row changes: the bytes of the next frame, its synchronization included.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

#[path = "support/fleet.rs"]
mod fleet;
#[path = "../tests/stage/mod.rs"]
mod stage;
mod support;

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use fleet::fleet;
use flightdeck::objects::{Kind, Object};
use flightdeck::view;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use stage::Stage;
use support::{PODS_EACH, line, pod, workload};

/// A terminal that only counts.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<usize>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0.borrow_mut() += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Draws as the cockpit does and says how many bytes a frame took.
struct Screen {
    wire: Wire,
    terminal: Terminal<CrosstermBackend<Wire>>,
}

impl Screen {
    fn new(size: (u16, u16)) -> Self {
        let wire = Wire::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, size.0, size.1));
        let terminal = Terminal::with_options(CrosstermBackend::new(wire.clone()), TerminalOptions { viewport }).unwrap();
        Self { wire, terminal }
    }

    fn frame(&mut self, stage: &Stage) -> usize {
        *self.wire.0.borrow_mut() = 0;
        queue!(self.wire, BeginSynchronizedUpdate).unwrap();
        self.terminal.draw(|frame| _ = view::draw(&stage.state, stage.now, frame)).unwrap();
        queue!(self.wire, EndSynchronizedUpdate).unwrap();
        *self.wire.0.borrow()
    }
}

fn main() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut stage = fleet(size);
        let mut screen = Screen::new(size);
        let report = |what: &str, row: usize, whole: usize| {
            let name = format!("bytes: {what}, {}x{}", size.0, size.1);
            line(&name, &format!("{row} B"), &format!("whole frame {whole} B"), row as f64 / whole as f64, "< 1,024 B");
            assert!(row > 16, "nothing was drawn");
        };
        let whole = screen.frame(&stage);
        let [mut deployment, _] = workload(0, PODS_EACH);
        deployment["status"]["readyReplicas"] = 41.into();
        deployment["status"]["availableReplicas"] = 41.into();
        stage.apply(Object::decode(Kind::Deployment, &serde_json::to_vec(&deployment).unwrap()).unwrap());
        // It moves to another group: what is measured is a row that changes in its place.
        screen.frame(&stage);
        deployment["status"]["readyReplicas"] = 42.into();
        deployment["status"]["availableReplicas"] = 42.into();
        stage.apply(Object::decode(Kind::Deployment, &serde_json::to_vec(&deployment).unwrap()).unwrap());
        report("a row of the board", screen.frame(&stage), whole);

        stage.keys("l");
        let whole = screen.frame(&stage);

        let mut changed = pod(0, 0);
        changed["status"]["containerStatuses"][0]["restartCount"] = 1.into();
        stage.apply(Object::decode(Kind::Pod, &serde_json::to_vec(&changed).unwrap()).unwrap());
        report("a row of the pods", screen.frame(&stage), whole);
    }
}
