//! The metrics server that a template of an analysis names: Argo's AnalysisTemplate and ClusterAnalysisTemplate, Flagger's MetricTemplate.
//! Never follows a reference to a Secret, never takes over a credential that stands in a template, and never asks this machine itself.

use std::net::IpAddr;

use reqwest::Url;
use serde_json::Value;

use super::super::settings::Secret;
use super::known::Guess;
use crate::ports::route::Place;
use crate::text::Clean;

/// More servers than this are not taken from templates: most of them name the same one.
const MOST: usize = 3;

/// A server that a template names.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Where it is.
    pub at: At,
    /// What is sent along, such as the name of a tenant. No credential.
    pub headers: Vec<(String, Secret)>,
    /// The template in words, e.g. `AnalysisTemplate web/errors`.
    pub by: Clean,
    /// The Secret or field that its login stands in, which stays unread; empty where it needs none.
    pub withheld: Clean,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq)]
pub enum At {
    /// Behind a Service of this cluster.
    Service(Guess),
    /// At an address that names no Service.
    Address(String),
}

/// The servers that these templates name, each once. Those of `near` namespaces (all, where none is given) and of the cluster may name an
/// address outside; any other may only lead to a Service, for whoever writes it need not be trusted by who looks at a release of `near`.
pub fn named(templates: &[Value], near: &[Clean]) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for one in templates {
        let namespace = text(&one["metadata"]["namespace"]);
        let is_near = near.is_empty() || namespace.is_empty() || near.iter().any(|near| near.as_str() == namespace);
        let new = of(one).into_iter().filter(|named| is_near || matches!(named.at, At::Service(_)));
        for named in new {
            if !all.iter().any(|known| known.at == named.at && known.headers == named.headers) {
                all.push(named);
            }
        }
    }
    all.truncate(MOST);
    all
}

/// What one template names. Argo's fill in arguments: those with a value of their own are known, the others are not.
fn of(template: &Value) -> Vec<Named> {
    let (namespace, name) = (text(&template["metadata"]["namespace"]), text(&template["metadata"]["name"]));
    let spec = &template["spec"];
    if spec["provider"]["type"] == "prometheus" {
        let by = Clean::from(format!("MetricTemplate {namespace}/{name}"));
        let provider = &spec["provider"];
        let secret = text(&provider["secretRef"]["name"]);
        let mut withheld = if secret.is_empty() { Clean::default() } else { Clean::from(format!("the Secret {namespace}/{secret}")) };
        let mut headers = Vec::new();
        for (header, values) in provider["headers"].as_object().into_iter().flatten() {
            for value in values.as_array().map_or_else(|| std::slice::from_ref(values), Vec::as_slice) {
                put(&mut headers, &mut withheld, header, text(value));
            }
        }
        return resolved(text(&provider["address"]), namespace).map(|at| Named { at, headers, by, withheld }).into_iter().collect();
    }
    let by = match namespace {
        "" => format!("ClusterAnalysisTemplate {name}"),
        _ => format!("AnalysisTemplate {namespace}/{name}"),
    };
    let args = items(&spec["args"]);
    items(&spec["metrics"]).iter().filter_map(|metric| argo(&metric["provider"]["prometheus"], args, namespace, &by)).collect()
}

fn argo(provider: &Value, args: &[Value], namespace: &str, by: &str) -> Option<Named> {
    let (address, _) = filled(text(&provider["address"]), args);
    let at = resolved(&address, namespace)?;
    let (mut headers, mut withheld) = (Vec::new(), Clean::default());
    for header in items(&provider["headers"]) {
        let (value, secret) = filled(text(&header["value"]), args);
        match secret {
            Some(secret) => withheld = Clean::from(format!("the Secret {namespace}/{secret}")),
            None if value.contains("{{") => {}
            None => put(&mut headers, &mut withheld, text(&header["key"]), &value),
        }
    }
    let login = provider["authentication"]
        .as_object()
        .into_iter()
        .flatten()
        .find(|(_, fields)| fields.as_object().is_some_and(|one| !one.is_empty()));
    if let Some((kind, _)) = login {
        withheld = Clean::from(format!("its `authentication.{kind}`"));
    }
    Some(Named { at, headers, by: Clean::from(by), withheld })
}

/// A header, unless by custom it holds a credential.
fn put(headers: &mut Vec<(String, Secret)>, withheld: &mut Clean, name: &str, value: &str) {
    let low = name.to_ascii_lowercase();
    if ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey"].iter().any(|word| low.contains(word)) {
        *withheld = Clean::from(format!("its header {name}"));
    } else if !name.is_empty() {
        headers.push((name.to_owned(), Secret::new(value)));
    }
}

/// `{{args.name}}` with the values that the template gives, and the Secret that an argument in it stands in.
fn filled<'a>(raw: &str, args: &'a [Value]) -> (String, Option<&'a str>) {
    let (mut whole, mut secret) = (raw.to_owned(), None);
    for arg in args {
        let name = text(&arg["name"]);
        for hole in [format!("{{{{args.{name}}}}}"), format!("{{{{ args.{name} }}}}")] {
            if whole.contains(&hole) {
                secret = arg["valueFrom"]["secretKeyRef"]["name"].as_str().or(secret);
                if let Some(value) = arg["value"].as_str() {
                    whole = whole.replace(&hole, value);
                }
            }
        }
    }
    (whole, secret)
}

/// Where an address leads from here. Names that only mean something inside the cluster are taken for the Services they stand for; a name
/// without a namespace is looked for beside the template, as the best there is to go by.
fn resolved(address: &str, namespace: &str) -> Option<At> {
    let address = address.trim();
    if address.is_empty() || address.contains("{{") {
        return None;
    }
    let mut url = Url::parse(&if address.contains("://") { address.to_owned() } else { format!("http://{address}") }).ok()?;
    let is_https = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    url.set_query(None);
    url.set_fragment(None);
    // Who writes a user into an address means a login, and logins are not taken over.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    let is_ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().map(usable);
    if host == "localhost" || host.ends_with(".localhost") || is_ip == Ok(false) {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let service = |service: &str, namespace: &str| {
        let place =
            Place { namespace: Clean::from(namespace), service: Clean::from(service), port: url.port_or_known_default()?, is_https };
        Some(At::Service(Guess { place, prefixes: vec![url.path().trim_end_matches('/').to_owned()], rank: 0 }))
    };
    match labels.as_slice() {
        _ if is_ip.is_ok() => Some(At::Address(url.to_string())),
        [name] if !namespace.is_empty() => service(name, namespace),
        [_] => None,
        // `https://prometheus.example`: a Service would need its port.
        [_, _] if is_https && url.port().is_none() => Some(At::Address(url.to_string())),
        [name, space] | [name, space, "svc", ..] | [_, name, space, "svc", ..] => service(name, space),
        _ => Some(At::Address(url.to_string())),
    }
}

/// Whether an address may be asked from here: not this machine, and not what answers every machine of a cloud about itself.
fn usable(ip: IpAddr) -> bool {
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || is_link_local)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests;
