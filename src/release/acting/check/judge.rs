//! What an answer to a check means for a release.
//! Never green on no data: an empty answer, a partial one, NaN, and a Job of an earlier release each close the gate with their own words.

use super::{Check, Found, Holds, Job, Looks, Page, Values};
use crate::release::{Release, Role, Time, Version};
use crate::text::Clean;

/// Whether it is so, and what was found: a clause either way.
///
/// # Errors
/// Why it is not.
pub fn judged(check: &Check, found: &Found, release: &Release) -> Result<Clean, Clean> {
    match (&check.looks, found) {
        (Looks::Query(_, holds), Found::Values(values)) => query(*holds, values),
        (Looks::Page { status, contains, .. }, Found::Page(page)) => self::page(*status, contains.as_deref(), *page),
        (Looks::Job { name, .. }, Found::Job(job)) => self::job(name.contains("$revision"), job.as_ref(), release),
        _ => Err("the answer is to another question".into()),
    }
    .map(Clean::from)
    .map_err(Clean::from)
}

fn query(holds: Holds, values: &Values) -> Result<String, String> {
    if let Some(doubt) = &values.doubt {
        return Err(format!("its answer may not be whole ({doubt})"));
    }
    let of = values.series.len();
    let wrong: Vec<_> = values.series.iter().filter(|(_, value)| !holds.of(*value)).collect();
    match (wrong.as_slice(), values.series.as_slice()) {
        (_, []) => Err("its query finds nothing, and no data is not good data".to_owned()),
        ([], [(_, value)]) => Ok(format!("{value}, and {holds} is asked for")),
        ([], _) => Ok(format!("all of {of} series are {holds}")),
        ([(labels, value), ..], _) => {
            let whose = if labels.is_empty() { "it".to_owned() } else { labels.to_string() };
            let what = if value.is_nan() { "is not a number: nothing was counted".to_owned() } else { format!("is {value}") };
            let share = if of == 1 { String::new() } else { format!(" ({} of {of} series are not so)", wrong.len()) };
            Err(format!("{whose} {what}, and {holds} is asked for{share}"))
        }
    }
}

fn page(wanted: Option<u16>, text: Option<&str>, page: Page) -> Result<String, String> {
    let status = page.status;
    let good = wanted.map_or((200..300).contains(&status), |wanted| status == wanted);
    if !good {
        let asked = wanted.map_or_else(|| "200 to 299".to_owned(), |wanted| wanted.to_string());
        let away = if (300..400).contains(&status) { " (where it leads to is not followed)" } else { "" };
        return Err(format!("it answers {status}{away}, and {asked} is asked for"));
    }
    match (text, page.contains, page.cut_at) {
        (None, _, _) => Ok(format!("it answers {status}")),
        (Some(_), Some(true), _) => Ok(format!("it answers {status} with the text asked for")),
        (Some(text), _, Some(bytes)) => {
            Err(format!("the first {} KiB of its answer do not hold “{text}”, and no more is read", bytes / 1024))
        }
        (Some(text), _, None) => Err(format!("it answers {status}, and its answer does not hold “{text}”")),
    }
}

fn job(is_of_revision: bool, job: Option<&Job>, release: &Release) -> Result<String, String> {
    let Some(job) = job else { return Err("there is no such Job: it has not run yet".to_owned()) };
    let Some(started) = job.started else {
        let why = if job.is_suspended { "it is suspended" } else { "it has not started" };
        return Err(format!("{why}, so it has not run yet"));
    };
    let at = |time: Time| time.format("%Y-%m-%d %H:%M:%S UTC");
    match came(release) {
        Came::At(came) if started < came => {
            return Err(format!("it ran for an earlier release: it started {}, and this one came {}", at(started), at(came)));
        }
        Came::At(_) => {}
        // Its name tells which it was made for; a workload that was made anew counts from 1 again.
        Came::After(least) if is_of_revision && started >= least => {}
        Came::After(_) | Came::Unknown => {
            return Err("it can't be told whether it ran for this release, which was out before: name the Job by $revision".to_owned());
        }
    }
    match job {
        Job { failed: Some(why), .. } if why.is_empty() => Err("it failed".to_owned()),
        Job { failed: Some(why), .. } => Err(format!("it failed: {why}")),
        Job { is_complete: true, .. } => Ok(format!("it completed; it started {}", at(started))),
        Job { is_suspended: true, .. } => Err("it is suspended and has not ended".to_owned()),
        _ => Err("it is still running".to_owned()),
    }
}

/// The version that is being released.
pub(super) fn newest(release: &Release) -> Option<&Version> {
    release.versions.iter().filter(|version| version.runs_new && version.role != Role::Experiment).max_by_key(|version| version.revision)
}

/// When the newest revision came.
enum Came {
    At(Time),
    /// Some time after this: its ReplicaSet is an older one that was taken up again, and that leaves no date.
    After(Time),
    Unknown,
}

fn came(release: &Release) -> Came {
    let last = release.versions.iter().filter(|version| version.role != Role::Experiment).filter_map(|version| version.created).max();
    match (newest(release).and_then(|new| new.created), last) {
        (Some(made), Some(last)) if made >= last => Came::At(made),
        (Some(_), Some(last)) => Came::After(last),
        _ => Came::Unknown,
    }
}
