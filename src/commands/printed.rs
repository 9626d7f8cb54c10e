//! The commands that only print what the program is made of: keys, themes, completions, the manual page.

use std::io::{self, Write};

use clap::CommandFactory;

use super::setup;
use crate::cli::{Cli, Global};
use crate::theme::{Glyphs, Screen};
use crate::{keys, theme};

/// Writes to standard output; a reader that left early (`| head`) is no error.
pub fn out(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// `flightdeck keys`: the keys in force, and on standard error what is wrong with the files that say so.
pub fn keys(global: &Global) -> Result<u8, String> {
    let force = setup::in_force(global, setup::print_depth())?;
    for mistake in &force.banners {
        eprintln!("{mistake}");
    }
    out(&keys::print(&force.keymap)).map_err(|e| e.to_string())?;
    Ok(if force.banners.is_empty() { 0 } else { 2 })
}

/// `flightdeck themes`.
pub fn themes(global: &Global) -> Result<u8, String> {
    let force = setup::in_force(global, setup::print_depth())?;
    for mistake in &force.banners {
        eprintln!("{mistake}");
    }
    let styled = matches!(setup::screen(), Screen::Draws(_));
    out(&theme::print(&force.themes, &force.theme, Glyphs { ascii: global.ascii }, styled)).map_err(|e| e.to_string())?;
    Ok(if force.banners.is_empty() { 0 } else { 2 })
}

/// `flightdeck completions SHELL`.
pub fn completions(shell: clap_complete::Shell) -> Result<u8, String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "flightdeck", &mut script);
    out(&String::from_utf8_lossy(&script)).map_err(|e| e.to_string())?;
    Ok(0)
}

/// `flightdeck man [COMMAND]`.
pub fn man(command: Option<&str>) -> Result<u8, String> {
    let mut all = Cli::command();
    all.build();
    let about = match command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(found) => found.clone(),
            None => {
                let names: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
                return Err(format!("there is no subcommand `{name}`; there are {}", names.join(", ")));
            }
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(about).render(&mut page).map_err(|e| e.to_string())?;
    out(&String::from_utf8_lossy(&page)).map_err(|e| e.to_string())?;
    Ok(0)
}
