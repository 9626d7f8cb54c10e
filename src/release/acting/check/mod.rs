//! Own checks of a gate: what somebody asks for in so many words before exposure grows, what that is for one release, and what an answer means.
//! Never asks anything itself, and never takes an answer that is missing, partial or of another release for a good one.

mod fill;
mod found;
mod judge;

use std::time::Duration;

pub use fill::unknown_placeholder;
pub use found::{Found, Job, Page, Question, Values};
pub use judge::judged;

use crate::release::Release;
use crate::text::Clean;

/// One check, as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What it is called.
    pub name: Clean,
    /// What it looks at.
    pub looks: Looks,
}

/// What a check looks at. Texts hold placeholders: `$namespace`, `$name`, `$revision` (its number) and `$hash` (of the new pod template).
#[derive(Debug, Clone, PartialEq)]
pub enum Looks {
    /// PromQL, and what every series of the answer has to be.
    Query(String, Holds),
    /// A page.
    Page {
        /// `http` or `https`, without a login.
        url: String,
        /// The status asked for; `None` is any from 200 to 299.
        status: Option<u16>,
        /// What the page has to hold.
        contains: Option<String>,
        /// How long it may take, to the last byte.
        timeout: Duration,
    },
    /// A Job of `batch/v1`.
    Job {
        /// Its name.
        name: String,
        /// Its namespace; `None` is the release's.
        namespace: Option<String>,
    },
}

/// What a value has to be: `< 0.01`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holds {
    /// How it is compared.
    pub compare: Compare,
    /// With what.
    pub bound: f64,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
    /// `==`.
    Equal,
    /// `!=`.
    Other,
}

impl Compare {
    /// All of them, the longer spelling before the shorter one that it begins with.
    pub const ALL: [Self; 6] = [Self::AtMost, Self::AtLeast, Self::Equal, Self::Other, Self::Less, Self::More];

    /// As PromQL spells it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::Other => "!=",
        }
    }
}

impl Holds {
    /// Reads `< 0.01`.
    ///
    /// # Errors
    /// A clause that says how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "write a comparison and a number, such as \"< 0.01\"";
        let text = text.trim();
        let compare = Compare::ALL.into_iter().find(|compare| text.starts_with(compare.sign()));
        let compare = compare.ok_or_else(|| format!("it begins with none of <, <=, >, >=, == and !=; {SHAPE}"))?;
        let number = text.get(compare.sign().len()..).unwrap_or_default().trim();
        let bound = number.parse::<f64>().ok().filter(|bound| bound.is_finite());
        bound.map(|bound| Self { compare, bound }).ok_or_else(|| format!("there is no number behind {}; {SHAPE}", compare.sign()))
    }

    /// Whether `value` is so. What is not a number is never so, whatever it is compared with.
    pub fn of(self, value: f64) -> bool {
        if value.is_nan() {
            return false;
        }
        match self.compare {
            Compare::Less => value < self.bound,
            Compare::AtMost => value <= self.bound,
            Compare::More => value > self.bound,
            Compare::AtLeast => value >= self.bound,
            #[allow(clippy::float_cmp, reason = "as it was written, and as PromQL compares")]
            Compare::Equal => value == self.bound,
            #[allow(clippy::float_cmp, reason = "as it was written, and as PromQL compares")]
            Compare::Other => value != self.bound,
        }
    }
}

impl std::fmt::Display for Holds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.compare.sign(), self.bound)
    }
}

impl Check {
    /// What has to be asked for this release.
    ///
    /// # Errors
    /// Which placeholder can't be filled, a clause.
    pub fn question(&self, release: &Release) -> Result<Question, Clean> {
        let fill = |text: &str| fill::filled(text, release);
        Ok(match &self.looks {
            Looks::Query(promql, _) => Question::Query { promql: fill(promql)?, namespace: release.key.namespace.clone() },
            Looks::Page { url, contains, timeout, .. } => {
                let contains = contains.as_deref().map(fill).transpose()?;
                Question::Page { url: fill(url)?, contains, timeout: *timeout }
            }
            Looks::Job { name, namespace } => {
                let namespace = namespace.as_deref().map(fill).transpose()?.map_or_else(|| release.key.namespace.clone(), Clean::from);
                Question::Job { namespace, name: Clean::from(fill(name)?) }
            }
        })
    }
}
