//! What there is to ask now: one typed question for everything a screen shows, from what is on screen and what was probed.
//! Never asks and never waits: when each is sent is the agenda's to say.

mod known;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use super::dialect::Source;
use super::templates::STEP;
use super::window::{LONGEST, Window};
use crate::objects::{ReleaseRef, Time};
use crate::ports::metrics::{Measurable, Promise};
use crate::slo::calendar::Calendar;
use crate::text::Clean;

pub use known::Known;
pub use plan::plan;

/// The pace of what moves within a minute.
pub const FAST: Duration = Duration::from_secs(15);
/// The pace of what moves slowly or costs more.
pub const SLOW: Duration = Duration::from_secs(60);
/// The pace of the longest window, the dearest to work out.
pub const SLOWEST: Duration = Duration::from_secs(300);
/// What was probed is believed for so long.
pub const BELIEVED: Duration = Duration::from_secs(600);

/// What a question is for. Two questions of the same kind for the same release never stand side by side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuestionId {
    /// Which families of metrics these namespaces have.
    Families(Vec<Clean>),
    /// Which of them, with which labels, hold this release's requests.
    Fitting(ReleaseRef),
    /// Raw counters of the last half hour, once.
    History(ReleaseRef),
    /// Raw counters now.
    Counters(ReleaseRef),
    /// Raw counters of an objective of the last half hour, once.
    EventsBefore(ReleaseRef, Clean),
    /// Raw counters of an objective now.
    Events(ReleaseRef, Clean),
    /// Totals and errors over some windows.
    Level(ReleaseRef, Sli, Span),
    /// Requests that reached no pod.
    Unreached(ReleaseRef),
    /// Latencies by version.
    Latency(ReleaseRef),
    /// How old the newest counter is.
    Fresh(ReleaseRef),
    /// What recording rules say of the objectives.
    Recorded(ReleaseRef),
    /// How errors went over the last half hour.
    Trend(ReleaseRef, Sli),
    /// How what is left of an objective's budget went.
    BurnDown(ReleaseRef, Clean, Stretch),
    /// Who calls.
    Callers(ReleaseRef),
    /// Which alerts fire on it.
    Alerts(ReleaseRef),
    /// Requests and errors of all releases on the board, by the counter's name and the label that holds the namespace.
    Board(Clean, &'static str, Span),
    /// An objective's own errors and totals by version.
    Split(ReleaseRef, Clean),
    /// The rules it runs.
    Rules,
    /// Which objectives series describe.
    Described,
    /// Which pods some series are of, by the question.
    Covering(Clean),
    /// For how much of an objective's window there is anything recorded.
    Filled(ReleaseRef, Clean),
}

impl QuestionId {
    /// Whether its words follow what is promised, whatever pods there are.
    pub fn is_of_promises(&self) -> bool {
        matches!(self, Self::Recorded(_) | Self::Alerts(_))
    }
}

/// Whose idea of total and errors is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sli {
    /// The family's own: every objective without queries shares it.
    Family,
    /// The queries of the objective of this name.
    Own(Clean),
}

/// Over what a budget is followed, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stretch {
    /// The objective's whole window, by what is recorded.
    Window,
    /// Its last day, by what is recorded.
    Day,
    /// Its last day, by counts: further back no raw query is built for.
    Counted,
    /// The period of its calendar so far, by what is recorded, else as much of it as may be counted.
    Period,
}

/// Windows that are asked for together, because they cost alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// 2 and 5 minutes: shares and burn on the board.
    Board,
    /// 5 and 30 minutes.
    Short,
    /// 1 and 6 hours.
    Long,
    /// All four of the paired burn-rate alerts, where one question must do.
    Burn,
    /// A day: the longest that a raw query is built for.
    Day,
}

/// How a question is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The values at one moment.
    Instant,
    /// The values over the last `back`, one each `step`.
    Range {
        /// From the first to the last.
        back: Duration,
        /// From one to the next.
        step: Duration,
    },
    /// The values in stretches from the start of the calendar's period on, by whoever sends it: `$step` in it is the length of one then.
    Period {
        /// Which periods.
        calendar: Calendar,
        /// So much of one at most: its end.
        most: Option<Duration>,
        /// How long a stretch is; `None`: as long as makes a curve.
        step: Option<Duration>,
    },
    /// The values at the ends of so many stretches, one behind the other.
    Stretches {
        /// Where the first begins.
        from: Time,
        /// How long each is.
        step: Duration,
        /// How many: one at least.
        count: u32,
    },
    /// The rules it runs, which no query tells.
    Rules,
}

impl Question {
    /// As it is sent at `now`: the same, but that what depends on the day is worked out.
    #[must_use]
    pub fn sent(self: Arc<Self>, now: Time) -> Arc<Self> {
        let Form::Period { calendar, most, step } = self.form else { return self };
        let Some(period) = calendar.period(now) else { return self };
        let elapsed = period.elapsed(now);
        let reach = Duration::from_secs(most.map_or(elapsed, |most| elapsed.min(most)).as_secs());
        // By whole seconds all but two minutes of a curve are in it.
        let even = || Duration::from_secs(reach.as_secs() / (reach.as_secs() / 60).clamp(1, u64::from(POINTS)));
        let step = step.unwrap_or_else(even).min(reach).max(Duration::from_secs(15));
        let count = u32::try_from(reach.as_secs() / step.as_secs()).unwrap_or(u32::MAX).max(1);
        let from = if reach < elapsed { now - reach } else { period.from };
        let expr = self.expr.replace(STEP, &format!("{}s", step.as_secs()));
        Arc::new(Self { expr, form: Form::Stretches { from, step, count }, ..(*self).clone() })
    }
}

