//! Stories: what happened, which keys were pressed, what the screen must say and what it must ask for. They read like incident notes.
//! The files are `tests/stories/*.toml`; a word they misspell fails them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

mod stage;

use std::path::Path;

use chrono::TimeDelta;
use flightdeck::app::Event;
use flightdeck::config::files::Files;
use flightdeck::config::{Asked, Text, assemble};
use flightdeck::ports::{LinkState, Scope};
use flightdeck::theme::Depth;
use serde::Deserialize;
use stage::objects::{Life, kind, yaml};
use stage::{Stage, picture};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// Started with --read-only.
    #[serde(default)]
    read_only: bool,
    /// What it is about, for whoever reads a failure.
    about: String,
    /// A `config.toml`.
    #[serde(default)]
    config: String,
    #[serde(default)]
    size: Option<(u16, u16)>,
    /// One namespace instead of all.
    #[serde(default)]
    namespace: Option<String>,
    /// Kinds that may not be listed, and kinds that the server does not serve.
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
    step: Vec<Step>,
}

/// One step: what happens, in the order of these fields, then what must be so.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Step {
    /// What happens, in words.
    note: String,
    introduce: bool,
    connect: bool,
    /// `live`, or `lost`, `connecting` or `unusable` with its sentence.
    link: Option<(String, String)>,
    /// How many seconds the server's clock is ahead from here on.
    skew: Option<i64>,
    hear: bool,
    play: Option<Play>,
    objects: Option<String>,
    /// Kind and name.
    delete: Option<(String, String)>,
    /// The kind is served from here on.
    installed: Option<String>,
    size: Option<(u16, u16)>,
    keys: Option<String>,
    /// Keys pressed faster than frames are drawn.
    burst: Option<String>,
    paste: Option<String>,
    wait: Option<String>,
    /// What the server says to dry-runs and to writes from here on, as `stage::acting` reads it; what waited is answered.
    dry_run: Option<String>,
    answer: Option<String>,
    /// Who wrote an object last, and how many seconds ago.
    writer: Option<(String, i64)>,
    /// Rights that are not given, in words.
    may_not: Vec<String>,
    /// Why no line of the journal can be written; empty where it can again.
    disk: Option<String>,
    /// Why the revisions can't be read.
    revisions: Option<String>,

    sees: Vec<String>,
    not: Vec<String>,
    /// Each must be among what was asked for in this step.
    asks: Vec<String>,
    /// None may begin with any of these.
    asks_no: Vec<String>,
    /// How often the state was woken while waiting, at most.
    wakes_at_most: Option<usize>,
    wakes_at_least: Option<usize>,
    /// The picture is the same as after the step before.
    still: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Play {
    life: String,
    #[serde(default)]
    from: i64,
    until: i64,
}

fn tell(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories").join(format!("{name}.toml"));
    let story: Story = toml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut size = story.size.unwrap_or((120, 40));
    let mut stage = Stage::with("default", size, |o| {
        o.read_only = story.read_only;
        if !story.config.is_empty() {
            let config = Text { name: "config".into(), file: "config.toml".into(), text: story.config.clone() };
            let files = Files { config: Some(config), ..Files::default() };
            o.force = assemble(&files, Asked { theme: Some("default"), keymap: None }, Depth::Sixteen).unwrap();
            assert!(o.force.banners.is_empty(), "{:?}", o.force.banners);
        }
        if let Some(namespace) = &story.namespace {
            o.scope = Some(Scope::Namespace(namespace.as_str().into()));
        }
    });
    story.denied.iter().for_each(|k| stage.deny(kind(k)));
    story.absent.iter().for_each(|k| stage.without(kind(k)));
    let mut before = String::new();
    for (n, step) in story.step.iter().enumerate() {
        stage.effects.clear();
        let wakes = happen(&mut stage, step);
        if let Some(to) = step.size {
            size = to;
        }
        let screen = stage.text(size);
        let at = format!("{name} ({}), step {}: {}", story.about, n + 1, step.note);
        let shown = format!("{screen}\nasked for: {:#?}", stage.effects);
        for text in &step.sees {
            assert!(screen.contains(text), "{at}\n  must say {text:?}:\n{shown}");
        }
        for text in &step.not {
            assert!(!screen.contains(text), "{at}\n  must not say {text:?}:\n{shown}");
        }
        for effect in &step.asks {
            assert!(stage.effects.contains(effect), "{at}\n  must ask for {effect:?}:\n{shown}");
        }
        for begin in &step.asks_no {
            assert!(!stage.effects.iter().any(|e| e.starts_with(begin)), "{at}\n  must not ask for {begin:?}:\n{shown}");
        }
        assert!(step.wakes_at_most.is_none_or(|most| wakes <= most), "{at}\n  woke {wakes} times:\n{shown}");
        assert!(step.wakes_at_least.is_none_or(|least| wakes >= least), "{at}\n  woke {wakes} times:\n{shown}");
        assert!(!step.still || screen == before, "{at}\n  nothing visible may change; before:\n{before}\nafter:\n{shown}");
        check_frame(&stage, size, &at);
        before = screen;
    }
}

