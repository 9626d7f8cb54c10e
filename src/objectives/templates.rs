//! Templates of analyses (Argo Rollouts, Flagger): the queries that a team already trusts its releases to, joined with who runs them.
//! Never takes a check for a promise: only a share of events is one. Never reads a Secret, nor the address and credentials beside a query.

mod argo;
mod canary;
mod condition;
mod family;
mod fill;
mod flagger;
mod ratio;
mod uses;

use super::remark::Remarks;
use super::{Found, Origin, Query, Read, Sli, Source};
use crate::objects::ReleaseRef;
use crate::text::Clean;

use canary::{Asks, Check};
use condition::Bound;
use fill::Filling;

pub use argo::object as argo;
pub use canary::Canary;
pub use canary::object as canary;
pub use flagger::object as flagger;
pub use uses::Use;

/// The check of Flagger's own that is a share of requests.
const SUCCESS_RATE: &str = "request-success-rate";

/// Whose template it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Maker {
    Argo,
    Flagger,
}

/// What a template holds, before anybody's arguments are filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    maker: Maker,
    name: Clean,
    /// Empty for one of the whole cluster.
    namespace: Clean,
    /// The template in words.
    place: Clean,
    arguments: Filling,
    metrics: Vec<Metric>,
}

/// A query of a template with what its value has to be, as they are written.
#[derive(Debug, Clone, PartialEq)]
struct Metric {
    name: Clean,
    query: String,
    success: String,
    failure: String,
    place: String,
}

/// What templates amount to: objectives where they promise a share of events, and for all else a remark with the reason.
pub fn join<'r>(reads: impl Iterator<Item = &'r Read> + Clone, uses: &[&Use]) -> Read {
    let templates: Vec<&Template> = reads.clone().flat_map(|read| &read.templates).collect();
    let mut join = Join::default();
    for template in templates.iter().filter(|template| template.maker == Maker::Argo) {
        join.argo(template, uses);
    }
    for canary in reads.flat_map(|read| &read.canaries) {
        for check in &canary.checks {
            join.flagger(canary, check, &templates);
        }
    }
    Read { found: join.found, remarks: join.remarks.0, ..Read::default() }
}

/// Why a metric is no objective.
enum Why {
    /// It was understood, and is a check.
    Check(String),
    /// It could not be told.
    Untold(String),
}

#[derive(Default)]
struct Join {
    found: Vec<Found>,
    remarks: Remarks,
}

impl Join {
    fn argo(&mut self, template: &Template, uses: &[&Use]) {
        let is_meant = |one: &&&Use| {
            one.template == template.name
                && if one.is_cluster_wide { template.namespace.is_empty() } else { one.release.namespace == template.namespace }
        };
        let mut used = uses.iter().filter(is_meant).peekable();
        if used.peek().is_none() {
            return self.of_argo(template, None, &template.arguments);
        }
        for one in used {
            let mut filling = template.arguments.clone();
            filling.retain(|hole, _| !one.untold.contains(hole));
            filling.extend(one.filling.clone());
            self.of_argo(template, Some(&one.release), &filling);
        }
    }

    fn of_argo(&mut self, template: &Template, release: Option<&ReleaseRef>, filling: &Filling) {
        for metric in &template.metrics {
            let condition = |text: &str| if text.is_empty() { Ok(String::new()) } else { fill::fill(text, filling) };
            let bounds = condition(&metric.success)
                .and_then(|success| Ok(condition::bound(&success, &condition(&metric.failure)?).into_iter().collect::<Vec<_>>()));
            let told = bounds.map_err(Why::Untold).and_then(|bounds| promised(&metric.query, filling, &bounds));
            self.take(told, &metric.name, &[&template.place], release, &metric.place);
        }
    }

    fn flagger(&mut self, canary: &Canary, check: &Check, templates: &[&Template]) {
        let mut words = vec![&canary.words];
        let told = match &check.asks {
            Asks::BuiltIn => built_in(check),
            Asks::Query(query) => promised(query, &check.filling, &check.bounds),
            Asks::Template(namespace, name) => {
                let is_meant = |one: &&&Template| one.maker == Maker::Flagger && one.namespace == *namespace && one.name == *name;
                match templates.iter().find(is_meant) {
                    Some(template) => {
                        words.push(&template.place);
                        // One of another provider has a remark of its own.
                        let Some(metric) = template.metrics.first() else { return };
                        promised(&metric.query, &check.filling, &check.bounds)
                    }
                    None => Err(Why::Untold(format!("its MetricTemplate {namespace}/{name} was not read"))),
                }
            }
        };
        self.take(told, &check.name, &words, Some(&canary.target), &check.place);
    }

    fn take(&mut self, told: Result<(f64, Sli), Why>, name: &Clean, words: &[&Clean], release: Option<&ReleaseRef>, place: &str) {
        let (target, sli) = match told {
            Ok(told) => told,
            Err(why) => return self.remark(why, release, place),
        };
        let Some((first, rest)) = words.split_first() else { return };
        let mut found = Found::empty(name.clone(), Origin::Template, (*first).clone());
        found.sources.extend(rest.iter().map(|words| Source { origin: Origin::Template, words: (*words).clone() }));
        found.release = release.cloned();
        found.target = Some(target);
        found.sli = sli;
        found.notes.push(Clean::from(format!("Its target is the limit {first} sets for a release, not one promised over a window.")));
        self.found.push(found);
    }

    /// Many run the same check: it is told once.
    fn remark(&mut self, why: Why, release: Option<&ReleaseRef>, place: &str) {
        let what = match (why, release) {
            (Why::Check(why), _) => format!("a check of its controller and no objective: {why}"),
            (Why::Untold(why), None) => format!("no objective is read from it: {why}"),
            (Why::Untold(why), Some(of)) => format!("no objective of {}/{} is read from it: {why}", of.namespace, of.name),
        };
        let known = self.remarks.0.iter().any(|known| *known.place == *place && *known.what == *what);
        if !known {
            self.remarks.note(place, what);
        }
    }
}

/// What a query with bounds promises.
fn promised(query: &str, filling: &Filling, bounds: &[Bound]) -> Result<(f64, Sli), Why> {
    let text = fill::fill(query, filling).map_err(Why::Untold)?;
    let mut expr = Query::new(&text).parse().map_err(|why| Why::Untold(format!("its query is not understood ({why})")))?;
    let mut refused = "its condition is no plain limit of one value".to_owned();
    for bound in bounds {
        match ratio::promise(&expr, *bound) {
            Ok(_) => {
                fill::without_hash(&mut expr).map_err(Why::Untold)?;
                return ratio::promise(&expr, *bound).map_err(Why::Check);
            }
            Err(why) => refused = why,
        }
    }
    Err(Why::Check(refused))
}

/// What one of Flagger's own checks promises.
fn built_in(check: &Check) -> Result<(f64, Sli), Why> {
    let share = check.bounds.iter().find_map(|bound| if let Bound::AtLeast(percent) = bound { Some(*percent) } else { None });
    match share {
        Some(percent) if check.name == SUCCESS_RATE => {
            let target = ratio::target(percent / 100.0).map_err(Why::Check)?;
            Ok((target, Sli::Unread(Clean::from("the built-in measure is used"))))
        }
        _ => Err(Why::Check("it is no least share of requests".to_owned())),
    }
}

#[cfg(test)]
mod tests;
