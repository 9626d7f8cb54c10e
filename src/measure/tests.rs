//! Given answers, the figures.

mod budget;
mod count;
mod events;
pub(crate) mod given;
mod paged;
mod versions;
mod whatever;
