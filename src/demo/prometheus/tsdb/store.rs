//! The store: series by label set, appended to in time order, selected by matchers, forgotten by age.
//! Takes no sample out of order (Prometheus' head refuses it too) and never answers for the present: it has no clock.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use promql_parser::label::{MatchOp, Matcher};

use super::{
    chunk::{Chunk, Sample},
    labels::{Labels, METRIC_NAME},
};

/// The NaN that Prometheus writes where a series ends (`value.StaleNaN` in its source).
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// Whether a value is the marker of a series' end. Another NaN is a value like any other.
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// A handle to a series of one store; stays valid as long as the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(usize);

/// One series: its labels and its samples.
pub struct Series {
    labels: Labels,
    chunks: VecDeque<Chunk>,
    /// Whether the last sample marks its end.
    ended: bool,
    /// Whether it is never forgotten.
    is_kept: bool,
}

impl Series {
    /// What the series is called.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Appends the samples with `from <= time <= to` (milliseconds) to `out`, staleness markers among them.
    pub fn read(&self, from: i64, to: i64, out: &mut Vec<Sample>) {
        for chunk in self.overlapping(from, to) {
            out.extend(chunk.iter().skip_while(|(at, _)| *at < from).take_while(|(at, _)| *at <= to));
        }
    }

    /// Whether some run of samples touches `from..=to`.
    pub fn touches(&self, from: i64, to: i64) -> bool {
        self.overlapping(from, to).next().is_some()
    }

    fn overlapping(&self, from: i64, to: i64) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().skip_while(move |chunk| chunk.span().1 < from).take_while(move |chunk| chunk.span().0 <= to)
    }

    fn last_at(&self) -> Option<i64> {
        self.chunks.back().map(|chunk| chunk.span().1)
    }
}

/// All series of one embedded Prometheus.
#[derive(Default)]
pub struct Store {
    series: Vec<Series>,
    by_labels: HashMap<Labels, SeriesId>,
    by_name: HashMap<Arc<str>, Vec<SeriesId>>,
    words: HashSet<Arc<str>>,
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The series with exactly these labels, made where it is missing. Names and values are shared between series.
    pub fn series(&mut self, labels: Labels) -> SeriesId {
        if let Some(id) = self.by_labels.get(&labels) {
            return *id;
        }
        let labels = Labels::new(labels.pairs().iter().map(|(name, value)| (self.word(name), self.word(value))));
        let id = SeriesId(self.series.len());
        let name = self.word(labels.get(METRIC_NAME));
        self.by_name.entry(name).or_default().push(id);
        self.by_labels.insert(labels.clone(), id);
        self.series.push(Series { labels, chunks: VecDeque::new(), ended: false, is_kept: false });
        id
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.words.get(text) {
            return word.clone();
        }
        let word: Arc<str> = Arc::from(text);
        self.words.insert(word.clone());
        word
    }

    /// Adds a sample at `at_ms`. False, and nothing added, where it is not newer than the series' last one.
    pub fn append(&mut self, id: SeriesId, at_ms: i64, value: f64) -> bool {
        let Some(series) = self.series.get_mut(id.0) else { return false };
        if series.last_at().is_some_and(|last| last >= at_ms) {
            return false;
        }
        if series.chunks.back().is_none_or(Chunk::is_full) {
            series.chunks.push_back(Chunk::starting(at_ms));
        }
        if let Some(chunk) = series.chunks.back_mut() {
            chunk.push(at_ms, value);
        }
        series.ended = is_stale(value);
        true
    }

    /// As [`Store::append`], for whoever keeps no handle.
    pub fn put(&mut self, labels: Labels, at_ms: i64, value: f64) -> bool {
        let id = self.series(labels);
        self.append(id, at_ms, value)
    }

    /// Marks the end of every series of a target at `at_ms`: of those that carry all of `labels`, have samples and have not ended.
    /// A target that is only down is not gone: it keeps its `up`, with the value 0. Returns how many ended.
    pub fn target_gone(&mut self, labels: &[(&str, &str)], at_ms: i64) -> usize {
        let of_target = |series: &Series| labels.iter().all(|(name, value)| series.labels.get(name) == *value);
        let alive = |series: &Series| !series.ended && !series.chunks.is_empty();
        let ids: Vec<SeriesId> =
            (0..self.series.len()).filter(|n| self.series.get(*n).is_some_and(|s| alive(s) && of_target(s))).map(SeriesId).collect();
        ids.into_iter().filter(|id| self.stale(*id, at_ms)).count()
    }

    /// Marks the end of a series at `at_ms`, as a scrape does that no longer finds it. False as for [`Store::append`].
    pub fn stale(&mut self, id: SeriesId, at_ms: i64) -> bool {
        self.append(id, at_ms, f64::from_bits(STALE_BITS))
    }

    /// From here on a series is not forgotten by age: what is recorded over a long window has few samples.
    pub fn keep(&mut self, id: SeriesId) {
        if let Some(series) = self.series.get_mut(id.0) {
            series.is_kept = true;
        }
    }

    /// Forgets runs of samples that ended before `at_ms`. A series that lost its last one keeps its handle, and answers nothing.
    pub fn drop_before(&mut self, at_ms: i64) {
        for series in self.series.iter_mut().filter(|series| !series.is_kept) {
            while series.chunks.front().is_some_and(|chunk| chunk.span().1 < at_ms) {
                series.chunks.pop_front();
            }
        }
    }

