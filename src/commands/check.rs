//! `flightdeck check`: what it can reach, what you may do, which configuration is in force. Changes nothing.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::metering::{self, Metering};
use super::opening;
use super::printed::out;
use super::setup;
use crate::cli::{Global, version};
use crate::cluster;
use crate::config::files;
use crate::metrics::client::Client;
use crate::ports::rights::{Allowed, Right};
use crate::ports::route::Routes;
use crate::ports::{ClusterEvent, Generation, Identity, LinkState, Scope};
use crate::release::acting::check::Looks;
use crate::release::figures::{target, window};
use crate::runtime::log;
use crate::theme::{Screen, lint};

/// How long the server may take for everything.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs it.
pub async fn run(global: Global) -> Result<u8, String> {
    let mut text = format!("flightdeck {}\n\n", version());
    let mistakes = configuration(&global, &mut text)?;
    let metrics = tokio::time::timeout(LIMIT, metrics(&global, &mut text)).await.unwrap_or(Ok(false))?;
    out(&text).map_err(|e| e.to_string())?;
    let mut text = String::from("\nCluster\n");
    let answer = tokio::time::timeout(LIMIT, reach(&global, &mut text)).await;
    out(&text).map_err(|e| e.to_string())?;
    match answer {
        Ok(Ok(0)) if mistakes == 0 && metrics => Ok(0),
        Ok(Ok(0)) => Ok(2),
        Ok(Ok(denied)) => {
            eprintln!(
                "flightdeck: {denied} rights are missing; what needs them is left out on screen, the rest works. Ask for them by the names above."
            );
            Ok(1)
        }
        Ok(Err(sentence)) => Err(sentence),
        Err(_) => Err(format!("the cluster did not answer within {} s; what is above is all that is known", LIMIT.as_secs())),
    }
}

/// Whether the Prometheus that is named answers; `true` also where none is.
async fn metrics(global: &Global, text: &mut String) -> Result<bool, String> {
    let force = setup::in_force(global, setup::print_depth())?;
    let _ = writeln!(text, "\nMetrics");
    let settings = match Metering::of(global, &force.config) {
        Metering::None => {
            let _ = writeln!(text, "  none: --prometheus or config.toml says so");
            return Ok(true);
        }
        Metering::Inside(_, Some(guess)) => {
            let _ = writeln!(text, "  address   {} in the cluster: see the end", guess.place.words());
            return Ok(true);
        }
        Metering::Inside(_, None) => {
            let _ = writeln!(text, "  none named: looked for in the cluster, see the end");
            return Ok(true);
        }
        Metering::Unusable(fault) => {
            let _ = writeln!(text, "  unusable  {fault}");
            return Ok(false);
        }
        Metering::From(settings) | Metering::Own(settings, _) => settings,
    };
    let _ = writeln!(text, "  address   {}", settings.address);
    let asked = match Client::new(&settings) {
        Ok(client) => client.instant("vector(1)", chrono::Utc::now()).await.map_err(|failure| failure.to_string()),
        Err(fault) => Err(fault.to_string()),
    };
    let _ = match &asked {
        Ok(reply) => writeln!(text, "  answers   in {} ms", reply.took.as_millis()),
        Err(why) => writeln!(text, "  fails     {why}"),
    };
    Ok(asked.is_ok())
}

