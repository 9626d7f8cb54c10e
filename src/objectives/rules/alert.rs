//! An alert over paired windows taken apart: which ratio over which window against which number, and the pairs that go together.
//! Refuses a comparison it can't work out to a number: half a pair is no tier.

use std::time::Duration;

use promql_parser::parser::token::{T_GTE, T_GTR, T_LAND, T_LOR, T_LSS, T_LTE, T_MUL};
use promql_parser::parser::{Expr, VectorSelector};

use super::super::mapping::selectors;
use super::super::{AlertTier, span};
use super::answer::Rule;
use super::ratio::{bare, constant, range};
use crate::slo::burn::Burn;
use crate::slo::ratio::round9;
use crate::slo::tier::Tier;

/// One side of a pair: something over a window that has to exceed a number.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// What is compared.
    pub measured: Expr,
    pub window: Duration,
    /// The number as a whole.
    pub limit: f64,
    /// How it is written where it is a product: times the budget.
    pub product: Option<(f64, f64)>,
}

/// Two windows that have to be over together.
#[derive(Debug, Clone)]
pub(super) struct Paired {
    pub long: Side,
    pub short: Side,
}

impl Paired {
    /// The burn rate and the budget ratio in its numbers: `14.4 * 0.001`, in whichever order. A factor is 1 at least where the budget is
    /// not; where both are below 1, the second is taken for the budget, as all generators write it.
    pub fn factor_and_budget(&self) -> Option<(f64, f64)> {
        let (a, b) = self.long.product?;
        let is_budget = |value: f64| value > 0.0 && value < 1.0;
        match (is_budget(a), is_budget(b)) {
            (_, true) => Some((a, b)),
            (true, false) => Some((b, a)),
            (false, false) => None,
        }
        .filter(|(factor, _)| *factor > 0.0)
    }

    /// The tier, given the budget ratio where its own numbers do not say it.
    pub fn tier(&self, rule: &Rule, budget: Option<f64>, severity: &str) -> Option<AlertTier> {
        let factor = match self.factor_and_budget() {
            Some((factor, _)) => factor,
            None => round9(self.long.limit / budget?),
        };
        let severity = super::super::severity(severity);
        let tier = Tier { severity, long: self.long.window, short: self.short.window, threshold: Burn::new(factor)? };
        Some(AlertTier { tier, wait: rule.wait, state: rule.state.clone() })
    }
}

/// Every pair in an alert's expression.
pub(super) fn pairs(expr: &Expr) -> Vec<Paired> {
    let mut all = Vec::new();
    collect(bare(expr), &mut all);
    all
}

fn collect(expr: &Expr, out: &mut Vec<Paired>) {
    let Expr::Binary(binary) = expr else { return };
    match binary.op.id() {
        T_LOR => {
            collect(bare(&binary.lhs), out);
            collect(bare(&binary.rhs), out);
        }
        T_LAND => {
            let mut sides = Vec::new();
            all_sides(expr, &mut sides);
            sides.sort_by_key(|side| side.window);
            if let [short, .., long] = sides.as_slice()
                && short.window < long.window
            {
                out.push(Paired { long: long.clone(), short: short.clone() });
            } else {
                collect(bare(&binary.lhs), out);
                collect(bare(&binary.rhs), out);
            }
        }
        _ => {}
    }
}

/// What is compared anywhere below `and`.
fn all_sides(expr: &Expr, out: &mut Vec<Side>) {
    // Older rules of Sloth take `max(… > …) without (sloth_window)`: what is compared stands inside.
    let inside = match bare(expr) {
        Expr::Aggregate(aggregate) => bare(&aggregate.expr),
        other => other,
    };
    let Expr::Binary(binary) = inside else { return };
    if binary.op.id() == T_LAND {
        all_sides(&binary.lhs, out);
        all_sides(&binary.rhs, out);
        return;
    }
    let (measured, limit) = match binary.op.id() {
        T_GTR | T_GTE => (&binary.lhs, &binary.rhs),
        T_LSS | T_LTE => (&binary.rhs, &binary.lhs),
        _ => return,
    };
    let measured = bare(measured).clone();
    let Some((limit, window)) = constant(limit).map(|number| ((number, product(limit)), window(&measured))) else { return };
    let Some(window) = window else { return };
    out.push(Side { measured, window, limit: limit.0, product: limit.1 });
}

fn product(expr: &Expr) -> Option<(f64, f64)> {
    let Expr::Binary(binary) = bare(expr) else { return None };
    (binary.op.id() == T_MUL).then_some(())?;
    Some((constant(&binary.lhs)?, constant(&binary.rhs)?))
}

/// Over which window something is measured: the end of the recorded series' name, a label that says it, or its one range.
pub(super) fn window(expr: &Expr) -> Option<Duration> {
    if let Some(range) = range(expr) {
        return Some(range);
    }
    let series = recorded(expr)?;
    let name = series.name.as_deref()?;
    let labelled = series.matchers.matchers.iter().find(|matcher| ["sloth_window", "window"].contains(&matcher.name.as_str()));
    span::at_end_of(name).map(|(_, window)| window).or_else(|| span::parse(&labelled?.value))
}

/// The one recorded series an expression reads.
pub(super) fn recorded(expr: &Expr) -> Option<&VectorSelector> {
    let mut found = Vec::new();
    selectors(expr, &mut found);
    let [one] = found.as_slice() else { return None };
    one.name.as_deref().filter(|name| name.contains(':'))?;
    Some(one)
}
