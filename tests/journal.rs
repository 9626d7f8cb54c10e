//! The journal held to its promises: whole lines whoever else writes, nothing lost or rewritten, and a sentence where it can't be kept.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{TimeDelta, TimeZone, Utc};
use flightdeck::journal::JournalFiles;
use flightdeck::objects::Time;
use flightdeck::ports::journal::{Entry, Journal, Told};
use flightdeck::text::Clean;
use serde_json::json;

/// Where the other process writes, and what it calls itself.
const STATE: &str = "FLIGHTDECK_TEST_STATE";
const WRITER: &str = "FLIGHTDECK_TEST_WRITER";
const LINES: &str = "FLIGHTDECK_TEST_LINES";

fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

fn entry(action: &str, at: Time, fill: usize) -> Entry {
    Entry {
        format: 1,
        action: action.into(),
        at,
        told: Told::About,
        user: "ada".into(),
        groups: vec!["oncall".into()],
        context: "prod-eu".into(),
        release: "rollout/payments/checkout".into(),
        uid: "464bdc09".into(),
        intent: "abort".into(),
        stage: Clean::default(),
        request: "PATCH rollouts/checkout/status merge".into(),
        patch: json!({"status": {"abort": true}, "fill": "x".repeat(fill)}),
        dry_run: Clean::default(),
        answer: Clean::default(),
        effect: Clean::default(),
        note: "line one\nline two".into(),
    }
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn state(&self) -> PathBuf {
        self.0.path().join("state/flightdeck")
    }
    fn folder(&self) -> PathBuf {
        self.state().join("journal")
    }
    fn day(&self) -> PathBuf {
        self.folder().join("2026-11-21.jsonl")
    }
    fn journal(&self) -> JournalFiles {
        JournalFiles::below(Some(self.state()))
    }
    fn lay(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.folder()).unwrap();
        fs::write(self.folder().join(name), bytes).unwrap();
    }
    fn refusal(&self) -> String {
        self.journal().append(&entry("a", noon(), 0)).expect_err("it can't be written").to_string()
    }
}

fn actions(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.action.as_str()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// This test program again, as another process that appends to the same journal.
fn other_process(home: &Home, name: &str, lines: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", "the_other_process_appends"]);
    command.env(STATE, home.state()).env(WRITER, name).env(LINES, lines.to_string()).stdout(Stdio::piped());
    command
}

#[test]
#[ignore = "it is the other process of the tests beside it, and run by them"]
fn the_other_process_appends() {
    let journal = JournalFiles::below(Some(std::env::var_os(STATE).expect("run by another test").into()));
    let (name, lines) = (std::env::var(WRITER).unwrap(), std::env::var(LINES).unwrap().parse().unwrap());
    for line in 0..lines {
        match journal.append(&entry(&format!("{name}-{line}"), noon(), 64 << 10)) {
            Ok(()) => println!("kept {name}-{line}"),
            Err(sentence) => {
                println!("refused {sentence}");
                return;
            }
        }
    }
}

#[test]
fn processes_and_threads_at_once_write_whole_lines() {
    const EACH: usize = 25;
    let home = Home::new();
    let processes: Vec<_> = (0..2).map(|n| other_process(&home, &format!("process{n}"), EACH).spawn().unwrap()).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let journal = home.journal();
            scope.spawn(move || {
                for line in 0..EACH {
                    journal.append(&entry(&format!("thread{thread}-{line}"), noon(), 64 << 10)).unwrap();
                }
            });
        }
    });
    for process in processes {
        assert!(process.wait_with_output().unwrap().status.success());
    }
    let (mut entries, unreadable) = home.journal().read(usize::MAX).unwrap();
    assert_eq!((entries.len(), unreadable), (6 * EACH, 0));
    assert_eq!(fs::read_to_string(home.day()).unwrap().lines().count(), 6 * EACH, "one line for each, and no empty one");
    // Newest first: of each writer, the last line is met first.
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries.drain(..) {
        let (writer, line) = entry.action.rsplit_once('-').unwrap();
        let expected = next.entry(writer.to_owned()).or_insert(EACH);
        *expected -= 1;
        assert_eq!(line.parse::<usize>().unwrap(), *expected, "{writer}");
    }
}

