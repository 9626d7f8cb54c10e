//! What answers under the name of Prometheus, and how each of them wants to be asked: Prometheus, Thanos, Mimir, VictoriaMetrics.
//! Never guesses from an address: only what the server says of itself counts.

use std::fmt;
use std::time::Duration;

use super::client::BuildInfo;

/// VictoriaMetrics keeps its newest samples back for so long (`-search.latencyOffset`) and stamps older ones as if they were of now.
pub const LATENCY_OFFSET: Duration = Duration::from_secs(30);

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// Prometheus itself, or something that says nothing of being anything else.
    #[default]
    Prometheus,
    /// A Thanos querier: several stores behind one API; one that is down makes an answer partial with status 200.
    Thanos,
    /// Mimir or Cortex: tenants are told apart by a header.
    Mimir,
    /// VictoriaMetrics: `isPartial` in answers, and a delay before samples are shown.
    VictoriaMetrics,
}

impl Backend {
    /// What a server is by its build information. Thanos tells its own version, which has not reached 1; VictoriaMetrics names the version of
    /// the Prometheus it imitates and nothing else; Mimir and Cortex name themselves.
    pub fn of(info: &BuildInfo) -> Self {
        let application = info.application.as_str().to_ascii_lowercase();
        if application.contains("mimir") || application.contains("cortex") {
            Self::Mimir
        } else if application.contains("victoria") || (!info.version.is_empty() && info.revision.is_empty() && info.go.is_empty()) {
            Self::VictoriaMetrics
        } else if info.version.as_str().trim_start_matches('v').starts_with("0.") {
            Self::Thanos
        } else {
            Self::Prometheus
        }
    }

    /// What a question carries beside itself. `is_whole`: an answer that leaves something out is of no use (a gate), so it must be refused.
    pub fn parameters(self, is_whole: bool) -> &'static [(&'static str, &'static str)] {
        match (self, is_whole) {
            // Replicas counted twice would break every join; downsampled data has no minutes.
            (Self::Thanos, false) => &[("dedup", "true"), ("partial_response", "true"), ("max_source_resolution", "0s")],
            (Self::Thanos, true) => &[("dedup", "true"), ("partial_response", "false"), ("max_source_resolution", "0s")],
            (Self::VictoriaMetrics, true) => &[("deny_partial_response", "1")],
            _ => &[],
        }
    }

    /// How far before now a question is to be put, so that what is answered is what was there at that moment.
    pub fn lag(self) -> Duration {
        if self == Self::VictoriaMetrics { LATENCY_OFFSET } else { Duration::ZERO }
    }

    /// What a person has to know beside the address; empty for Prometheus itself.
    pub fn note(self) -> &'static str {
        match self {
            Self::Prometheus => "",
            Self::Thanos => " (Thanos)",
            Self::Mimir => " (Mimir)",
            Self::VictoriaMetrics => " (VictoriaMetrics: figures are 30 s behind)",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prometheus => "Prometheus",
            Self::Thanos => "Thanos",
            Self::Mimir => "Mimir",
            Self::VictoriaMetrics => "VictoriaMetrics",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    fn told(version: &str, application: &str, revision: &str) -> Backend {
        let info = BuildInfo {
            version: Clean::from(version),
            application: Clean::from(application),
            revision: Clean::from(revision),
            go: Clean::default(),
        };
        Backend::of(&info)
    }

    #[test]
    fn each_is_known_by_what_it_says_of_itself() {
        assert_eq!(told("3.5.0", "", "abc"), Backend::Prometheus);
        assert_eq!(told("0.39.2", "", "abc"), Backend::Thanos);
        assert_eq!(told("2.17.1", "Grafana Mimir", ""), Backend::Mimir);
        assert_eq!(told("2.24.0", "", ""), Backend::VictoriaMetrics);
        assert_eq!(told("", "", ""), Backend::Prometheus, "who says nothing is asked as Prometheus is");
    }
}
