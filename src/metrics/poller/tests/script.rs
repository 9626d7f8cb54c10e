//! A scripted server and a clock that keeps step with Tokio's.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::*;
use crate::metrics::reply::{Data, Labels, Point, Sample, Series};

/// What a server does; questions are named by their kind.
#[derive(Default)]
pub struct Script {
    pub slow: Vec<(&'static str, Duration)>,
    pub broken: Vec<(&'static str, Failure)>,
}

#[derive(Default)]
struct State {
    script: Script,
    failing: Mutex<Option<Failure>>,
    asked: Mutex<Vec<String>>,
    flying: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Clone)]
struct Scripted(Arc<State>);

struct Flying(Arc<State>);

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.flying.fetch_sub(1, Ordering::SeqCst);
    }
}

pub fn kind(id: &QuestionId) -> String {
    format!("{id:?}").split('(').next().unwrap_or_default().to_owned()
}

impl Answers for Scripted {
    fn address(&self) -> Clean {
        Clean::from("http://script")
    }

    fn answer(&self, question: Arc<Question>, now: Time) -> BoxFuture<'static, (Time, Result<Reply, Failure>)> {
        let state = self.0.clone();
        Box::pin(async move {
            let name = kind(&question.id);
            state.asked.lock().unwrap().push(name.clone());
            let flying = state.flying.fetch_add(1, Ordering::SeqCst) + 1;
            let _flying = Flying(state.clone());
            state.most.fetch_max(flying, Ordering::SeqCst);
            let slow = state.script.slow.iter().find(|(slow, _)| *slow == name).map_or(Duration::from_millis(1), |(_, slow)| *slow);
            tokio::time::sleep(slow).await;
            if let Some(failure) = state.failing.lock().unwrap().clone() {
                return (now, Err(failure));
            }
            if let Some((_, failure)) = state.script.broken.iter().find(|(broken, _)| *broken == name) {
                return (now, Err(failure.clone()));
            }
            (now, Ok(reply(&question, now)))
        })
    }
}

fn reply(question: &Question, now: Time) -> Reply {
    let series: &[(&str, &str)] = match &question.id {
        QuestionId::Families(_) => &[("__name__", "http_requests_total"), ("found_by", "namespace"), ("namespace", "shop")],
        QuestionId::Fitting(_) => &[("candidate", "0")],
        QuestionId::Fresh(_) => &[("what", "newest")],
        QuestionId::Recorded(_) => &[("sloth_slo", "other")],
        _ => &[("pod", "web-aaa-11111"), ("code", "200")],
    };
    let labels: Labels = series.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect();
    let point = Point { at: now, value: 7.0 };
    let data = match question.form {
        Form::Instant => Data::Vector(vec![Sample { labels, point }]),
        Form::Rules => Data::Rules(Box::default()),
        Form::Range { .. } | Form::Period { .. } | Form::Stretches { .. } => Data::Matrix(vec![Series { labels, points: vec![point] }]),
    };
    Reply { data, warnings: Vec::new(), infos: Vec::new(), partial: false, natives: 0, twins: 0, took: Duration::ZERO, bytes: 10 }
}

/// Begins on a moment of its own and goes with Tokio's time.
struct Standing(Instant);

impl Clock for Standing {
    fn now(&self) -> Time {
        Time::from_timestamp(1_700_000_010, 0).unwrap() + chrono::TimeDelta::from_std(self.0.elapsed()).unwrap()
    }
}

pub struct Bench {
    pub poller: Poller,
    state: Arc<State>,
    events: mpsc::Receiver<Event>,
}

impl Bench {
    pub fn new(script: Script) -> Self {
        let state = Arc::new(State { script, ..State::default() });
        let (out, events) = mpsc::channel(4096);
        let (poller, task) = Poller::begin(Scripted(state.clone()), Arc::new(Standing(Instant::now())), out, |event| vec![event]);
        tokio::spawn(task);
        Self { poller, state, events }
    }

    /// Lets so many seconds pass; returns what was said.
    pub async fn live(&mut self, seconds: u64) -> Vec<Event> {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        self.said()
    }

    /// Waits until nothing more comes by itself at this moment; returns what was said.
    pub async fn settle(&mut self) -> Vec<Event> {
        while self.poller.busy().is_working() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.said()
    }

    fn said(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    pub fn fail(&self, failure: Option<Failure>) {
        *self.state.failing.lock().unwrap() = failure;
    }

    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.state.asked.lock().unwrap().clear();
    }

    pub fn most(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }

    pub fn flying(&self) -> usize {
        self.state.flying.load(Ordering::SeqCst)
    }
}
