mod said;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::measure::JudgedBy;
use crate::objectives::{rules, series, sloth};
use crate::objects::Kind;
use crate::slo::verdict::Bad;

fn key(name: &str) -> ReleaseRef {
    ReleaseRef { namespace: "shop".into(), name: name.into(), kind: Kind::Deployment }
}

fn release(name: &str) -> Release {
    let mut world = crate::objects::World::default();
    let source = crate::objects::SourceId(1);
    world.open(source, Kind::Deployment, None);
    let labels = json!({ "app": name });
    let object = json!({ "metadata": { "name": name, "namespace": "shop", "uid": format!("d-{name}"), "generation": 1,
            "annotations": { "deployment.kubernetes.io/revision": "1" } },
        "spec": { "replicas": 1, "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": { "containers": [{ "name": "a", "image": "a:1" }] } } },
        "status": { "observedGeneration": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1 } });
    let set = json!({ "metadata": { "name": format!("{name}-5d4f"), "namespace": "shop", "uid": format!("r-{name}"),
            "labels": { "app": name, "pod-template-hash": "5d4f" }, "annotations": { "deployment.kubernetes.io/revision": "1" },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": format!("d-{name}"), "controller": true }] },
        "spec": { "replicas": 1, "selector": { "matchLabels": { "app": name, "pod-template-hash": "5d4f" } },
            "template": { "metadata": { "labels": { "app": name, "pod-template-hash": "5d4f" } }, "spec": { "containers": [{ "name": "a", "image": "a:1" }] } } },
        "status": { "replicas": 1, "readyReplicas": 1 } });
    let decode = |kind, value: &Value| crate::objects::Object::decode(kind, value.to_string().as_bytes()).unwrap();
    world.apply(source, crate::objects::WorldEvent::Replace(Kind::Deployment, vec![decode(Kind::Deployment, &object)]));
    let sets = crate::objects::SourceId(2);
    world.open(sets, Kind::ReplicaSet, None);
    world.apply(sets, crate::objects::WorldEvent::Replace(Kind::ReplicaSet, vec![decode(Kind::ReplicaSet, &set)]));
    crate::engines::read(&world, &key(name)).unwrap()
}

fn level(total: &str) -> Read {
    sloth::object(&json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "service": "web", "slos": [{
        "name": "availability", "objective": 99.5,
        "sli": { "events": { "errorQuery": total.replace("total", "bad"), "totalQuery": total } } }] } }))
}

const TOTAL: &str = "sum(rate(total{job=\"web\"}[{{.window}}]))";

fn pods(names: &[&str]) -> Sets {
    let set = |name: &&str| [("namespace", "shop"), ("pod", *name)].map(|(label, value)| (label.to_owned(), value.to_owned())).into();
    names.iter().map(set).collect()
}

/// Everything has been asked and told.
fn told(mut objectives: Objectives, level: Read, covered: &[&str]) -> Objectives {
    objectives.declared(Shelf::Sloth, Declared::Read(level));
    for shelf in &Shelf::ALL[1..] {
        objectives.declared(*shelf, Declared::Absent);
    }
    objectives.told(MetricsEvent::Rules(Ok(rules::answer(&json!({ "data": { "groups": [] } })))));
    objectives.told(MetricsEvent::Described(Ok(series::read(&[]))));
    objectives.settle(std::iter::empty());
    for query in objectives.covering().to_vec() {
        objectives.told(MetricsEvent::Covered(query, Ok(pods(covered))));
    }
    objectives
}

fn given(objectives: &mut Objectives, name: &str) -> Vec<Given> {
    let all = [release("web"), release("cart")];
    objectives.is_regrouped = true;
    objectives.settle(all.iter());
    objectives.of(&key(name)).to_vec()
}

#[test]
fn an_objective_goes_to_the_release_whose_pods_it_counts() {
    let mut objectives = told(Objectives::default(), level(TOTAL), &["cart-5d4f-x1y2z"]);
    // By its name it would be another's.
    let cart = given(&mut objectives, "cart");
    assert_eq!((cart[0].objective.name().as_str(), cart[0].objective.target()), ("availability", 0.995));
    assert_eq!(cart[0].provenance.from.as_str(), "from Sloth shop/web");
    assert_eq!(cart[0].provenance.mapped.as_deref(), Some("Its requests come from 1 pod of cart's ReplicaSets. Score 1.00 of 1, by pods."));
    let web = given(&mut objectives, "web");
    assert!(web[0].is_assumed && web[0].provenance.from.as_str() == "no SLO found, the target is assumed");
    assert_eq!(objectives.remarks(), Vec::<Clean>::new());
}

