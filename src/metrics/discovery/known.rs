//! Which Services look like a Prometheus, by the labels and names that charts and operators give them, and what is known of each kind.
//! Takes a look for no more than that: whether it is one, it has to say itself.

use super::super::settings::Fault;
use crate::ports::route::{Listed, Place, Port};
use crate::text::Clean;

/// The label queries, one list of Services each: what the charts of Prometheus, Thanos, Mimir and VictoriaMetrics write, older charts' `app`,
/// and what the Prometheus operator puts on the Services it makes by itself.
pub const SELECTORS: [&str; 3] = [
    "app.kubernetes.io/name in (prometheus,prometheus-server,thanos-query,thanos-query-frontend,thanos,mimir,mimir-distributed,cortex,vmsingle,\
     vmselect,victoria-metrics-single,victoria-metrics-cluster)",
    "app in (prometheus,prometheus-server,kube-prometheus-stack-prometheus,prometheus-operator-prometheus,thanos-query,vmsingle,vmselect)",
    "operated-prometheus=true",
];

/// Parts of these systems that answer no queries.
const NOT_ASKED: [&str; 20] = [
    "alertmanager",
    "pushgateway",
    "node-exporter",
    "kube-state-metrics",
    "blackbox",
    "adapter",
    "distributor",
    "ingester",
    "store-gateway",
    "storegateway",
    "compactor",
    "ruler",
    "scheduler",
    "overrides",
    "sidecar",
    "receive",
    "vminsert",
    "vmstorage",
    "vmagent",
    "vmalert",
];

/// Port names that answer queries, best first.
const PORT_NAMES: [&str; 8] = ["web", "http-web", "https-web", "http", "https", "http-query", "http-metrics", "server"];
/// Port numbers that mostly do.
const PORTS: [u16; 9] = [9090, 10902, 9091, 8481, 8428, 8429, 8080, 80, 443];

/// A Service that may answer as Prometheus does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Where.
    pub place: Place,
    /// What may stand in front of `/api/v1`, most likely first.
    pub prefixes: Vec<String>,
    /// Lower is tried first: what sees everything once, before one of several replicas.
    pub rank: u8,
}

impl Guess {
    /// What a person wrote as `service://NAMESPACE/NAME:PORT/PREFIX`, or with `service+https` where that port speaks TLS. The prefix may be
    /// left out.
    ///
    /// # Errors
    /// A sentence that says how it is written.
    pub fn written(text: &str) -> Result<Self, Fault> {
        let wrong = || {
            Fault::new(format!(
                "“{text}” names no Service. Write it like service://monitoring/prometheus-k8s:9090, with /prefix behind it where there is one."
            ))
        };
        let (is_https, rest) = match (text.strip_prefix("service://"), text.strip_prefix("service+https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(wrong()),
        };
        let (namespace, rest) = rest.split_once('/').ok_or_else(wrong)?;
        let (service, prefix) = rest.split_once('/').map_or((rest, String::new()), |(service, prefix)| (service, format!("/{prefix}")));
        let (service, port) = service.split_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
        if !is_name(namespace) || !is_name(service) || prefix.contains(['?', '#']) {
            return Err(wrong());
        }
        let place = Place { namespace: Clean::from(namespace), service: Clean::from(service), port, is_https };
        let prefix = prefix.trim_end_matches('/').to_owned();
        Ok(Self { place, prefixes: vec![prefix], rank: 0 })
    }
}

/// What a Service may be; `None` where it can't be asked.
pub fn guess(listed: &Listed) -> Option<Guess> {
    let component = listed.label("app.kubernetes.io/component");
    let app = [listed.label("app.kubernetes.io/name"), listed.label("app")];
    let name = listed.name.as_str();
    let words = [component, app[0], app[1], name];
    if words.iter().any(|word| word.ends_with("operator") || NOT_ASKED.iter().any(|part| word.contains(part))) {
        return None;
    }
    let says = |what: &str| words.iter().any(|word| word.contains(what));
    let (prefixes, rank): (&[&str], u8) = if says("thanos") {
        match (says("query-frontend"), says("query")) {
            (true, _) => (&[""], 0),
            (_, true) => (&[""], 1),
            _ => return None,
        }
    } else if says("mimir") || says("cortex") {
        // The gateway or the query frontend; what is left may be anything.
        let front = ["gateway", "nginx", "query-frontend"].iter().any(|part| says(part));
        (&["/prometheus", ""], if front { 5 } else { 7 })
    } else if says("vmselect") {
        (&["/select/0/prometheus", ""], 4)
    } else if says("vmsingle") || says("victoria-metrics-single") {
        (&["", "/prometheus"], 4)
    } else if says("prometheus") || listed.label("operated-prometheus") == "true" {
        // The operator's own headless Service stands beside the chart's: either leads to the same pods.
        (&["", "/prometheus"], if name == "prometheus-operated" { 3 } else { 2 })
    } else {
        return None;
    };
    let port = port(listed)?;
    let place = Place { namespace: listed.namespace.clone(), service: listed.name.clone(), port: port.number, is_https: is_https(port) };
    Some(Guess { place, prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(), rank })
}

/// Whether a port speaks TLS, as far as its names and its number say.
fn is_https(port: &Port) -> bool {
    let says = |word: &Clean| word.as_str().to_ascii_lowercase().starts_with("https");
    says(&port.name) || says(&port.target) || says(&port.protocol) || port.number == 443
}

fn port(listed: &Listed) -> Option<&Port> {
    let mut usable: Vec<&Port> =
        listed.ports.iter().filter(|port| !port.name.contains("reloader") && !port.name.contains("grpc")).collect();
    let by_name = |name: &str| PORT_NAMES.iter().position(|known| *known == name).unwrap_or(PORT_NAMES.len());
    let by_number = |port: u16| PORTS.iter().position(|known| *known == port).unwrap_or(PORTS.len());
    usable.sort_by_key(|port| (by_name(&port.name), by_number(port.number)));
    usable.first().copied()
}