#[test]
fn what_was_kept_before_a_process_was_killed_is_kept() {
    let home = Home::new();
    let mut process = other_process(&home, "killed", 100_000).spawn().unwrap();
    let mut kept: Vec<String> = Vec::new();
    for line in BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok) {
        kept.extend(line.split_once("kept ").map(|(_, action)| action.to_owned()));
        if kept.len() == 20 {
            process.kill().unwrap();
        }
    }
    process.wait().unwrap();
    home.journal().append(&entry("after", noon(), 0)).unwrap();
    let (entries, unreadable) = home.journal().read(usize::MAX).unwrap();
    let found = actions(&entries);
    assert_eq!(found[0], "after");
    assert!(kept.iter().all(|action| found.contains(&action.as_str())), "a line that was said to be on disk is missing");
    assert!(unreadable <= 1, "{unreadable} lines are broken");
}

#[test]
fn a_disk_without_room_is_told_and_its_half_line_spoils_no_other() {
    let home = Home::new();
    // The limit on the size of files stands in for the disk's end: a write is taken in part, the next one fails.
    let limited = other_process(&home, "limited", 10);
    let mut shell = Command::new("bash");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\""]).arg(limited.get_program()).args(limited.get_args());
    shell.envs(limited.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let said = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    assert_eq!(said.matches("kept limited-").count(), 3, "{said}");
    assert!(said.contains("the file may not grow further"), "{said}");

    let before = fs::read(home.day()).unwrap();
    assert_ne!(before.last(), Some(&b'\n'), "the limit left half a line");
    home.journal().append(&entry("after", noon(), 0)).unwrap();
    assert!(fs::read(home.day()).unwrap().starts_with(&before), "what was there was changed");
    let (entries, unreadable) = home.journal().read(usize::MAX).unwrap();
    assert_eq!((actions(&entries), unreadable), (vec!["after", "limited-2", "limited-1", "limited-0"], 1));
}

#[test]
fn half_a_line_of_a_crash_is_closed_and_counted_and_never_rewritten() {
    let home = Home::new();
    home.journal().append(&entry("first", noon(), 0)).unwrap();
    let mut bytes = fs::read(home.day()).unwrap();
    bytes.extend_from_slice(b"{\"format\":1,\"action\":\"hal");
    fs::write(home.day(), &bytes).unwrap();
    home.journal().append(&entry("second", noon(), 0)).unwrap();
    home.journal().append(&entry("third", noon(), 0)).unwrap();
    let after = fs::read(home.day()).unwrap();
    assert!(after.starts_with(&bytes) && after[bytes.len()] == b'\n');
    let (entries, unreadable) = home.journal().read(10).unwrap();
    assert_eq!((actions(&entries), unreadable), (vec!["third", "second", "first"], 1));
}

#[test]
fn an_entry_comes_back_as_it_went_and_its_file_is_private_and_of_its_day() {
    let home = Home::new();
    let days = [noon(), noon() + TimeDelta::hours(12), noon() - TimeDelta::days(400)];
    for (n, at) in days.iter().enumerate() {
        home.journal().append(&entry(&format!("a{n}"), *at, 10)).unwrap();
    }
    assert_eq!(mode(&home.folder()), 0o700);
    let mut names: Vec<String> =
        fs::read_dir(home.folder()).unwrap().map(|found| found.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["2025-10-17.jsonl", "2026-11-21.jsonl", "2026-11-22.jsonl"]);
    assert!(names.iter().all(|name| mode(&home.folder().join(name)) == 0o600));
    let (entries, unreadable) = home.journal().read(2).unwrap();
    assert_eq!(entries, [entry("a1", days[1], 10), entry("a0", days[0], 10)]);
    assert_eq!(unreadable, 0);
}

