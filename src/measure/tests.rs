//! Given answers, the figures.

mod budget;
mod calendar;
mod count;
mod events;
pub(crate) mod given;
mod out;
mod paged;
mod said;
mod versions;
mod whatever;