/// What is in force on this side. Returns how many mistakes there are.
fn configuration(global: &Global, text: &mut String) -> Result<usize, String> {
    let force = setup::in_force(global, setup::print_depth())?;
    let folder = files::folder().map_or_else(|| "none: no home folder is known".to_owned(), |f| f.display().to_string());
    let log =
        log::state_dir().map_or_else(|| "none: no home folder is known".to_owned(), |f| f.join("flightdeck.log").display().to_string());
    let screen = match setup::screen() {
        Screen::Draws(depth) => depth.word().to_owned(),
        Screen::NotATerminal => "standard output is no terminal here".to_owned(),
        Screen::Dumb => "TERM=dumb: the cockpit can't be drawn here".to_owned(),
    };
    let _ = writeln!(text, "Configuration");
    let _ = writeln!(text, "  folder    {folder}");
    let _ = writeln!(text, "  log       {log}");
    journal(text);
    let _ = writeln!(text, "  theme     {}", force.theme.name());
    let _ = writeln!(text, "  keymap    {}", force.keymap_name);
    let _ = writeln!(text, "  terminal  {screen}");
    for mistake in &force.banners {
        let _ = writeln!(text, "  mistake   {mistake}");
    }
    for weakness in lint(&force.theme) {
        let _ = writeln!(text, "  theme     {weakness}");
    }
    for policy in &force.config.policies {
        let _ = writeln!(text, "  policy    {}", policy.source);
    }
    let mut named: Vec<&str> = force.config.policies.iter().flat_map(|policy| &policy.checks).map(|check| check.name.as_str()).collect();
    named.sort_unstable();
    named.dedup();
    for name in named {
        let _ = writeln!(text, "  check     {name}, before exposure grows");
    }
    for one in &force.config.objectives {
        let _ = writeln!(text, "  objective {} of {}: {} over {}", one.name, one.matches, target(one.target), window(one.window));
    }
    if let Some(reason) = &force.read_only {
        let _ = writeln!(text, "  read-only {reason}");
    }
    Ok(force.banners.len())
}

/// What can be reached and done. Returns how many rights are missing.
async fn reach(global: &Global, text: &mut String) -> Result<usize, String> {
    let (tx, mut rx) = mpsc::channel(64);
    let connection = cluster::connect(opening::target(global), Generation(0), tx);
    let mut who = Identity::default();
    let mut skew = None;
    let mut live = false;
    while !(live && skew.is_some()) {
        let Some((_, event)) = rx.recv().await else { return Err("the cluster adapter ended; please try again".to_owned()) };
        match event {
            ClusterEvent::Identity(identity) => who = identity,
            ClusterEvent::Heard { server_time } => skew = Some(chrono::Utc::now() - server_time),
            ClusterEvent::Link(LinkState::Live) => live = true,
            ClusterEvent::Link(LinkState::Unusable(reason) | LinkState::Lost { reason, .. }) => {
                let _ = writeln!(text, "  context   {}\n  server    {}", named(&who.context), named(&who.server));
                return Err(reason.to_string());
            }
            _ => {}
        }
    }
    // Who one is to the server comes a moment after the link is up.
    while let Ok(Some((_, event))) = tokio::time::timeout(Duration::from_secs(2), rx.recv()).await {
        if let ClusterEvent::Identity(identity) = event {
            who = identity;
            if !who.version.is_empty() {
                break;
            }
        }
    }
    let _ = writeln!(
        text,
        "  context   {}\n  server    {}  {}\n  user      {}",
        named(&who.context),
        named(&who.server),
        who.version,
        named(&who.user)
    );
    // The server tells whole seconds.
    let skew = skew.unwrap_or_default().num_seconds();
    let clock = if skew.abs() > 2 {
        format!("this machine's clock is {} s {} the server's", skew.abs(), if skew > 0 { "ahead of" } else { "behind" })
    } else {
        "agrees with the server's".to_owned()
    };
    let _ = writeln!(text, "  clock     {clock}\n");
    let scope = scope(global, &who);
    let place = match &scope {
        Scope::All => "in all namespaces".to_owned(),
        Scope::Namespace(name) => format!("in {name}"),
    };
    let _ = writeln!(text, "What you may read {place}");
    let asker = connection.asker();
    let mut denied = 0;
    let reads: Vec<Right> = cluster::rights_for_board(&scope).into_iter().chain(cluster::rights_for_release(&scope)).collect();
    let writes = if global.read_only { Vec::new() } else { cluster::rights_to_act(&scope) };
    // What the cluster does not serve nobody can be allowed.
    let mut unserved: Vec<&str> = Vec::new();
    for kind in reads.iter().chain(&writes).map(|right| right.kind).filter(|kind| kind.is_custom()) {
        if !unserved.contains(&kind.group()) && !asker.serves(kind).await {
            unserved.push(kind.group());
        }
    }
    let is_served = |right: &&Right| !unserved.contains(&right.kind.group());
    for group in &unserved {
        let _ = writeln!(text, "  -        {group} is not served by this cluster");
    }
    for right in reads.iter().filter(is_served) {
        let (answer, no) = say(asker.can(right).await, right);
        denied += usize::from(no);
        let _ = writeln!(text, "  {answer}");
    }
    // Only a check makes anybody read Jobs.
    for place in job_places(global, &scope)? {
        let words = place.0;
        let (answer, no) = told(asker.can_get_jobs(&place.1).await, &words);
        denied += usize::from(no);
        let _ = writeln!(text, "  {answer}");
    }
    let _ = writeln!(text, "\nWhat you may do {place}");
    // Who may only read has nothing to mend.
    if global.read_only {
        let _ = writeln!(text, "  nothing: --read-only holds no write handle");
    } else {
        for right in writes.iter().filter(is_served) {
            let _ = writeln!(text, "  {}", say(asker.can(right).await, right).0);
        }
    }
    measured(global, Arc::new(asker), &scope, text).await?;
    Ok(denied)
}

