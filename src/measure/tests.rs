//! Given answers, the figures.

mod budget;
mod count;
pub(crate) mod given;
mod versions;
mod whatever;
