//! The rows of a board from one answer for all releases.
//! Never tells of errors where they can't be told: they are not a number then.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::dialect::Source;
use super::super::questions::Span;
use super::super::reply::{Reply, Sample};
use super::super::templates::{BAD_LABEL, WINDOW_LABEL};
use crate::objects::ReleaseRef;
use crate::ports::metrics::{Found, Measurable};
use crate::text::Clean;

/// Requests and errors of each release that the answer has something of.
pub(super) fn rows(releases: &[Measurable], source: &Source, span: Span, reply: &Reply) -> Vec<(ReleaseRef, Found)> {
    let mut by_namespace: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
    for sample in reply.data.samples().iter().filter(|sample| sample.point.value.is_finite()) {
        by_namespace.entry(sample.labels.get(source.namespace_label)).or_default().push(sample);
    }
    let mut rows = Vec::new();
    for one in releases {
        let samples = by_namespace.get(one.subject.namespace.as_str()).map_or(&[][..], Vec::as_slice);
        for window in span.windows() {
            let versions = versions(one, source, &window.to_string(), f64::from(window.seconds()), samples);
            if !versions.is_empty() {
                rows.push((one.release.clone(), Found::Row(Duration::from_secs(window.seconds().into()), versions)));
            }
        }
    }
    rows
}

fn versions(one: &Measurable, source: &Source, over: &str, seconds: f64, samples: &[&Sample]) -> Vec<(Clean, f64, f64)> {
    let mut versions: BTreeMap<Clean, (f64, f64)> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.labels.get(WINDOW_LABEL) == over && source.is_of(&one.subject, &sample.labels)) {
        let known = source.version_of(&one.subject, &sample.labels).map(|version| version.hash.clone());
        let Some(version) = known.or_else(|| source.earlier_of(&one.subject, &sample.labels)) else { continue };
        let requests = sample.point.value * seconds;
        let (total, bad) = versions.entry(version).or_default();
        *total += requests;
        match sample.labels.get(BAD_LABEL) {
            "1" => *bad += requests,
            "0" => {}
            // Requests without a code say nothing of errors; without requests there are none.
            _ if requests > 0.0 => *bad = f64::NAN,
            _ => {}
        }
    }
    versions.into_iter().map(|(hash, (total, bad))| (hash, total, bad)).collect()
}
