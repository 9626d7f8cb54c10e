//! Function calls: which function takes what, and what it leaves of the labels.
//! Computes nothing itself; the arithmetic of each family is in the module of that family.

use promql_parser::parser::{Call, Expr};

use super::super::{
    error::QueryError,
    tsdb::Labels,
    value::{Row, Val},
};
use super::{
    calendar, histogram,
    load::node,
    math, over_time,
    rate::{self, Change},
    relabel,
    step::Evaluator,
    window::Window,
};

/// Every function this evaluator knows. All are Prometheus 2.42's; what is missing here is answered with an error.
pub(super) const KNOWN_FUNCTIONS: &[&str] = &[
    "abs",
    "absent",
    "absent_over_time",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "avg_over_time",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "cos",
    "cosh",
    "count_over_time",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "deg",
    "delta",
    "deriv",
    "exp",
    "floor",
    "histogram_quantile",
    "hour",
    "idelta",
    "increase",
    "irate",
    "label_join",
    "label_replace",
    "last_over_time",
    "ln",
    "log10",
    "log2",
    "max_over_time",
    "min_over_time",
    "minute",
    "month",
    "pi",
    "predict_linear",
    "present_over_time",
    "quantile_over_time",
    "rad",
    "rate",
    "resets",
    "round",
    "scalar",
    "sgn",
    "sin",
    "sinh",
    "sort",
    "sort_desc",
    "sqrt",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "tan",
    "tanh",
    "time",
    "timestamp",
    "vector",
    "year",
];

impl Evaluator<'_> {
    /// A function's value at `at`.
    pub fn call(&self, e: &Call, at: i64) -> Result<Val, QueryError> {
        let name = e.func.name;
        let args: Vec<&Expr> = e.args.args.iter().map(|arg| &**arg).collect();
        let number = |i: usize| arg(&args, i).and_then(|arg| self.scalar(arg, at));
        let vector = |i: usize| arg(&args, i).and_then(|arg| self.vector(arg, at));
        if let Some(of) = math::function(name) {
            return Ok(Val::Vector(unnamed(vector(0)?, of)));
        }
        if let Some(part) = calendar::function(name) {
            let rows = if args.is_empty() { vec![Row::new(Labels::default(), at as f64 / 1000.0)] } else { vector(0)? };
            return Ok(Val::Vector(unnamed(rows, part)));
        }
        let rows = match name {
            "time" => return Ok(Val::Scalar(at as f64 / 1000.0)),
            "pi" => return Ok(Val::Scalar(std::f64::consts::PI)),
            "scalar" => return Ok(Val::Scalar(if let [row] = &vector(0)?[..] { row.value } else { f64::NAN })),
            "vector" => vec![Row::new(Labels::default(), number(0)?)],
            "timestamp" => self.timestamp(arg(&args, 0)?, at)?,
            "absent" => relabel::absent(arg(&args, 0)?, vector(0)?.is_empty()),
            "clamp" => {
                let (min, max) = (number(1)?, number(2)?);
                if max < min { Vec::new() } else { unnamed(vector(0)?, |value| math::go_max(min, math::go_min(max, value))) }
            }
            "clamp_min" => number(1).and_then(|min| Ok(unnamed(vector(0)?, |value| math::go_max(min, value))))?,
            "clamp_max" => number(1).and_then(|max| Ok(unnamed(vector(0)?, |value| math::go_min(max, value))))?,
            "round" => {
                // Multiplied by the inverse, as Prometheus does it, so that 0.1 rounds to the same digits.
                let inverse = 1.0 / if args.len() > 1 { number(1)? } else { 1.0 };
                unnamed(vector(0)?, |value| (value * inverse + 0.5).floor() / inverse)
            }
            "sort" => sorted(vector(0)?, false),
            "sort_desc" => sorted(vector(0)?, true),
            "label_replace" => relabel::replace(vector(0)?, &self.texts(&args[1..], at)?)?,
            "label_join" => relabel::join(vector(0)?, &self.texts(&args[1..], at)?)?,
            "histogram_quantile" => histogram::quantiles(number(0)?, &vector(1)?),
            _ => self.over_range(e, &args, at)?,
        };
        Ok(Val::Vector(rows))
    }

    /// Functions of a range vector.
    fn over_range(&self, e: &Call, args: &[&Expr], at: i64) -> Result<Vec<Row>, QueryError> {
        let name = e.func.name;
        let place = e.func.arg_types.iter().position(|kind| *kind == promql_parser::parser::value::ValueType::Matrix).unwrap_or(0);
        let range = arg(args, place)?;
        let parameter = match args.get(1 - place.min(1)) {
            Some(parameter) => self.scalar(parameter, at)?,
            None => 0.0,
        };
        let (_, seen, (from, to)) = self.ranged(range, at)?;
        let windows = seen.iter().map(|seen| (seen, seen.window(from, to))).filter(|(_, window)| !window.samples.is_empty());
        if name == "absent_over_time" {
            return Ok(relabel::absent(range, windows.count() == 0));
        }
        let of = |window: &Window<'_>| range_value(name, window, parameter, at);
        let values = windows.filter_map(|(seen, window)| Some((seen.labels.clone(), of(&window)?)));
        if name == "last_over_time" {
            return Ok(values.map(|(labels, value)| Row::new(labels, value)).collect());
        }
        self.unnamed(node(e), values)
    }

    /// `timestamp`: of a plain selector the samples' own times, of anything else the evaluated moment.
    fn timestamp(&self, arg: &Expr, at: i64) -> Result<Vec<Row>, QueryError> {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        match arg {
            Expr::Paren(e) => self.timestamp(&e.expr, at),
            Expr::VectorSelector(e) => Ok(self.selected(e, at).map(|(seen, (t, _))| Row::new(seen.nameless.clone(), seconds(t))).collect()),
            other => Ok(unnamed(self.vector(other, at)?, |_| seconds(at))),
        }
    }

    fn texts(&self, args: &[&Expr], at: i64) -> Result<Vec<String>, QueryError> {
        let text = |arg: &&Expr| match self.eval(arg, at)? {
            Val::Text(text) => Ok(text),
            _ => Err(QueryError::execution(format!("expected a string, but {arg} is none"))),
        };
        args.iter().map(text).collect()
    }
}