#[test]
fn nothing_is_assumed_before_everybody_has_spoken() {
    let mut objectives = Objectives::default();
    assert_eq!(given(&mut objectives, "web"), []);
    objectives.declared(Shelf::Sloth, Declared::Read(level(TOTAL)));
    assert_eq!(given(&mut objectives, "web"), [], "whom it speaks of is still being asked");
    let mut objectives = told(Objectives::default(), Read::default(), &[]);
    assert!(given(&mut objectives, "web")[0].is_assumed);
    // What may not be read, or is not answered, has spoken too, and is said.
    let mut objectives = told(Objectives::default(), Read::default(), &[]);
    objectives.declared(Shelf::Pyrra, Declared::Denied("list servicelevelobjectives.pyrra.dev in shop".into()));
    assert!(given(&mut objectives, "web")[0].is_assumed);
    assert_eq!(given(&mut objectives, "web")[0].provenance.from.as_str(), "no SLO found where one could look, the target is assumed");
    let said = "servicelevelobjectives.pyrra.dev were not looked at: you may not list servicelevelobjectives.pyrra.dev in shop.";
    assert_eq!(objectives.remarks(), [Clean::from(said)]);
}

fn own(name: &str) -> Configured {
    Configured {
        name: name.to_owned(),
        matches: "shop/web".to_owned(),
        target: 0.99,
        window: Duration::from_secs(7 * 86_400),
        calendar: None,
        requests_per_user: None,
        slower_than: None,
        queries: None,
    }
}

#[test]
fn the_config_wins_where_it_speaks() {
    let mut objectives = told(Objectives::new(vec![own("availability")], Read::default()), level(TOTAL), &["web-5d4f-x1y2z"]);
    let web = given(&mut objectives, "web");
    assert_eq!(web.iter().map(|one| one.objective.target()).collect::<Vec<_>>(), [0.99]);
    // What it does not say is as it was found: the queries stay, and the other target is quoted.
    assert!(web[0].provenance.is_own_file && web[0].promise.queries.is_some());
    let quoted = "99 % is taken; PrometheusServiceLevel shop/web says 99.5 %.";
    assert!(web[0].provenance.notes.iter().any(|note| note.as_str() == quoted), "{:?}", web[0].provenance.notes);
    // Of another name it stands beside what was found.
    let mut objectives = told(Objectives::new(vec![own("checkout-flow")], Read::default()), level(TOTAL), &["web-5d4f-x1y2z"]);
    let web = given(&mut objectives, "web");
    assert_eq!(web.iter().map(|one| one.objective.target()).collect::<Vec<_>>(), [0.99, 0.995]);
}

#[test]
fn it_is_split_by_version_where_its_series_name_pods_and_says_so_where_not() {
    let mut objectives = told(Objectives::default(), level(TOTAL), &["web-5d4f-x1y2z"]);
    let web = given(&mut objectives, "web").remove(0);
    let counters = web.promise.counters.as_ref().unwrap();
    assert_eq!((counters.total.as_str(), counters.pod_label), ("sum by (pod) (total{job=\"web\",pod=~\"web-5d4f-[a-z0-9]+\"})", "pod"));
    assert!(counters.some.contains("(bad{") && !counters.is_good && web.promise.arms.is_empty() && web.provenance.unsplit.is_none());
    assert_eq!(web.judged_by, JudgedBy::Events(Bad::Failed));
    // What is no sum of a counter's rate can be asked of one version, but not counted.
    let mut objectives = told(Objectives::default(), level("sum(rate(total{job=\"web\"}[{{.window}}])) * 2"), &["web-5d4f-x1y2z"]);
    let web = given(&mut objectives, "web").remove(0);
    let (hash, (bad, total)) = &web.promise.arms[0];
    assert_eq!((hash.as_str(), total.as_str()), ("5d4f", "sum(rate(total{job=\"web\",pod=~\"web-5d4f-[a-z0-9]+\"}[$window])) * 2"));
    assert!(bad.contains("pod=~") && web.provenance.unsplit.is_none());
    assert_eq!((web.judged_by, web.provenance.unjudged.as_deref()), (JudgedBy::Instead, Some("it is not the sum of one counter's rate")));
    let mut objectives = told(Objectives::default(), level(TOTAL), &[]);
    let web = given(&mut objectives, "web").remove(0);
    assert_eq!(web.provenance.unsplit.as_deref(), Some("not split by version: its series name no pods"));
    assert!(web.promise.arms.is_empty() && web.promise.queries.is_some());
}

#[test]
fn requests_within_a_time_are_judged_by_the_histogram_that_is_found() {
    let slow = Configured { slower_than: Some(Duration::from_millis(300)), ..own("quick") };
    let mut objectives = told(Objectives::new(vec![slow], Read::default()), Read::default(), &[]);
    let web = given(&mut objectives, "web").remove(0);
    assert_eq!((web.promise.slower_than, web.judged_by), (Some(Duration::from_millis(300)), JudgedBy::Events(Bad::Slow)));
    assert!(!web.promise.is_built_in() && web.provenance.unjudged.is_none());
}