/// Where checks of gates look for Jobs: the right in words, and its scope.
fn job_places(global: &Global, scope: &Scope) -> Result<Vec<(String, Scope)>, String> {
    let force = setup::in_force(global, setup::print_depth())?;
    let mut places: Vec<(String, Scope)> = Vec::new();
    for check in force.config.policies.iter().flat_map(|policy| &policy.checks) {
        let Looks::Job { namespace, .. } = &check.looks else { continue };
        let named = namespace.as_deref().filter(|name| !name.contains('$'));
        let scope = named.map_or_else(|| scope.clone(), |name| Scope::Namespace(name.into()));
        let place = if let Scope::Namespace(name) = &scope { name.as_str() } else { "all namespaces" };
        let words = format!("get jobs.batch in {place} (for the check {})", check.name);
        if places.iter().all(|(_, known)| *known != scope) {
            places.push((words, scope));
        }
    }
    Ok(places)
}

/// The Prometheus inside the cluster and the way to it, where none outside is named.
async fn measured(global: &Global, ways: Arc<dyn Routes>, scope: &Scope, text: &mut String) -> Result<(), String> {
    let force = setup::in_force(global, setup::print_depth())?;
    let Metering::Inside(settings, named) = Metering::of(global, &force.config) else { return Ok(()) };
    let near: Vec<_> = if let Scope::Namespace(name) = scope { vec![name.clone()] } else { Vec::new() };
    let now = chrono::Utc::now();
    let _ = writeln!(text, "\nMetrics inside the cluster");
    let _ = match metering::finder(ways, *settings, named).client(&near, now).await {
        Ok(client) => {
            let _ = writeln!(text, "  found     {}", client.address());
            match client.instant("vector(1)", now).await {
                Ok(reply) => writeln!(text, "  answers   in {} ms", reply.took.as_millis()),
                Err(failure) => writeln!(text, "  fails     {failure}"),
            }
        }
        Err(failure) => writeln!(text, "  none      {failure}"),
    };
    Ok(())
}

/// Whether what is done can be written down: without that nothing is sent.
fn journal(text: &mut String) {
    let words = match opening::on_disk().read(1) {
        Ok((newest, 0)) => {
            newest.first().map_or_else(|| "empty".to_owned(), |entry| format!("newest line {}", entry.at.format("%Y-%m-%d %H:%M UTC")))
        }
        Ok((_, unread)) => format!("{unread} lines can't be read"),
        Err(why) => why.to_string(),
    };
    let _ = writeln!(text, "  journal   {words}");
}

fn scope(global: &Global, who: &Identity) -> Scope {
    match (&global.namespace, global.all_namespaces) {
        (Some(name), _) => Scope::Namespace(name.as_str().into()),
        (None, true) => Scope::All,
        (None, false) if who.namespace.is_empty() => Scope::Namespace("default".into()),
        (None, false) => Scope::Namespace(who.namespace.clone()),
    }
}

fn say(answer: Result<Allowed, crate::text::Clean>, right: &Right) -> (String, bool) {
    told(answer, &right.words())
}

fn told(answer: Result<Allowed, crate::text::Clean>, right: &str) -> (String, bool) {
    match answer {
        Ok(Allowed::Yes) => (format!("yes      {right}"), false),
        Ok(Allowed::No(reason)) if reason.is_empty() => (format!("no       {right}"), true),
        Ok(Allowed::No(reason)) => (format!("no       {right}: {reason}"), true),
        Err(why) => (format!("unknown  {right}: {why}"), true),
    }
}

fn named(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}
