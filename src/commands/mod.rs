//! One file per subcommand: what each flag means, what is printed, and the exit code.
//! Exit codes: 0 fine; 1 the answer is no; 2 could not find out, or only in part, or bad usage.

mod facts;

pub use facts::{Named, facts, table};
