//! Who is asking: bearer tokens, and impersonation for those who may.
//! Never lets a request through without a known token, but to the paths every cluster shows to anybody.

use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};

use super::refusal::{Answer, Refusal};
use crate::demo::rights::{Question, User};

/// Tokens, whose they are, and how long they are accepted.
pub(super) struct Tokens {
    users: Vec<User>,
    given: RwLock<Vec<Given>>,
}

struct Given {
    token: String,
    user: User,
    until: Option<DateTime<Utc>>,
}

impl Tokens {
    /// No token for anybody yet.
    pub(super) fn of(users: Vec<User>) -> Self {
        Self { users, given: RwLock::default() }
    }

    /// Accepts `token` as that of the user with this place in the list, up to a moment.
    pub(super) fn give(&self, token: String, user: usize, until: Option<DateTime<Utc>>) {
        if let Some(user) = self.users.get(user).cloned() {
            self.given.write().unwrap_or_else(PoisonError::into_inner).push(Given { token, user, until });
        }
    }

    fn known(&self, sent: &str, now: DateTime<Utc>) -> Option<User> {
        let given = self.given.read().unwrap_or_else(PoisonError::into_inner);
        let found = given.iter().find(|one| same(&one.token, sent) && one.until.is_none_or(|until| now < until));
        found.map(|one| one.user.clone())
    }

    /// The user of a request; `None` without any token.
    pub(super) fn user(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Answer<Option<User>> {
        let Some(sent) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
        let token = sent.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let user = token.and_then(|(_, token)| self.known(token.trim(), now)).ok_or_else(Refusal::unauthorized)?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Some(name) = text("impersonate-user") else { return Ok(Some(user)) };
        let asked = Question { verb: "impersonate", group: "", resource: "users", subresource: "", namespace: None };
        if !user.may(asked) {
            return Err(Refusal::forbidden(&user, asked, &name));
        }
        let groups: Vec<String> = headers.get_all("impersonate-group").iter().filter_map(|g| g.to_str().ok()).map(str::to_owned).collect();
        if groups.iter().any(|group| group == "system:masters") {
            return Ok(Some(User { name, groups, rules: User::admin().rules }));
        }
        let found = self.users.iter().find(|user| user.name == name).cloned();
        Ok(Some(found.unwrap_or_else(|| User::stranger(name, groups))))
    }
}

/// Compares without telling by its time how much was right.
pub(in crate::demo) fn same(ours: &str, sent: &str) -> bool {
    ours.len() == sent.len() && ours.bytes().zip(sent.bytes()).fold(0, |wrong, (a, b)| wrong | (a ^ b)) == 0
}
