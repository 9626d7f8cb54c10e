//! [`Difference`]: one line of what differs between two pod templates, with what must not be shown left out.
//! Refuses to compare by position what has a name, and to call something different that only an API server's default sets apart.

mod bare;
mod compare;
mod secret;
#[cfg(test)]
mod tests;

pub use bare::bare;
pub use compare::template_differences;
pub use secret::masked;

use crate::text::Clean;

/// A value as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Masked {
    /// As it is.
    Shown(Clean),
    /// There, but not shown: its name looks like a secret's.
    Hidden,
    /// Not there.
    Absent,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, e.g. `app image` or `app env LOG_LEVEL`.
    pub place: Clean,
    /// Now.
    pub from: Masked,
    /// Then.
    pub to: Masked,
}
