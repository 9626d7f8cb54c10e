//! Where in time a selector looks, and what it sees there.
//! Treats staleness as Prometheus does: the marker ends an instant selector's sight and is no sample to a range.

use std::time::SystemTime;

use promql_parser::parser::{AtModifier, Offset};

use super::super::tsdb::{Labels, Sample, is_stale};

/// Whether a range includes a sample exactly at its left edge. Prometheus 2 does; Prometheus 3 does not.
const LEFT_EDGE_INCLUDED: bool = true;

/// The series one selector or subquery sees, read once for the whole query.
pub(super) struct Seen {
    pub labels: Labels,
    pub nameless: Labels,
    pub samples: Vec<Sample>,
}

/// Samples of one series inside a range, with the range's edges.
pub(super) struct Window<'a> {
    pub samples: &'a [Sample],
    /// The left edge, milliseconds.
    pub from: i64,
    /// The right edge, milliseconds.
    pub to: i64,
}

impl Window<'_> {
    /// The range's length, seconds.
    pub fn seconds(&self) -> f64 {
        (self.to - self.from) as f64 / 1000.0
    }
}

impl Seen {
    pub fn new(labels: Labels, samples: Vec<Sample>) -> Self {
        Self { nameless: labels.nameless(), labels, samples }
    }

    /// The sample an instant selector sees at `at`: the last one, unless it is older than the lookback or marks the end.
    pub fn at(&self, at: i64, lookback: i64) -> Option<Sample> {
        let upto = self.samples.partition_point(|(t, _)| *t <= at);
        let (t, value) = *self.samples.get(upto.checked_sub(1)?)?;
        (!left_of(t, at - lookback) && !is_stale(value)).then_some((t, value))
    }

    /// The samples between `from` and `to`. The series holds no markers any more where ranges read it.
    pub fn window(&self, from: i64, to: i64) -> Window<'_> {
        let first = self.samples.partition_point(|(t, _)| left_of(*t, from));
        let end = self.samples.partition_point(|(t, _)| *t <= to);
        Window { samples: self.samples.get(first..end).unwrap_or_default(), from, to }
    }
}

fn left_of(t: i64, edge: i64) -> bool {
    if LEFT_EDGE_INCLUDED { t < edge } else { t <= edge }
}

/// The moments a query runs from and to: what `@ start()` and `@ end()` mean.
pub(super) type Bounds = (i64, i64);

/// The moment a selector evaluated at `at` looks from, after `@` and `offset`. Milliseconds.
pub(super) fn moved(at: i64, modifier: Option<&AtModifier>, offset: Option<&Offset>, bounds: Bounds) -> i64 {
    let at = match modifier {
        None => at,
        Some(AtModifier::Start) => bounds.0,
        Some(AtModifier::End) => bounds.1,
        Some(AtModifier::At(time)) => since_epoch(*time),
    };
    match offset {
        None => at,
        Some(Offset::Pos(back)) => at - back.as_millis() as i64,
        Some(Offset::Neg(ahead)) => at + ahead.as_millis() as i64,
    }
}

fn since_epoch(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_millis() as i64,
        Err(before) => -(before.duration().as_millis() as i64),
    }
}
