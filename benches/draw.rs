//! One whole frame at 200x50: the board of 200 releases, and a release of 50 pods, against a plain paragraph that fills the same screen.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

#[path = "support/fleet.rs"]
mod fleet;
#[path = "../tests/stage/mod.rs"]
mod stage;
mod support;

use std::time::Duration;

use fleet::fleet;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget};
use support::{line, median};

const SIZE: (u16, u16) = (200, 50);

fn main() {
    let mut stage = fleet(SIZE);
    let plain = median(201, || {
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let mut buffer = Buffer::empty(area);
        let row = "a plain line of text ".repeat(10);
        Paragraph::new(vec![row; usize::from(SIZE.1)].join("\n")).render(area, &mut buffer);
        buffer
    });
    let report = |what: &str, ours: Duration| {
        let ratio = ours.as_secs_f64() / plain.as_secs_f64();
        line(what, &format!("{ours:.1?}"), &format!("plain text {plain:.1?}"), ratio, "a frame every 50 ms");
    };
    report("draw: board of 200 releases, 200x50", median(201, || stage.frame(SIZE)));
    stage.keys("enter");
    report("draw: a release with 50 pods, 200x50", median(201, || stage.frame(SIZE)));
    stage.keys("l");
    report("draw: its pods, 200x50", median(201, || stage.frame(SIZE)));
}
