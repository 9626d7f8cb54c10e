//! Writing to a cluster, as the app needs it. Whoever holds no `dyn WriteCluster` can't write: read-only is the absence of one.

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use crate::objects::{Kind, Object, Time};
use crate::release::acting::PatchKind;
use crate::text::Clean;

/// Something that comes later.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One PATCH, exactly as it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Kind of the object.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub name: Clean,
    /// `status`, or empty.
    pub subresource: &'static str,
    /// How the server reads the body.
    pub patch: PatchKind,
    /// The body, guards included.
    pub body: Value,
    /// Ask only what would happen.
    pub dry_run: bool,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Done (or would be): the object's new resourceVersion, and the server's warnings.
    Accepted {
        /// The object's resourceVersion after it.
        resource_version: Clean,
        /// `Warning` headers, cleaned.
        warnings: Vec<Clean>,
    },
    /// Not done: the object was changed in the meantime (409, or a JSON patch whose test failed).
    Conflict,
    /// Not done: the server refused it.
    Refused {
        /// HTTP status.
        code: u16,
        /// The server's words, verbatim but cleaned.
        reason: Clean,
        /// `Warning` headers, cleaned.
        warnings: Vec<Clean>,
    },
    /// Not done: it never reached the server.
    Unsent(Clean),
    /// Nobody knows: it was sent and no answer came.
    Unknown(Clean),
}

/// An object read again, with who wrote it last.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh {
    /// The object.
    pub object: Object,
    /// The newest writer that `managedFields` tells: manager, and when. `None`: writer unknown.
    pub writer: Option<(Clean, Option<Time>)>,
}

/// The write handle of a session.
pub trait WriteCluster: Send + Sync {
    /// Sends a request once. Never repeats it by itself.
    fn submit(&self, request: Request) -> Later<Answer>;
    /// Reads one object again. The error is a sentence.
    fn read_again(&self, kind: Kind, namespace: Clean, name: Clean) -> Later<Result<Fresh, Clean>>;
}
