use std::time::Duration;

use promql_parser::parser;

use super::*;
use crate::metrics::dialect::{Dialect, Latency, Shape, families_query, fitting_query};
use crate::ports::metrics::{Part, Promise, Subject, VersionNames};
use crate::text::Clean;

const HOSTILE: [&str; 6] = ["web", "a\"} or vector(1) #", "x\\", "$1${window}", "näh.*|(", "a\nb\u{202e}`'{}[]"];

fn version(hash: &str, replica_set: &str, part: Part, label: &str) -> VersionNames {
    let text = Clean::from;
    VersionNames { hash: text(hash), replica_set: text(replica_set), pods: Vec::new(), part, label: text(label) }
}

fn subject(name: &str) -> Subject {
    let mut new = version(name, &format!("{name}-{name}"), Part::New, name);
    new.pods = vec![Clean::from(name), Clean::from(format!("{name}-0"))];
    Subject {
        namespace: Clean::from(name),
        workload: Clean::from(name),
        services: vec![Clean::from(name), Clean::from("web-canary")],
        ingress: vec![Clean::from(name)],
        versions: vec![new, version("5c4d", "web-primary-5c4d", Part::Old, "1"), version("", "", Part::Other, "")],
        earlier: Vec::new(),
    }
}

fn sources(name: &str) -> Vec<Source> {
    let latency = |metric: &str, shape| Some(Latency { metric: Clean::from(metric), shape, unit: 1.0 });
    let mut all = Vec::new();
    for pod_label in [Some("pod"), None] {
        for shape in [Shape::Classic, Shape::Native] {
            let otel = latency("http_server_request_duration_seconds", shape);
            let generic = Dialect::Generic { metric: Clean::from(name), code_label: Some("code") };
            let codeless = Dialect::Generic { metric: Clean::from("http_requests_total"), code_label: None };
            for dialect in [Dialect::Istio, Dialect::Linkerd, Dialect::IngressNginx, generic, codeless, Dialect::Otel] {
                let latency = if dialect == Dialect::Otel { otel.clone() } else { latency(name, shape) };
                all.push(Source { dialect, namespace_label: "namespace", pod_label, latency });
            }
        }
    }
    all
}

