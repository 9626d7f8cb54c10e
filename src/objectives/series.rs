//! Series that describe objectives: Sloth's `sloth_slo_info` and `slo:…`, Pyrra's `pyrra_objective` and `pyrra_window`.
//! Refuses to take a value for more than its name says.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Found, Method, Origin, Period, pyrra, sloth};
use crate::slo::ratio::round9;
use crate::text::Clean;

/// The question that brings them all, in one answer.
pub const QUESTION: &str =
    r#"{__name__=~"sloth_slo_info|slo:objective:ratio|slo:time_period:days|slo:numerator_correction:ratio|pyrra_objective|pyrra_window"}"#;

/// One series of the answer: its labels (its name under `__name__`) and its value.
pub type Sample = (BTreeMap<String, String>, f64);

/// The objectives that series describe, one each however many series there are of it.
pub fn read(samples: &[Sample]) -> Vec<Found> {
    let mut all: BTreeMap<(bool, &str), Found> = BTreeMap::new();
    for (labels, value) in samples {
        let label = |name: &str| labels.get(name).map(String::as_str).unwrap_or_default();
        let metric = label("__name__");
        let is_sloth = !metric.starts_with("pyrra_");
        let id = label(if is_sloth { "sloth_id" } else { "slo" });
        if id.is_empty() {
            continue;
        }
        let found = all.entry((is_sloth, id)).or_insert_with(|| if is_sloth { of_sloth(id, &label) } else { of_pyrra(id) });
        let target = (*value > 0.0 && *value < 1.0).then(|| round9(*value));
        let days = |days: f64| (days > 0.0 && days <= 3650.0).then(|| Period::Rolling(Duration::from_secs_f64(days * 86_400.0)));
        match metric {
            "slo:objective:ratio" | "pyrra_objective" => found.target = found.target.or(target),
            "sloth_slo_info" => {
                let percent: Option<f64> = label("sloth_objective").parse().ok().filter(|percent| *percent > 0.0 && *percent < 100.0);
                found.target = found.target.or(percent.map(Found::of_percent));
            }
            "slo:time_period:days" => found.period = found.period.take().or(days(*value)),
            "pyrra_window" => found.period = found.period.take().or(days(*value / 86_400.0)),
            "slo:numerator_correction:ratio" => {
                found.notes.push(Clean::from("Its ratios are corrected for low traffic by a plugin of Sloth."));
                found.notes.dedup();
            }
            _ => {}
        }
    }
    all.into_values().collect()
}

fn of_sloth<'l>(id: &str, label: &impl Fn(&str) -> &'l str) -> Found {
    let (service, name) = (label("sloth_service"), label("sloth_slo"));
    let words = format!("the series {} of {id}", label("__name__"));
    let mut found = Found::empty(if name.is_empty() { id } else { name }, Origin::Series, words);
    found.id = Clean::from(id);
    found.service = Clean::from(service);
    found.method = Method::RatioTimeslices;
    found.recorded = sloth::recorded(id, service, name);
    found
}

fn of_pyrra(name: &str) -> Found {
    let mut found = Found::empty(name, Origin::Series, format!("the series pyrra_objective of {name}"));
    found.id = Clean::from(name);
    found.recorded = pyrra::generic(name);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pairs: &[(&str, &str)], value: f64) -> Sample {
        (pairs.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect(), value)
    }

    #[test]
    fn all_series_of_one_objective_are_one() {
        let sloth = |metric: &str, value: f64| {
            let labels =
                [("sloth_id", "web-availability"), ("sloth_service", "web"), ("sloth_slo", "availability"), ("sloth_objective", "99.9")];
            sample(&[&[("__name__", metric)], &labels[..]].concat(), value)
        };
        let found = read(&[
            sloth("sloth_slo_info", 1.0),
            sloth("slo:time_period:days", 28.0),
            sloth("slo:objective:ratio", 0.9990000000000001),
            sample(&[("__name__", "pyrra_objective"), ("slo", "cart-errors")], 0.99),
            sample(&[("__name__", "pyrra_window"), ("slo", "cart-errors")], 2_419_200.0),
            sample(&[("__name__", "pyrra_window")], 1.0),
            sample(&[("__name__", "sloth_slo_info"), ("sloth_id", "odd"), ("sloth_objective", "NaN")], f64::NAN),
        ]);
        let [pyrra, odd, web] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((web.target, web.period.clone()), (Some(0.999), Some(Period::Rolling(Duration::from_secs(28 * 86_400)))));
        assert_eq!(web.full_name(), "web/availability");
        assert_eq!((pyrra.target, pyrra.period.clone()), (Some(0.99), Some(Period::Rolling(Duration::from_secs(28 * 86_400)))));
        assert!(pyrra.recorded.availability.is_some() && web.recorded.remaining.is_some());
        assert_eq!((odd.target, odd.name.as_str()), (None, "odd"));
    }

    #[test]
    fn the_question_is_a_query() {
        super::super::query::parse_text(QUESTION).unwrap();
    }
}
