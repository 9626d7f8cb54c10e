//! Templates of analyses (Argo Rollouts, Flagger): the metrics server, headers and queries that a team already trusts its releases to.
//! Never reads a Secret, nor keeps a credential that stands in a template: what is secret is named, not held.

mod argo;
mod condition;
mod flagger;

use std::fmt;

use promql_parser::parser::Expr;
use promql_parser::parser::token::T_DIV;

use super::{Found, Origin, Query, Remark, Sli};
use crate::slo::ratio::round9;
use crate::text::Clean;

pub use argo::object as argo;
pub use condition::{Bound, Judgement};
pub use flagger::object as flagger;

/// What stands behind a header.
#[derive(Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// In the open, such as a tenant; not shown by `{:?}`.
    Plain(String),
    /// In a Secret, which is not read: its name and key (empty where the whole Secret is meant).
    Secret {
        /// The Secret's name.
        name: Clean,
        /// The key in it.
        key: Clean,
    },
    /// Filled in when an analysis starts, and not known before: the template as it is written.
    Argument(Clean),
    /// A credential that stands in the template itself. It is left there.
    Withheld,
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderValue::Plain(_) => f.write_str("Plain(…)"),
            HeaderValue::Secret { name, key } => write!(f, "Secret({name}/{key})"),
            HeaderValue::Argument(text) => write!(f, "Argument({text})"),
            HeaderValue::Withheld => f.write_str("Withheld"),
        }
    }
}

/// A metrics server that a template asks: a candidate for a way to the metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Its address, without user and password.
    pub url: Clean,
    /// What is sent with every question.
    pub headers: Vec<(Clean, HeaderValue)>,
    /// Whether its certificate is not checked.
    pub is_insecure: bool,
    /// How it wants to be signed in to, in words; empty where nothing is said. Credentials are never taken over.
    pub sign_in: Vec<Clean>,
    /// The template it stands in, in words.
    pub found_in: Clean,
}

/// A query of a template with what is made of its value: it may be an SLI.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What the template calls it.
    pub name: Clean,
    /// The query; arguments that are not filled in make it one that can't be asked.
    pub query: Query,
    /// Arguments in the query that only an analysis fills in.
    pub arguments: Vec<Clean>,
    /// What its value has to be.
    pub judgement: Judgement,
    /// The template it stands in, in words.
    pub found_in: Clean,
}

/// What a template holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// Servers, each once.
    pub addresses: Vec<Address>,
    /// Queries.
    pub candidates: Vec<Candidate>,
    /// Those candidates that are ratios against a limit, as objectives.
    pub found: Vec<Found>,
    /// What was wrong in it.
    pub remarks: Vec<Remark>,
}

impl Candidate {
    /// The objective it amounts to: a ratio against a limit, with nothing left open. The limit is a template's own idea of good enough for
    /// a release, not a promise over weeks, so it is told as one.
    fn found(&self) -> Option<Found> {
        let expr = self.query.parse().ok()?;
        let (target, sli) = match (self.judgement.bound?, ratio(&expr)) {
            (Bound::AtLeast(limit), Some((top, total))) => (limit, Sli::Good { good: top, total }),
            (Bound::AtMost(limit), Some((top, total))) => (round9(1.0 - limit), Sli::Events { bad: top, total }),
            (_, None) => return None,
        };
        if !(target > 0.0 && target < 1.0 && self.arguments.is_empty()) {
            return None;
        }
        let mut found = Found::empty(self.name.clone(), Origin::Template, self.found_in.clone());
        found.target = Some(target);
        found.sli = sli;
        let text = format!("Its target is the limit {} sets for a release, not one promised over a window.", self.found_in);
        found.notes.push(Clean::from(text));
        Some(found)
    }
}

/// Both sides of a plain ratio, with `$window` where they have one length of range.
fn ratio(expr: &Expr) -> Option<(Query, Query)> {
    match expr {
        Expr::Paren(paren) => ratio(&paren.expr),
        Expr::Binary(binary) if binary.op.id() == T_DIV => {
            let side = |expr: &Expr| {
                let query = Query::print(expr);
                query.generalised().unwrap_or(query)
            };
            Some((side(&binary.lhs), side(&binary.rhs)))
        }
        _ => None,
    }
}

/// Names of what a template leaves open: `{{args.service}}`, `{{ namespace }}`.
fn arguments(text: &str) -> Vec<Clean> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((_, inside)) = rest.split_once("{{") {
        let Some((name, behind)) = inside.split_once("}}") else { break };
        let name = Clean::from(name.trim());
        if !all.contains(&name) {
            all.push(name);
        }
        rest = behind;
    }
    all
}

/// Whether a header of that name holds a credential by custom.
fn is_credential(name: &str) -> bool {
    let name = name.to_lowercase();
    ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "api_key"].iter().any(|word| name.contains(word))
}

/// An address without user, password and query.
fn address(text: &str, remarks: &mut super::remark::Remarks, place: &str) -> Option<Clean> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let uri: Option<http::Uri> = with_scheme.parse().ok();
    let parts = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.authority()?, uri.path())));
    let Some((scheme, authority, path)) = parts.filter(|(scheme, ..)| ["http", "https"].contains(scheme)) else {
        remarks.note(place, "the address is none that begins with http:// or https:// and a host");
        return None;
    };
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    if host.len() < authority.as_str().len() {
        remarks.note(place, "a user stands in the address; it is left out");
    }
    Some(Clean::from(format!("{scheme}://{host}{}", path.trim_end_matches('/'))))
}

#[cfg(test)]
mod tests;
