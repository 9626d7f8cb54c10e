//! What goes wrong with the embedded servers, as data: each fault has a kind and a window in virtual time.
//! Never breaks objects or controllers: only the link and the server's answers.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// One fault: from `at` after the start, for `lasts`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written", bound(deserialize = "K: Kind"))]
pub struct Fault<K = FaultKind> {
    /// When it begins, in virtual time since the cluster was opened.
    pub at: TimeDelta,
    /// How long it lasts.
    pub lasts: TimeDelta,
    /// What it is.
    pub kind: K,
}

/// The kinds of fault one server has, as scenario files name them.
pub trait Kind: Sized {
    /// The words, for whoever wrote another.
    const WORDS: &'static str;

    /// The kind that is written; `None` for a word that is none of them.
    ///
    /// # Errors
    /// A sentence naming the field that can't be read.
    fn read(written: &Written) -> Result<Option<Self>, String>;

    /// Whether it happens at one moment and needs no window.
    fn is_momentary(&self) -> bool {
        false
    }

    /// Whether the field belongs to this kind.
    fn takes(&self, field: &str) -> bool;
}

/// The kinds of fault of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Connections are closed at once: open ones are cut, new ones not served.
    Refuse,
    /// Connections stay open and silent: requests are accepted and not answered, watches say nothing.
    Hang,
    /// Open watches are cut.
    Reset,
    /// The change log is compacted when the window begins: older watches and list continuations get 410.
    Gone,
    /// Every request is answered with 429.
    TooMany {
        /// Seconds for the Retry-After header.
        retry_after: u64,
    },
    /// Every request is answered with 401, as when a token has expired.
    Unauthorized,
    /// Every request is answered with 500.
    Error500,
    /// Reads of custom resources are answered with 500 by a failed conversion webhook.
    Conversion,
    /// Every answer comes late.
    Slow {
        /// By how much, in real time.
        delay: std::time::Duration,
    },
    /// The first write of the window is done, and its connection cut before the answer. Dry runs and refusals don't count.
    LoseAnswer,
    /// The first write of the window never reaches the objects: its connection is cut first.
    LoseRequest,
}

/// A fault as it stands in a scenario file: `{ at = "20s", for = "10s", kind = "hang" }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Written {
    at: String,
    #[serde(rename = "for")]
    lasts: Option<String>,
    /// The word for its kind.
    pub kind: String,
    retry_after: Option<String>,
    delay: Option<String>,
}

impl Written {
    /// `delay`, where it is not written half a second.
    ///
    /// # Errors
    /// A sentence when it is no duration.
    pub fn delay(&self) -> Result<std::time::Duration, String> {
        duration("delay", self.delay.as_deref().unwrap_or("500ms"))
    }
}

fn duration(field: &str, text: &str) -> Result<std::time::Duration, String> {
    humantime::parse_duration(text).map_err(|e| format!("`{field} = \"{text}\"` is not a duration such as \"20s\": {e}"))
}

fn delta(field: &str, text: &str) -> Result<TimeDelta, String> {
    TimeDelta::from_std(duration(field, text)?).map_err(|_| format!("`{field} = \"{text}\"` is too long a time"))
}

impl Kind for FaultKind {
    const WORDS: &'static str = "refuse, hang, reset, gone, too-many, unauthorized, error-500, conversion, slow, lose-answer, lose-request";

    fn read(written: &Written) -> Result<Option<Self>, String> {
        Ok(Some(match written.kind.as_str() {
            "refuse" => Self::Refuse,
            "hang" => Self::Hang,
            "reset" => Self::Reset,
            "gone" => Self::Gone,
            "too-many" => Self::TooMany { retry_after: duration("retry-after", written.retry_after.as_deref().unwrap_or("1s"))?.as_secs() },
            "unauthorized" => Self::Unauthorized,
            "error-500" => Self::Error500,
            "conversion" => Self::Conversion,
            "slow" => Self::Slow { delay: written.delay()? },
            "lose-answer" => Self::LoseAnswer,
            "lose-request" => Self::LoseRequest,
            _ => return Ok(None),
        }))
    }

    fn is_momentary(&self) -> bool {
        matches!(self, Self::Reset | Self::Gone)
    }

    fn takes(&self, field: &str) -> bool {
        matches!((self, field), (Self::TooMany { .. }, "retry-after") | (Self::Slow { .. }, "delay"))
    }
}

impl<K: Kind> TryFrom<Written> for Fault<K> {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let unknown = || format!("`kind = \"{}\"` is not a fault; the kinds are {}", written.kind, K::WORDS);
        let kind = K::read(&written)?.ok_or_else(unknown)?;
        let given = [("retry-after", &written.retry_after, "too-many"), ("delay", &written.delay, "slow")];
        if let Some((field, _, owner)) = given.iter().find(|(field, value, _)| value.is_some() && !kind.takes(field)) {
            return Err(format!("`{field}` belongs to `kind = \"{owner}\"` only"));
        }
        let lasts = match &written.lasts {
            Some(text) => delta("for", text)?,
            None if kind.is_momentary() => TimeDelta::zero(),
            None => return Err(format!("a fault of kind \"{}\" needs `for`, how long it lasts", written.kind)),
        };
        Ok(Self { at: delta("at", &written.at)?, lasts, kind })
    }
}

