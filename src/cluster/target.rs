//! What to connect to, and how fast to do what is done again and again.
//! Holds no secret: those stay in the files and helpers that the kubeconfig names.

use std::path::PathBuf;
use std::time::Duration;

/// Which cluster, and as whom.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The kubeconfig file to read instead of those in `KUBECONFIG` or the home folder.
    pub kubeconfig: Option<PathBuf>,
    /// A kubeconfig as text, instead of any file: how the embedded cluster hands over its own.
    pub inline: Option<String>,
    /// The context to use instead of the file's current one.
    pub context: Option<String>,
    /// Act as somebody else.
    pub impersonate: Option<Impersonate>,
    /// How often and how long.
    pub pace: Pace,
}

/// Somebody else to act as, as in `--as` and `--as-group`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impersonate {
    /// User name.
    pub user: String,
    /// Groups.
    pub groups: Vec<String>,
}

/// How often and how long, in one place so that tests need not wait.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Between two heartbeats. With [`Self::heartbeat_limit`] it bounds how long a silent hang can go unnoticed.
    pub heartbeat: Duration,
    /// How long a heartbeat may take before the link counts as lost.
    pub heartbeat_limit: Duration,
    /// How long a watch may say nothing, not even a bookmark, before it is taken up anew. Servers send one about every minute.
    pub quiet_watch: Duration,
    /// How long a streaming list may pause before its end before a paged one is tried instead.
    pub quiet_list: Duration,
    /// First wait after a failure; doubled with each further one.
    pub backoff_min: Duration,
    /// Longest wait after a failure of one source.
    pub backoff_max: Duration,
    /// Longest wait before a lost link is tried again.
    pub link_max: Duration,
    /// How often a kind that is not served is looked for.
    pub absent: Duration,
    /// How often a denied kind is asked for again.
    pub denied: Duration,
    /// How long a login helper may take.
    pub login_limit: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(5),
            heartbeat_limit: Duration::from_secs(8),
            quiet_watch: Duration::from_secs(90),
            quiet_list: Duration::from_secs(10),
            backoff_min: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            link_max: Duration::from_secs(10),
            absent: Duration::from_secs(20),
            denied: Duration::from_secs(60),
            login_limit: Duration::from_secs(60),
        }
    }
}
