//! The Release and Pods screens as blessed text, with their styles: `FLIGHTDECK_BLESS=1 cargo test --test frames_release` writes them anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

mod releases;

use std::fmt::Write as _;
use std::path::Path;

use chrono::FixedOffset;
use flightdeck::app::{Cockpit, Panel, PodSort, Pods};
use flightdeck::objects::Kind;
use flightdeck::release::Release;
use flightdeck::theme::{Depth, Glyphs, Theme, load, shelf};
use flightdeck::view::paint::Paint;
use flightdeck::view::release::draw;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// Screen sizes; band and key line are drawn by others.
const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 50)];

fn paint<'a>(theme: &'a Theme, ascii: bool) -> Paint<'a> {
    Paint {
        theme,
        glyphs: Glyphs { ascii },
        now: releases::now(),
        zone: FixedOffset::east_opt(0).unwrap(),
        redact: false,
        names: None,
        stale: false,
    }
}

fn theme(name: &str) -> Theme {
    load(&shelf(), name, None, Depth::Sixteen).unwrap().0
}

fn frame(release: &Release, ui: &Cockpit, unread: &[(Kind, String)], paint: &Paint, (w, h): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, w, h - 2);
    let mut buf = Buffer::empty(area);
    draw(release, ui, unread, paint, area, &mut buf);
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frames/situations").join(format!("{name}.txt"));
    if std::env::var_os("FLIGHTDECK_BLESS").is_some() {
        std::fs::write(&path, shown).unwrap();
        return;
    }
    let blessed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(blessed == shown, "{name} changed; look at it, then bless it:\n{shown}");
}

fn denied() -> Vec<(Kind, String)> {
    vec![
        (Kind::Pod, "you may not list pods in payments".into()),
        (Kind::EndpointSlice, "you may not list endpointslices in payments".into()),
    ]
}

fn unread(name: &str) -> Vec<(Kind, String)> {
    if name == "unread" { denied() } else { Vec::new() }
}

#[test]
fn every_situation_at_every_size() {
    let theme = theme("default");
    for (name, release) in releases::all() {
        for size in SIZES {
            let shown = frame(&release, &Cockpit::default(), &unread(name), &paint(&theme, false), size);
            bless(&format!("release-{name}-{}x{}", size.0, size.1), &text(&shown));
        }
    }
}

fn pods_frame(release: &Release, ui: &Pods, unread: &[(Kind, String)], paint: &Paint, (w, h): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, w, h - 2);
    let mut buf = Buffer::empty(area);
    flightdeck::view::pods::draw(release, ui, unread, paint, area, &mut buf);
    buf
}

#[test]
fn the_pods_of_some_situations_at_every_size() {
    let theme = theme("default");
    for (name, release) in releases::all() {
        if !["failing", "sixty", "unread", "long-names", "stuck"].contains(&name) {
            continue;
        }
        for size in SIZES {
            let shown = pods_frame(&release, &Pods::default(), &unread(name), &paint(&theme, false), size);
            bless(&format!("pods-{name}-{}x{}", size.0, size.1), &text(&shown));
        }
    }
}

#[test]
fn a_chosen_pod_is_told_in_full() {
    let theme = theme("default");
    let release = releases::failing();
    let ui = Pods { detail: true, ..Pods::default() };
    for size in SIZES {
        bless(&format!("pods-detail-{}x{}", size.0, size.1), &text(&pods_frame(&release, &ui, &[], &paint(&theme, false), size)));
    }
}

#[test]
fn the_selection_follows_the_pod_when_the_order_turns() {
    let release = releases::sixty();
    let mut ui = Pods::default();
    ui.step(30, &release);
    let chosen = ui.current(&release).unwrap().uid.clone();
    ui.sort = PodSort::Name;
    ui.reversed = true;
    assert_eq!(ui.current(&release).unwrap().uid, chosen);
    let theme = theme("default");
    let shown = text(&pods_frame(&release, &ui, &[], &paint(&theme, false), (80, 24)));
    let name = &ui.current(&release).unwrap().name;
    let tail = name.rsplit('-').next().unwrap();
    assert!(shown.lines().any(|l| l.contains('▸') && l.contains(tail)), "{shown}");
}

#[test]
fn looks_are_held_too() {
    for (look, ascii) in [("default", false), ("mono", false), ("mono", true)] {
        let theme = if look == "mono" { load(&shelf(), "mono", None, Depth::Mono).unwrap().0 } else { theme(look) };
        for size in [(80, 24), (120, 40)] {
            let paint = paint(&theme, ascii);
            let name = format!("{look}{}-{}x{}", if ascii { "-ascii" } else { "" }, size.0, size.1);
            let shown = frame(&releases::failing(), &Cockpit::default(), &[], &paint, size);
            bless(&format!("looks-release-{name}"), &format!("{}\n{}", text(&shown), styles(&shown)));
            let shown = pods_frame(&releases::failing(), &Pods::default(), &[], &paint, size);
            bless(&format!("looks-pods-{name}"), &format!("{}\n{}", text(&shown), styles(&shown)));
        }
    }
}

#[test]
fn ascii_draws_nothing_else_where_names_are_ascii() {
    let theme = theme("default");
    for (name, release) in releases::all().into_iter().filter(|(name, _)| *name != "long-names") {
        for size in SIZES {
            let shown = text(&frame(&release, &Cockpit::default(), &unread(name), &paint(&theme, true), size));
            assert!(shown.is_ascii(), "{name} {size:?}: {:?}\n{shown}", shown.chars().find(|c| !c.is_ascii()));
            let shown = text(&pods_frame(&release, &Pods::default(), &unread(name), &paint(&theme, true), size));
            assert!(shown.is_ascii(), "pods {name} {size:?}\n{shown}");
        }
    }
}

#[test]
fn no_size_breaks_the_drawing() {
    let theme = theme("default");
    for (name, release) in releases::all() {
        for (w, h) in
            [(1, 3), (3, 5), (10, 6), (39, 11), (41, 13), (75, 23), (77, 22), (109, 30), (111, 29), (169, 31), (171, 33), (300, 90)]
        {
            let paint = paint(&theme, false);
            frame(&release, &Cockpit::default(), &unread(name), &paint, (w, h));
            for panel in Panel::ALL {
                frame(&release, &Cockpit { focus: panel, expanded: true, scroll: [9; 6] }, &unread(name), &paint, (w, h));
            }
            pods_frame(&release, &Pods { detail: true, ..Pods::default() }, &unread(name), &paint, (w, h));
        }
    }
}

#[test]
fn a_stale_picture_is_dim_all_over() {
    let theme = theme("default");
    let paint = Paint { stale: true, ..paint(&theme, false) };
    let shown = frame(&releases::failing(), &Cockpit::default(), &[], &paint, (120, 40));
    let bright = shown.content.iter().filter(|c| c.symbol() != " " && !c.modifier.contains(Modifier::DIM)).count();
    assert_eq!(bright, 0);
}
