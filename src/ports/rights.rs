//! What may be asked about rights: one verb on one resource in one place, and the server's word on it.

use super::Scope;
use crate::objects::Kind;
use crate::text::Clean;

/// One verb on one resource in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Verb, as RBAC spells it.
    pub verb: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Subresource, e.g. `status`; empty for the resource itself.
    pub subresource: &'static str,
    /// Where.
    pub scope: Scope,
}

impl Right {
    /// In words, e.g. `list rollouts.argoproj.io in payments`.
    pub fn words(&self) -> Clean {
        let part = if self.subresource.is_empty() { String::new() } else { format!("/{}", self.subresource) };
        let place = match &self.scope {
            Scope::All => "all namespaces",
            Scope::Namespace(name) => name.as_str(),
        };
        Clean::from(format!("{} {}{part} in {place}", self.verb, self.kind.resource()))
    }
}

/// What the server says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// It may be done.
    Yes,
    /// It may not; the server's reason, if it gives one.
    No(Clean),
}
