//! Binary operators on two numbers.
//! Says nothing about labels: which numbers meet is decided elsewhere.

use promql_parser::parser::token::*;

/// What an operator makes of two numbers.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// A new number.
    Number(f64),
    /// Whether the comparison holds.
    Holds(bool),
}

/// Applies the operator; none for what is no operator on numbers.
pub(super) fn apply(op: TokenId, a: f64, b: f64) -> Option<Outcome> {
    Some(match op {
        T_ADD => Outcome::Number(a + b),
        T_SUB => Outcome::Number(a - b),
        T_MUL => Outcome::Number(a * b),
        T_DIV => Outcome::Number(a / b),
        T_MOD => Outcome::Number(a % b),
        T_POW => Outcome::Number(a.powf(b)),
        T_ATAN2 => Outcome::Number(a.atan2(b)),
        T_EQLC => Outcome::Holds(a == b),
        T_NEQ => Outcome::Holds(a != b),
        T_GTR => Outcome::Holds(a > b),
        T_LSS => Outcome::Holds(a < b),
        T_GTE => Outcome::Holds(a >= b),
        T_LTE => Outcome::Holds(a <= b),
        _ => return None,
    })
}

/// Whether the result is no longer the metric it was. Prometheus 2.42 forgot `atan2` here (`shouldDropMetricName`).
pub(super) fn drops_name(op: TokenId) -> bool {
    matches!(op, T_ADD | T_SUB | T_MUL | T_DIV | T_MOD | T_POW)
}

/// 1 or 0, as comparisons between numbers and those with `bool` answer.
pub(super) fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