fn range_value(name: &str, window: &Window<'_>, parameter: f64, at: i64) -> Option<f64> {
    let samples = window.samples;
    let change = |counter, per_second| Change { counter, per_second };
    match name {
        "rate" => rate::extrapolated(window, change(true, true)),
        "increase" => rate::extrapolated(window, change(true, false)),
        "delta" => rate::extrapolated(window, change(false, false)),
        "irate" => rate::instant(samples, change(true, true)),
        "idelta" => rate::instant(samples, change(false, false)),
        "deriv" => samples.first().and_then(|(first, _)| rate::line(samples, *first)).map(|(slope, _)| slope),
        "predict_linear" => rate::line(samples, at).map(|(slope, here)| slope * parameter + here),
        _ => over_time::function(name, samples, parameter),
    }
}

fn arg<'e>(args: &[&'e Expr], i: usize) -> Result<&'e Expr, QueryError> {
    args.get(i).copied().ok_or_else(|| QueryError::bad_data("a function lacks an argument"))
}

fn unnamed(rows: Vec<Row>, of: impl Fn(f64) -> f64) -> Vec<Row> {
    rows.into_iter().map(|row| Row::new(row.labels.nameless(), of(row.value))).collect()
}

/// By value; NaN last either way.
fn sorted(mut rows: Vec<Row>, descending: bool) -> Vec<Row> {
    rows.sort_by(|a, b| {
        let order = if descending { b.value.partial_cmp(&a.value) } else { a.value.partial_cmp(&b.value) };
        order.unwrap_or_else(|| a.value.is_nan().cmp(&b.value.is_nan()))
    });
    rows
}
