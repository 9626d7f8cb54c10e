//! `flightdeck`: the cockpit on a cluster.

use super::opening::{self, Opening};
use crate::cli::Global;
use crate::runtime::log;
use crate::runtime::run::{Place, run as run_loop};

/// Runs it until it is left.
pub async fn run(global: Global) -> Result<u8, String> {
    let force = opening::drawing(&global)?;
    let _ = log::start();
    let session = Opening::of_cluster(&global, force).begin().session;
    run_loop(session, Place::from_env(global.mouse)).await.map_err(opening::no_terminal)
}
