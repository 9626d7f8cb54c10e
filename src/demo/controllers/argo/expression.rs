//! Evaluates the conditions of metrics: the part of the expression language that conditions use.
//! Knows numbers, `result`, `result[0]`, comparison, `&&`, `||`, `!`, parentheses and a few functions; anything else is an error.

/// What a condition speaks of.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// One number.
    Number(f64),
    /// A list of numbers, as a Prometheus query gives.
    Vector(Vec<f64>),
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Number(f64),
    Vector(Vec<f64>),
    Bool(bool),
}

/// Whether `condition` holds for `result`.
pub fn holds(condition: &str, result: &Answer) -> Result<bool, String> {
    let mut reader = Reader { tokens: tokens(condition)?, at: 0, result };
    let value = reader.any()?;
    if reader.at != reader.tokens.len() {
        return Err(format!("unexpected `{}` in `{condition}`", reader.tokens[reader.at]));
    }
    match value {
        Term::Bool(value) => Ok(value),
        _ => Err(format!("`{condition}` is not a yes or no")),
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        let start = at;
        let takes = |at: usize, wanted: fn(char) -> bool| chars.get(at).copied().is_some_and(wanted);
        if c.is_whitespace() {
            at += 1;
            continue;
        } else if c.is_ascii_digit() || c == '.' {
            while takes(at, |c| c.is_ascii_alphanumeric() || c == '.') {
                at += 1;
            }
        } else if c.is_alphabetic() {
            while takes(at, |c| c.is_alphanumeric() || c == '_') {
                at += 1;
            }
        } else {
            let pair: String = chars[at..chars.len().min(at + 2)].iter().collect();
            at += match pair.as_str() {
                ">=" | "<=" | "==" | "!=" | "&&" | "||" => 2,
                _ if "<>()[]!,+-*/".contains(c) => 1,
                _ => return Err(format!("unexpected `{c}` in `{text}`")),
            };
        }
        tokens.push(chars[start..at].iter().collect());
    }
    Ok(tokens)
}

struct Reader<'a> {
    tokens: Vec<String>,
    at: usize,
    result: &'a Answer,
}

