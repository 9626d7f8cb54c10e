//! The cluster adapter against a server that does everything servers do to their clients.
#![allow(clippy::unwrap_used)]

#[path = "cluster/embedded.rs"]
mod embedded;
#[path = "cluster/fake.rs"]
mod fake;
#[path = "cluster/front.rs"]
mod front;
#[path = "cluster/link.rs"]
mod link;
#[path = "cluster/lists.rs"]
mod lists;
#[path = "cluster/seen.rs"]
mod seen;
#[path = "cluster/watches.rs"]
mod watches;
