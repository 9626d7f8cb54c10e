//! Text from outside is data: whatever a cluster puts into names, images, messages and counts, no frame is torn, nothing reaches the terminal that it would obey, and nothing panics.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

mod stage;

use flightdeck::app::{Effect, Event};
use flightdeck::engines;
use flightdeck::keys::Chord;
use flightdeck::objects::{Kind, Object, SourceId, World, WorldEvent};
use flightdeck::release::words;
use ratatui::buffer::Buffer;
use serde_json::Value;
use stage::Stage;
use unicode_width::UnicodeWidthStr;

const HOSTILE: [&str; 9] = [
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "\u{202e}desrever\u{202c}",
    "zero\u{200b}\u{200d}\u{feff}width",
    "支払い決済サービス支払い決済サービス",
    "👩‍👩‍👧‍👦🇩🇪👍🏽",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}a\u{35c}",
    "two\nlines\r\nand\ttabs\u{2028}more",
    "\u{9b}31m\u{7f}\u{85}c1",
    "العربية עברית",
];

const SIZES: [(u16, u16); 6] = [(1, 1), (39, 12), (40, 12), (80, 24), (120, 40), (200, 50)];

/// The newest objects of a recorded life at a moment.
fn objects(life: &str, until: i64) -> Vec<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings").join(format!("{life}.jsonl"));
    let mut newest = std::collections::BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let mut event: Value = serde_json::from_str(line).unwrap();
        let known = Kind::ALL.iter().any(|k| k.name() == event["object"]["kind"]);
        if event["type"] == "BOOKMARK" || !known || event["at_ms"].as_i64().unwrap() > until {
            continue;
        }
        let uid = event["object"]["metadata"]["uid"].as_str().unwrap().to_owned();
        if event["type"] == "DELETED" {
            newest.remove(&uid);
        } else {
            newest.insert(uid, event["object"].take());
        }
    }
    newest.into_values().collect()
}

/// Puts `text` into everything that is only shown: names (owners and targets follow, they go by UID), images, messages, reasons, nodes.
fn poison(value: &mut Value, key: &str, text: &str) {
    const SHOWN: [&str; 14] = [
        "name",
        "namespace",
        "image",
        "imageID",
        "message",
        "reason",
        "nodeName",
        "zone",
        "value",
        "successCondition",
        "canaryService",
        "activeService",
        "kubernetes.io/change-cause",
        "phase",
    ];
    match value {
        Value::String(old) if SHOWN.contains(&key) => *old = format!("{text}{old}{text}"),
        Value::Array(values) => values.iter_mut().for_each(|v| poison(v, key, text)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, v)| poison(v, key, text)),
        _ => {}
    }
}

fn decode(object: &Value) -> Option<Object> {
    let kind = Kind::ALL.into_iter().find(|k| k.name() == object["kind"])?;
    Object::decode(kind, &serde_json::to_vec(object).unwrap()).ok()
}

fn assert_whole(buffer: &Buffer, what: &str) {
    for y in 0..buffer.area.height {
        let mut columns = 0;
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer.cell((x, y)).unwrap().symbol();
            assert!(
                !symbol.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{feff}' | '\u{2028}')),
                "{what}: {symbol:?} at {x},{y}"
            );
            let width = symbol.width().max(1);
            columns += width;
            x += u16::try_from(width).unwrap();
        }
        assert!(columns <= usize::from(buffer.area.width), "{what}: row {y} is {columns} columns wide");
    }
}

/// The columns in which every row of the frames of panels begins and ends must hold a border, whatever stands inside.
fn assert_borders(buffer: &Buffer, what: &str) {
    let at = |x: u16, y: u16| buffer.cell((x, y)).unwrap().symbol();
    let (mut open, mut seen) = (false, 0);
    for y in 0..buffer.area.height {
        let first = at(0, y);
        if matches!(first, "┌" | "┏") {
            open = true;
            seen += 1;
        }
        if open {
            let last = at(buffer.area.width - 1, y);
            assert!(matches!(last, "┐" | "┓" | "│" | "┃" | "┘" | "┛"), "{what}: row {y} ends in {last:?}");
        }
        if matches!(first, "└" | "┗") {
            open = false;
        }
    }
    assert!(seen >= 2, "{what}: panels are drawn");
}

