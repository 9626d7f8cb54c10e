//! Where a Prometheus is and how it wants to be spoken to, checked before anything is sent.
//! Never shows a credential: neither in `Debug`, nor in an error, nor in the address.

mod address;
mod files;
mod secret;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::text::Clean;

pub use address::Address;
pub(super) use files::Loaded;
pub use secret::Secret;

/// How long an answer may take unless the settings say otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Why settings can't be used: a sentence for the person at the keys, without anything secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub Clean);

impl Fault {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(Clean::from(sentence.into()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

/// A user and its password.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basic {
    /// The user name.
    pub user: String,
    /// The password, where it stands in the settings or in the URL.
    pub password: Option<Secret>,
    /// The file that holds it; read again when it changes. Wins over `password`.
    pub password_file: Option<PathBuf>,
}

/// Where a Prometheus is and how to log in. There is no way to skip the check of its certificate: name its authority with `ca`.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Its address; a sub-path is kept.
    pub address: Address,
    /// Sent as `Authorization: Bearer …`.
    pub bearer_token: Option<Secret>,
    /// The file that holds the token; read again when it changes. Wins over `bearer_token`.
    pub bearer_token_file: Option<PathBuf>,
    /// User and password; a bearer token wins over it.
    pub basic: Option<Basic>,
    /// PEM file of our own certificate.
    pub client_cert: Option<PathBuf>,
    /// PEM file of its key.
    pub client_key: Option<PathBuf>,
    /// PEM file of the authorities that may vouch for the server, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Sent with every question, e.g. a tenant's name. May hold secrets, so they are treated as such.
    pub headers: Vec<(String, Secret)>,
    /// How long an answer may take, from the question to its last byte.
    pub timeout: Duration,
    /// What `~` stands for in paths; `None` where there is no home folder.
    pub home: Option<PathBuf>,
}

impl Settings {
    /// Settings for what is reached over a route: no address, no login, no headers.
    ///
    /// # Errors
    /// None in fact: the address that stands in is sound.
    pub fn routed() -> Result<Self, Fault> {
        Self::new("http://prometheus.in-cluster")
    }

    /// Settings for `url` alone. Credentials inside the URL are moved out of it into `basic`.
    ///
    /// # Errors
    /// The URL has no scheme, another one than http and https, no host, a query or a fragment.
    pub fn new(url: &str) -> Result<Self, Fault> {
        let (address, basic) = Address::parse(url)?;
        Ok(Self {
            address,
            bearer_token: None,
            bearer_token_file: None,
            basic,
            client_cert: None,
            client_key: None,
            ca: None,
            headers: Vec::new(),
            timeout: TIMEOUT,
            home: std::env::home_dir(),
        })
    }
}

#[cfg(test)]
mod tests;
