//! The requests that workloads of the embedded cluster answer, and what their pods count of them.
//! Never writes an object and never paints a rate: every sample is a counter of requests that were drawn, one tick after another.

mod draw;
mod latency;
mod live;
mod meter;
mod pods;
mod recorded;
mod route;
mod shape;
mod state;
mod table;
mod text;

pub use live::Traffic;
pub(in crate::demo) use route::share_of;
pub use state::{Tally, Truth};
pub(in crate::demo) use table::span;
pub use table::{Fault, Load, Shape, Written};