fn stage_with(text: &str) -> Stage {
    let mut stage = Stage::new("default", (120, 40));
    stage.connect();
    for (life, until) in
        [("argo-canary-life", 86_884), ("argo-experiment", 15_684), ("argo-analysis-aborts", 24_149), ("flagger-gates-life", 75_000)]
    {
        for mut object in objects(life, until) {
            poison(&mut object, "", text);
            if let Some(object) = decode(&object) {
                stage.apply(object);
            }
        }
    }
    stage
}

#[test]
fn no_text_from_the_cluster_tears_a_frame() {
    let long = "n".repeat(10_240);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        let shown = text.chars().take(12).collect::<String>().escape_debug().to_string();
        for keys in ["", "enter", "enter l", "enter l enter", "enter w", "enter z", ": p", "/ x"] {
            let mut stage = stage_with(text);
            stage.keys(keys);
            for size in SIZES {
                let frame = stage.frame(size);
                assert_whole(&frame, &format!("{shown} after '{keys}' at {size:?}"));
                if keys == "enter" && size.0 >= 80 {
                    assert_borders(&frame, &format!("{shown} at {size:?}"));
                }
            }
        }
    }
}

#[test]
fn what_is_copied_is_clean() {
    for text in HOSTILE {
        let mut stage = stage_with(text);
        for keys in [["y", "n"], ["y", "v"], ["y", "k"], ["y", "s"]] {
            for key in keys {
                let effects = flightdeck::app::update(&mut stage.state, Event::Key(Chord::parse(key).unwrap()), stage.now);
                for effect in effects {
                    if let Effect::Copy(copied) = effect {
                        assert!(!copied.chars().any(char::is_control), "{copied:?}");
                    }
                }
            }
        }
    }
}

/// Deletes, nulls or replaces one random value somewhere in an object.
fn damage(value: &mut Value, rng: &mut fastrand::Rng) {
    let absurd = [
        Value::Null,
        Value::from(-1),
        Value::from(i64::MAX),
        Value::from(i64::MIN),
        Value::from(1e300),
        Value::from(""),
        Value::from("25%%"),
        Value::from("9999999999999999999h"),
        Value::from("2026-13-45T99:99:99Z"),
        Value::from(true),
        Value::Array(vec![Value::Null]),
        Value::Object(serde_json::Map::new()),
    ];
    match value {
        Value::Object(fields) if !fields.is_empty() && rng.u8(..) < 235 => {
            let at = rng.usize(..fields.len());
            let key = fields.keys().nth(at).unwrap().clone();
            if rng.u8(..) < 20 && key != "uid" {
                fields.remove(&key);
            } else if key != "uid" && key != "kind" {
                damage(fields.get_mut(&key).unwrap(), rng);
            }
        }
        Value::Array(values) if !values.is_empty() && rng.u8(..) < 235 => {
            let at = rng.usize(..values.len());
            damage(&mut values[at], rng);
        }
        other => *other = absurd[rng.usize(..absurd.len())].clone(),
    }
}

#[test]
fn absurd_objects_are_read_as_far_as_they_go() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut read = 0;
    for life in [
        "argo-canary-life",
        "argo-routed-life",
        "argo-blue-green-life",
        "argo-experiment",
        "deployment-life",
        "flagger-canary-life",
        "flagger-blue-green",
    ] {
        let whole = objects(life, 60_000);
        for _ in 0..120 {
            let mut world = World::default();
            for (n, kind) in Kind::ALL.into_iter().enumerate() {
                world.open(SourceId(n as u64), kind, None);
                world.apply(SourceId(n as u64), WorldEvent::Replace(kind, Vec::new()));
            }
            for object in &whole {
                let mut object = object.clone();
                for _ in 0..rng.usize(0..6) {
                    damage(&mut object, &mut rng);
                }
                if let Some(object) = decode(&object) {
                    let at = Kind::ALL.iter().position(|k| *k == object.kind()).unwrap() as u64;
                    world.apply(SourceId(at), WorldEvent::Apply(object));
                }
            }
            for key in world.releases() {
                if let Some(release) = engines::read(&world, &key) {
                    let now = "2026-11-21T03:00:00Z".parse().unwrap();
                    read += words::sentence(&release, now).lines().len();
                    let _ = (words::attention(&release, now), words::summary(&release, now), words::kubectl(&release, "prod"));
                    read += words::why(&release, now).len();
                }
            }
        }
    }
    assert!(read > 100, "most of it can be read all the same: {read}");
}
