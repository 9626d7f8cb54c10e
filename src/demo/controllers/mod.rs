//! The control loops of the embedded cluster.
//! Nothing here knows of the cockpit: they read and write stored objects alone, as the real ones do through an API server.

pub mod argo;