/// A cluster's faults, on its own time line.
pub(super) struct Schedule<K = FaultKind> {
    start: DateTime<Utc>,
    faults: Vec<Fault<K>>,
}

impl<K> Schedule<K> {
    pub(super) fn new(start: DateTime<Utc>, mut faults: Vec<Fault<K>>) -> Self {
        faults.sort_by_key(|fault| fault.at);
        Self { start, faults }
    }

    /// The faults in force at `now`. A window holds its beginning, not its end.
    pub(super) fn active(&self, now: DateTime<Utc>) -> impl Iterator<Item = &K> {
        self.windows(now).map(|(_, _, kind)| kind)
    }

    /// The same with the beginning and the end of each window.
    pub(super) fn windows(&self, now: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>, &K)> {
        let window = |fault: &'_ Fault<K>| (self.start + fault.at, self.start + fault.at + fault.lasts);
        self.faults.iter().map(move |fault| (window(fault), &fault.kind)).filter_map(move |((from, to), kind)| {
            let open = from <= now && now < to;
            open.then_some((from, to, kind))
        })
    }

    /// The faults that begin after `from` and not after `to`, in order: what happens once, happens there.
    pub(super) fn beginning(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<(DateTime<Utc>, &K)> {
        self.faults.iter().map(|fault| (self.start + fault.at, &fault.kind)).find(|(at, _)| *at > from && *at <= to)
    }

    /// All faults that begin exactly at `at`.
    pub(super) fn beginning_at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &K> {
        self.faults.iter().filter(move |fault| self.start + fault.at == at).map(|fault| &fault.kind)
    }

    /// The next moment after `now` at which a fault begins or ends.
    pub(super) fn next_edge(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let edges = self.faults.iter().flat_map(|fault| [self.start + fault.at, self.start + fault.at + fault.lasts]);
        edges.filter(|edge| *edge > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        fault: Vec<Fault>,
    }

    fn parse(text: &str) -> Result<Vec<Fault>, String> {
        toml::from_str::<File>(text).map(|file| file.fault).map_err(|e| e.to_string())
    }

    #[test]
    fn reads_scenario_files() {
        let faults = parse(
            r#"fault = [
                { at = "20s", for = "10s", kind = "hang" },
                { at = "1m 5s", for = "2s", kind = "too-many", retry-after = "3s" },
                { at = "2m", kind = "gone" },
                { at = "3m", for = "1s", kind = "slow", delay = "250ms" },
            ]"#,
        )
        .unwrap();
        assert_eq!(faults[0], Fault { at: TimeDelta::seconds(20), lasts: TimeDelta::seconds(10), kind: FaultKind::Hang });
        assert_eq!(faults[1].kind, FaultKind::TooMany { retry_after: 3 });
        assert_eq!(faults[2].lasts, TimeDelta::zero());
        assert_eq!(faults[3].kind, FaultKind::Slow { delay: std::time::Duration::from_millis(250) });
    }

    #[test]
    fn names_the_mistake() {
        assert!(parse(r#"fault = [{ at = "20s", for = "1s", kind = "hanging" }]"#).unwrap_err().contains("the kinds are refuse, hang"));
        assert!(parse(r#"fault = [{ at = "soon", for = "1s", kind = "hang" }]"#).unwrap_err().contains("is not a duration"));
        assert!(parse(r#"fault = [{ at = "1s", kind = "hang" }]"#).unwrap_err().contains("needs `for`"));
        assert!(parse(r#"fault = [{ at = "1s", for = "1s", kind = "hang", delay = "1s" }]"#).unwrap_err().contains("only"));
    }

    #[test]
    fn windows_hold_their_beginning_and_not_their_end() {
        let start = super::super::clock::origin();
        let at = |s| start + TimeDelta::seconds(s);
        let fault = |a, l, kind| Fault { at: TimeDelta::seconds(a), lasts: TimeDelta::seconds(l), kind };
        let schedule = Schedule::new(start, vec![fault(20, 10, FaultKind::Hang), fault(5, 0, FaultKind::Gone)]);
        assert_eq!(schedule.active(at(19)).count(), 0);
        assert_eq!(schedule.active(at(20)).count(), 1);
        assert_eq!(schedule.active(at(30)).count(), 0);
        assert_eq!(schedule.next_edge(at(6)), Some(at(20)));
        assert_eq!(schedule.next_edge(at(20)), Some(at(30)));
        assert_eq!(schedule.beginning(at(0), at(60)).map(|(t, _)| t), Some(at(5)));
        assert_eq!(schedule.beginning(at(5), at(19)), None);
    }
}
