//! A template's value as a share of events: the division in it, and the numbers around it (`100 *`, `1 -`).
//! Refuses any division whose two sides do not count events of one family.

use promql_parser::parser::token::{T_ADD, T_DIV, T_LOR, T_MUL, T_SUB};
use promql_parser::parser::{Expr, VectorSelector};

use super::condition::Bound;
use super::family::{self, Part};
use crate::objectives::rules::ratio::{bare, constant, good, printed};
use crate::objectives::{Query, Sli};
use crate::slo::ratio::round9;

/// What may be a promise is at least this share: less is a limit of something else.
const LEAST: f64 = 0.5;

/// `offset + factor · top / total`.
#[derive(Debug, Clone, Copy)]
struct Share<'e> {
    offset: f64,
    factor: f64,
    top: &'e Expr,
    total: &'e Expr,
}

/// The target and what is counted, where the bound on the value of `expr` is a promise about events.
///
/// # Errors
/// Why it is none, as a clause.
pub(super) fn promise(expr: &Expr, bound: Bound) -> Result<(f64, Sli), String> {
    let share = share(expr).ok_or("its value is no share of events")?;
    let part = part(&share)?;
    let at = |limit: f64| (limit - share.offset) / share.factor;
    let (limit, is_at_least) = match bound {
        Bound::AtLeast(limit) => (at(limit), share.factor > 0.0),
        Bound::AtMost(limit) => (at(limit), share.factor < 0.0),
    };
    let query = |expr: &Expr| {
        let query = Query::print(bare(expr));
        query.generalised().unwrap_or(query)
    };
    let (target, sli) = match (is_at_least, part) {
        (true, Part::Good | Part::Either) => (limit, good(query(share.top), query(share.total))),
        (false, Part::Bad | Part::Either) => (1.0 - limit, Sli::Events { bad: query(share.top), total: query(share.total) }),
        _ => return Err("its condition asks for the opposite of what its query counts".to_owned()),
    };
    Ok((self::target(target)?, sli))
}

/// The share as a target.
///
/// # Errors
/// Why it can be none, as a clause.
pub(super) fn target(share: f64) -> Result<f64, String> {
    let (target, percent) = (round9(share), round9(share * 100.0));
    if target < LEAST {
        Err(format!("it asks for {percent} % good events, and less than {} % is no promise", LEAST * 100.0))
    } else if target < 1.0 {
        Ok(target)
    } else {
        Err(format!("it asks for {percent} % good events, which leaves nothing to spend"))
    }
}

fn share(expr: &Expr) -> Option<Share<'_>> {
    let Expr::Binary(binary) = bare(expr) else { return None };
    let (left, right) = (constant(&binary.lhs), constant(&binary.rhs));
    let found = match (binary.op.id(), left, right) {
        (T_MUL, Some(by), None) => scaled(share(&binary.rhs)?, by),
        (T_MUL, None, Some(by)) => scaled(share(&binary.lhs)?, by),
        (T_DIV, None, Some(by)) => scaled(share(&binary.lhs)?, 1.0 / by),
        (T_ADD, Some(more), None) => moved(share(&binary.rhs)?, more),
        (T_ADD, None, Some(more)) => moved(share(&binary.lhs)?, more),
        (T_SUB, None, Some(less)) => moved(share(&binary.lhs)?, -less),
        (T_SUB, Some(from), None) => moved(scaled(share(&binary.rhs)?, -1.0), from),
        // What stands in where there is no traffic.
        (T_LOR, None, Some(_)) => share(&binary.lhs)?,
        (T_DIV, None, None) => {
            let ((a, top), (b, total)) = (product(&binary.lhs), product(&binary.rhs));
            of_all(Share { offset: 0.0, factor: a / b, top, total })
        }
        _ => return None,
    };
    (found.factor.is_finite() && found.factor != 0.0 && found.offset.is_finite()).then_some(found)
}

