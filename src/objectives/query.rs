//! A query with `$window` where the window goes, and the expression it is.
//! Never sends or evaluates one, and never edits one as text: what is changed is the expression, printed anew.

use std::fmt;
use std::time::Duration;

use promql_parser::parser::{Expr, parse};

use super::span;

/// Stands for the window while an expression is parsed: a length of time that nobody writes, and that prints as it is written.
const STAND_IN: &str = "2h11m59s";
pub(super) const STAND_IN_LENGTH: Duration = Duration::from_secs(2 * 3600 + 11 * 60 + 59);
const PLACEHOLDER: &str = "$window";

/// The longest query read, in bytes; and the most brackets and operators in one, since an expression is walked on the stack.
const LONGEST: usize = 16 * 1024;
const MOST_PARTS: usize = 400;

/// PromQL with `$window` in place of the window, where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Query(String);

impl Query {
    /// From text. Sloth's `{{.window}}` and `${window}` become `$window`.
    pub fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.trim();
        while let Some(at) = rest.find("{{") {
            let (before, inside) = rest.split_at(at);
            out.push_str(before);
            match inside.find("}}") {
                Some(end) if inside.get(2..end).is_some_and(|name| name.trim() == ".window") => {
                    out.push_str(PLACEHOLDER);
                    rest = inside.get(end + 2..).unwrap_or_default();
                }
                _ => {
                    out.push_str("{{");
                    rest = inside.get(2..).unwrap_or_default();
                }
            }
        }
        out.push_str(rest);
        Self(out.replace("${window}", PLACEHOLDER))
    }

    /// The text, with `$window` in it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether it can be asked over different windows.
    pub fn has_window(&self) -> bool {
        self.0.contains(PLACEHOLDER)
    }

    /// The query over `window`, ready to be sent.
    pub fn over(&self, window: Duration) -> String {
        self.0.replace(PLACEHOLDER, &span::written(window))
    }

    /// Whether it can be read as PromQL.
    ///
    /// # Errors
    /// Why it can't, as a clause.
    pub fn check(&self) -> Result<(), String> {
        self.parse().map(drop)
    }

    /// The expression, with a stand-in for the window.
    ///
    /// # Errors
    /// Why it can't be read, as a clause.
    pub(super) fn parse(&self) -> Result<Expr, String> {
        if self.0.contains(STAND_IN) {
            return Err(format!("{STAND_IN} is written in it, which stands for the window here"));
        }
        parse_text(&self.0.replace(PLACEHOLDER, STAND_IN))
    }

    /// The query with `$window` in place of its ranges, where it has one length of range and no other.
    pub(super) fn generalised(&self) -> Option<Self> {
        let mut expr = self.parse().ok()?;
        let mut ranges = Vec::new();
        each_range(&mut expr, &mut |range| ranges.push(*range));
        let first = *ranges.first()?;
        ranges.iter().all(|range| *range == first).then(|| Self::windowed(expr, first))
    }

    /// An expression printed with `$window` for every range of exactly `window`.
    pub(super) fn windowed(mut expr: Expr, window: Duration) -> Self {
        each_range(&mut expr, &mut |range| {
            if *range == window {
                *range = STAND_IN_LENGTH;
            }
        });
        Self::print(&expr)
    }

    /// An expression printed, the stand-in as `$window` again.
    pub(super) fn print(expr: &Expr) -> Self {
        Self(expr.to_string().replace(STAND_IN, PLACEHOLDER))
    }
}

