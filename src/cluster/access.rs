//! Asks the server what the person at the keys may do, and how much there is elsewhere.
//! Never guesses a right: where the server does not say, the answer says why.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::effort::Effort;
use super::list::ListMeta;
use super::pages;
use super::session::Session;
use super::shared::{Gate, Shared};
use super::trouble::Trouble;
use crate::objects::Kind;
use crate::ports::Scope;
use crate::ports::rights::{Allowed, Right};
use crate::text::Clean;

/// What the board reads.
pub fn rights_for_board(scope: &Scope) -> Vec<Right> {
    reading(&[Kind::Rollout, Kind::Canary, Kind::Deployment, Kind::ReplicaSet], scope)
}

/// What an open release reads besides.
pub fn rights_for_release(scope: &Scope) -> Vec<Right> {
    reading(&[Kind::Pod, Kind::Service, Kind::EndpointSlice, Kind::Event, Kind::AnalysisRun, Kind::Experiment, Kind::HttpRoute], scope)
}

/// What acting on a release writes: Rollouts and Canaries, their status, Deployments, analysis runs.
pub fn rights_to_act(scope: &Scope) -> Vec<Right> {
    let patch = |kind, subresource| Right { verb: "patch", kind, subresource, scope: scope.clone() };
    vec![
        patch(Kind::Rollout, ""),
        patch(Kind::Rollout, "status"),
        patch(Kind::Canary, ""),
        patch(Kind::Canary, "status"),
        patch(Kind::Deployment, ""),
        patch(Kind::AnalysisRun, ""),
    ]
}

fn reading(kinds: &[Kind], scope: &Scope) -> Vec<Right> {
    let right = |kind, verb| Right { verb, kind, subresource: "", scope: scope.clone() };
    kinds.iter().flat_map(|kind| [right(*kind, "list"), right(*kind, "watch")]).collect()
}

/// Asks over the link of a connection. Every question waits until the link is up: whoever asks sets the limit.
#[derive(Clone)]
pub struct Asker {
    gate: watch::Receiver<Gate>,
    shared: Arc<Shared>,
}

#[derive(Deserialize)]
struct Review {
    status: Verdict,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    #[serde(default)]
    allowed: bool,
    #[serde(default)]
    reason: Clean,
    #[serde(default)]
    evaluation_error: Clean,
}

impl From<Verdict> for Allowed {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict { allowed: true, .. } => Self::Yes,
            Verdict { reason, evaluation_error, .. } if reason.is_empty() => Self::No(evaluation_error),
            Verdict { reason, .. } => Self::No(reason),
        }
    }
}

impl Asker {
    pub(super) fn new(gate: watch::Receiver<Gate>, shared: Arc<Shared>) -> Self {
        Self { gate, shared }
    }

    /// Whether `right` is given.
    ///
    /// # Errors
    /// A sentence, when the server does not answer the question.
    pub async fn can(&self, right: &Right) -> Result<Allowed, Clean> {
        let mut what = serde_json::json!({ "verb": right.verb, "group": right.kind.group(), "resource": right.kind.plural() });
        if !right.subresource.is_empty() {
            what["subresource"] = right.subresource.into();
        }
        if let Scope::Namespace(name) = &right.scope {
            what["namespace"] = name.as_str().into();
        }
        Ok(self.reviewed(what).await?.into())
    }

    /// Whether the server has the group of `kind` at all; `true` also where it does not say.
    pub async fn serves(&self, kind: Kind) -> bool {
        let Ok(session) = self.session().await else { return true };
        session.serves(kind, self.shared.pace().heartbeat_limit).await != Some(false)
    }

    /// Whether Jobs may be read one by one.
    ///
    /// # Errors
    /// A sentence, when the server does not answer the question.
    pub async fn can_get_jobs(&self, scope: &Scope) -> Result<Allowed, Clean> {
        let mut what = serde_json::json!({ "verb": "get", "group": "batch", "resource": "jobs" });
        if let Scope::Namespace(name) = scope {
            what["namespace"] = name.as_str().into();
        }
        Ok(self.reviewed(what).await?.into())
    }