impl Reader<'_> {
    fn take(&mut self, wanted: &[&str]) -> Option<String> {
        let token = self.tokens.get(self.at).filter(|t| wanted.contains(&t.as_str()))?.clone();
        self.at += 1;
        Some(token)
    }

    fn require(&mut self, wanted: &str) -> Result<(), String> {
        self.take(&[wanted]).map(|_| ()).ok_or_else(|| format!("`{wanted}` is missing"))
    }

    fn any(&mut self) -> Result<Term, String> {
        let mut left = self.all()?;
        while self.take(&["||", "or"]).is_some() {
            let right = self.all()?;
            left = Term::Bool(truth(&left)? | truth(&right)?);
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Term, String> {
        let mut left = self.comparison()?;
        while self.take(&["&&", "and"]).is_some() {
            let right = self.comparison()?;
            left = Term::Bool(truth(&left)? & truth(&right)?);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Term, String> {
        let left = self.sum()?;
        let Some(sign) = self.take(&[">=", "<=", ">", "<", "==", "!="]) else { return Ok(left) };
        let right = self.sum()?;
        if let (Term::Bool(a), Term::Bool(b)) = (&left, &right) {
            return Ok(Term::Bool((a == b) == (sign == "==")));
        }
        let (a, b) = (number(&left)?, number(&right)?);
        Ok(Term::Bool(match sign.as_str() {
            ">=" => a >= b,
            "<=" => a <= b,
            ">" => a > b,
            "<" => a < b,
            "==" => a == b,
            _ => a != b,
        }))
    }

    fn sum(&mut self) -> Result<Term, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.take(&["+", "-"]) {
            let right = number(&self.product()?)?;
            left = Term::Number(if sign == "+" { number(&left)? + right } else { number(&left)? - right });
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Term, String> {
        let mut left = self.term()?;
        while let Some(sign) = self.take(&["*", "/"]) {
            let right = number(&self.term()?)?;
            left = Term::Number(if sign == "*" { number(&left)? * right } else { number(&left)? / right });
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Term, String> {
        let Some(token) = self.tokens.get(self.at).cloned() else { return Err("the condition ends too early".into()) };
        self.at += 1;
        match token.as_str() {
            "!" | "not" => Ok(Term::Bool(!truth(&self.term()?)?)),
            "-" => Ok(Term::Number(-number(&self.term()?)?)),
            "(" => {
                let inner = self.any()?;
                self.require(")")?;
                Ok(inner)
            }
            "true" => Ok(Term::Bool(true)),
            "false" => Ok(Term::Bool(false)),
            "result" => self.result_term(),
            name if name.chars().next().is_some_and(char::is_alphabetic) => self.call(name),
            digits => digits.parse().map(Term::Number).map_err(|_| format!("`{digits}` is not a number")),
        }
    }

    fn result_term(&mut self) -> Result<Term, String> {
        let whole = match self.result {
            Answer::Number(value) => Term::Number(*value),
            Answer::Vector(values) => Term::Vector(values.clone()),
        };
        if self.take(&["["]).is_none() {
            return Ok(whole);
        }
        let index = number(&self.sum()?)?;
        self.require("]")?;
        match whole {
            // Cast: an index in a condition is a small literal.
            Term::Vector(values) => {
                values.get(index as usize).map(|v| Term::Number(*v)).ok_or_else(|| "reflect: slice index out of range".into())
            }
            _ => Err("result is one number, not a list".into()),
        }
    }

    fn call(&mut self, name: &str) -> Result<Term, String> {
        self.require("(")?;
        let argument = self.any()?;
        let fallback = if self.take(&[","]).is_some() { Some(self.any()?) } else { None };
        self.require(")")?;
        match (name, argument, fallback) {
            ("asFloat", value, None) => Ok(Term::Number(number(&value)?)),
            ("asInt", value, None) => Ok(Term::Number(number(&value)?.trunc())),
            ("len", Term::Vector(values), None) => Ok(Term::Number(values.len() as f64)),
            ("isNaN", value, None) => Ok(Term::Bool(number(&value)?.is_nan())),
            ("isInf", value, None) => Ok(Term::Bool(number(&value)?.is_infinite())),
            ("default", Term::Number(value), Some(_)) if !value.is_nan() => Ok(Term::Number(value)),
            ("default", _, Some(fallback)) => Ok(fallback),
            _ => Err(format!("the function {name} is not known here")),
        }
    }
}

fn truth(term: &Term) -> Result<bool, String> {
    match term {
        Term::Bool(value) => Ok(*value),
        _ => Err("a yes or no was expected".into()),
    }
}

fn number(term: &Term) -> Result<f64, String> {
    match term {
        Term::Number(value) => Ok(*value),
        Term::Vector(values) if values.len() == 1 => Ok(values[0]),
        _ => Err("a number was expected".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_real_templates() {
        let one = Answer::Number(0.97);
        let vector = Answer::Vector(vec![0.03]);
        for (condition, result, expected) in [
            ("result >= 0.95", &one, true),
            ("result < 0.5", &one, false),
            ("result[0] < 0.05", &vector, true),
            ("len(result) == 1 && (result[0] > 1 || isNaN(result[0]))", &vector, false),
            ("asFloat(result) >= 0.9 && asFloat(result) <= 1", &one, true),
            ("!(result > 1) || false", &one, true),
            ("default(result, 0) * 100 >= 97", &one, true),
            ("result >= -1 + 0.5", &one, true),
        ] {
            assert_eq!(holds(condition, result), Ok(expected), "{condition}");
        }
        for condition in ["result", "result >=", "result[0] > 1", "foo(result) > 1", "result > 'x'", "result > 1 2"] {
            assert!(holds(condition, &one).is_err(), "{condition} must be refused");
        }
    }
}
