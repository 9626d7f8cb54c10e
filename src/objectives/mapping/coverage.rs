//! The question which pods an objective's query counts, and its answer.
//! Never asks: the question is text, the answer is label sets.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::parser::{Expr, VectorSelector};

use super::Workload;
use crate::objectives::{Found, Query};
use crate::text::Clean;

/// The labels that may name a pod and its namespace; the scraper's own pod takes the plain names where `honorLabels` is off.
const LABELS: [(&str, &str); 2] = [("exported_pod", "exported_namespace"), ("pod", "namespace")];

/// The question which pods the objective counts: `None` where its queries name no series or only recorded ones.
pub fn covering(objective: &Found) -> Option<String> {
    let expr = objective.sli.widest()?.parse().ok()?;
    let mut found = Vec::new();
    selectors(&expr, &mut found);
    let mut texts: Vec<String> = found
        .into_iter()
        .filter(|selector| !selector.name.as_deref().unwrap_or_default().contains(':'))
        .map(|selector| {
            // Where and when it looks does not matter here: now is what counts.
            let mut bare = Expr::VectorSelector(VectorSelector { offset: None, at: None, ..selector.clone() });
            crate::objectives::split::canonical(&mut bare, &mut |_| {});
            Query::print(&bare).over(std::time::Duration::from_secs(300))
        })
        .collect();
    texts.sort_unstable();
    texts.dedup();
    let labels = "namespace, pod, exported_namespace, exported_pod";
    (!texts.is_empty()).then(|| format!("group by ({labels}) ({})", texts.join(" or ")))
}

/// Every selector in the expression.
pub(in crate::objectives) fn selectors<'e>(expr: &'e Expr, out: &mut Vec<&'e VectorSelector>) {
    match expr {
        Expr::Aggregate(aggregate) => selectors(&aggregate.expr, out),
        Expr::Unary(unary) => selectors(&unary.expr, out),
        Expr::Binary(binary) => {
            selectors(&binary.lhs, out);
            selectors(&binary.rhs, out);
        }
        Expr::Paren(paren) => selectors(&paren.expr, out),
        Expr::Subquery(subquery) => selectors(&subquery.expr, out),
        Expr::Call(call) => call.args.args.iter().for_each(|arg| selectors(arg, out)),
        Expr::VectorSelector(selector) => out.push(selector),
        Expr::MatrixSelector(matrix) => out.push(&matrix.vs),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// The pods whose series an objective counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Namespace (empty where the series name none) and pod.
    pods: BTreeSet<(Clean, Clean)>,
    label: Option<&'static str>,
    /// Pods that belong to none of the releases it was read for.
    pub strangers: usize,
}

/// Pods of one release in an answer.
pub(super) struct Counted {
    /// That are there.
    pub now: usize,
    /// That are gone.
    pub gone: usize,
}

impl Coverage {
    /// From the label sets of the answer. Where both names are given, the one that more of the known pods stand under is taken.
    pub fn read<'s>(series: impl IntoIterator<Item = &'s BTreeMap<String, String>>, workloads: &[Workload]) -> Self {
        let sets: Vec<&BTreeMap<String, String>> = series.into_iter().collect();
        let read = |(pod, namespace): (&'static str, &str)| {
            let text = |set: &BTreeMap<String, String>, label: &str| Clean::from(set.get(label).map(String::as_str).unwrap_or_default());
            let named = sets.iter().map(|set| (text(set, namespace), text(set, pod)));
            let pods: BTreeSet<(Clean, Clean)> = named.filter(|(_, pod)| !pod.is_empty()).collect();
            let mut coverage = Self { label: (!pods.is_empty()).then_some(pod), pods, strangers: 0 };
            let owned = coverage.pods.iter().filter(|(namespace, pod)| workloads.iter().any(|w| w.is_of(namespace, pod))).count();
            coverage.strangers = coverage.pods.len() - owned;
            (owned, coverage)
        };
        let [exported, plain] = LABELS.map(read);
        // The exporter's own pods stand under the plain name then, and are nobody's.
        if exported.0 > plain.0 || plain.1.pods.is_empty() { exported.1 } else { plain.1 }
    }

    /// The label that names pods in these series.
    pub fn pod_label(&self) -> Option<&'static str> {
        self.label
    }

    /// Whether no series named a pod.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    pub(super) fn count(&self, workload: &Workload) -> Counted {
        let own: Vec<&Clean> = self.pods.iter().filter(|(namespace, pod)| workload.is_of(namespace, pod)).map(|(_, pod)| pod).collect();
        let now = own.iter().filter(|pod| workload.pods.contains(pod)).count();
        Counted { now, gone: own.len() - now }
    }
}

impl Workload {
    /// Whether a pod of that name is, or was, of this release. Series without a namespace are taken by the pod's name alone.
    fn is_of(&self, namespace: &str, pod: &Clean) -> bool {
        if !namespace.is_empty() && self.release.namespace != *namespace {
            return false;
        }
        let made_by = pod.rsplit_once('-').map(|(set, _)| set);
        self.pods.contains(pod) || made_by.is_some_and(|set| self.replica_sets.iter().any(|own| !own.is_empty() && **own == *set))
    }
}
