//! Hostile text: names, messages and labels that try to move the cursor, turn the reading direction, fill the screen or vanish.
//! Whatever they say, a frame has exactly its rows and columns, its borders stand, and nothing reaches a terminal but what is meant.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

mod stage;

use flightdeck::app::{Effect, Event, settle, update};
use flightdeck::keys::Chord;
use flightdeck::ports::LinkState;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use serde_json::json;
use stage::objects::decode;
use stage::{Stage, picture};
use unicode_width::UnicodeWidthStr;

const SIZES: [(u16, u16); 6] = [(40, 12), (41, 13), (80, 24), (99, 31), (120, 40), (200, 50)];

/// What a name, a message or an image may hold.
fn nasty() -> Vec<(&'static str, String)> {
    vec![
        ("escape sequences", "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[1;1Hroot#".to_owned()),
        ("c1 controls", "\u{9b}31mred\u{9d}0;title\u{9c}".to_owned()),
        ("reading direction", "\u{202e}txet desrever\u{202c} \u{2066}isolate\u{2069} עברית العربية".to_owned()),
        ("zero width", "a\u{200b}b\u{200d}c\u{feff}d\u{2060}e\u{ad}f".to_owned()),
        ("wide", "支払い決済サービス本番環境リリース全角文字列".to_owned()),
        ("combining", "z\u{335}\u{322}\u{321}a\u{300}\u{301}\u{302}\u{303}l\u{489}\u{489}go".to_owned()),
        ("emoji", "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽 release".to_owned()),
        ("lines", "one\ntwo\r\nthree\ttab\u{2028}four\u{85}five".to_owned()),
        ("ten kilobytes", "x".repeat(10_240)),
        ("ten kilobytes, wide", "広".repeat(3_400)),
        ("box drawing", "│ ok │ ✔ healthy └──┘".to_owned()),
        ("nothing", String::new()),
        ("blanks", "   ".to_owned()),
        ("null", "\0\0".to_owned()),
        ("tags and variation", "a\u{e0041}b\u{fe0f}c\u{e000}d".to_owned()),
        ("hangul fillers", "\u{3164}\u{115f}\u{1160}\u{ffa0}".to_owned()),
    ]
}

