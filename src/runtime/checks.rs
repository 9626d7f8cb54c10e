//! Hands each question of a check to whoever can answer it: the cluster, the metrics server, or this machine's own network.
//! Never asks twice, and never answers by itself but with the reason why there is nobody to ask.

use std::sync::Arc;

use crate::ports::checks::{AskMetrics, GetPages, ReadJobs, RunChecks};
use crate::ports::write::Later;
use crate::release::acting::check::{Found, Question};
use crate::text::Clean;

/// Who answers what.
pub struct Checks {
    /// Jobs.
    pub jobs: Arc<dyn ReadJobs>,
    /// Queries; `None` where no metrics server is asked.
    pub metrics: Option<Arc<dyn AskMetrics>>,
    /// Pages.
    pub pages: Arc<dyn GetPages>,
}

impl RunChecks for Checks {
    fn ask(&self, question: Question) -> Later<Result<Found, Clean>> {
        match question {
            Question::Query { promql, namespace } => {
                let Some(metrics) = &self.metrics else { return Box::pin(async { Err("no Prometheus is asked in this session".into()) }) };
                let values = metrics.values(promql, namespace);
                Box::pin(async move { values.await.map(Found::Values) })
            }
            Question::Page { url, contains, timeout } => {
                let page = self.pages.page(url, contains, timeout);
                Box::pin(async move { page.await.map(Found::Page) })
            }
            Question::Job { namespace, name } => {
                let job = self.jobs.job(namespace, name);
                Box::pin(async move { job.await.map(Found::Job) })
            }
        }
    }
}
