//! Vector matching: which element of one side meets which of the other, and what the result is called.
//! Refuses ambiguous matches with Prometheus' own sentences and never picks one of several partners.

use std::collections::{HashMap, HashSet};

use promql_parser::parser::{BinaryExpr, LabelModifier, VectorMatchCardinality, token::TokenId};

use super::super::{
    error::QueryError,
    tsdb::{Labels, METRIC_NAME},
    value::Row,
};
use super::arithmetic::{Outcome, apply, drops_name, truth};

/// Which side may hold several elements for one partner.
#[derive(Clone, Copy, PartialEq)]
enum Many {
    Neither,
    Left,
    Right,
}

/// How the two sides of one operator meet.
pub(super) struct Matching<'e> {
    op: TokenId,
    /// `on` these labels, else `ignoring` them.
    on: bool,
    labels: &'e [String],
    /// Labels taken over from the one side.
    include: &'e [String],
    many: Many,
    as_bool: bool,
}

impl<'e> Matching<'e> {
    /// Read from the operator's modifiers.
    pub fn of(e: &'e BinaryExpr) -> Self {
        let modifier = e.modifier.as_ref();
        let (on, labels) = match modifier.and_then(|modifier| modifier.matching.as_ref()) {
            Some(LabelModifier::Include(labels)) => (true, &labels.labels[..]),
            Some(LabelModifier::Exclude(labels)) => (false, &labels.labels[..]),
            None => (false, &[][..]),
        };
        let (many, include) = match modifier.map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(include)) => (Many::Left, &include.labels[..]),
            Some(VectorMatchCardinality::OneToMany(include)) => (Many::Right, &include.labels[..]),
            _ => (Many::Neither, &[][..]),
        };
        Self { op: e.op.id(), on, labels, include, many, as_bool: e.return_bool() }
    }

    /// The labels two elements must share to meet.
    pub fn signature(&self, labels: &Labels) -> Labels {
        if self.on { labels.filtered(|name| self.lists(name)) } else { labels.filtered(|name| name != METRIC_NAME && !self.lists(name)) }
    }

    fn lists(&self, name: &str) -> bool {
        self.labels.iter().any(|listed| listed == name)
    }

    /// The operator applied to every pair.
    pub fn pairs(&self, left: Vec<Row>, right: Vec<Row>) -> Result<Vec<Row>, QueryError> {
        if left.is_empty() || right.is_empty() {
            return Ok(Vec::new());
        }
        let swapped = self.many == Many::Right;
        let (many, one) = if swapped { (right, left) } else { (left, right) };
        let ones = self.one_side(&one, if swapped { "left" } else { "right" })?;
        let mut matched: HashMap<Labels, HashSet<Labels>> = HashMap::new();
        let mut out = Vec::new();
        for row in &many {
            let signature = self.signature(&row.labels);
            let Some(partner) = ones.get(&signature) else { continue };
            let (a, b) = if swapped { (partner.value, row.value) } else { (row.value, partner.value) };
            let value = match apply(self.op, a, b) {
                Some(Outcome::Number(value)) => value,
                Some(Outcome::Holds(holds)) if self.as_bool => truth(holds),
                Some(Outcome::Holds(true)) => a,
                Some(Outcome::Holds(false)) => continue,
                None => return Err(QueryError::execution("a set operator takes no pairs")),
            };
            let labels = self.result(&row.labels, &partner.labels);
            let named = matched.entry(signature).or_default();
            if self.many == Many::Neither && !named.is_empty() {
                let message = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)";
                return Err(QueryError::execution(message));
            }
            if !named.insert(labels.clone()) {
                return Err(QueryError::execution("multiple matches for labels: grouping labels must ensure unique matches"));
            }
            out.push(Row::new(labels, value));
        }
        Ok(out)
    }

    fn one_side<'r>(&self, rows: &'r [Row], side: &str) -> Result<HashMap<Labels, &'r Row>, QueryError> {
        let mut ones: HashMap<Labels, &Row> = HashMap::new();
        for row in rows {
            let signature = self.signature(&row.labels);
            if let Some(other) = ones.get(&signature) {
                return Err(QueryError::execution(format!(
                    "found duplicate series for the match group {signature} on the {side} hand-side of the operation: [{}, {}];many-to-many \
                     matching not allowed: matching labels must be unique on one side",
                    row.labels, other.labels
                )));
            }
            ones.insert(signature, row);
        }
        Ok(ones)
    }

    /// `resultMetric`: the many side's labels, trimmed to the match where it is one to one, with what the one side lends.
    fn result(&self, many: &Labels, one: &Labels) -> Labels {
        let mut labels = if drops_name(self.op) { many.nameless() } else { many.clone() };
        if self.many == Many::Neither {
            labels = labels.filtered(|name| self.lists(name) == self.on);
        }
        for name in self.include {
            labels = labels.with(name, one.get(name));
        }
        if self.as_bool { labels.nameless() } else { labels }
    }
}
