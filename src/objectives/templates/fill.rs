//! What a template leaves open filled in: with what its maker, a Rollout or a Canary says.
//! Never fills in what stands in a Secret, and guesses nothing: what nobody says is named.

use std::collections::BTreeMap;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, VectorSelector};

use super::family;
use crate::objectives::split::canonical;
use crate::objects::{AnalysisArgument, Labels};
use crate::text::Clean;

/// Stands for the hash of a version until the query is an expression: a text that nobody writes.
pub(super) const HASH: &str = "hash-of-a-version-5c1e";
/// What a hash looks like.
const ANY_HASH: &str = "[a-z0-9]+";

/// What is known of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Its text.
    Text(String),
    /// It stands in a Secret.
    Secret,
}

/// What stands in the holes of a text, by name: `args.service`, `target`.
pub(super) type Filling = BTreeMap<String, Said>;

/// The text with every hole filled, else why that can't be, as a clause.
pub(super) fn fill(text: &str, filling: &Filling) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let Some((name, behind)) = inside.split_once("}}") else { break };
        let name = name.trim();
        out.push_str(before);
        match filling.get(name) {
            Some(Said::Text(text)) => out.push_str(text),
            Some(Said::Secret) => return Err(format!("its argument {} stands in a Secret, which is not read", plain(name))),
            None => return Err(format!("nothing that is looked at here fills in its argument {}", plain(name))),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn plain(name: &str) -> &str {
    name.strip_prefix("args.").or_else(|| name.strip_prefix("variables.")).unwrap_or(name)
}

/// What a Rollout fills an argument with, where that can be told.
pub(super) fn argument(argument: &AnalysisArgument, name: &str, namespace: &str, labels: &Labels) -> Option<Said> {
    if let Some(value) = &argument.value {
        return Some(Said::Text(value.to_string()));
    }
    if argument.value_from.pod_template_hash_value.is_some() {
        return Some(Said::Text(HASH.to_owned()));
    }
    let text = match argument.value_from.field_ref.as_ref()?.field_path.as_str() {
        "metadata.name" => name.to_owned(),
        "metadata.namespace" => namespace.to_owned(),
        path => {
            let key = path.strip_prefix("metadata.labels[")?.strip_suffix(']')?.trim_matches(['\'', '"']);
            labels.get(&Clean::from(key))?.to_string()
        }
    };
    Some(Said::Text(text))
}

/// Takes the condition on a version's hash off: what is promised is promised of the service, and versions are told apart by their pods.
///
/// # Errors
/// Why that can't be done, as a clause.
pub(super) fn without_hash(expr: &mut Expr) -> Result<(), String> {
    if !expr.to_string().contains(HASH) {
        return Ok(());
    }
    let mut is_done = true;
    canonical(expr, &mut |selector| is_done &= widen(selector));
    if is_done { Ok(()) } else { Err("without the hash of a version its query would count other people's requests".to_owned()) }
}

/// Whether what is left still says whose events they are.
fn widen(selector: &mut VectorSelector) -> bool {
    let touches = |matcher: &Matcher| matcher.value.contains(HASH);
    if selector.matchers.or_matchers.iter().flatten().any(touches) {
        return false;
    }
    let matchers = &mut selector.matchers.matchers;
    if !matchers.iter().any(touches) {
        return true;
    }
    // `pod="web-HASH-0"` names one pod: nothing that stands for all of them.
    if matchers.iter().any(|matcher| touches(matcher) && matches!(matcher.op, MatchOp::Equal) && matcher.value != HASH) {
        return false;
    }
    matchers.retain(|matcher| !touches(matcher) || matches!(matcher.op, MatchOp::Re(_)) && matcher.value != HASH);
    for matcher in matchers.iter_mut().filter(|matcher| touches(matcher)) {
        let wider = matcher.value.replace(HASH, ANY_HASH);
        let Ok(regex) = regex::Regex::new(&format!("^(?:{wider})$")) else { return false };
        *matcher = Matcher::new(MatchOp::Re(regex), &matcher.name, &wider);
    }
    matchers.iter().any(names_one)
}

/// Whether a condition says whose series they are, more closely than by namespace.
fn names_one(matcher: &Matcher) -> bool {
    let is_said = match &matcher.op {
        MatchOp::Equal => !matcher.value.is_empty(),
        MatchOp::Re(_) => !matcher.is_match("a-name-that-nothing-has-1b7f"),
        MatchOp::NotEqual | MatchOp::NotRe(_) => false,
    };
    is_said && !family::is_outcome(&matcher.name) && !matcher.name.contains("namespace") && matcher.name != "le"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::Query;

    #[test]
    fn every_hole_is_filled_or_named() {
        let filling: Filling =
            [("args.a".to_owned(), Said::Text("web".to_owned())), ("args.token".to_owned(), Said::Secret)].into_iter().collect();
        assert_eq!(fill("x{a=\"{{args.a}}\",b=\"{{ args.a }}\"} {{", &filling).unwrap(), "x{a=\"web\",b=\"web\"} {{");
        assert!(fill("{{args.b}}", &filling).unwrap_err().ends_with("argument b"));
        assert!(fill("{{args.token}}", &filling).unwrap_err().contains("token stands in a Secret"));
    }

    #[test]
    fn a_hash_is_taken_off_where_the_rest_says_whose_they_are() {
        let without = |text: &str| {
            let mut expr = Query::new(&text.replace('#', HASH)).parse().unwrap();
            without_hash(&mut expr).map(|()| expr.to_string())
        };
        assert_eq!(without("rate(a{hash=\"#\",app=\"web\"}[5m])").unwrap(), "rate(a{app=\"web\"}[5m])");
        assert_eq!(without("rate(a{pod=~\"web-#-.*\"}[5m])").unwrap(), "rate(a{pod=~\"web-[a-z0-9]+-.*\"}[5m])");
        for text in
            ["a{hash=\"#\"}", "a{hash=\"#\",namespace=\"shop\",code=\"500\"}", "a{pod=~\".*-#-.*\"}", "a{pod=\"web-#-0\",app=\"web\"}"]
        {
            assert!(without(text).unwrap_err().contains("other people's"), "{text}");
        }
    }
}
