//! Given answers, the figures.

mod budget;
mod count;
mod events;
mod given;
mod versions;
mod whatever;