    /// The series whose labels every matcher accepts, sorted by labels. A missing label is the empty string to a matcher.
    pub fn select(&self, matchers: &[Matcher]) -> Vec<&Series> {
        let name = matchers.iter().find(|m| m.name == METRIC_NAME && matches!(m.op, MatchOp::Equal));
        let accepted = |series: &&Series| matchers.iter().all(|m| m.is_match(series.labels.get(&m.name)));
        let mut found: Vec<&Series> = match name {
            Some(name) => {
                let ids = self.by_name.get(name.value.as_str()).into_iter().flatten();
                ids.filter_map(|id| self.series.get(id.0)).filter(accepted).collect()
            }
            None => self.series.iter().filter(accepted).collect(),
        };
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        found
    }

    /// Memory the packed samples hold, bytes: without labels and index.
    pub fn sample_bytes(&self) -> usize {
        let chunks = self.series.iter().flat_map(|series| &series.chunks);
        chunks.map(|chunk| chunk.heap_bytes() + size_of::<Chunk>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(op: MatchOp, name: &str, value: &str) -> Matcher {
        Matcher::new(op, name, value)
    }

    #[test]
    fn a_missing_label_is_the_empty_string_to_every_matcher() {
        let mut store = Store::new();
        store.series(Labels::of(&[("__name__", "m"), ("code", "500")]));
        store.series(Labels::of(&[("__name__", "m")]));
        store.series(Labels::of(&[("__name__", "other"), ("code", "500")]));
        let count = |matchers: &[Matcher]| store.select(matchers).len();
        assert_eq!(count(&[matcher(MatchOp::Equal, "__name__", "m")]), 2);
        assert_eq!(count(&[matcher(MatchOp::Equal, "code", "")]), 1);
        assert_eq!(count(&[matcher(MatchOp::NotEqual, "code", "500")]), 1);
        assert_eq!(count(&[matcher(MatchOp::NotEqual, "code", "")]), 2);
    }

    #[test]
    fn old_samples_go_and_the_handle_stays() {
        let mut store = Store::new();
        let id = store.series(Labels::of(&[("__name__", "m")]));
        for at in 0..500 {
            assert!(store.append(id, at * 1000, at as f64));
        }
        assert!(!store.append(id, 499_000, 1.0), "not newer");
        store.drop_before(480_000);
        let mut samples = Vec::new();
        store.select(&[])[0].read(0, i64::MAX, &mut samples);
        assert_eq!(samples.first(), Some(&(480_000, 480.0)), "whole runs of 120 go");
        store.drop_before(600_000);
        assert!(!store.select(&[])[0].touches(0, i64::MAX));
        assert!(store.append(id, 700_000, 7.0));
        assert_eq!(store.series(Labels::of(&[("__name__", "m")])), id);
    }

    #[test]
    fn a_target_goes_once_with_all_its_series() {
        let mut store = Store::new();
        let of = |name, pod| Labels::of(&[("__name__", name), ("pod", pod)]);
        for (name, pod) in [("up", "a"), ("load", "a"), ("up", "b")] {
            assert!(store.put(of(name, pod), 1_000, 1.0));
        }
        store.series(of("never", "a"));
        assert_eq!(store.target_gone(&[("pod", "a")], 6_000), 2);
        assert_eq!(store.target_gone(&[("pod", "a")], 11_000), 0, "it is gone already");
        let last = |store: &Store, name: &str, pod: &str| {
            let mut samples = Vec::new();
            store.select(&[matcher(MatchOp::Equal, "__name__", name), matcher(MatchOp::Equal, "pod", pod)])[0].read(
                0,
                i64::MAX,
                &mut samples,
            );
            samples.last().map(|(at, value)| (*at, is_stale(*value)))
        };
        assert_eq!((last(&store, "load", "a"), last(&store, "up", "b")), (Some((6_000, true)), Some((1_000, false))));
        assert!(store.put(of("up", "a"), 16_000, 1.0), "it may come back");
        assert_eq!(store.target_gone(&[("pod", "a")], 21_000), 1);
    }

    #[test]
    fn an_hour_at_5_s_and_6_h_at_60_s_of_5000_series_stay_small() {
        let mut store = Store::new();
        for i in 0..5_000_u64 {
            let pod = format!("checkout-{}-{i}", i % 7);
            let id = store.series(Labels::of(&[("__name__", "requests_total"), ("pod", &pod), ("code", "200")]));
            let (mut value, mut gauge) = (0.0, 0.5);
            let times = (0..360).map(|n| n * 60_000).chain((0..720).map(|n| 360 * 60_000 + n * 5_000));
            for (n, at) in times.enumerate() {
                value += ((i * 31 + n as u64 * 17) % 90) as f64;
                gauge = (gauge * 997.0 + i as f64) % 1.0;
                // Every fourth series is a gauge of fractions, which pack badly.
                store.append(id, at, if i % 4 == 0 { gauge } else { value });
            }
        }
        let mib = store.sample_bytes() / (1 << 20);
        assert!(mib < 30, "{mib} MiB for 5.4 million samples");
    }
}
