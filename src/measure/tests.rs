//! Given answers, the figures.

mod budget;
mod count;
mod given;
mod versions;
mod whatever;