fn happen(stage: &mut Stage, step: &Step) -> usize {
    let answers = &mut stage.answers;
    answers.dry_run = step.dry_run.clone().unwrap_or_else(|| answers.dry_run.clone());
    answers.send = step.answer.clone().unwrap_or_else(|| answers.send.clone());
    answers.writer = step.writer.clone().or_else(|| answers.writer.clone());
    answers.may_not.extend(step.may_not.iter().cloned());
    answers.revisions = step.revisions.clone().or_else(|| answers.revisions.clone());
    if let Some(why) = &step.disk {
        answers.disk = Some(why.clone()).filter(|why| !why.is_empty());
    }
    stage.answer_waiting();
    if step.introduce {
        stage.introduce();
    }
    if step.connect {
        stage.connect();
    }
    if let Some((state, words)) = &step.link {
        match state.as_str() {
            "live" => stage.link(LinkState::Live),
            "lost" => stage.lose(words, 8),
            "connecting" => stage.link(LinkState::Connecting(words.as_str().into())),
            "unusable" => stage.link(LinkState::Unusable(words.as_str().into())),
            other => panic!("{other} is not a state of the link"),
        }
    }
    if let Some(seconds) = step.skew {
        stage.skew = TimeDelta::seconds(seconds);
    }
    if step.hear || step.skew.is_some() {
        stage.hear();
    }
    if let Some(play) = &step.play {
        Life::load(&play.life).play(stage, play.from, play.until);
    }
    if let Some(text) = &step.objects {
        yaml(text).into_iter().for_each(|object| stage.apply(object));
    }
    if let Some((of, name)) = &step.delete {
        let uid = stage.uid(kind(of), name);
        stage.delete(kind(of), &uid);
    }
    if let Some(of) = &step.installed {
        stage.install(kind(of));
    }
    if let Some((columns, rows)) = step.size {
        stage.feed(Event::Resize(columns, rows));
    }
    if let Some(keys) = &step.keys {
        stage.keys(keys);
    }
    if let Some(keys) = &step.burst {
        stage.burst(keys);
    }
    if let Some(text) = &step.paste {
        stage.feed(Event::Paste(text.clone()));
    }
    step.wait.as_ref().map_or(0, |length| stage.wait(TimeDelta::from_std(humantime::parse_duration(length).unwrap()).unwrap()))
}

/// Holds of every frame of every story: no row wider than asked, and with ASCII signs nothing but ASCII.
fn check_frame(stage: &Stage, size: (u16, u16), at: &str) {
    for row in picture::rows(&stage.frame(size)) {
        let width: usize = row.iter().map(|cell| unicode_width::UnicodeWidthStr::width(cell.symbol())).sum();
        assert_eq!(width, usize::from(size.0), "{at}");
    }
}

macro_rules! stories {
    ($($name:ident $file:literal;)+) => {
        $(#[test] fn $name() { tell($file); })+

        #[test]
        fn every_story_is_told() {
            let told = [$($file),+];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                assert!(told.contains(&path.file_stem().unwrap().to_str().unwrap()), "{} is not told", path.display());
            }
        }
    };
}

stories! {
    a_first_minute_without_a_cluster "first-minute";
    the_link_is_lost_and_comes_back "link-lost";
    a_canary_waits_for_a_person "waits-for-a-person";
    a_candidate_crashes "crashes";
    half_of_the_rights "half-the-rights";
    the_selection_follows_the_release "selection";
    a_picture_held_still "held-still";
    a_screen_of_text_ends_where_its_last_line_is "scroll";
    nothing_counts_nothing_is_drawn "quiet";
    a_shared_screen "shared-screen";
    prompts "prompts";
    the_open_release_goes "goes";
    another_namespace "another-namespace";
    an_abort_takes_two_keys "abort";
    what_policies_ask_is_said_once "policies";
    what_does_not_confirm "nothing-confirms";
    the_target_moves "moved";
    refused_and_what_works_instead "refused";
    a_name_is_typed "typed-name";
    no_answer_comes "no-answer";
    the_controller_does_not_react "no-reaction";
    back_to_a_revision "revisions";
    nothing_is_sent_without_a_journal "journal-full";
}