fn scaled(share: Share<'_>, by: f64) -> Share<'_> {
    Share { offset: share.offset * by, factor: share.factor * by, ..share }
}

fn moved(share: Share<'_>, by: f64) -> Share<'_> {
    Share { offset: share.offset + by, ..share }
}

/// `(all - bad) / all` is one less `bad / all`.
fn of_all(share: Share<'_>) -> Share<'_> {
    match bare(share.top) {
        Expr::Binary(difference) if difference.op.id() == T_SUB && printed(&difference.lhs) == printed(share.total) => {
            Share { offset: share.offset + share.factor, factor: -share.factor, top: &difference.rhs, ..share }
        }
        _ => share,
    }
}

/// A number and what it multiplies.
fn product(expr: &Expr) -> (f64, &Expr) {
    let Expr::Binary(binary) = bare(expr) else { return (1.0, expr) };
    let (number, rest) = match (binary.op.id(), constant(&binary.lhs), constant(&binary.rhs)) {
        (T_MUL, Some(by), None) => (by, &binary.rhs),
        (T_MUL, None, Some(by)) => (by, &binary.lhs),
        (T_DIV, None, Some(by)) => (1.0 / by, &binary.lhs),
        _ => return (1.0, expr),
    };
    let (more, rest) = product(rest);
    (number * more, rest)
}

/// Which part of all events is on top.
fn part(share: &Share<'_>) -> Result<Part, String> {
    let (mut top, mut total) = (Vec::new(), Vec::new());
    counters(share.top, &mut top)?;
    counters(share.total, &mut total)?;
    let mut parts = Vec::new();
    for one in &top {
        let Some(part) = total.iter().find_map(|whole| family::part(one, whole)) else {
            let names = |all: &[&VectorSelector]| all.iter().map(|one| family::name(one)).collect::<Vec<_>>().join(" and ");
            return Err(match names(&top) == names(&total) {
                true => format!("which part of {} it counts does not say how requests ended", names(&total)),
                false => format!("{} is not told to be a part of {}", family::name(one), names(&total)),
            });
        };
        parts.push(part);
    }
    match parts.split_first() {
        Some((first, rest)) if rest.iter().all(|part| part == first) => Ok(*first),
        _ => Err("it adds up events that ended well and events that did not".to_owned()),
    }
}

/// The counters that an expression adds up the rates of.
fn counters<'e>(expr: &'e Expr, out: &mut Vec<&'e VectorSelector>) -> Result<(), String> {
    let none = || Err(format!("`{}` is no sum of the rates of counters", Query::print(bare(expr))));
    match bare(expr) {
        Expr::Aggregate(aggregate) if aggregate.op.to_string() == "sum" => counters(&aggregate.expr, out),
        Expr::Binary(binary) if binary.op.id() == T_LOR && constant(&binary.rhs).is_some() => counters(&binary.lhs, out),
        Expr::Binary(binary) if binary.op.id() == T_ADD => {
            counters(&binary.lhs, out)?;
            counters(&binary.rhs, out)
        }
        Expr::Call(call) if matches!(call.func.name, "rate" | "irate" | "increase") => match call.args.args.first().map(|arg| bare(arg)) {
            Some(Expr::MatrixSelector(matrix)) if family::counts_events(family::name(&matrix.vs)) => {
                out.push(&matrix.vs);
                Ok(())
            }
            Some(Expr::MatrixSelector(matrix)) => Err(format!("{} does not count events", family::name(&matrix.vs))),
            _ => none(),
        },
        _ => none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, bound: Bound) -> Result<(f64, bool), String> {
        promise(&Query::new(text).parse().unwrap(), bound).map(|(target, sli)| (target, matches!(sli, Sli::Good { .. })))
    }

    const BAD: &str = "sum(rate(a_total{code=~\"5..\"}[5m]))";
    const GOOD: &str = "sum(rate(a_total{code!~\"5..\"}[5m]))";
    const ALL: &str = "sum(rate(a_total[5m]))";

    #[test]
    fn the_numbers_around_a_share_are_worked_out() {
        use Bound::{AtLeast, AtMost};
        for (text, bound, is) in [
            (format!("{GOOD} / {ALL}"), AtLeast(0.95), (0.95, true)),
            (format!("{BAD} / {ALL}"), AtMost(0.05), (0.95, false)),
            (format!("100 * {GOOD} / {ALL}"), AtLeast(95.0), (0.95, true)),
            (format!("{GOOD} / {ALL} * 100"), AtLeast(99.5), (0.995, true)),
            (format!("({BAD} * 100) / {ALL}"), AtMost(1.0), (0.99, false)),
            (format!("100 - {BAD} / {ALL} * 100"), AtLeast(99.0), (0.99, false)),
            (format!("1 - ({BAD} / {ALL})"), AtLeast(0.99), (0.99, false)),
            (format!("1 - ({GOOD} / {ALL})"), AtMost(0.01), (0.99, true)),
            (format!("({ALL} - {BAD}) / {ALL}"), AtLeast(0.99), (0.99, false)),
            (format!("(({BAD} or vector(0)) / {ALL}) or on() vector(0)"), AtMost(0.01), (0.99, false)),
        ] {
            assert_eq!(of(&text, bound), Ok(is), "{text}");
        }
    }

    #[test]
    fn what_is_no_promise_is_told_why() {
        use Bound::{AtLeast, AtMost};
        for (text, bound, why) in [
            (
                "sum(rate(x_seconds_sum[5m])) / sum(rate(x_seconds_count[5m]))".to_owned(),
                AtMost(0.5),
                "x_seconds_sum does not count events",
            ),
            (
                "sum(rate(container_cpu_usage_seconds_total[5m])) / sum(kube_pod_container_resource_limits)".to_owned(),
                AtMost(0.8),
                "container_cpu_usage_seconds_total does not count events",
            ),
            (format!("{BAD} / {ALL}"), AtMost(0.8), "it asks for 20 % good events, and less than 50 % is no promise"),
            (format!("{BAD} / {ALL}"), AtMost(0.0), "it asks for 100 % good events, which leaves nothing to spend"),
            (format!("{GOOD} / {ALL}"), AtMost(0.05), "its condition asks for the opposite of what its query counts"),
            (BAD.to_owned(), AtMost(0.05), "its value is no share of events"),
            (format!("{BAD} / 0"), AtMost(0.05), "its value is no share of events"),
            (format!("{BAD} / sum(rate(b_total[5m]))"), AtMost(0.05), "a_total is not told to be a part of b_total"),
            (format!("{ALL} / {ALL}"), AtLeast(0.9), "which part of a_total it counts does not say how requests ended"),
            (format!("{GOOD} / max(a_total)"), AtLeast(0.9), "`max(a_total)` is no sum of the rates of counters"),
        ] {
            assert_eq!(of(&text, bound), Err(why.to_owned()), "{text}");
        }
    }
}
