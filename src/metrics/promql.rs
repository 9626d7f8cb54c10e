//! PromQL as text: selectors, quoting, and the few wrappers that let several questions travel as one.
//! Never puts a text from outside between quotes without escaping it first.

use std::fmt::Write;

/// One condition on a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matcher {
    label: &'static str,
    operator: &'static str,
    /// Before it is quoted as a string; for `=~` a regular expression.
    value: String,
}

impl Matcher {
    pub fn equal(label: &'static str, value: &str) -> Self {
        Self { label, operator: "=", value: value.to_owned() }
    }

    pub fn unequal(label: &'static str, value: &str) -> Self {
        Self { label, operator: "!=", value: value.to_owned() }
    }

    /// `regex` is anchored at both ends by PromQL itself.
    pub fn regex(label: &'static str, regex: impl Into<String>) -> Self {
        Self { label, operator: "=~", value: regex.into() }
    }

    /// One of `values` exactly; a plain equality where there is only one. `None` where there are none: nothing can match.
    pub fn among<'a>(label: &'static str, values: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut values: Vec<&str> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        match values.as_slice() {
            [] => None,
            [one] => Some(Self::equal(label, one)),
            many => Some(Self::regex(label, many.iter().map(|value| literally(value)).collect::<Vec<_>>().join("|"))),
        }
    }
}

/// `metric{label="value",…}`. A name that PromQL does not take bare is matched as the label it is.
pub(super) fn selector(metric: &str, matchers: &[Matcher]) -> String {
    let bare = metric.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && metric.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let mut text = String::from(if bare { metric } else { "" });
    text.push('{');
    let mut separator = "";
    // Without a name the matchers alone say which.
    if !bare && !metric.is_empty() {
        let _ = write!(text, "__name__={}", quoted(metric));
        separator = ",";
    }
    for matcher in matchers {
        let _ = write!(text, "{separator}{}{}{}", matcher.label, matcher.operator, quoted(&matcher.value));
        separator = ",";
    }
    text.push('}');
    text
}

/// A string literal in double quotes. The escapes are those that Prometheus and VictoriaMetrics share with Go.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for letter in text.chars() {
        match letter {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            control if control.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(control));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// A regular expression that matches `text` and nothing else.
pub(super) fn literally(text: &str) -> String {
    let mut regex = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            regex.push('\\');
        }
        regex.push(letter);
    }
    regex
}

/// `expression` with one more label on every series, so that several can share an answer.
pub(super) fn marked(expression: &str, label: &str, value: &str) -> String {
    // A dollar sign would name a group of the regular expression.
    format!("label_replace({expression}, {}, {}, \"\", \"\")", quoted(label), quoted(&value.replace('$', "$$")))
}

/// All of `expressions` in one answer; their label sets must not overlap. `None` for none.
pub(super) fn together(expressions: impl IntoIterator<Item = String>) -> Option<String> {
    let all: Vec<String> = expressions.into_iter().collect();
    (!all.is_empty()).then(|| all.join("\nor\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_inside_its_quotes() {
        let text = "a\"} or vector(1) #\\\n";
        assert_eq!(selector("m", &[Matcher::equal("pod", text)]), r#"m{pod="a\"} or vector(1) #\\\n"}"#);
        assert_eq!(literally("a.b|c$"), r"a\.b\|c\$");
        assert_eq!(selector("m", &Matcher::among("pod", ["b.1", "a"]).into_iter().collect::<Vec<_>>()), r#"m{pod=~"a|b\\.1"}"#);
        assert_eq!(marked("m", "v", "$1"), r#"label_replace(m, "v", "$$1", "", "")"#);
    }

    #[test]
    fn an_odd_metric_name_becomes_a_label() {
        assert_eq!(selector("http.server\"x", &[Matcher::equal("a", "b")]), r#"{__name__="http.server\"x",a="b"}"#);
        assert_eq!(selector("1st", &[]), r#"{__name__="1st"}"#);
    }
}
