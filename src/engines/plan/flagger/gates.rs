//! Flagger's gates: who is asked before it begins, before each step, before it promotes; a person opens them there and not at the Canary.
//! Never shows what an address carries besides host and path: a query or a user's part may be a secret.

use super::ground::Ground;
use crate::text::Clean;

/// Host and path of an address.
pub fn place(url: &Clean) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = plain.split_once("://").unwrap_or(("", plain));
    let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
    let host = host.rsplit('@').next().unwrap_or(host);
    if scheme.is_empty() { format!("{host}{path}") } else { format!("{scheme}://{host}{path}") }
}

impl Ground<'_> {
    /// `gate promote (http://gates.shop/promote)`, for each of that type.
    pub fn gates(&self, kind: &str) -> Vec<String> {
        let hooks = self.canary.spec.analysis.webhooks.iter().filter(|hook| hook.kind == *kind);
        hooks
            .map(
                |hook| {
                    if hook.url.is_empty() { format!("gate {}", hook.name) } else { format!("gate {} ({})", hook.name, place(&hook.url)) }
                },
            )
            .collect()
    }

    /// Where the gate it waits at is opened, a clause.
    pub fn gate_words(&self, kind: &str) -> String {
        let gates = self.gates(kind);
        if gates.is_empty() { format!("the {kind} gate") } else { gates.join(" and ") }
    }
}