#[test]
fn what_the_metrics_server_did_not_tell_is_said() {
    let mut objectives = told(Objectives::default(), level(TOTAL), &[]);
    objectives.rules = None;
    objectives.told(MetricsEvent::Rules(Err("it has none".into())));
    objectives.coverage.clear();
    for query in objectives.covering().to_vec() {
        objectives.told(MetricsEvent::Covered(query, Err("too slow".into())));
    }
    let web = given(&mut objectives, "web").remove(0);
    assert_eq!(web.provenance.unsplit.as_deref(), Some("not split by version: which pods its series name could not be asked: too slow"));
    let said =
        ["Its rules were not read: it has none", "Which pods 1 objectives count is not known, so names decide whose they are: too slow"];
    assert_eq!(objectives.remarks(), said.map(Clean::from));
    assert_eq!(given(&mut objectives, "cart")[0].provenance.from.as_str(), "no SLO found where one could look, the target is assumed");
}

#[test]
fn a_failed_answer_does_not_unlearn_what_was_known() {
    let mut objectives = told(Objectives::default(), level(TOTAL), &["web-5d4f-x1y2z"]);
    objectives.declared(Shelf::Sloth, Declared::Failed("the server is away".into()));
    objectives.told(MetricsEvent::Rules(Err("too slow".into())));
    assert_eq!(given(&mut objectives, "web")[0].provenance.from.as_str(), "from Sloth shop/web");
}

#[test]
fn what_can_not_be_followed_is_named_with_the_reason() {
    let plugin = |name: &str, objective: &str| json!({ "name": name, "objective": objective, "sli": { "plugin": { "id": "getsentry" } } });
    let read = sloth::object(&json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "service": "web", "slos": [
        { "name": "latency", "sli": { "raw": { "errorRatioQuery": "web:slow:ratio" } } }, plugin("sentry", "99") ] } }));
    let mut objectives = told(Objectives::default(), read, &["web-5d4f-x1y2z"]);
    // The plugin's rules may record what its object does not say how to ask.
    let web = given(&mut objectives, "web");
    assert_eq!(web.iter().map(|one| one.objective.name().as_str()).collect::<Vec<_>>(), ["sentry"]);
    let remarks = objectives.remarks();
    let said = remarks.last().unwrap().as_str();
    assert!(
        said.starts_with("web/latency of shop/web is not followed, found in PrometheusServiceLevel shop/web. Its target is not"),
        "{said}"
    );
    // It is looked at anew with every release that is read.
    objectives.declared(Shelf::Sloth, Declared::Read(level(TOTAL)));
    given(&mut objectives, "web");
    assert!(!objectives.remarks().iter().any(|remark| remark.contains("not followed")), "{:?}", objectives.remarks());
}

#[test]
fn an_openslo_query_over_no_window_has_nothing_to_say_of_a_budget() {
    let text = "apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: ratio }\nspec:\n  service: web\n  budgetingMethod: Occurrences\n  \
        timeWindow: [{ duration: 30d, isRolling: true }]\n  objectives: [{ target: 0.99 }]\n  indicator:\n    metadata: { name: ratio }\n    \
        spec:\n      ratioMetric:\n        counter: false\n        rawType: failure\n        raw: { metricSource: { type: Prometheus, spec: { query: 'web:errors:ratio' } } }\n";
    let files = crate::objectives::openslo::file("slo.yaml", text);
    assert_eq!(files.found.len(), 1, "{files:?}");
    let mut objectives = told(Objectives::new(Vec::new(), files), Read::default(), &["web-5d4f-x1y2z"]);
    assert_eq!(given(&mut objectives, "web"), [], "none is assumed in its place");
    let remarks = objectives.remarks();
    let said = remarks.last().unwrap().as_str();
    assert!(said.contains("Its query has no window in it"), "{remarks:?}");
}

#[test]
fn an_objective_by_time_slices_is_marked_as_one() {
    let openslo = |method: &str| {
        let text = format!(
            "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{ name: a }}\nspec:\n  service: web\n  budgetingMethod: {method}\n  \
             timeWindow: [{{ duration: 30d, isRolling: true }}]\n  objectives: [{{ target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 1m }}]\n  \
             indicator:\n    metadata: {{ name: a }}\n    spec:\n      ratioMetric:\n        counter: true\n        \
             bad: {{ metricSource: {{ type: Prometheus, spec: {{ query: 'e' }} }} }}\n        \
             total: {{ metricSource: {{ type: Prometheus, spec: {{ query: 't' }} }} }}\n"
        );
        let files = crate::objectives::openslo::file("slo.yaml", &text);
        let mut objectives = told(Objectives::new(Vec::new(), files), Read::default(), &["web-5d4f-x1y2z"]);
        let [one] = given(&mut objectives, "web").try_into().unwrap();
        (one.provenance.is_by_slices, one.provenance.method.to_string())
    };
    assert_eq!(openslo("Timeslices"), (true, "by time slices that are good from 95 % on".to_owned()));
    assert_eq!(openslo("RatioTimeslices"), (true, "by time slices, whatever their traffic".to_owned()));
    assert_eq!(openslo("Occurrences"), (false, "by requests".to_owned()));
}
