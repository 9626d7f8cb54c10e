//! Why a pod fails, in words a tired person understands, with the cluster's own word kept where it helps to search.
//! Refuses to hide a reason it does not know.

use crate::release::figures::{age, plural, seconds};
use crate::release::{PodState, PodView, Time, Trouble};

/// The one word for a pod that its node put out.
pub(super) const EVICTED: &str = "evicted";

/// The reason in a few words, for sentences: `crashing: out of memory`, `image can't be pulled`.
#[must_use]
pub fn brief(trouble: &Trouble) -> String {
    match trouble {
        Trouble::CrashLoop { out_of_memory: true, .. } => "crashing: out of memory".to_owned(),
        Trouble::CrashLoop { exit_code: Some(code), .. } => format!("crashing: exit {code}{}", signal(*code)),
        Trouble::CrashLoop { .. } => "crashing".to_owned(),
        Trouble::ImagePull(_) => "image can't be pulled".to_owned(),
        Trouble::NotReady(_) => "not ready".to_owned(),
        Trouble::Unschedulable(_) => "no node takes it".to_owned(),
        Trouble::Evicted(_) => EVICTED.to_owned(),
        Trouble::Create(_) => "container can't be made".to_owned(),
        Trouble::Ended(code) => format!("ended, exit {code}"),
        Trouble::Other(word) if word.is_empty() => "failing".to_owned(),
        Trouble::Other(word) => word.to_string(),
    }
}

/// What a shell would say of an exit code above 128, for those a kubelet sends itself.
fn signal(code: i64) -> &'static str {
    match code {
        137 => " (killed)",
        139 => " (segmentation fault)",
        143 => " (terminated)",
        _ => "",
    }
}

/// The reason with all that is known of it.
#[must_use]
pub fn trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::CrashLoop { exit_code: Some(code), out_of_memory: true } => format!("crashing: exit {code} out of memory"),
        Trouble::ImagePull(why) | Trouble::NotReady(why) | Trouble::Unschedulable(why) | Trouble::Evicted(why) | Trouble::Create(why)
            if !why.is_empty() =>
        {
            format!("{}: {why}", brief(trouble))
        }
        other => brief(other),
    }
}

/// A pod's state in one word or its reason in a few.
#[must_use]
pub fn state(state: &PodState) -> String {
    match state {
        PodState::Failing(why) => brief(why),
        PodState::Starting => "starting".to_owned(),
        PodState::Ready => "ready".to_owned(),
        PodState::Terminating => "ending".to_owned(),
    }
}

/// A pod's state with its restarts and the last end: `crashing: exit 137 out of memory, 3x, last 40 s ago`.
#[must_use]
pub fn reason(pod: &PodView, now: Time) -> String {
    let mut words = match &pod.state {
        PodState::Failing(why) => trouble(why),
        calm => state(calm),
    };
    let ended = pod.last_end.map(|at| age(seconds(at, now)));
    match (&pod.state, pod.restarts, ended) {
        (_, 0, _) | (PodState::Terminating, ..) => {}
        (PodState::Failing(_), n, Some(ended)) => words += &format!(", {n}x, last {ended} ago"),
        (PodState::Failing(_), n, None) => words += &format!(", {n}x"),
        (_, n, Some(ended)) => words += &format!(", {}, last {ended} ago", plural(n, "restart")),
        (_, n, None) => words += &format!(", {}", plural(n, "restart")),
    }
    words
}
