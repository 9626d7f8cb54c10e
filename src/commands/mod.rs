//! One file per subcommand: what each flag means, what is printed, and the exit code.
//! Exit codes: 0 fine; 1 the answer is no; 2 could not find out, or only in part, or bad usage.

mod absent;
mod act;
mod check;
mod cockpit;
mod demo;
mod facts;
mod guard;
mod life;
mod metering;
mod opening;
mod printed;
mod quiet;
mod setup;
mod snapshot;
mod status;
mod verify;

pub use facts::{Named, facts, table};

use crate::cli::{Cli, Command};

/// Runs what was asked for. `Ok` is the exit code; `Err` a sentence for standard error, with exit code 2.
///
/// # Errors
/// A sentence: what happened, what was done about it, what to do next.
pub fn run(cli: Cli) -> Result<u8, String> {
    let global = cli.global;
    match cli.command {
        Some(Command::Keys) => printed::keys(&global),
        Some(Command::Themes) => printed::themes(&global),
        Some(Command::Completions { shell }) => printed::completions(shell),
        Some(Command::Man { command }) => printed::man(command.as_deref()),
        Some(Command::Check) => on_tasks(check::run(global)),
        Some(Command::Act(asked)) => on_tasks(act::run(global, asked)),
        Some(Command::Guard(asked)) => guard::run(global, asked),
        Some(Command::Verify(asked)) => verify::run(global, asked),
        Some(Command::Status(asked)) => on_tasks(status::run(global, asked)),
        Some(Command::Snapshot(asked)) => snapshot::run(global, asked),
        Some(Command::Demo(asked)) => on_tasks(demo::run(global, asked)),
        None => on_tasks(cockpit::run(global)),
    }
}

/// Runs a command that talks to a network.
fn on_tasks(command: impl Future<Output = Result<u8, String>>) -> Result<u8, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| format!("the system gives no threads ({e}), so nothing was started"))?;
    let outcome = runtime.block_on(command);
    // Tasks that still wait for a silent server must not hold up the exit.
    runtime.shutdown_background();
    outcome
}