/// A stage on which every text from outside is `text`: a failing Deployment, a Rollout with analysis, their pods and events.
fn stage_of(text: &str, size: (u16, u16)) -> Stage {
    let mut stage = Stage::new("default", size);
    stage.connect();
    let meta = |kind: &str, name: &str, owner: Option<(&str, &str)>| {
        let owners = owner.map(|(kind, uid)| json!([{"kind": kind, "name": text, "uid": uid, "controller": true}]));
        json!({"name": name, "namespace": text, "uid": format!("{kind}-uid"), "resourceVersion": "1", "generation": 1,
            "creationTimestamp": "2026-11-21T02:40:00Z", "labels": {"app": text, "pod-template-hash": text, "rollouts-pod-template-hash": text},
            "annotations": {"deployment.kubernetes.io/revision": "2", "rollout.argoproj.io/revision": "2", "kubernetes.io/change-cause": text},
            "ownerReferences": owners})
    };
    let spec = json!({"metadata": {"labels": {"app": text}}, "spec": {"containers": [{"name": text, "image": text}]}});
    let condition = json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": text,
        "lastTransitionTime": "2026-11-21T02:44:00Z", "lastUpdateTime": "2026-11-21T02:44:00Z"}]);
    let objects = [
        json!({"kind": "Deployment", "metadata": meta("d", text, None),
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": text}}, "template": spec, "progressDeadlineSeconds": 60},
            "status": {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2, "conditions": condition}}),
        json!({"kind": "ReplicaSet", "metadata": meta("drs", text, Some(("Deployment", "d-uid"))),
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": text}}, "template": spec}, "status": {"replicas": 1}}),
        json!({"kind": "Pod", "metadata": meta("p", text, Some(("ReplicaSet", "drs-uid"))),
            "spec": {"nodeName": text, "containers": [{"name": text, "image": text}]},
            "status": {"phase": "Pending", "reason": text, "message": text, "conditions": [{"type": "Ready", "status": "False", "reason": text, "message": text}],
                "containerStatuses": [{"name": text, "ready": false, "restartCount": 3, "state": {"waiting": {"reason": text, "message": text}}}]}}),
        json!({"kind": "Rollout", "metadata": meta("r", "shop", None),
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": text}}, "template": spec,
                "strategy": {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}, {"analysis": {"templates": [{"templateName": text}]}}, {text: {}}]}}},
            "status": {"observedGeneration": "1", "phase": "Degraded", "message": text, "abort": true, "currentPodHash": text, "stableRS": "old",
                "currentStepIndex": 1, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2, "conditions": condition}}),
        json!({"kind": "ReplicaSet", "metadata": meta("rrs", "shop-rs", Some(("Rollout", "r-uid"))),
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": text}}, "template": spec}, "status": {"replicas": 1}}),
        json!({"kind": "AnalysisRun", "metadata": meta("a", text, Some(("Rollout", "r-uid"))),
            "spec": {"metrics": [{"name": text, "successCondition": text}]},
            "status": {"phase": "Failed", "message": text, "metricResults": [{"name": text, "phase": "Failed", "message": text,
                "failed": 2, "measurements": [{"phase": "Failed", "value": text}]}]}}),
        json!({"kind": "Event", "metadata": meta("e", text, None), "type": "Warning", "reason": text, "message": text, "count": 1_000_000,
            "lastTimestamp": "2026-11-21T02:44:30Z", "involvedObject": {"kind": "Rollout", "name": "shop", "namespace": text, "uid": "r-uid"}}),
    ];
    for object in &objects {
        stage.apply(decode(object));
    }
    stage
}

/// Everything a screen can be asked to show.
const WALKS: [&str; 12] =
    ["", "down enter", "down l enter", "down w", "enter", "enter z", "l", "l enter", "w G", "?", ": c o", "enter tab tab tab z down down"];

fn holds(frame: &Buffer, size: (u16, u16), about: &str) {
    assert_eq!((frame.area.width, frame.area.height), size, "{about}");
    for row in picture::rows(frame) {
        let width: usize = row.iter().map(|cell| cell.symbol().width()).sum();
        let text: String = row.iter().map(|c| c.symbol()).collect();
        assert_eq!(width, usize::from(size.0), "{about}: {text:?}");
        let moves = |c: char| {
            c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!text.chars().any(moves), "{about}: {text:?}");
    }
}

#[test]
fn no_text_leaves_its_frame() {
    for (about, text) in nasty() {
        for size in SIZES {
            for walk in WALKS {
                let mut stage = stage_of(&text, size);
                stage.keys(walk);
                holds(&stage.frame(size), size, &format!("{about} at {size:?} after {walk:?}"));
            }
        }
    }
}

#[test]
fn borders_stand_around_hostile_text() {
    for (about, text) in nasty().into_iter().filter(|(about, _)| *about != "box drawing") {
        for size in [(80, 24), (120, 40)] {
            let mut stage = stage_of(&text, size);
            stage.keys("enter");
            let frame = stage.frame(size);
            let mut panels = 0;
            for y in 0..size.1 {
                for x in 0..size.0 {
                    if matches!(frame[(x, y)].symbol(), "┌" | "┏") {
                        panels += 1;
                        closed(&frame, x, y, about);
                    }
                }
            }
            assert!(panels >= 3, "{about} at {size:?}: {panels} panels\n{}", picture::text(&frame));
        }
    }
}

