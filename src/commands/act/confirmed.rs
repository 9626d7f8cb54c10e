//! The confirmation without a screen: `--yes`, or a person at a terminal who has the plan before them.
//! Never takes a note for the reason to go past a closed gate, nor `--yes` for a name that has to be typed.

use std::io::{IsTerminal, Write, stderr, stdin};

use crate::app::{Asks, OpenPlan};
use crate::cli::Act;
use crate::release::acting::Verb;
use crate::runtime::session::Session;

/// The note as it goes to the journal: the reason to go past gates is a part of it.
pub fn note(asked: &Act) -> String {
    let parts = [asked.past_gates.as_deref(), asked.note.as_deref()];
    parts.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What the command line lacks beside its confirmation: a reason for each closed gate, or a note; `None` where nothing does.
pub fn lacks(asked: &Act, open: &OpenPlan) -> Option<String> {
    let reason = asked.past_gates.as_deref().unwrap_or_default().trim();
    if let (Some(first), true) = (open.gates.first(), reason.is_empty()) {
        let (why, more) = (first.words(), open.gates.len() - 1);
        let others = if more == 0 { String::new() } else { format!(", and {more} more") };
        let name = &open.key.name;
        return Some(format!(
            "a gate is closed, {why}{others}; --past-gates \"REASON\" --yes --confirm {name} goes past it, and the journal keeps the reason"
        ));
    }
    match open.asks() {
        Asks::Note(why) => Some(format!("{why}; --note \"…\" says it")),
        Asks::Key | Asks::Name(_) => None,
    }
}

/// The release's name and why it has to be typed; `None` where a key would do.
pub fn typed(open: &OpenPlan) -> Option<(&str, String)> {
    match open.asks() {
        Asks::Name(why) => Some((open.key.name.as_str(), why.to_string())),
        Asks::Key | Asks::Note(_) => None,
    }
}

/// Whether it is to be sent.
///
/// # Errors
/// Why not, with what is missing.
pub fn confirmed(asked: &Act, session: &Session) -> Result<(), String> {
    let Some(open) = session.state.plan() else { return Err("there is no plan any more".to_owned()) };
    if let Some(why) = lacks(asked, open) {
        return Err(why);
    }
    let verb = open.intent.verb();
    if verb == Verb::Note {
        return Ok(());
    }
    let typed = typed(open);
    if let Some(given) = asked.confirm.as_deref().filter(|given| *given != open.key.name.as_str()) {
        return Err(format!("--confirm says {given}, and this is {}", open.key.name));
    }
    if asked.yes {
        return match typed {
            // The name beside the intent is the address; it is said a second time to say yes to this.
            Some((name, why)) if asked.confirm.is_none() => {
                Err(format!("{why}, and more than --yes confirms that: --yes --confirm {name}"))
            }
            _ => Ok(()),
        };
    }
    if !stdin().is_terminal() || !stderr().is_terminal() {
        let more = typed.map(|(name, why)| format!(", and --confirm {name} beside it: {why}")).unwrap_or_default();
        return Err(format!("nobody is at a terminal to confirm it; --yes does{more}"));
    }
    let (wanted, question) = match typed {
        Some((name, why)) => (name, format!("{why}. Type {name} to {}: ", verb.words())),
        None => ("y", format!("Type y to {}: ", verb.words())),
    };
    eprint!("{question}");
    let _ = stderr().flush();
    let mut line = String::new();
    stdin().read_line(&mut line).map_err(|error| format!("the terminal can't be read: {error}"))?;
    if line.trim() == wanted { Ok(()) } else { Err("it was not confirmed".to_owned()) }
}
