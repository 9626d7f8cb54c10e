//! What the series of a pod's requests are called, and the order in which their values come.
//! Counts nothing; names and values of one shape always come in the same order.

use std::collections::BTreeMap;

use super::meter::Meter;
use super::table::{Load, Shape};
use crate::demo::prometheus::Labels;

/// Requests of one process by status code.
pub(super) type Codes = BTreeMap<u16, Meter>;

/// Bounds in seconds as client libraries have them by default.
const SECONDS: [(&str, f64); 11] = [
    ("0.005", 5.0),
    ("0.01", 10.0),
    ("0.025", 25.0),
    ("0.05", 50.0),
    ("0.1", 100.0),
    ("0.25", 250.0),
    ("0.5", 500.0),
    ("1", 1_000.0),
    ("2.5", 2_500.0),
    ("5", 5_000.0),
    ("10", 10_000.0),
];

/// Bounds in milliseconds as Envoy has them (`source/common/stats/histogram_impl.cc`).
const MILLISECONDS: [(&str, f64); 19] = [
    ("0.5", 0.5),
    ("1", 1.0),
    ("5", 5.0),
    ("10", 10.0),
    ("25", 25.0),
    ("50", 50.0),
    ("100", 100.0),
    ("250", 250.0),
    ("500", 500.0),
    ("1000", 1_000.0),
    ("2500", 2_500.0),
    ("5000", 5_000.0),
    ("10000", 10_000.0),
    ("30000", 30_000.0),
    ("60000", 60_000.0),
    ("300000", 300_000.0),
    ("600000", 600_000.0),
    ("1.8e+06", 1_800_000.0),
    ("3.6e+06", 3_600_000.0),
];

/// Who is scraped.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub namespace: String,
    pub pod: String,
    pub instance: String,
    /// The `version` label of the pod.
    pub version: String,
    pub service: String,
}

/// The bounds of a shape's histogram, milliseconds.
pub(super) fn bounds(shape: Shape) -> Vec<f64> {
    said(shape).iter().map(|(_, bound)| *bound).collect()
}

fn said(shape: Shape) -> &'static [(&'static str, f64)] {
    if shape == Shape::Istio { &MILLISECONDS } else { &SECONDS }
}

/// The counters of a process that has just begun. A client library knows its codes beforehand; a proxy first hears of them.
pub(super) fn fresh(shape: Shape) -> Codes {
    let codes: &[u16] = if shape == Shape::Istio { &[] } else { &[200, 500] };
    codes.iter().map(|code| (*code, Meter::new(said(shape).len()))).collect()
}

/// The labels every series of a target has.
pub(super) fn scraped<'a>(target: &'a Target, job: &'a str) -> [(&'a str, &'a str); 4] {
    [("namespace", &target.namespace), ("pod", &target.pod), ("job", job), ("instance", &target.instance)]
}

/// Names of a target's series for these codes.
pub(super) fn names(load: &Load, target: &Target, codes: &Codes) -> Vec<Labels> {
    let job = format!("{}/{}", load.namespace, load.name);
    let scraped = scraped(target, &job);
    match load.shape {
        Shape::UpOnly => Vec::new(),
        Shape::Generic => {
            let count = |code: &u16| Some(labels("http_requests_total", &scraped, &[("code", &code.to_string()), ("method", "GET")]));
            let mut all: Vec<Labels> = codes.keys().filter_map(count).collect();
            all.extend(histogram("http_request_duration_seconds", load.shape, &scraped, &[("method", "GET")]));
            all
        }
        Shape::Istio => codes
            .keys()
            .flat_map(|code| {
                let code = code.to_string();
                let flags = [("response_code", code.as_str()), ("response_flags", "-"), ("reporter", "destination")];
                let (place, service) = ((load.name.as_str(), target.version.as_str()), target.service.as_str());
                let own: Vec<(&str, &str)> = mesh(load, place, service).into_iter().chain(flags).collect();
                let mut all = vec![labels("istio_requests_total", &scraped, &own)];
                all.extend(histogram("istio_request_duration_milliseconds", load.shape, &scraped, &own));
                all
            })
            .collect(),
    }
}

/// The counter that the callers' proxy has of requests to one version with one status code. Callers are outside of what is simulated: one
/// proxy, which never restarts.
pub(super) fn called(load: &Load, service: &str, version: &str, code: u16) -> Labels {
    caller(load, service, (&load.name, version), (&code.to_string(), "-"))
}

/// The same of requests that reached nobody: a proxy without an endpoint doesn't know whose they would have been.
pub(super) fn unreached(load: &Load, service: &str) -> Labels {
    caller(load, service, ("unknown", "unknown"), ("503", "UH"))
}

fn caller(load: &Load, service: &str, destination: (&str, &str), (code, flags): (&str, &str)) -> Labels {
    let pod = format!("{}-0", load.source.1);
    let scraped = [("namespace", load.source.0.as_str()), ("pod", &pod), ("job", "envoy-stats")];
    let flags = [("response_code", code), ("response_flags", flags), ("reporter", "source")];
    let own: Vec<(&str, &str)> = mesh(load, destination, service).into_iter().chain(flags).collect();
    labels("istio_requests_total", &scraped, &own)
}

/// Values in the order of [`names`].
pub(super) fn values(shape: Shape, codes: &Codes) -> Vec<f64> {
    match shape {
        Shape::UpOnly => Vec::new(),
        Shape::Generic => {
            let all = codes.values().fold(Meter::new(said(shape).len()), |sum, meter| sum.with(meter));
            codes.values().map(|meter| meter.total() as f64).chain(spread(&all, 1e6)).collect()
        }
        Shape::Istio => {
            codes.values().flat_map(|meter| std::iter::once(meter.total() as f64).chain(spread(meter, 1e3)).collect::<Vec<_>>()).collect()
        }
    }
}

/// Buckets, sum and count of one histogram, the sum in units of `per_us` microseconds.
fn spread(meter: &Meter, per_us: f64) -> Vec<f64> {
    let tail = [meter.sum_us() as f64 / per_us, meter.total() as f64];
    meter.cumulated().map(|count| count as f64).chain(tail).collect()
}

fn histogram(name: &str, shape: Shape, scraped: &[(&str, &str)], own: &[(&str, &str)]) -> Vec<Labels> {
    let bucket = format!("{name}_bucket");
    let les = said(shape).iter().map(|(le, _)| *le).chain(["+Inf"]);
    let mut all: Vec<Labels> =
        les.map(|le| labels(&bucket, scraped, &own.iter().copied().chain([("le", le)]).collect::<Vec<_>>())).collect();
    all.extend(["sum", "count"].map(|part| labels(&format!("{name}_{part}"), scraped, own)));
    all
}

fn mesh<'a>(load: &'a Load, (workload, version): (&'a str, &'a str), service: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("destination_workload", workload),
        ("destination_workload_namespace", if workload == "unknown" { workload } else { &load.namespace }),
        ("destination_version", version),
        ("destination_service_name", service),
        ("destination_service_namespace", &load.namespace),
        ("source_workload", &load.source.1),
        ("source_workload_namespace", &load.source.0),
        ("request_protocol", "http"),
    ]
}

fn labels(name: &str, scraped: &[(&str, &str)], own: &[(&str, &str)]) -> Labels {
    Labels::of(&[&[("__name__", name)], scraped, own].concat())
}