/// Whom a question is about, as it was when it was put: its answer is read by the same.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// Nobody in particular.
    Everybody,
    /// The namespaces of a probe.
    Namespaces(Vec<Clean>),
    /// A release, and the families that may hold its requests.
    Candidates(Arc<Measurable>, Vec<Source>),
    /// A release and the family it is measured by; `None` where its questions name their own metrics.
    Release(Arc<Measurable>, Option<Source>),
    /// All releases of the board that this family may hold.
    Board(Arc<Vec<Measurable>>, Source),
}

/// A question to be asked again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What it is for.
    pub id: QuestionId,
    /// PromQL.
    pub expr: String,
    /// How it is put.
    pub form: Form,
    /// From one time to the next; `None`: once.
    pub every: Option<Duration>,
    /// Lower goes first where not all can go at once.
    pub priority: u8,
    /// Whom it is about.
    pub about: About,
}

/// So many points make a curve.
const POINTS: u32 = 120;

impl Stretch {
    /// From one point to the next where it reaches so far back: whole minutes, so that a range of it can be a window too.
    pub fn step(self, back: Duration) -> Duration {
        Duration::from_secs((back / POINTS).as_secs().div_ceil(60).max(1) * 60)
    }
}

impl Span {
    /// Its windows, shortest first.
    pub fn windows(self) -> Vec<Window> {
        let [five, thirty, hour, six] = Window::BURN;
        match self {
            Self::Board => vec![Window::TWO, five],
            Self::Burn => Window::BURN.to_vec(),
            Self::Short => vec![five, thirty],
            Self::Long => vec![hour, six],
            Self::Day => vec![Window::DAY],
        }
    }
}

impl Span {
    /// Its windows and those of the alerts on `promises` that cost alike, shortest first: an alert over windows that nobody asks for would
    /// never be heard.
    pub fn asked<'a>(self, promises: impl IntoIterator<Item = &'a Promise>) -> Vec<Window> {
        let own = self.windows();
        let ends = match self {
            Self::Board | Self::Burn => return own,
            Self::Short => (Duration::ZERO, Duration::from_secs(1800)),
            Self::Long => (Duration::from_secs(1800), Duration::from_secs(21_600)),
            Self::Day => (Duration::from_secs(21_600), LONGEST),
        };
        let alarms = promises.into_iter().flat_map(|promise| &promise.alarms);
        let theirs = alarms.flat_map(|alarm| [alarm.short, alarm.long]).filter(|length| *length > ends.0 && *length <= ends.1);
        let mut all: Vec<Window> = own.into_iter().chain(theirs.filter_map(Window::new)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl QuestionId {
    /// What its answer tells, in words.
    pub fn about(&self) -> Clean {
        let over = |span: &Span| span.windows().iter().map(Window::to_string).collect::<Vec<_>>().join(" and ");
        match self {
            Self::Families(_) => Clean::from("which metrics there are"),
            Self::Fitting(_) => Clean::from("which metrics this release has"),
            Self::History(_) => Clean::from("requests before this was opened"),
            Self::Counters(_) => Clean::from("requests by version"),
            Self::EventsBefore(_, name) => Clean::from(format!("{name} before this was opened")),
            Self::Events(_, name) => Clean::from(format!("{name} by pod")),
            Self::Level(_, Sli::Family, span) => Clean::from(format!("requests and errors over {}", over(span))),
            Self::Level(_, Sli::Own(name), span) => Clean::from(format!("{name} over {}", over(span))),
            Self::Unreached(_) => Clean::from("requests that reached no pod"),
            Self::Latency(_) => Clean::from("latencies"),
            Self::Fresh(_) => Clean::from("the newest sample"),
            Self::Recorded(_) => Clean::from("recorded budgets"),
            Self::Trend(_, Sli::Family) => Clean::from("errors over the last half hour"),
            Self::Trend(_, Sli::Own(name)) => Clean::from(format!("{name} over the last half hour")),
            Self::BurnDown(_, name, Stretch::Window) => Clean::from(format!("{name} over its window")),
            Self::BurnDown(_, name, Stretch::Day) => Clean::from(format!("{name} recorded over the last day")),
            Self::BurnDown(_, name, Stretch::Counted) => Clean::from(format!("{name} counted over the last day")),
            Self::BurnDown(_, name, Stretch::Period) => Clean::from(format!("{name} since its period began")),
            Self::Callers(_) => Clean::from("callers"),
            Self::Alerts(_) => Clean::from("alerts that fire"),
            Self::Split(_, name) => Clean::from(format!("{name} by version")),
            Self::Rules => Clean::from("recording and alerting rules"),
            Self::Described => Clean::from("series that describe objectives"),
            Self::Covering(_) => Clean::from("which pods an objective counts"),
            Self::Filled(_, name) => Clean::from(format!("how much of its window {name} was recorded")),
            Self::Board(_, _, span) => Clean::from(format!("requests of all releases over {}", over(span))),
        }
    }
}

impl About {
    /// The releases that an answer tells of.
    pub fn releases(&self) -> Vec<ReleaseRef> {
        match self {
            Self::Namespaces(_) | Self::Everybody => Vec::new(),
            Self::Candidates(one, _) | Self::Release(one, _) => vec![one.release.clone()],
            Self::Board(all, _) => all.iter().map(|one| one.release.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