/// From the corner at (x, y): right along the top, down both sides, back along the bottom.
fn closed(frame: &Buffer, x: u16, y: u16, about: &str) {
    let thick = frame[(x, y)].symbol() == "┏";
    let (side, corners) = if thick { ("┃", ["┓", "┗", "┛"]) } else { ("│", ["┐", "└", "┘"]) };
    let right = (x..frame.area.width).find(|at| frame[(*at, y)].symbol() == corners[0]);
    let bottom = (y..frame.area.height).find(|at| frame[(x, *at)].symbol() == corners[1]);
    let text = picture::text(frame);
    let (Some(right), Some(bottom)) = (right, bottom) else { panic!("{about}: the frame at {x},{y} is open\n{text}") };
    assert_eq!(frame[(right, bottom)].symbol(), corners[2], "{about}\n{text}");
    for at in y + 1..bottom {
        assert_eq!(frame[(x, at)].symbol(), side, "{about} at {x},{at}\n{text}");
        assert_eq!(frame[(right, at)].symbol(), side, "{about} at {right},{at}\n{text}");
    }
}

#[test]
fn with_ascii_signs_the_program_itself_draws_only_ascii() {
    let size = (120, 40);
    for walk in WALKS {
        let mut stage = Stage::with("mono", size, |o| o.ascii = true);
        stage.connect();
        for (life, until) in
            [("argo-routed-life", 16_471), ("argo-canary-life", 86_884), ("argo-blue-green-life", 21_748), ("deployment-life", 50_305)]
        {
            stage::objects::Life::load(life).play(&mut stage, 0, until);
        }
        stage.keys(walk);
        stage.lose("no answer", 8);
        let text = stage.text(size);
        let odd: String = text.chars().filter(|c| !c.is_ascii()).collect();
        assert!(odd.is_empty(), "after {walk:?}: {odd:?}\n{text}");
    }
}

#[test]
fn what_is_copied_holds_no_escape() {
    for (about, text) in nasty() {
        let mut stage = stage_of(&text, (120, 40));
        for keys in ["y n", "y v", "y k", "y s"] {
            let mut effects = Vec::new();
            for key in keys.split(' ') {
                effects.extend(update(&mut stage.state, Event::Key(Chord::parse(key).unwrap()), stage.now));
            }
            for effect in effects {
                if let Effect::Copy(text) = effect {
                    assert!(!text.chars().any(char::is_control), "{about}: {text:?}");
                }
            }
        }
    }
}

#[test]
fn what_the_link_says_is_text_too() {
    for (about, text) in nasty() {
        for size in SIZES {
            for link in [
                LinkState::Connecting(text.as_str().into()),
                LinkState::Unusable(text.as_str().into()),
                LinkState::Lost { reason: text.as_str().into(), retry_after: std::time::Duration::from_secs(u64::MAX) },
            ] {
                let mut stage = stage_of("web", size);
                stage.feed(Event::Notice(text.as_str().into()));
                stage.link(link);
                holds(&stage.frame(size), size, about);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_size_and_no_keys_break_a_frame(columns in 0_u16..260, rows in 0_u16..80, text in "\\PC{0,40}", keys in prop::collection::vec(0_usize..KEYS.len(), 0..14)) {
        let mut stage = stage_of(&text, (120, 40));
        stage.feed(Event::Resize(columns, rows));
        for key in keys {
            stage.keys(KEYS[key]);
            holds(&stage.frame((columns, rows)), (columns, rows), KEYS[key]);
        }
        stage.feed(Event::Paste(text));
        let _ = settle(&mut stage.state, stage.now);
        holds(&stage.frame((columns, rows)), (columns, rows), "after pasting");
    }
}

/// Keys a person might lean on.
const KEYS: [&str; 33] = [
    "enter",
    "esc",
    "up",
    "down",
    "left",
    "right",
    "tab",
    "shift-tab",
    "pgup",
    "pgdn",
    "home",
    "end",
    "/",
    ":",
    "?",
    "n",
    "a",
    "A",
    "s",
    "S",
    "space",
    "c",
    "l",
    "o",
    "w",
    "z",
    "f",
    "X",
    "T",
    "g",
    "G",
    "backspace",
    "ctrl-l",
];
