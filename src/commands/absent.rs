//! What is said where the release that was named is not there: what is there instead, and where the rest can be seen.
//! Never takes another release in its place.

use std::fmt::Write;

use super::facts::Named;
use crate::config::nearest;
use crate::demo::scenario::Scenario;
use crate::objects::ReleaseRef;
use crate::runtime::session::Session;

/// `there is no release payments/chekout here`, with what was perhaps meant; `demo` is the scenario it was looked for in, where it was one.
pub fn absent(session: &Session, named: &Named, demo: Option<&str>) -> String {
    let known: Vec<&ReleaseRef> = session.state.shown().keys().collect();
    let kind = named.kind.map_or("release".to_owned(), |kind| kind.name().to_lowercase());
    let mut words = format!("there is no {kind} {}/{} here", named.namespace, named.name);
    let of_another_kind = known.iter().find(|key| key.namespace == *named.namespace && key.name == *named.name);
    if let Some(key) = of_another_kind {
        let own_kind = key.kind.name().to_lowercase();
        let _ = write!(words, "; that is a {}: write {}/{}/{}", own_kind, own_kind, key.namespace, key.name);
        return words;
    }
    let full: Vec<String> = known.iter().map(|key| format!("{}/{}", key.namespace, key.name)).collect();
    let own = demo.and_then(|name| Scenario::named(name).ok()).map(|one| format!("{}/{}", one.release.namespace, one.release.name));
    let all = || full.iter().chain(&own).map(String::as_str);
    if let Some(near) = nearest(&format!("{}/{}", named.namespace, named.name), all()) {
        let _ = write!(words, "; did you mean {near}?");
        return words;
    }
    match demo {
        Some(demo) => {
            let mut there: Vec<&str> = all().collect();
            there.sort_unstable();
            there.dedup();
            let _ = write!(words, "; the scenario {demo} has {}", there.join(", "));
        }
        None => words.push_str("; `flightdeck status -A` lists those there are"),
    }
    words
}
