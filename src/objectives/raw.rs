//! An SLI's own counters as they stand, by pod: the rate over them taken off, so that every event is counted once from a pod's first on.
//! Refuses whatever is not one sum of one rate: of anything else nobody can tell how many events there were.

use promql_parser::parser::{Expr, VectorSelector};

use super::split::{Arm, Whole, inject};
use super::{Query, Sli};
use crate::text::Clean;

/// Two counters by pod. What each asks brings one series for each pod, named by the label that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// All events.
    pub total: String,
    /// Bad events, or good ones.
    pub some: String,
    /// Whether those are the good ones.
    pub is_good: bool,
}

/// The counters behind `sli` for the pods of `arm`.
///
/// # Errors
/// Why they can't be had.
pub fn counters(sli: &Sli, arm: &Arm) -> Result<Counters, Whole> {
    let of = |query: &Query| counter(query, arm);
    Ok(match sli {
        Sli::Events { bad, total } => Counters { total: of(total)?, some: of(bad)?, is_good: false },
        Sli::Good { good, total } | Sli::Latency { good, total, .. } => Counters { total: of(total)?, some: of(good)?, is_good: true },
        Sli::NativeLatency { threshold, histogram } => {
            let raw = of(histogram)?;
            let total = format!("histogram_count({raw})");
            Counters { some: format!("{total} * histogram_fraction(0, {threshold}, {raw})"), total, is_good: true }
        }
        Sli::ErrorRatio(_) | Sli::Threshold { .. } | Sli::Within(_) => return Err(Whole::NotCounted),
        Sli::Unread(why) => return Err(Whole::NoQuery(why.clone())),
    })
}

fn counter(query: &Query, arm: &Arm) -> Result<String, Whole> {
    let split = inject(query, arm)?;
    let expr = split.parse().map_err(|why| Whole::Unreadable(Clean::from(why)))?;
    let selector = selected(&expr).ok_or(Whole::NotCounted)?;
    Ok(format!("sum by ({}) ({selector})", arm.label))
}

/// The counter under the sum and the rate, where there is nothing else.
fn selected(expr: &Expr) -> Option<&VectorSelector> {
    match expr {
        Expr::Paren(paren) => selected(&paren.expr),
        // A sum by more labels is summed over again by whoever counts.
        Expr::Aggregate(aggregate) if aggregate.op.to_string() == "sum" => selected(&aggregate.expr),
        Expr::Call(call) if matches!(call.func.name, "rate" | "increase") => call.args.args.first().and_then(|arg| ranged(arg)),
        _ => None,
    }
}

fn ranged(expr: &Expr) -> Option<&VectorSelector> {
    match expr {
        Expr::Paren(paren) => ranged(&paren.expr),
        // What was so at another time is another count.
        Expr::MatrixSelector(matrix) if matrix.vs.offset.is_none() && matrix.vs.at.is_none() => Some(&matrix.vs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm() -> Arm {
        Arm { label: "pod".to_owned(), regex: "web-5d4f-[a-z0-9]+".to_owned() }
    }

    fn events(bad: &str, total: &str) -> Result<Counters, Whole> {
        counters(&Sli::Events { bad: Query::new(bad), total: Query::new(total) }, &arm())
    }

    #[test]
    fn a_sum_of_a_rate_is_the_sum_of_its_counter() {
        let found = events(
            "sum(rate(http_requests_total{job=\"web\",code=~\"5..\"}[$window]))",
            "(sum by (code) (increase(http_requests_total{job=\"web\"}[$window])))",
        );
        let found = found.unwrap();
        assert_eq!(found.total, "sum by (pod) (http_requests_total{job=\"web\",pod=~\"web-5d4f-[a-z0-9]+\"})");
        assert_eq!(found.some, "sum by (pod) (http_requests_total{code=~\"5..\",job=\"web\",pod=~\"web-5d4f-[a-z0-9]+\"})");
        assert!(!found.is_good);
    }

    #[test]
    fn requests_within_a_time_are_good_ones() {
        let (good, total) = ("sum(rate(x_bucket{le=\"0.3\"}[$window]))", "sum(rate(x_count[$window]))");
        let found = counters(&Sli::Latency { threshold: 0.3, good: Query::new(good), total: Query::new(total) }, &arm()).unwrap();
        assert_eq!((found.is_good, found.some.contains("x_bucket{le=\"0.3\",pod=~")), (true, true));
        let histogram = Query::new("sum(rate(x{job=\"web\"}[$window]))");
        let found = counters(&Sli::NativeLatency { threshold: 0.3, histogram }, &arm()).unwrap();
        assert!(found.total.starts_with("histogram_count(sum by (pod) (x{job=\"web\",pod=~"), "{}", found.total);
        assert!(found.some.contains(") * histogram_fraction(0, 0.3, sum by (pod) (x{"), "{}", found.some);
    }

    #[test]
    fn what_is_no_count_is_refused() {
        let total = "sum(rate(a[$window]))";
        for bad in [
            "sum(rate(a[$window])) - sum(rate(b[$window]))",
            "sum(rate(a[$window] offset 5m))",
            "sum(rate(a[$window])) * 2",
            "avg(rate(a[$window]))",
            "sum(avg_over_time(a[$window]))",
            "sum(rate(a[$window])) or vector(0)",
        ] {
            assert_eq!(events(bad, total), Err(Whole::NotCounted), "{bad}");
        }
        assert!(matches!(events("sum(rate(a:rate[$window]))", total), Err(Whole::Recorded(_))));
        assert_eq!(counters(&Sli::ErrorRatio(Query::new(total)), &arm()), Err(Whole::NotCounted));
    }
}
