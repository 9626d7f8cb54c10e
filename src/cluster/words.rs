//! Puts failures of the network, of names, of TLS and of proxies into sentences.
//! Knows errors by their types where they have some, and repeats their own text only where nothing better is known.

use std::error::Error;
use std::io::ErrorKind;

use rustls::CertificateError;

/// Why a request to `server` did not get through.
pub(super) fn broken(error: &(dyn Error + 'static), server: &str) -> String {
    let mut last = error.to_string();
    let mut proxy = false;
    let mut kind = None;
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return self::tls(tls, server);
        }
        let text = error.to_string();
        proxy |= text.contains("tunnel error") || text.contains("SOCKS") || text.contains("socks");
        if text.contains("proxy authorization required") {
            return "the proxy wants a user name and a password: put them into its address".to_owned();
        }
        if text.contains("failed to lookup address") || text.contains("dns error") {
            return format!("the name of {} can't be resolved: check the network or the VPN", through(proxy, server));
        }
        let mut next = error.source();
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            if io.kind() != ErrorKind::Other {
                kind = Some(io.kind());
            }
            // What an io::Error carries is not its source: it passes itself off as it.
            if let Some(inner) = io.get_ref() {
                next = Some(inner);
            }
        }
        last = text;
        at = next;
    }
    let whom = through(proxy, server);
    match kind {
        Some(ErrorKind::ConnectionRefused) => format!("{whom} refuses the connection: nothing listens there, or a firewall says no"),
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => format!("{whom} cut the connection"),
        Some(ErrorKind::UnexpectedEof) => format!("the connection to {whom} ended in the middle"),
        Some(ErrorKind::TimedOut) => format!("{whom} does not answer"),
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable) => {
            format!("there is no way to {whom}: check the network or the VPN")
        }
        _ if proxy && last.contains("underlying connection") => "the proxy can't be reached: check its address".to_owned(),
        _ if proxy => format!("the proxy does not let it through to {server}: {last}"),
        _ if last.contains("connection closed") || last.contains("end of file") => format!("the connection to {whom} ended in the middle"),
        _ => format!("{whom} can't be reached: {last}"),
    }
}

/// Whether a request can't have reached the server: no connection to it was made.
pub(super) fn never_left(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        let mut next = error.source();
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            if matches!(io.kind(), ErrorKind::ConnectionRefused | ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable) {
                return true;
            }
            if let Some(inner) = io.get_ref() {
                next = Some(inner);
            }
        }
        let text = error.to_string();
        if text.contains("failed to lookup address") || text.contains("dns error") {
            return true;
        }
        at = next;
    }
    false
}

fn through(proxy: bool, server: &str) -> String {
    if proxy { "the proxy".to_owned() } else { server.to_owned() }
}

fn tls(error: &rustls::Error, server: &str) -> String {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("the certificate of {server} has expired: renew it, or check this machine's clock")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("the certificate of {server} is not valid yet: check this machine's clock")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the certificate of {server} is for another name: set tls-server-name in the kubeconfig if that is meant")
            }
            // A new authority under the old name, as recreated clusters have it, shows as a bad signature.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                format!(
                    "the certificate of {server} is signed by an authority that is not trusted: check certificate-authority in the kubeconfig"
                )
            }
            other => format!("the certificate of {server} is not accepted: {other}"),
        },
        rustls::Error::AlertReceived(alert) => {
            format!("{server} ends the TLS handshake with {alert:?}: it may not accept the client certificate")
        }
        rustls::Error::InvalidMessage(_) => format!("{server} does not speak TLS: is the address right, http or https?"),
        other => format!("TLS with {server} failed: {other}"),
    }
}

/// A duration in words that fit into a sentence.
pub(super) fn seconds(duration: std::time::Duration) -> String {
    if duration.as_millis() < 10_000 && !duration.as_millis().is_multiple_of(1000) {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} s", duration.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("client error (Connect)")
        }
    }
    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_deepest_cause_is_named() {
        let refused = Outer(std::io::Error::from(ErrorKind::ConnectionRefused));
        assert_eq!(
            broken(&refused, "https://a:6443"),
            "https://a:6443 refuses the connection: nothing listens there, or a firewall says no"
        );
    }

    #[test]
    fn tls_inside_an_io_error_is_found() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = Outer(std::io::Error::other(std::io::Error::new(ErrorKind::InvalidData, tls)));
        assert!(broken(&wrapped, "https://a").contains("signed by an authority that is not trusted"));
        let expired = Outer(std::io::Error::other(rustls::Error::InvalidCertificate(CertificateError::Expired)));
        assert!(broken(&expired, "https://a").contains("has expired"));
    }

    #[test]
    fn a_name_that_does_not_resolve_says_so() {
        let dns = Outer(std::io::Error::other("failed to lookup address information: Name or service not known"));
        assert_eq!(broken(&dns, "https://a"), "the name of https://a can't be resolved: check the network or the VPN");
    }
}