    /// Whether these resource attributes are allowed.
    ///
    /// # Errors
    /// A sentence, when the server does not answer the question.
    pub(super) async fn allows(&self, what: serde_json::Value) -> Result<bool, Clean> {
        Ok(self.reviewed(what).await?.allowed)
    }

    async fn reviewed(&self, what: serde_json::Value) -> Result<Verdict, Clean> {
        let session = self.session().await?;
        let question = serde_json::json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": { "resourceAttributes": what },
        });
        let limit = self.shared.pace().heartbeat_limit;
        let review: Result<Review, Trouble> =
            session.review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &question, limit).await;
        Ok(review.map_err(|trouble| Clean::from(trouble.words()))?.status)
    }

    /// The server is asked something, for as long as this is kept.
    pub(super) fn busy(&self) -> impl Send + use<> {
        self.shared.effort.there()
    }

    /// How long an answer to a small question may take.
    pub(super) fn limit(&self) -> std::time::Duration {
        self.shared.pace().heartbeat_limit
    }

    /// The link as it stands.
    pub(super) fn gate(&self) -> Gate {
        self.gate.borrow().clone()
    }

    /// How many Rollouts and Deployments there are in all namespaces, from one object of each kind and the server's count of the rest.
    /// `None` where that may not be asked. A Deployment that a Rollout stands for is counted too, a Canary with its two once.
    pub(super) async fn count_releases(&self) -> Option<usize> {
        let session = self.session().await.ok()?;
        let rollouts = self.count(&session, Kind::Rollout).await;
        let deployments = self.count(&session, Kind::Deployment).await;
        // A Canary is one release, and so are the two Deployments it has.
        let doubled = self.count(&session, Kind::Canary).await.unwrap_or(0);
        let deployments = deployments.map(|all| all.saturating_sub(doubled));
        match (rollouts, deployments) {
            (None, None) => None,
            (rollouts, deployments) => Some(rollouts.unwrap_or(0) + deployments.unwrap_or(0)),
        }
    }

    async fn count(&self, session: &Session, kind: Kind) -> Option<usize> {
        #[derive(Deserialize)]
        struct Counted {
            metadata: ListMeta,
            #[serde(default)]
            items: Option<Vec<serde::de::IgnoredAny>>,
        }
        let limit = self.shared.pace().heartbeat_limit;
        let answer = session.get(&format!("{}?limit=1", pages::resource(kind, None)), true, limit).await.ok()?;
        let list: Counted = session.read(answer, limit).await.ok()?;
        Some(list.items.map_or(0, |items| items.len()) + list.metadata.remaining_item_count.unwrap_or(0))
    }

    pub(super) async fn session(&self) -> Result<Session, Clean> {
        let mut gate = self.gate.clone();
        match gate.wait_for(|gate| matches!(gate, Gate::Up(_))).await.as_deref() {
            Ok(Gate::Up(session)) => Ok(session.clone()),
            _ => Err(Clean::from("the connection was given up")),
        }
    }
}

/// Asks the server whom it takes this for: name and groups. Servers before 1.28 do not know the question.
pub(super) fn ask_who(session: &Session, effort: &Effort, limit: Duration) -> JoinHandle<Option<(Clean, Vec<Clean>)>> {
    #[derive(Deserialize)]
    struct Review {
        status: ReviewStatus,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ReviewStatus {
        user_info: User,
    }
    #[derive(Deserialize)]
    struct User {
        username: Clean,
        #[serde(default)]
        groups: Vec<Clean>,
    }
    let (session, there) = (session.clone(), effort.there());
    tokio::spawn(async move {
        let _there = there;
        let question = serde_json::json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
        let review: Review = session.review("/apis/authentication.k8s.io/v1/selfsubjectreviews", &question, limit).await.ok()?;
        let user = review.status.user_info;
        Some((user.username, user.groups)).filter(|(name, _)| !name.is_empty())
    })
}