fn every_question(source: &Source, subject: &Subject, name: &str) -> Vec<String> {
    let window = Window::BURN[0];
    let promise = |window, queries| Promise { name: Clean::from(name), window: Duration::from_secs(window), queries, ..Promise::default() };
    let own = Own { errors: "sum(rate(e[$window])) # a comment".to_owned(), total: "rate(t[${window}])".to_owned() };
    [
        source.counts(subject),
        source.rates(subject, window),
        source.freshness(subject),
        source.latency(subject, window),
        source.service(subject, &Window::BURN),
        source.callers(subject, window),
        source.unreached(subject, window),
        board(source, [name, "b"], &[Window::MINUTE, window]),
        own_objective(&own, &Window::BURN),
        recorded(subject, &[promise(30 * 86_400, None), promise(7 * 86_400, None), promise(5, None)]),
        families_query([name, "other"]),
        fitting_query(std::slice::from_ref(source), subject),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_question_is_promql_whatever_the_names_are() {
    for name in HOSTILE {
        let subject = subject(name);
        for source in sources(name) {
            let questions = every_question(&source, &subject, name);
            assert!(questions.len() >= 4, "{source:?}: {questions:?}");
            for question in questions {
                if let Err(why) = parser::parse(&question) {
                    panic!("{why}: {question}");
                }
            }
        }
    }
}

/// All names in the selectors of an expression, with the values of a label.
fn values_of(question: &str, label: &str) -> Vec<String> {
    let text = format!("{:?}", parser::parse(question).unwrap());
    let mark = format!("name: \"{label}\", value: ");
    text.match_indices(&mark).map(|(at, _)| text[at + mark.len()..].to_owned()).collect()
}

#[test]
fn a_hostile_name_stays_one_value() {
    let name = "a\"} or vector(1) #";
    let question = sources("m")[0].counts(&subject(name)).unwrap();
    let values = values_of(&question, "namespace");
    assert_eq!(values.len(), 1, "{question}");
    assert!(values[0].starts_with("\"a\\\"} or vector(1) #\""), "{}", values[0]);
}

fn plain(dialect: Dialect, pod_label: Option<&'static str>) -> Source {
    let latency = Some(Latency { metric: Clean::from("lat"), shape: Shape::Classic, unit: 1.0 });
    Source { dialect, namespace_label: "namespace", pod_label, latency }
}

fn shop() -> Subject {
    Subject {
        namespace: Clean::from("shop"),
        workload: Clean::from("web"),
        services: vec![Clean::from("web")],
        ingress: vec![Clean::from("front")],
        versions: vec![version("aaa", "web-aaa", Part::New, "v2"), version("bbb", "web-bbb", Part::Old, "v1")],
        earlier: Vec::new(),
    }
}

#[test]
fn counters_come_raw_and_apart() {
    let generic = Dialect::Generic { metric: Clean::from("http_requests_total"), code_label: Some("status") };
    assert_eq!(
        plain(generic, Some("pod")).counts(&shop()).unwrap(),
        r#"sum by (pod, status) (http_requests_total{namespace="shop",pod=~"(web-aaa|web-bbb)-[a-z0-9]{5}"})"#
    );
    assert_eq!(
        plain(Dialect::Istio, None).counts(&shop()).unwrap(),
        "sum by (destination_workload, destination_version, response_code, instance) \
         (istio_requests_total{reporter=\"destination\",namespace=\"shop\",destination_workload=\"web\"})"
    );
    assert_eq!(
        plain(Dialect::IngressNginx, None).counts(&shop()).unwrap(),
        "sum by (canary, status, controller_pod, instance) (nginx_ingress_controller_requests{namespace=\"shop\",ingress=\"front\"})"
    );
    assert_eq!(plain(Dialect::Otel, None).counts(&shop()), None);
}

#[test]
fn no_errors_are_asked_for_where_they_can_not_be_told() {
    let codeless = Dialect::Generic { metric: Clean::from("http_requests_total"), code_label: None };
    assert_eq!(plain(codeless, Some("pod")).service(&shop(), &Window::BURN), None);
    let service = plain(Dialect::Linkerd, None).service(&shop(), &[Window::BURN[0]]).unwrap();
    assert!(service.contains("classification=~\"failure\"") && service.contains("rate(response_total{"), "{service}");
    assert_eq!(service.matches("[5m]").count(), 2);
}

#[test]
fn versions_that_share_a_name_are_not_told_by_it() {
    let mut same = shop();
    for version in &mut same.versions {
        version.label = Clean::from("v1");
    }
    let istio = plain(Dialect::Istio, None);
    assert_eq!(istio.latency(&same, Window::MINUTE), None);
    assert_eq!(istio.latency(&shop(), Window::MINUTE).unwrap().matches("destination_version").count(), 2);
    // Flagger's primary is told by its workload.
    same.versions[1].replica_set = Clean::from("web-primary-bbb");
    let told = istio.latency(&same, Window::MINUTE).unwrap();
    assert!(told.contains("destination_workload=\"web-primary\"") && told.contains("destination_workload=\"web\""), "{told}");
}

#[test]
fn a_board_of_many_releases_is_one_question_a_family() {
    let namespaces: Vec<String> = (0..200).map(|at| format!("team-{at}")).collect();
    let generic = Dialect::Generic { metric: Clean::from("http_requests_total"), code_label: None };
    let text = board(&plain(generic, None), namespaces.iter().map(String::as_str), &[Window::MINUTE]).unwrap();
    parser::parse(&text).unwrap();
    assert_eq!(text.matches("rate(").count(), 1);
    assert!(text.contains("sum by (namespace, made_by, is_bad)"), "{text}");
    assert_eq!(board(&plain(Dialect::Istio, None), [], &[Window::MINUTE]), None);
}

#[test]
fn what_the_person_wrote_is_asked_as_written() {
    let own = Own { errors: "rate(e[$window])".to_owned(), total: "rate(t[${window}])".to_owned() };
    let text = own_objective(&own, &[Window::BURN[3]]).unwrap();
    assert!(text.contains("sum(\nrate(e[6h])\n)") && text.contains("sum(\nrate(t[6h])\n)"), "{text}");
}
