//! A program in a pseudo-terminal with a terminal emulator at the other end, and the embedded cluster served by a process of its own.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The program under test with an environment of its own: nothing of the machine's configuration has a say.
pub fn flightdeck() -> pty_process::blocking::Command {
    command(env!("CARGO_BIN_EXE_flightdeck"))
}

/// Any program with an environment of its own.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> pty_process::blocking::Command {
    let home = std::env::temp_dir().join("flightdeck-test-home");
    let mut command = pty_process::blocking::Command::new(program).env_clear().env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    command = command.env("HOME", &home).env("XDG_STATE_HOME", home.join("state")).env("XDG_CONFIG_HOME", home.join("config"));
    command
}

/// A running program and its screen.
pub struct Program {
    child: Child,
    pty: pty_process::blocking::Pty,
    shared: Arc<Mutex<Emulator>>,
}

struct Emulator {
    parser: vt100::Parser,
    bytes: usize,
}

impl Program {
    /// Starts it in a pseudo-terminal of that size.
    pub fn start(command: pty_process::blocking::Command, columns: u16, rows: u16) -> Self {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let child = command.spawn(pts).unwrap();
        let shared = Arc::new(Mutex::new(Emulator { parser: vt100::Parser::new(nonzero(rows), nonzero(columns), 200), bytes: 0 }));
        let seen = shared.clone();
        let mut reader = std::fs::File::from(pty.as_fd().try_clone_to_owned().unwrap());
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            // The end of a pseudo-terminal reads as an error on Linux.
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                let mut emulator = seen.lock().unwrap();
                emulator.parser.process(&buffer[..n]);
                emulator.bytes += n;
            }
        });
        Self { child, pty, shared }
    }

    pub fn types(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.shared.lock().unwrap().parser.screen_mut().set_size(nonzero(rows), nonzero(columns));
        self.pty.resize(pty_process::Size::new(rows, columns)).unwrap();
    }

    pub fn text(&self) -> String {
        self.shared.lock().unwrap().parser.screen().contents()
    }

    /// Bytes the program has written so far.
    pub fn bytes(&self) -> usize {
        self.shared.lock().unwrap().bytes
    }

    pub fn in_alternate_screen(&self) -> bool {
        self.shared.lock().unwrap().parser.screen().alternate_screen()
    }

    /// Main screen, visible cursor, no mouse, no bracketed paste, and cooked input.
    pub fn is_restored(&self) -> bool {
        let emulator = self.shared.lock().unwrap();
        let screen = emulator.parser.screen();
        let modes = rustix::termios::tcgetattr(self.pty.as_fd()).map(|t| t.local_modes);
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            && modes.is_ok_and(|m| m.contains(rustix::termios::LocalModes::ICANON | rustix::termios::LocalModes::ECHO))
    }

    /// The colours other than the terminal's own that are on screen.
    pub fn colours(&self) -> Vec<vt100::Color> {
        self.cells(|cell| [cell.fgcolor(), cell.bgcolor()].into_iter().find(|c| *c != vt100::Color::Default))
    }

    pub fn has_emphasis(&self) -> bool {
        !self.cells(|cell| (cell.bold() || cell.inverse()).then_some(())).is_empty()
    }

    fn cells<T>(&self, pick: impl Fn(&vt100::Cell) -> Option<T>) -> Vec<T> {
        let emulator = self.shared.lock().unwrap();
        let screen = emulator.parser.screen();
        let (rows, columns) = screen.size();
        let places = (0..rows.get()).flat_map(|y| (0..columns.get()).map(move |x| (y, x)));
        places.filter_map(|(y, x)| screen.cell(y, x).and_then(&pick)).collect()
    }

    /// Waits until `text` is on screen.
    pub fn sees(&mut self, text: &str, limit: Duration) {
        self.until(limit, text, |p| p.text().contains(text));
    }

    /// Waits until `holds`.
    pub fn until(&mut self, limit: Duration, what: &str, holds: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !holds(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended ({ended:?}) before: {what}\n{}", self.text());
            assert!(begin.elapsed() < limit, "not within {limit:?}: {what}\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end and returns the exit code.
    pub fn ends(&mut self, limit: Duration) -> i32 {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it wrote last is still on its way through the pseudo-terminal.
                std::thread::sleep(Duration::from_millis(100));
                return status.code().unwrap_or_else(|| panic!("ended by a signal: {status:?}"));
            }
            assert!(begin.elapsed() < limit, "it does not end\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it stands still until it is continued, as the system tells.
    pub fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        // Behind the name, which may hold anything.
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(pid(&self.child), signal).unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nonzero(n: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(n).unwrap()
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

/// `flightdeck demo SCENARIO --serve` in a process of its own.
pub struct Served {
    child: Child,
    folder: tempfile::TempDir,
}

impl Served {
    pub fn start(scenario: &str) -> Self {
        Self::start_at(scenario, "0s")
    }

    /// With so much of it lived before.
    pub fn start_at(scenario: &str, at: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_flightdeck"))
            .args(["demo", scenario, "--at", at, "--serve", "--write-kubeconfig"])
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        while !path.exists() {
            assert!(begin.elapsed() < Duration::from_secs(60), "the embedded cluster does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, folder }
    }

    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(pid(&self.child), signal).unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
