//! Objectives nobody configured here: read out of what a cluster, its metrics and its files already say, into one model, [`Found`].
//! Never asks anything: it is handed objects, answers and texts, and a mistake in one of them is a [`Remark`], never the end of the rest.

mod found;
mod json;
pub mod mapping;
pub mod openslo;
mod order;
pub mod pyrra;
mod query;
pub mod raw;
mod recorded;
mod remark;
pub mod rules;
pub mod series;
mod sli;
pub mod sloth;
mod span;
pub mod split;
pub mod templates;
pub mod tiers;

use found::severity;
pub use found::{AlertTier, Found, Method, Origin, Period, Sli, Source};
pub use order::{ASSUMED_PERIOD, ASSUMED_TARGET, assumed, for_release, settle};
pub use query::Query;
pub use recorded::{Recorded, Series};
pub use remark::{Read, Remark};
