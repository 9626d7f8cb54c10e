//! Who is asking: bearer tokens, and impersonation for those who may.
//! Never lets a request through without a known token, but to the paths every cluster shows to anybody.

use axum::http::{HeaderMap, header};

use super::refusal::{Answer, Refusal};
use crate::demo::rights::{Question, User};

/// Tokens and whose they are.
pub(super) struct Tokens(Vec<(String, User)>);

impl Tokens {
    pub(super) fn new(tokens: Vec<String>, users: Vec<User>) -> Self {
        Self(tokens.into_iter().zip(users).collect())
    }

    /// The user of a request; `None` without any token.
    pub(super) fn user(&self, headers: &HeaderMap) -> Answer<Option<User>> {
        let Some(sent) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
        let token = sent.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let known = token.and_then(|(_, token)| self.0.iter().find(|(ours, _)| same(ours, token.trim())));
        let (_, user) = known.ok_or_else(Refusal::unauthorized)?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Some(name) = text("impersonate-user") else { return Ok(Some(user.clone())) };
        let asked = Question { verb: "impersonate", group: "", resource: "users", subresource: "", namespace: None };
        if !user.may(asked) {
            return Err(Refusal::forbidden(user, asked, &name));
        }
        let groups: Vec<String> = headers.get_all("impersonate-group").iter().filter_map(|g| g.to_str().ok()).map(str::to_owned).collect();
        if groups.iter().any(|group| group == "system:masters") {
            return Ok(Some(User { name, groups, rules: User::admin().rules }));
        }
        let found = self.0.iter().find(|(_, user)| user.name == name).map(|(_, user)| user.clone());
        Ok(Some(found.unwrap_or_else(|| User::stranger(name, groups))))
    }
}

/// Compares without telling by its time how much was right.
pub(in crate::demo) fn same(ours: &str, sent: &str) -> bool {
    ours.len() == sent.len() && ours.bytes().zip(sent.bytes()).fold(0, |wrong, (a, b)| wrong | (a ^ b)) == 0
}
