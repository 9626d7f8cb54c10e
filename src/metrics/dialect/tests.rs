use std::time::Duration;

use chrono::{DateTime, Utc};

use super::*;
use crate::metrics::reply::{Data, Labels, Point, Reply, Sample};
use crate::metrics::templates::OWNER_LABEL;
use crate::ports::metrics::{Part, Subject, VersionNames};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect()
}

fn reply(series: &[&[(&str, &str)]]) -> Reply {
    let point = Point { at: DateTime::<Utc>::default(), value: 3.0 };
    let samples = series.iter().map(|pairs| Sample { labels: labels(pairs), point }).collect();
    Reply {
        data: Data::Vector(samples),
        warnings: Vec::new(),
        infos: Vec::new(),
        partial: false,
        natives: 0,
        twins: 0,
        took: Duration::ZERO,
        bytes: 0,
    }
}

fn version(hash: &str, replica_set: &str, part: Part, label: &str) -> VersionNames {
    let text = Clean::from;
    VersionNames { hash: text(hash), replica_set: text(replica_set), pods: Vec::new(), part, label: text(label) }
}

fn shop() -> Subject {
    Subject {
        namespace: Clean::from("shop"),
        workload: Clean::from("web"),
        services: vec![Clean::from("web")],
        ingress: Vec::new(),
        versions: vec![version("aaa", "web-aaa", Part::New, "v2"), version("bbb", "web-bbb", Part::Old, "v1")],
        earlier: Vec::new(),
    }
}

fn found(name: &'static str, label: &'static str, namespace: &'static str) -> [(&'static str, &'static str); 3] {
    [("__name__", name), ("found_by", label), (label, namespace)]
}

#[test]
fn families_are_chosen_for_their_own_namespace_best_first() {
    let answer = reply(&[
        &found("http_requests_total", "namespace", "shop"),
        &found("http_request_duration_seconds_bucket", "namespace", "shop"),
        &found("istio_requests_total", "destination_workload_namespace", "shop"),
        &found("istio_request_duration_milliseconds_bucket", "namespace", "shop"),
        &found("nginx_ingress_controller_requests", "exported_namespace", "shop"),
        &found("nginx_ingress_controller_requests", "namespace", "ingress"),
        &found("response_total", "namespace", "other"),
    ]);
    let shop = Source::choose(&answer, "shop");
    assert_eq!(shop.iter().map(Source::name).collect::<Vec<_>>(), ["Istio", "application metrics", "ingress-nginx"]);
    let latency = shop[0].latency.clone().unwrap();
    assert_eq!((latency.metric.as_str(), latency.shape, latency.unit), ("istio_request_duration_milliseconds", Shape::Classic, 0.001));
    assert_eq!((shop[0].namespace_label, shop[2].namespace_label), ("destination_workload_namespace", "exported_namespace"));
    assert_eq!(Source::choose(&answer, "other").iter().map(Source::name).collect::<Vec<_>>(), ["Linkerd"]);
    assert!(Source::choose(&answer, "nowhere").is_empty());
}

#[test]
fn a_bare_histogram_is_a_native_one() {
    let answer = reply(&[&found("http_server_request_duration_seconds", "namespace", "shop")]);
    let otel = &Source::choose(&answer, "shop")[0];
    assert_eq!(otel.latency.as_ref().unwrap().shape, Shape::Native);
    assert!(otel.counts(&shop()).unwrap().contains("histogram_count(http_server_request_duration_seconds{"));
}

#[test]
fn a_release_says_which_labels_it_has() {
    let families = Source::choose(&reply(&[&found("http_requests_total", "namespace", "shop")]), "shop");
    let question = fitting_query(&families, &shop()).unwrap();
    // The candidates are counted in the order in which they stand in the question.
    let wanted = question.split("\nor\n").position(|arm| arm.contains("exported_pod=~") && arm.contains("status!=\"\"")).unwrap();
    let place = wanted.to_string();
    let codeless =
        question.split("\nor\n").position(|arm| arm.contains("{namespace=\"shop\",exported_pod=~") && !arm.contains("!=")).unwrap();
    let other = codeless.to_string();
    let fits = fitting(&families, &reply(&[&[("candidate", &other)], &[("candidate", &place)]]));
    assert_eq!(fits.len(), 1);
    assert_eq!((fits[0].pod_label, fits[0].code_label()), (Some("exported_pod"), Some("status")));
    let fits = fitting(&families, &reply(&[&[("candidate", &other)]]));
    assert_eq!((fits[0].pod_label, fits[0].code_label()), (Some("exported_pod"), None));
    assert!(fitting(&families, &reply(&[])).is_empty());
}

fn source(dialect: Dialect, pod_label: Option<&'static str>) -> Source {
    Source { dialect, namespace_label: "namespace", pod_label, latency: None }
}

fn hash<'a>(source: &Source, subject: &'a Subject, pairs: &[(&str, &str)]) -> Option<&'a str> {
    source.version_of(subject, &labels(pairs)).map(|version| version.hash.as_str())
}

#[test]
fn a_series_belongs_to_the_version_that_its_labels_name() {
    let subject = shop();
    let otel = source(Dialect::Otel, Some("pod"));
    assert_eq!(hash(&otel, &subject, &[("pod", "web-aaa-x7k2p")]), Some("aaa"));
    assert_eq!(hash(&otel, &subject, &[("pod", "web-ccc-x7k2p")]), None);
    assert_eq!(hash(&otel, &subject, &[(OWNER_LABEL, "web-bbb")]), Some("bbb"));
    let linkerd = source(Dialect::Linkerd, None);
    assert_eq!(hash(&linkerd, &subject, &[("pod_template_hash", "bbb")]), Some("bbb"));
    let istio = source(Dialect::Istio, None);
    assert_eq!(hash(&istio, &subject, &[("destination_workload", "web"), ("destination_version", "v2")]), Some("aaa"));
    assert_eq!(hash(&istio, &subject, &[("destination_workload", "api"), ("destination_version", "v2")]), None);
    let nginx = source(Dialect::IngressNginx, None);
    assert_eq!(hash(&nginx, &subject, &[("canary", "shop-web-canary-80")]), Some("aaa"));
    assert_eq!(hash(&nginx, &subject, &[("status", "200")]), Some("bbb"));
}

#[test]
fn a_name_that_two_versions_share_tells_nothing() {
    let mut subject = shop();
    subject.versions[1].label = Clean::from("v2");
    let istio = source(Dialect::Istio, None);
    assert_eq!(hash(&istio, &subject, &[("destination_workload", "web"), ("destination_version", "v2")]), None);
    subject.versions[1].part = Part::New;
    assert_eq!(hash(&source(Dialect::IngressNginx, None), &subject, &[("canary", "x")]), None);
}

#[test]
fn the_rule_for_errors_is_the_one_of_the_queries() {
    let generic = source(Dialect::Generic { metric: Clean::from("m"), code_label: Some("code") }, None);
    let codes = ["200", "404", "429", "500", "503", "5xx", "0", "50", "5000"];
    assert_eq!(codes.map(|code| generic.is_bad(code)), [false, false, false, true, true, true, false, false, false]);
    assert!(source(Dialect::Istio, None).is_bad("0") && source(Dialect::Linkerd, None).is_bad("failure"));
}
