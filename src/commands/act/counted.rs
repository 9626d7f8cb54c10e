//! Before what takes exposure up is planned: waits until what its gates look at was counted, or can't be.
//! Never takes what was not asked yet for nothing to be said against it.

use std::time::Duration;

use tokio::time::Instant;

use crate::metrics::poller::Busy;
use crate::objects::ReleaseRef;
use crate::release::telemetry::Metering;
use crate::runtime::session::Session;

/// How long the counting may take.
const COUNTING: Duration = Duration::from_secs(30);
/// How long a server that fails is given to come back: two of its retries.
const FAILING: Duration = Duration::from_secs(12);
/// Between two looks at whether answers are still on their way.
const LOOK: Duration = Duration::from_millis(100);

/// Waits until every question about the release has its answer: what was counted before it was opened, verdicts, budgets and burns.
///
/// # Errors
/// A sentence where answers are still on their way when the time is over.
pub async fn counted(session: &mut Session, busy: &Busy, key: &ReleaseRef) -> Result<(), String> {
    let begin = Instant::now();
    loop {
        // In this order: what was said before it fell quiet is heard before that counts.
        let quiet = !busy.is_working();
        let heard = session.drain().0;
        let asked = session.state.metrics().is_followed(key) && quiet && heard == 0;
        let metering = session.state.shown().get(key).and_then(|one| one.telemetry.as_deref()).map(|telemetry| &telemetry.metering);
        let done = match metering {
            Some(Metering::Live(_) | Metering::NoMetrics(_) | Metering::Unfound(_) | Metering::Unnamed) => true,
            Some(Metering::Failing { .. }) => begin.elapsed() >= FAILING,
            Some(Metering::Waiting(_)) | None => false,
        };
        if asked && done || session.state.metrics().is_nobody() {
            return Ok(());
        }
        if begin.elapsed() >= COUNTING {
            let limit = COUNTING.as_secs();
            return Err(format!(
                "what its gates look at was not counted within {limit} s, so nobody can tell whether they are open; --past-gates \"REASON\" goes past them"
            ));
        }
        session.step(Instant::now() + LOOK).await;
    }
}
