//! The address of a Prometheus, fit to be shown.
//! Never holds credentials: they are taken out while it is read, and an address that can't be read is not repeated.

use std::fmt;

use reqwest::Url;

use super::{Basic, Fault, Secret};

/// `http` or `https`, a host, perhaps a port and a sub-path; nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address, and the credentials inside it, which are no longer part of it.
    pub(super) fn parse(raw: &str) -> Result<(Self, Option<Basic>), Fault> {
        let raw = raw.trim();
        let mut url = Url::parse(raw).map_err(|error| wrong(raw, &error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(wrong(raw, "it does not begin with http:// or https://"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Fault::new(
                "the Prometheus URL has a query (?…) or a fragment (#…); only scheme, host, port and path are used. Remove it.",
            ));
        }
        let user = decoded(url.username());
        let password = url.password().map(decoded);
        let basic =
            (!user.is_empty() || password.is_some()).then(|| Basic { user, password: password.map(Secret::new), password_file: None });
        // Both only fail for URLs without a host, which were refused above.
        if url.set_password(None).is_err() || url.set_username("").is_err() {
            return Err(wrong(raw, "its credentials can't be taken out"));
        }
        // The client library appends its paths to this one, slash or no slash.
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok((Self(url), basic))
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Host and port, the latter where it is not the scheme's own.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether it is this machine: no proxy stands in between then.
    pub fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The address of one endpoint of the API, below the sub-path.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let below = format!("{}/{}", url.path().trim_end_matches('/'), path.trim_start_matches('/'));
        url.set_path(&below);
        url
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// The refusal repeats nothing of an address that may hold a password: only whether a scheme was missing.
fn wrong(raw: &str, reason: &str) -> Fault {
    if raw.is_empty() {
        return Fault::new("the Prometheus URL is empty; write it like https://prometheus.example or http://10.0.0.7:9090.");
    }
    if raw.contains("://") {
        return Fault::new(format!("the Prometheus URL can't be used: {reason}. Write it like https://prometheus.example/path."));
    }
    Fault::new("the Prometheus URL has no scheme; write http:// or https:// in front of it.")
}

/// Percent-decodes a user name or password; bytes that are no UTF-8 are replaced.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match pair {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
