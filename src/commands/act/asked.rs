//! What was asked for, as an intent: the verb with the flags that belong to it, and no others.

use crate::app::images;
use crate::cli::Act;
use crate::objects::Time;
use crate::release::acting::{Intent, RollBack, Verb};
use crate::text::Clean;

/// Reads the intent.
///
/// # Errors
/// A sentence for a word that is none, or a flag that belongs to another intent.
pub fn intent(asked: &Act, now: Time) -> Result<Intent, String> {
    let names: Vec<&str> = Verb::ALL.iter().map(|verb| verb.name()).collect();
    let verb = Verb::from_name(&asked.intent).ok_or_else(|| {
        let near = crate::config::nearest(&asked.intent, names.iter().copied());
        let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        format!("`{}` is no intent{hint} They are {}", asked.intent, names.join(", "))
    })?;
    let only = |flag: &str, given: bool, of: Verb| {
        if given && verb != of { Err(format!("{flag} belongs to `{}`, and this is `{verb}`; nothing was sent", of.name())) } else { Ok(()) }
    };
    only("--to", asked.to.is_some(), Verb::RollBack)?;
    only("--at-once", asked.at_once, Verb::RollBack)?;
    only("--run", asked.run.is_some(), Verb::Terminate)?;
    only("an image", !asked.images.is_empty(), Verb::SetImage)?;
    Ok(match verb {
        Verb::Advance => Intent::Advance,
        Verb::Resume => Intent::Resume,
        Verb::Skip => Intent::Skip,
        Verb::PromoteFull => Intent::PromoteFull,
        Verb::Pause => Intent::Pause,
        Verb::Abort => Intent::Abort,
        Verb::Retry => Intent::Retry,
        Verb::Restart => Intent::Restart(now),
        Verb::RollBack => Intent::RollBack(RollBack { to: asked.to, at_once: asked.at_once }),
        Verb::SetImage if asked.images.is_empty() => {
            return Err(
                "set-image needs CONTAINER=IMAGE, as in `flightdeck act set-image payments/checkout app=registry/app:1.5.1`".to_owned()
            );
        }
        Verb::SetImage => Intent::SetImage(images(&asked.images.join(" "))?),
        Verb::Terminate => Intent::Terminate(asked.run.as_deref().map(Clean::from)),
        Verb::Switch => Intent::Switch,
        Verb::Note if asked.note.as_deref().unwrap_or_default().trim().is_empty() => {
            return Err("a note needs its text: --note \"…\"".to_owned());
        }
        Verb::Note => Intent::Note,
    })
}
