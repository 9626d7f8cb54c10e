//! The Release and Pods screens as blessed text, with their styles: `BLESS=1 cargo test --test frames_release` writes them anew.

mod releases;

use std::fmt::Write as _;
use std::path::Path;

use chrono::FixedOffset;
use flightdeck::objects::Kind;
use flightdeck::release::Release;
use flightdeck::theme::{Depth, Glyphs, Theme, load, shelf};
use flightdeck::view::paint::Paint;
use flightdeck::view::release::{Panel, ReleaseUi, draw};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// Screen sizes; band and key line are drawn by others.
const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 50)];

fn paint<'a>(theme: &'a Theme, ascii: bool) -> Paint<'a> {
    Paint { theme, glyphs: Glyphs { ascii }, now: releases::now(), zone: FixedOffset::east_opt(0).unwrap(), redact: false, stale: None }
}

fn theme(name: &str) -> Theme {
    load(&shelf(), name, None, Depth::Sixteen).unwrap().0
}

fn frame(release: &Release, ui: &ReleaseUi, paint: &Paint, (w, h): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, w, h - 2);
    let mut buf = Buffer::empty(area);
    draw(release, ui, paint, area, &mut buf);
    buf
}

fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.y..buf.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buf.area.x..buf.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// One line a run of cells of one style, where it is not plain.
fn styles(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.y..buf.area.bottom() {
        let mut runs: Vec<(u16, u16, Style)> = Vec::new();
        for x in buf.area.x..buf.area.right() {
            let cell = &buf[(x, y)];
            let blank = cell.symbol() == " " && !cell.modifier.contains(Modifier::REVERSED) && cell.bg == Color::Reset;
            let style = if blank { Style::new() } else { Style::new().fg(cell.fg).bg(cell.bg).add_modifier(cell.modifier) };
            match runs.last_mut() {
                Some((_, end, last)) if *last == style && *end == x => *end = x + 1,
                _ => runs.push((x, x + 1, style)),
            }
        }
        let said: Vec<String> = runs.iter().filter_map(|(a, b, s)| plain(s).map(|word| format!("{a}-{} {word}", b - 1))).collect();
        if !said.is_empty() {
            let _ = writeln!(out, "{y:>3}: {}", said.join(", "));
        }
    }
    out
}

fn plain(style: &Style) -> Option<String> {
    let mut words = Vec::new();
    if let Some(fg) = style.fg.filter(|c| *c != Color::Reset) {
        words.push(fg.to_string().to_lowercase());
    }
    if let Some(bg) = style.bg.filter(|c| *c != Color::Reset) {
        words.push(format!("on {}", bg.to_string().to_lowercase()));
    }
    if !style.add_modifier.is_empty() {
        words.push(format!("{:?}", style.add_modifier).to_lowercase());
    }
    (!words.is_empty()).then(|| words.join(" "))
}

fn bless(name: &str, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frames").join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, shown).unwrap();
        return;
    }
    let blessed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(blessed == shown, "{name} changed; look at it, then bless it:\n{shown}");
}

fn ui() -> ReleaseUi {
    ReleaseUi::default()
}

fn denied() -> ReleaseUi {
    ReleaseUi {
        missing: vec![
            (Kind::Pod, "you may not list pods in payments".into()),
            (Kind::EndpointSlice, "you may not list endpointslices in payments".into()),
        ],
        ..ui()
    }
}

#[test]
fn every_situation_at_every_size() {
    let theme = theme("default");
    for (name, release) in releases::all() {
        let ui = if name == "unread" { denied() } else { ui() };
        for size in SIZES {
            bless(&format!("release-{name}-{}x{}", size.0, size.1), &text(&frame(&release, &ui, &paint(&theme, false), size)));
        }
    }
}
