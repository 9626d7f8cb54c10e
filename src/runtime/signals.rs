//! Signals as values, so that the loop ends or pauses like any other event and the terminal is always restored.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// End, with this exit code (128 + signal number, as shells have it).
    End(u8),
    /// Hand the terminal back and stop.
    Suspend,
    /// The program was stopped from outside and goes on.
    Resumed,
}

/// The signals listened to.
pub struct Signals {
    term: Signal,
    hup: Signal,
    int: Signal,
    quit: Signal,
    tstp: Signal,
    cont: Signal,
}

impl Signals {
    /// Begins to listen. From here on none of them ends the process by itself.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            tstp: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            cont: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.term.recv() => Asked::End(128 + 15),
            _ = self.hup.recv() => Asked::End(128 + 1),
            _ = self.int.recv() => Asked::End(128 + 2),
            _ = self.quit.recv() => Asked::End(128 + 3),
            _ = self.tstp.recv() => Asked::Suspend,
            _ = self.cont.recv() => Asked::Resumed,
        }
    }
}

/// Stops this process as ctrl-z does, until it is continued.
pub fn stop_self() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
