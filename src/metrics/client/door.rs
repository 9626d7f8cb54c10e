//! The way in to one Prometheus: the HTTP client with its TLS, and the headers every question carries.
//! Never skips the check of a certificate, and never follows a redirect to another server.

use prometheus_http_query::Client as Prometheus;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, ClientBuilder, Identity, redirect};

use super::super::settings::{Fault, Loaded, Settings};
use super::USER_AGENT;

/// More hops than a path that was tidied up needs.
const MOST_REDIRECTS: usize = 5;

#[derive(Clone)]
pub(super) struct Door {
    pub prometheus: Prometheus,
    pub headers: HeaderMap,
    loaded: Loaded,
}

impl Door {
    /// Gets ready; connects to nothing.
    pub fn open(settings: &Settings, loaded: Loaded) -> Result<Self, Fault> {
        let prometheus = Prometheus::from(http(settings, &loaded)?, settings.address.as_str())
            .map_err(|_| Fault::new("the Prometheus URL can't be used. Write it like https://prometheus.example/path."))?;
        Ok(Self { prometheus, headers: headers(settings, &loaded)?, loaded })
    }

    /// A new door where the files say something else by now; connections are kept unless certificates changed.
    pub fn renewed(&self, settings: &Settings, loaded: Loaded) -> Result<Option<Self>, Fault> {
        if loaded == self.loaded {
            return Ok(None);
        }
        if loaded.identity != self.loaded.identity || loaded.ca != self.loaded.ca {
            return Self::open(settings, loaded).map(Some);
        }
        Ok(Some(Self { prometheus: self.prometheus.clone(), headers: headers(settings, &loaded)?, loaded }))
    }
}

fn http(settings: &Settings, loaded: &Loaded) -> Result<reqwest::Client, Fault> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = ClientBuilder::new().user_agent(USER_AGENT).referer(false).redirect(redirect::Policy::custom(stay));
    if settings.address.is_loopback() {
        builder = builder.no_proxy();
    }
    if let Some(pem) = &loaded.ca {
        let authorities = Certificate::from_pem_bundle(pem)
            .map_err(|_| Fault::new("the file of `ca` holds a certificate that can't be read. Name a file with PEM certificates."))?;
        builder = builder.tls_certs_only(authorities);
    } else if !settings.address.is_https() {
        // Without TLS no authority is needed, and a container without any must not be refused for that.
        builder = builder.tls_certs_only([]);
    }
    if let Some(pem) = &loaded.identity {
        let identity = Identity::from_pem(pem).map_err(|_| {
            Fault::new("`client_cert` and `client_key` can't be used together: one of them is not valid PEM, or the key is encrypted.")
        })?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|_| {
        Fault::new(
            "TLS can't be set up for Prometheus: the system has no certificate authorities, or the client certificate does not fit its key. \
             Name the authority's file with `ca`, and check `client_cert` and `client_key`.",
        )
    })
}

/// Follows a redirect within the server only: the headers of every question may be credentials.
fn stay(attempt: redirect::Attempt) -> redirect::Action {
    let home = attempt.previous().first().map(reqwest::Url::origin);
    if home == Some(attempt.url().origin()) && attempt.previous().len() <= MOST_REDIRECTS { attempt.follow() } else { attempt.stop() }
}

/// What every question carries. The values are credentials, or may be.
pub(super) fn headers(settings: &Settings, loaded: &Loaded) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    if let Some(token) = &loaded.token {
        headers.insert(AUTHORIZATION, value(&format!("Bearer {}", token.reveal()), "the bearer token")?);
    } else if let Some((user, password)) = &loaded.basic {
        headers.insert(
            AUTHORIZATION,
            value(&format!("Basic {}", base64(format!("{user}:{}", password.reveal()).as_bytes())), "the password")?,
        );
    }
    for (name, secret) in &settings.headers {
        let known = HeaderName::try_from(name.as_str())
            .map_err(|_| Fault::new(format!("“{name}” can't be the name of a header. Use letters, digits and dashes.")))?;
        headers.insert(known, value(secret.reveal(), &format!("the header {name}"))?);
    }
    Ok(headers)
}

fn value(text: &str, what: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Fault::new(format!("{what} of the Prometheus settings holds a character that can't be sent, such as a line break."))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Base64 with padding (RFC 4648 §4): the one use of it is not worth a dependency.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_u32, |group, at| group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for place in 0..4 {
            let letter = ALPHABET.get((group >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(super::base64(plain.as_bytes()), coded);
        }
    }
}
