//! The confirmation without a screen: `--yes`, or a person at a terminal who has the plan before them.

use std::io::{IsTerminal, Write, stderr, stdin};

use super::wants_note;
use crate::app::Asks;
use crate::cli::Act;
use crate::release::acting::Verb;
use crate::runtime::session::Session;

/// Whether it is to be sent.
///
/// # Errors
/// Why not, with what is missing.
pub fn confirmed(asked: &Act, session: &Session) -> Result<(), String> {
    if let Some(why) = wants_note(session) {
        return Err(format!("{why}; --note \"…\" says it"));
    }
    let Some(open) = session.state.plan() else { return Err("there is no plan any more".to_owned()) };
    let verb = open.intent.verb();
    // The name of the release stands on the command line: who writes --yes beside it has typed it.
    if asked.yes || verb == Verb::Note {
        return Ok(());
    }
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return Err("nobody is at a terminal to confirm it; --yes does".to_owned());
    }
    let (wanted, question) = match open.asks() {
        Asks::Name(why) => (open.key.name.to_string(), format!("{why}. Type {} to {}: ", open.key.name, verb.words())),
        Asks::Key | Asks::Note(_) => ("y".to_owned(), format!("Type y to {}: ", verb.words())),
    };
    eprint!("{question}");
    let _ = stderr().flush();
    let mut line = String::new();
    stdin().read_line(&mut line).map_err(|error| format!("the terminal can't be read: {error}"))?;
    if line.trim() == wanted { Ok(()) } else { Err("it was not confirmed".to_owned()) }
}
