//! Who may ask the embedded Prometheus: requests addressed to this machine by name, with the token where one is asked for.
//! Trusts no address alone: a page in a browser reaches loopback too, through a name that its owner points there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::demo::api::same;

/// The names under which this machine may be asked, without a port.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What a request must show.
pub(super) struct Guard {
    pub token: Option<String>,
}

/// Lets a request through, or says why not.
pub(super) async fn admit(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if !is_for_us(request.uri(), request.headers()) {
        let why = "this server answers only to localhost, 127.0.0.1 and [::1]: the Host header names another\n";
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    if guard.token.as_deref().is_some_and(|token| !carries(request.headers(), token)) {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], "Unauthorized\n").into_response();
    }
    next.run(request).await
}

/// Whether the one Host header, and the address where it names a host, are this machine's.
fn is_for_us(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    host.is_some_and(|host| is_own(&host)) && uri.authority().is_none_or(is_own)
}

fn is_own(authority: &Authority) -> bool {
    // `user@localhost` names no host of ours: nobody who means well writes it.
    !authority.as_str().contains('@') && OWN_NAMES.iter().any(|name| authority.host().eq_ignore_ascii_case(name))
}

fn carries(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|text| text.split_once(' '));
    sent.is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("bearer") && same(token, sent.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(uri: &str, hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        is_for_us(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn only_this_machines_own_names_are_served() {
        for host in ["localhost", "LOCALHOST:9090", "127.0.0.1", "127.0.0.1:9090", "[::1]", "[::1]:9090"] {
            assert!(admitted("/", &[host]), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:9090",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "a@localhost",
            "0.0.0.0",
            "::1",
            "127.1",
        ] {
            assert!(!admitted("/", &[host]), "{host}");
        }
        assert!(!admitted("/", &[]), "none");
        assert!(!admitted("/", &["localhost", "evil.example"]), "two");
        assert!(!admitted("http://evil.example/", &["localhost"]), "an address of another");
        assert!(admitted("http://localhost:1/", &["localhost:1"]));
    }
}
