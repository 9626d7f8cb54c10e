//! An objective that is one for each value of some labels: the group that is worst off, with all its figures.
//! Never puts figures of two groups side by side as if they were one: a page takes two windows of the same group.

use std::collections::BTreeMap;

use super::super::reply::{Labels, Sample, Series};
use super::super::templates::{AVAILABILITY, RATIO, RECORDED_LABEL, REMAINING, WINDOW_LABEL};
use crate::ports::metrics::{Found, Promise};
use crate::slo::tier::Severity;
use crate::text::Clean;

/// The samples of one group, and which of how many that is; `None` for an objective that is one as a whole, as far as the answer tells.
pub(super) fn worst<'a>(promise: &Promise, samples: Vec<&'a Sample>) -> (Vec<&'a Sample>, Option<(Clean, usize)>) {
    let mut groups: BTreeMap<Vec<&str>, Vec<&'a Sample>> = BTreeMap::new();
    for sample in &samples {
        groups.entry(values(promise, &sample.labels)).or_default().push(sample);
    }
    // What is said of all of them together is none of them.
    if groups.len() > 1 {
        groups.retain(|values, _| values.iter().any(|value| !value.is_empty()));
    }
    let of = groups.len();
    let worst = groups.into_iter().min_by(|(_, one), (_, other)| {
        let (one, other) = (rank(promise, one), rank(promise, other));
        other.0.cmp(&one.0).then(one.1.total_cmp(&other.1))
    });
    match worst {
        Some((values, samples)) => (samples, named(promise, &values).map(|name| (name, of))),
        None => (samples, None),
    }
}

/// `route=/pay`; `None` where no label of it has a value.
fn named(promise: &Promise, values: &[&str]) -> Option<Clean> {
    let labels = promise.grouping.iter().zip(values).filter(|(_, value)| !value.is_empty());
    let name = labels.map(|(label, value)| format!("{label}={value}")).collect::<Vec<_>>().join(", ");
    (!name.is_empty()).then(|| Clean::from(name))
}

/// As many groups are told of at most, so that a label with a value for each caller does not fill the memory: those with the most errors.
const MOST: usize = 100;

/// What `read` makes of the series of each group by itself; of an objective that is one as a whole, of all of them.
pub(super) fn each(promise: &Promise, series: &[Series], read: impl Fn(&[&Series]) -> Option<Found>) -> Vec<Found> {
    let mut groups: BTreeMap<Option<Clean>, Vec<&Series>> = BTreeMap::new();
    for one in series {
        groups.entry(named(promise, &values(promise, &one.labels))).or_default().push(one);
    }
    let last = |series: &[&Series]| series.iter().filter_map(|one| one.points.last()).map(|point| point.value).fold(f64::MIN, f64::max);
    let mut groups: Vec<(Option<Clean>, Vec<&Series>)> = groups.into_iter().collect();
    if groups.len() > MOST {
        groups.sort_by(|(_, one), (_, other)| last(other).total_cmp(&last(one)));
        groups.truncate(MOST);
    }
    let told = |(group, series): (Option<Clean>, Vec<&Series>)| {
        let found = read(&series)?;
        Some(match group {
            Some(group) => Found::OfGroup { group, found: Box::new(found) },
            None => found,
        })
    };
    groups.into_iter().filter_map(told).collect()
}

fn values<'a>(promise: &Promise, labels: &'a Labels) -> Vec<&'a str> {
    promise.grouping.iter().map(|label| labels.get(label)).collect()
}

/// How bad the alert is that fires, and what is left: less is worse. A group without requests is the best there is.
fn rank(promise: &Promise, samples: &[&Sample]) -> (Option<Severity>, f64) {
    let of = |what: &'static str| {
        let mine = samples.iter().filter(move |sample| sample.labels.get(RECORDED_LABEL) == what);
        mine.map(|sample| (sample.labels.get(WINDOW_LABEL).parse::<u64>().unwrap_or_default(), sample.point.value))
    };
    let ratios: BTreeMap<u64, f64> = of(RATIO).filter(|(_, value)| !value.is_nan()).collect();
    let over = |window: std::time::Duration, limit: f64| ratios.get(&window.as_secs()).is_some_and(|ratio| *ratio > limit);
    let fires = promise.alarms.iter().filter(|alarm| over(alarm.long, alarm.over) && over(alarm.short, alarm.over));
    let whole = of(REMAINING).chain(of(AVAILABILITY)).map(|(_, value)| value).find(|value| !value.is_nan());
    let left = whole.or_else(|| ratios.last_key_value().map(|(_, ratio)| -ratio)).unwrap_or(f64::INFINITY);
    (fires.map(|alarm| alarm.severity).max(), left)
}
