//! Which proxy a server is reached through: the kubeconfig's own, else what the environment says, by the rules that kubectl follows.
//! Never uses a proxy from the environment for this machine itself.
//!
//! The rules are those of Go's `net/http.ProxyFromEnvironment` (golang.org/x/net/http/httpproxy): `HTTPS_PROXY` for https servers, `HTTP_PROXY`
//! for http ones, either in lower case too, and `NO_PROXY` with names, `.suffixes`, addresses, CIDRs, ports and `*`. A `proxy-url` of the
//! kubeconfig goes before all of them, and `NO_PROXY` has no say in it (client-go `rest.Config.Proxy`).

use std::net::IpAddr;

use http::Uri;

/// The proxy for `server`; an error is a sentence about the setting that can't be read.
pub(super) fn choose(server: &Uri, own: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Uri>, String> {
    if let Some(own) = own.filter(|url| !url.is_empty()) {
        return parse(own, "proxy-url in the kubeconfig").map(Some);
    }
    let upper = if server.scheme_str() == Some("http") { "HTTP_PROXY" } else { "HTTPS_PROXY" };
    let lower = upper.to_ascii_lowercase();
    let Some((name, value)) = [upper, &lower].into_iter().find_map(|name| Some((name, env(name).filter(|v| !v.is_empty())?))) else {
        return Ok(None);
    };
    let Some(host) = server.host() else { return Ok(None) };
    let no_proxy = env("NO_PROXY").filter(|v| !v.is_empty()).or_else(|| env("no_proxy")).unwrap_or_default();
    if here(host) || exempt(host, port(server), &no_proxy) {
        return Ok(None);
    }
    parse(&value, name).map(Some)
}

fn parse(url: &str, what: &str) -> Result<Uri, String> {
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    // The client library knows SOCKS by one name and always lets the proxy resolve names, which is what the `h` asks for.
    let full = full.replacen("socks5h://", "socks5://", 1);
    let uri: Uri = full.parse().map_err(|error| format!("{what} is not an address of a proxy ({error}): write http://HOST:PORT"))?;
    match uri.scheme_str() {
        Some("http" | "https" | "socks5") => Ok(uri),
        other => {
            Err(format!("{what} names a proxy of the kind {}, which is not known: http, https and socks5 are", other.unwrap_or("(none)")))
        }
    }
}

fn port(server: &Uri) -> u16 {
    server.port_u16().unwrap_or(if server.scheme_str() == Some("http") { 80 } else { 443 })
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether `host` is this machine.
pub(super) fn here(host: &str) -> bool {
    host == "localhost" || bare(host).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn exempt(host: &str, port: u16, no_proxy: &str) -> bool {
    let host = bare(host).trim_end_matches('.').to_ascii_lowercase();
    let ip = host.parse::<IpAddr>().ok();
    no_proxy.split(',').map(|entry| entry.trim().to_ascii_lowercase()).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some((net, bits)) = entry.split_once('/')
            && let (Ok(net), Ok(bits)) = (net.parse::<IpAddr>(), bits.parse::<u32>())
        {
            return ip.is_some_and(|ip| inside(ip, net, bits));
        }
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, digits)) if bare(&entry).parse::<IpAddr>().is_err() => match digits.parse::<u16>() {
                Ok(port) => (name.to_owned(), Some(port)),
                Err(_) => return false,
            },
            _ => (entry.clone(), None),
        };
        if wanted.is_some_and(|wanted| wanted != port) {
            return false;
        }
        if let Ok(address) = bare(&name).parse::<IpAddr>() {
            return ip == Some(address);
        }
        let suffix = name.strip_prefix("*").unwrap_or(&name);
        match suffix.strip_prefix('.') {
            Some(domain) => host.ends_with(suffix) && host.len() > domain.len() + 1,
            None => host == suffix || host.strip_suffix(suffix).is_some_and(|front| front.ends_with('.')),
        }
    })
}

fn inside(ip: IpAddr, net: IpAddr, bits: u32) -> bool {
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => bits <= 32 && (bits == 0 || (ip.to_bits() ^ net.to_bits()) >> (32 - bits) == 0),
        (IpAddr::V6(ip), IpAddr::V6(net)) => bits <= 128 && (bits == 0 || (ip.to_bits() ^ net.to_bits()) >> (128 - bits) == 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: &str, own: Option<&str>, env: &[(&str, &str)]) -> Option<String> {
        let get = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        choose(&server.parse().unwrap(), own, &get).unwrap().map(|uri| uri.to_string())
    }

    #[test]
    fn the_kubeconfigs_own_goes_first_and_no_proxy_has_no_say() {
        let env = [("HTTPS_PROXY", "http://env:1"), ("NO_PROXY", "*")];
        assert_eq!(chosen("https://k8s.example", Some("socks5h://own:2"), &env).as_deref(), Some("socks5://own:2/"));
    }

    #[test]
    fn the_environment_is_asked_by_the_servers_scheme() {
        let env = [("https_proxy", "tls:1"), ("HTTP_PROXY", "http://plain:2")];
        assert_eq!(chosen("https://k8s.example", None, &env).as_deref(), Some("http://tls:1/"));
        assert_eq!(chosen("http://k8s.example", None, &env).as_deref(), Some("http://plain:2/"));
    }

    #[test]
    fn no_proxy_is_about_the_server_not_the_proxy() {
        let with = |server: &str, no_proxy: &str| chosen(server, None, &[("HTTPS_PROXY", "http://proxy.corp:1"), ("NO_PROXY", no_proxy)]);
        assert!(with("https://k8s.corp", "proxy.corp").is_some());
        assert!(with("https://api.k8s.corp", "corp,").is_none());
        assert!(with("https://corp", ".corp").is_some());
        assert!(with("https://a.corp", ".corp").is_none());
        assert!(with("https://notcorp", "corp").is_some());
        assert!(with("https://10.1.2.3:6443", "10.0.0.0/8").is_none());
        assert!(with("https://11.1.2.3", "10.0.0.0/8").is_some());
        assert!(with("https://a.corp:6443", "a.corp:6443").is_none());
        assert!(with("https://a.corp:6443", "a.corp:443").is_some());
        assert!(with("https://[fd00::1]:6443", "fd00::/8").is_none());
        assert!(with("https://127.0.0.1:6443", "").is_none());
        assert!(with("https://a.corp", "*").is_none());
    }

    #[test]
    fn a_wrong_address_is_named_with_its_place() {
        let error = choose(&"https://a".parse().unwrap(), Some("ftp://x"), &|_| None).unwrap_err();
        assert_eq!(error, "proxy-url in the kubeconfig names a proxy of the kind ftp, which is not known: http, https and socks5 are");
    }
}