#[test]
fn a_folder_or_file_left_open_to_others_is_closed_again() {
    let home = Home::new();
    home.lay("2026-11-21.jsonl", b"");
    fs::set_permissions(home.day(), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(home.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    home.journal().append(&entry("a", noon(), 0)).unwrap();
    assert_eq!((mode(&home.folder()), mode(&home.day())), (0o700, 0o600));
}

#[test]
fn no_journal_yet_is_an_empty_one() {
    let home = Home::new();
    assert_eq!(home.journal().read(10), Ok((Vec::new(), 0)));
    assert!(!home.state().exists(), "reading makes nothing");
}

#[test]
fn without_a_home_nothing_can_be_written_and_the_sentence_says_what_to_set() {
    let said = JournalFiles::below(None).append(&entry("a", noon(), 0)).unwrap_err();
    assert!(said.contains("no home folder is known") && said.contains("XDG_STATE_HOME"), "{said}");
}

#[test]
fn what_lies_in_the_way_is_named_and_left_alone() {
    let home = Home::new();
    let aim = home.0.path().join("aim");
    fs::write(&aim, "precious").unwrap();
    fs::create_dir_all(home.state()).unwrap();

    fs::write(home.folder(), "a file").unwrap();
    assert!(home.refusal().contains("journal is not a folder"), "{}", home.refusal());
    fs::remove_file(home.folder()).unwrap();

    symlink(home.0.path(), home.folder()).unwrap();
    assert!(home.refusal().contains("journal is a symbolic link"), "{}", home.refusal());
    assert!(home.journal().read(1).is_err(), "nor is it read");
    fs::remove_file(home.folder()).unwrap();

    fs::create_dir(home.folder()).unwrap();
    symlink(&aim, home.day()).unwrap();
    assert!(home.refusal().contains("2026-11-21.jsonl is a symbolic link"), "{}", home.refusal());
    assert_eq!(home.journal().read(1), Ok((Vec::new(), 1)), "it hides lines, so it counts");
    fs::remove_file(home.day()).unwrap();

    fs::create_dir(home.day()).unwrap();
    assert!(home.refusal().contains("2026-11-21.jsonl is not a plain file"), "{}", home.refusal());
    fs::remove_dir(home.day()).unwrap();

    // A pipe, with and without a reader at its other end, would swallow the line.
    assert!(Command::new("mkfifo").arg(home.day()).status().unwrap().success());
    assert!(home.refusal().contains("2026-11-21.jsonl is not a plain file"), "{}", home.refusal());
    assert_eq!(fs::read_to_string(&aim).unwrap(), "precious");

    let above = Home::new();
    fs::write(above.0.path().join("state"), "a file").unwrap();
    assert!(above.refusal().contains("a file lies where a folder belongs"), "{}", above.refusal());
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_never_a_lost_line() {
    let home = Home::new();
    home.lay("notes.txt", b"");
    fs::set_permissions(home.folder(), fs::Permissions::from_mode(0o500)).unwrap();
    let mine = fs::write(home.folder().join("probe"), "").is_ok();
    let kept = home.journal().append(&entry("a", noon(), 0));
    // The system's administrator may write anywhere; then the line must be there.
    assert_eq!(kept.is_ok(), mine, "{kept:?}");
    assert_eq!(home.journal().read(1).unwrap().0.len(), usize::from(mine));
    if let Err(sentence) = kept {
        assert!(sentence.contains("permission denied") && sentence.contains("chmod"), "{sentence}");
    }
}

#[test]
fn whoever_holds_the_lock_for_ever_is_an_error_and_not_a_cockpit_that_hangs() {
    let home = Home::new();
    home.journal().append(&entry("a", noon(), 0)).unwrap();
    let held = fs::File::open(home.day()).unwrap();
    held.lock().unwrap();
    assert!(home.refusal().contains("another process has held"));
    assert_eq!(home.journal().read(10).unwrap().0.len(), 1, "it can still be read");
    held.unlock().unwrap();
    home.journal().append(&entry("b", noon(), 0)).unwrap();
}

#[test]
fn strange_lines_are_counted_and_the_others_told() {
    let home = Home::new();
    let good = serde_json::to_string(&entry("good", noon(), 0)).unwrap();
    let other_format = good.replacen("\"format\":1", "\"format\":2", 1);
    let no_uid = good.replacen("\"uid\"", "\"uuid\"", 1);
    let hostile = good.replacen("\"ada\"", r#""ada\u001b]0;owned\u0007\u202e""#, 1);
    let mut bytes = Vec::new();
    for line in [good.as_str(), &other_format, "", "   ", &no_uid, "null", "[[[[", "\u{feff}{}", &hostile] {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b"{\"format\":1,\"user\":\"\xff\xfe\"}\n");
    bytes.extend_from_slice(&vec![b'['; 200_000]);
    bytes.push(b'\n');
    bytes.extend_from_slice(&vec![b'x'; flightdeck::journal::LONGEST + 10]);
    home.lay("2026-11-20.jsonl", &bytes);
    home.lay("2026-11-19.jsonl", format!("{good}\n").as_bytes());
    home.lay("2026-11-18.jsonl.bak", b"not ours\n");
    let (entries, unreadable) = home.journal().read(10).unwrap();
    assert_eq!((actions(&entries), unreadable), (vec!["good"; 3], 8));
    assert!(!entries[0].user.chars().any(|c| c.is_control() || c == '\u{202e}'), "{}", entries[0].user);
}

#[test]
fn an_entry_longer_than_any_reader_takes_is_refused_before_it_is_written() {
    let home = Home::new();
    let said = home.journal().append(&entry("a", noon(), flightdeck::journal::LONGEST)).unwrap_err();
    assert!(said.contains("a line holds at most"), "{said}");
    assert!(!home.day().exists());
}
