//! Admission webhooks of the embedded cluster, as data: which writes each is asked about, and what it says.
//! Never changes an object: they deny, warn, fail, or take their time.

use std::time::Duration;

use chrono::TimeDelta;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One webhook as a scenario file has it. Empty lists mean all; what it says, it says of every write that matches all the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// Its name, as it stands in the server's messages.
    pub webhook: String,
    /// When it is set up, from 0; there from the start when absent.
    #[serde(default, deserialize_with = "span")]
    pub at: Option<Duration>,
    /// How long it is there; for good when absent.
    #[serde(default, rename = "for", deserialize_with = "span")]
    pub lasts: Option<Duration>,
    /// `create` and `update` (a patch is an update).
    #[serde(default)]
    pub operations: Vec<String>,
    /// Plurals, with their subresource where one is meant: `rollouts`, `rollouts/status`.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Namespaces.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// User names.
    #[serde(default)]
    pub users: Vec<String>,
    /// Only where this field changes: `status.promoteFull`.
    pub field: Option<String>,
    /// Only dry runs, or only writes that are meant.
    pub only: Option<Only>,
    /// It refuses, for this reason; an empty one is none.
    pub deny: Option<String>,
    /// HTTP status of a refusal, 400 to 599; 403 when absent.
    pub code: Option<u16>,
    /// It accepts, with these warnings.
    #[serde(default)]
    pub warn: Vec<String>,
    /// It has side effects and says nothing of dry runs, so that these are refused.
    #[serde(default)]
    pub side_effects: bool,
    /// It can't be reached, and its failure policy is to fail.
    #[serde(default)]
    pub unreachable: bool,
    /// How long it takes, in real time.
    #[serde(default, deserialize_with = "span")]
    pub delay: Option<Duration>,
}

/// Which half of the requests a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Those with `dryRun=All`.
    DryRun,
    /// The others.
    Real,
}

/// A write as webhooks are asked about it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// `create` or `update`.
    pub operation: &'a str,
    /// Plural.
    pub resource: &'a str,
    /// Subresource, or empty.
    pub subresource: &'a str,
    /// Namespace, empty for cluster scope.
    pub namespace: &'a str,
    /// Who writes.
    pub user: &'a str,
    /// Whether it is a dry run.
    pub dry_run: bool,
    /// How long after 0.
    pub age: TimeDelta,
}

/// What the webhooks say together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Why not, the first refusal; `None` for accepted.
    pub refused: Option<Refused>,
    /// Warnings of all that were asked up to there.
    pub warnings: Vec<String>,
}

/// A refusal in the API server's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status.
    pub code: u16,
    /// What the Status object says.
    pub message: String,
}

impl Webhook {
    /// Checks what can't be told by the shape of the table alone.
    ///
    /// # Errors
    /// A sentence naming the webhook and what is wrong.
    pub fn checked(self) -> Result<Self, String> {
        let name = &self.webhook;
        if let Some(code) = self.code.filter(|code| !(400..600).contains(code)) {
            return Err(format!("admission webhook `{name}`: `code = {code}` is no refusal; those are 400 to 599"));
        }
        let says = usize::from(self.deny.is_some()) + usize::from(!self.warn.is_empty()) + usize::from(self.unreachable);
        if says > 1 {
            return Err(format!("admission webhook `{name}` says more than one of `deny`, `warn` and `unreachable`"));
        }
        if says == 0 && !self.side_effects && self.delay.is_none() {
            return Err(format!(
                "admission webhook `{name}` does nothing; give it `deny`, `warn`, `unreachable`, `side-effects` or `delay`"
            ));
        }
        if let Some(wrong) = self.operations.iter().find(|word| !matches!(word.as_str(), "create" | "update")) {
            return Err(format!("admission webhook `{name}`: `{wrong}` is no operation here; there are create and update"));
        }
        Ok(self)
    }

    /// Whether it is asked, as far as can be told before the object is known.
    fn is_asked(&self, asked: Asked<'_>) -> bool {
        let one = |list: &[String], word: &str| list.is_empty() || list.iter().any(|entry| entry == "*" || entry == word);
        let place = match asked.subresource {
            "" => asked.resource.to_owned(),
            sub => format!("{}/{sub}", asked.resource),
        };
        let age = asked.age.to_std().unwrap_or(Duration::ZERO);
        let from = self.at.unwrap_or(Duration::ZERO);
        from <= age
            && self.lasts.is_none_or(|lasts| age < from + lasts)
            && one(&self.operations, asked.operation)
            && one(&self.resources, &place)
            && one(&self.namespaces, asked.namespace)
            && one(&self.users, asked.user)
            && self.only.is_none_or(|only| (only == Only::DryRun) == asked.dry_run)
    }

    fn changes(&self, old: Option<&Value>, new: &Value) -> bool {
        let Some(field) = &self.field else { return true };
        let at = |object: &Value| field.split('.').fold(object.clone(), |value, name| value[name].clone());
        old.map_or(Value::Null, at) != at(new)
    }

    /// The API server's sentence (apiserver admission/plugin/webhook/errors).
    fn refusal(&self, dry_run: bool) -> Option<Refused> {
        let name = &self.webhook;
        if dry_run && self.side_effects {
            return Some(Refused { code: 400, message: format!("admission webhook \"{name}\" does not support dry run") });
        }
        if self.unreachable {
            let message = format!(
                "Internal error occurred: failed calling webhook \"{name}\": failed to call webhook: Post \"https://{name}:443/validate?timeout=10s\": context deadline exceeded"
            );
            return Some(Refused { code: 500, message });
        }
        let why = self.deny.as_deref()?;
        let denied = format!("admission webhook \"{name}\" denied the request");
        let message = if why.is_empty() { format!("{denied} without explanation") } else { format!("{denied}: {why}") };
        Some(Refused { code: self.code.unwrap_or(403), message })
    }
}

/// How long the webhooks take over a write, all together.
pub fn delay(webhooks: &[Webhook], asked: Asked<'_>) -> Duration {
    webhooks.iter().filter(|hook| hook.is_asked(asked)).filter_map(|hook| hook.delay).sum()
}

/// What the webhooks say to a write that makes `new` of `old`, in their order up to the first refusal.
pub fn judge(webhooks: &[Webhook], asked: Asked<'_>, old: Option<&Value>, new: &Value) -> Verdict {
    let mut verdict = Verdict::default();
    for hook in webhooks.iter().filter(|hook| hook.is_asked(asked) && hook.changes(old, new)) {
        verdict.refused = hook.refusal(asked.dry_run);
        if verdict.refused.is_some() {
            break;
        }
        verdict.warnings.extend(hook.warn.iter().cloned());
    }
    verdict
}

/// A length of time as scenario files write it.
fn span<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let wrong = |text: &str| D::Error::custom(format!("`{text}` is no length of time such as \"20s\""));
    text.map(|text| humantime::parse_duration(&text).map_err(|_| wrong(&text))).transpose()
}
