//! The envelope every answer of the API comes in, read ourselves so that warnings, hints and `isPartial` survive.
//! Never guesses at a shape it does not know: that is an error, said as such.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de};

use super::reply::{Data, Labels, Point, Reply, Sample, Series};
use crate::text::Clean;

/// More warnings than this are of no use on a screen.
const MOST_WARNINGS: usize = 20;

/// What every answer has around its data.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub status: Status,
    #[serde(default = "none")]
    pub data: Option<T>,
    #[serde(default, rename = "errorType")]
    pub error_type: Option<String>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    infos: Option<Vec<String>>,
    /// VictoriaMetrics: some storage nodes did not answer.
    #[serde(default, rename = "isPartial")]
    partial: Option<bool>,
}

fn none<T>() -> Option<T> {
    None
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Success,
    Error,
}

/// What surrounded the data, cleaned.
pub(super) struct Around {
    pub warnings: Vec<Clean>,
    pub infos: Vec<Clean>,
    pub partial: bool,
}

impl<T> Envelope<T> {
    /// Everything but the data.
    pub fn around(&self) -> Around {
        // Prometheus before 3.0 had no `infos`: its hints came among the warnings.
        let (hints, warnings): (Vec<&String>, Vec<&String>) =
            self.warnings.iter().flatten().partition(|text| text.starts_with("PromQL info:"));
        let infos = hints.into_iter().chain(self.infos.iter().flatten());
        Around {
            warnings: warnings.into_iter().take(MOST_WARNINGS).map(|text| Clean::from(text.as_str())).collect(),
            infos: infos.take(MOST_WARNINGS).map(|text| Clean::from(text.as_str())).collect(),
            partial: self.partial.unwrap_or(false),
        }
    }
}

/// The data of a query.
#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(super) enum Found {
    Vector(Vec<RawSample>),
    Matrix(Vec<RawSeries>),
    Scalar(RawPoint),
    String((f64, String)),
}

#[derive(Deserialize)]
pub(super) struct RawSample {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    value: Option<RawPoint>,
    /// Only whether it is there: a native histogram is not read as a number.
    histogram: Option<de::IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct RawSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<RawPoint>,
    histograms: Option<de::IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct RawPoint(f64, Figure);

/// A number as the API writes it: a text, since JSON has neither NaN nor infinity.
struct Figure(f64);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl de::Visitor<'_> for Reader {
            type Value = Figure;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number in quotes")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Figure, E> {
                text.parse().map(Figure).map_err(|_| E::custom("a value that is no number"))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Figure, E> {
                Ok(Figure(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Figure, E> {
                Ok(Figure(value as f64))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Figure, E> {
                Ok(Figure(value as f64))
            }
        }
        from.deserialize_any(Reader)
    }
}

impl RawPoint {
    fn point(&self) -> Option<Point> {
        let at: DateTime<Utc> = DateTime::from_timestamp_millis((self.0 * 1000.0).round() as i64)?;
        Some(Point { at, value: self.1.0 })
    }
}

fn labels(raw: &BTreeMap<String, String>) -> Labels {
    raw.iter().map(|(name, value)| (Clean::from(name.as_str()), Clean::from(value.as_str()))).collect()
}

/// An answer from what was found; `Err` says which moment lies outside any calendar.
pub(super) fn reply(found: Found, around: Around, took: Duration, bytes: usize) -> Result<Reply, &'static str> {
    const NO_TIME: &str = "a timestamp outside any calendar";
    let (mut natives, mut twins) = (0, 0);
    let data = match found {
        Found::Vector(raw) => {
            let mut samples = Vec::with_capacity(raw.len());
            for sample in raw {
                match sample.value {
                    Some(value) => {
                        samples.push(Sample { labels: labels(&sample.metric), point: value.point().ok_or(NO_TIME)? });
                    }
                    None if sample.histogram.is_some() => natives += 1,
                    None => return Err("a series without a value"),
                }
            }
            Data::Vector(single(samples, |sample| &sample.labels, &mut twins))
        }
        Found::Matrix(raw) => {
            let mut series = Vec::with_capacity(raw.len());
            for one in raw {
                natives += usize::from(one.histograms.is_some());
                if one.values.is_empty() {
                    continue;
                }
                let points = one.values.iter().map(RawPoint::point).collect::<Option<Vec<_>>>().ok_or(NO_TIME)?;
                series.push(Series { labels: labels(&one.metric), points });
            }
            Data::Matrix(single(series, |one| &one.labels, &mut twins))
        }
        Found::Scalar(value) => Data::Scalar(value.point().ok_or(NO_TIME)?),
        Found::String((_, text)) => Data::Text(Clean::from(text)),
    };
    Ok(Reply { data, warnings: around.warnings, infos: around.infos, partial: around.partial, natives, twins, took, bytes })
}

/// Leaves out every label set that came more than once: which of the values is right can't be known.
fn single<T>(all: Vec<T>, labels: impl Fn(&T) -> &Labels, twins: &mut usize) -> Vec<T> {
    let mut seen: HashMap<&Labels, usize> = HashMap::with_capacity(all.len());
    for one in &all {
        *seen.entry(labels(one)).or_default() += 1;
    }
    if seen.len() == all.len() {
        return all;
    }
    let keep: Vec<bool> = all.iter().map(|one| seen.get(labels(one)) == Some(&1)).collect();
    *twins += seen.values().filter(|count| **count > 1).count();
    all.into_iter().zip(keep).filter_map(|(one, keep)| keep.then_some(one)).collect()
}