/// Shows each range that series are selected over.
pub(super) fn each_range(expr: &mut Expr, each: &mut impl FnMut(&mut Duration)) {
    match expr {
        Expr::Aggregate(aggregate) => each_range(&mut aggregate.expr, each),
        Expr::Unary(unary) => each_range(&mut unary.expr, each),
        Expr::Binary(binary) => {
            each_range(&mut binary.lhs, each);
            each_range(&mut binary.rhs, each);
        }
        Expr::Paren(paren) => each_range(&mut paren.expr, each),
        Expr::Subquery(subquery) => each(&mut subquery.range),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|arg| each_range(arg, each)),
        Expr::MatrixSelector(matrix) => each(&mut matrix.range),
        Expr::VectorSelector(_) | Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// The whole query, one line for each of its lines.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The expression that `text` is.
///
/// # Errors
/// Why it can't be read, as a clause.
pub(super) fn parse_text(text: &str) -> Result<Expr, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {} KiB", LONGEST / 1024));
    }
    check(text)?;
    parse(text).map_err(|why| why.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Refuses what the parser could break on: too much nesting, and numbers that make no length of time.
fn check(text: &str) -> Result<(), String> {
    let mut rest = text.chars().peekable();
    let (mut parts, mut word) = (0_usize, String::new());
    // What comes next has to be a length or a moment.
    let mut is_time = false;
    loop {
        let next = rest.next();
        if let Some(c) = next.filter(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '$')) {
            word.push(c);
            // An exponent has a sign of its own.
            let is_number = word.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !word.starts_with("0x");
            if is_number && matches!(c, 'e' | 'E') {
                word.extend(rest.next_if(|c| matches!(c, '+' | '-')));
            }
            continue;
        }
        is_fit(&word)?;
        if is_time && ["inf", "nan"].iter().any(|endless| word.eq_ignore_ascii_case(endless)) {
            return Err(format!("{word} in it is no length of time"));
        }
        is_time = word.eq_ignore_ascii_case("offset") || is_time && word.is_empty() || matches!(next, Some('@' | '['));
        parts += usize::from(["and", "or", "unless", "atan2", "offset"].iter().any(|operator| word.eq_ignore_ascii_case(operator)));
        word.clear();
        match next {
            None if parts > MOST_PARTS => return Err(format!("it has more than {MOST_PARTS} brackets and operators")),
            None => return Ok(()),
            Some(quote @ ('"' | '\'' | '`')) => skip(&mut rest, quote),
            Some('#') => while rest.next().is_some_and(|c| c != '\n') {},
            Some('+' | '-' | '*' | '/' | '%' | '^' | '=' | '!' | '<' | '>' | '@' | '(' | '[' | '{') => parts += 1,
            Some(_) => {}
        }
    }
}

/// To behind the closing quote. Only backquoted text knows no escapes.
fn skip(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char) {
    while let Some(c) = rest.next() {
        if c == quote {
            return;
        }
        if c == '\\' && quote != '`' {
            rest.next();
        }
    }
}

fn is_fit(word: &str) -> Result<(), String> {
    const MOST: f64 = 1e12;
    if !word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Ok(());
    }
    let is_fit = match word.parse::<f64>() {
        Ok(number) => number.abs() <= MOST,
        Err(_) if word.starts_with("0x") || word.starts_with("0X") => word.len() <= 12,
        Err(_) => word.len() <= 32,
    };
    if is_fit { Ok(()) } else { Err("a number in it is too large for a length of time".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_the_window_is_one() {
        for text in ["rate(a[{{.window}}])", "rate(a[{{ .window }}])", "rate(a[${window}])", "rate(a[$window])"] {
            assert_eq!(Query::new(text).text(), "rate(a[$window])");
        }
        assert_eq!(Query::new("a{b=\"{{x}}\"} {{").text(), "a{b=\"{{x}}\"} {{");
        assert_eq!(Query::new(" rate(a[$window])\n").over(Duration::from_secs(1800)), "rate(a[30m])");
    }

    #[test]
    fn an_expression_prints_with_its_window() {
        let query = Query::new("sum by (job) (rate(a{b=\"c\\\"d\"}[$window] offset $window)) / 2");
        let printed = Query::print(&query.parse().unwrap());
        assert_eq!(printed.text(), "sum by (job) (rate(a{b=\"c\\\"d\"}[$window] offset $window)) / 2");
    }

    #[test]
    fn what_the_parser_would_break_on_is_refused() {
        let why = |text: &str| parse_text(text).unwrap_err();
        assert!(why(&"(".repeat(5000)).contains("more than 400"));
        assert!(why(&"a".repeat(20_000)).contains("longer than 16 KiB"));
        for text in ["sum offset Inf", "a offset -inf", "a @ NaN", "a[Inf]", "a offset\n+Inf"] {
            assert!(why(text).contains("no length of time"), "{text}");
        }
        for text in ["a[1e30]", "a offset 1e300", "a[99999999999999999999]", "a[1.0e+30]", "a[0xfffffffffffffffff]"] {
            assert!(why(text).contains("too large"), "{text}");
        }
        parse_text("rate(http_2e5_total{code=~\"5..\"}[5m]) > 1.5e-3 * 1e3 and \"1e99\" == \"(((\" # ((((").unwrap_err();
        parse_text("rate(http_2e5_total{code=~\"5..\"}[5m]) > 1.5e-3 * 1e3 # ((((").unwrap();
    }
}
