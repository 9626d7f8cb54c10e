//! Parses the command line, picks a command, turns its outcome into an exit code.

use std::process::ExitCode;

use clap::Parser;
use flightdeck::cli::Cli;
use flightdeck::commands;

fn main() -> ExitCode {
    // One crypto provider for every TLS client and for the embedded server; must stand before the first of them.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if let Err(error) = color_eyre::install() {
        eprintln!("flightdeck: panics will be reported plainly: {error}");
    }
    match commands::run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(sentence) => {
            eprintln!("flightdeck: {sentence}");
            ExitCode::from(2)
        }
    }
}
