use super::*;

/// One metric of an AnalysisTemplate.
fn analysis(query: &str, success: &str) -> Read {
    crate::objectives::templates::argo(&json!({ "metadata": { "name": "rate", "namespace": "shop" }, "spec": { "args": [{ "name": "app" }],
        "metrics": [{ "name": "rate", "successCondition": success, "provider": { "prometheus": { "query": query } } }] } }))
}

fn canary(metric: Value) -> Read {
    crate::objectives::templates::canary(&json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": {
        "targetRef": { "kind": "Deployment", "name": "web" }, "analysis": { "metrics": [metric] } } }))
}

fn declared(shelf: Shelf, read: Read, covered: &[&str]) -> Objectives {
    let mut objectives = told(Objectives::default(), Read::default(), &[]);
    objectives.declared(shelf, Declared::Read(read));
    objectives.settle(std::iter::empty());
    for query in objectives.covering().to_vec() {
        objectives.told(MetricsEvent::Covered(query, Ok(pods(covered))));
    }
    objectives
}

#[test]
fn a_check_of_a_controller_does_not_take_the_place_of_a_promise() {
    let latency = analysis("sum(rate(x_seconds_sum[5m])) / sum(rate(x_seconds_count[5m]))", "result[0] <= 0.5");
    let mut objectives = declared(Shelf::Analysis, latency, &["web-5d4f-x1y2z"]);
    let web = given(&mut objectives, "web");
    assert_eq!((web.len(), web[0].is_assumed, web[0].objective.target()), (1, true, 0.999));
    let said =
        "AnalysisTemplate shop/rate, spec.metrics[0]: a check of its controller and no objective: x_seconds_sum does not count events";
    assert_eq!(objectives.remarks(), [Clean::from(said)]);
}

#[test]
fn what_flagger_itself_checks_of_requests_is_promised_of_its_target() {
    let metric = json!({ "name": "request-success-rate", "thresholdRange": { "min": 99 } });
    let mut objectives = declared(Shelf::Canary, canary(metric), &[]);
    let web = given(&mut objectives, "web");
    assert_eq!((web.len(), web[0].is_assumed, web[0].objective.target()), (1, false, 0.99));
    assert!(web[0].promise.is_built_in() && web[0].judged_by == JudgedBy::Requests);
    assert_eq!(web[0].provenance.from.as_str(), "from Flagger Canary shop/web");
    assert!(
        web[0].provenance.notes.iter().any(|note| note.contains("No window was said; 30 days (assumed)")),
        "{:?}",
        web[0].provenance.notes
    );
    assert!(given(&mut objectives, "cart")[0].is_assumed);
    objectives.declared(Shelf::Canary, Declared::Denied("list canaries.flagger.app in shop".into()));
    assert!(objectives.remarks()[0].starts_with("canaries.flagger.app were not looked at: you may not list"), "{:?}", objectives.remarks());
    objectives.declared(Shelf::Canary, Declared::Absent);
    assert_eq!(objectives.remarks(), Vec::<Clean>::new());
}

#[test]
fn what_is_said_of_a_release_holds_it_to_its_own_requests_alone() {
    let query = "sum(rate(a_total{job=\"all\",code=~\"5..\"}[1m])) / sum(rate(a_total{job=\"all\"}[1m])) * 100";
    let read = canary(json!({ "name": "errors", "query": query, "thresholdRange": { "max": 1 } }));
    let mut objectives = declared(Shelf::Canary, read.clone(), &["web-5d4f-x1y2z", "cart-5d4f-x1y2z"]);
    let web = given(&mut objectives, "web");
    assert_eq!((web[0].objective.target(), web[0].judged_by), (0.99, JudgedBy::Events(Bad::Failed)));
    assert!(web[0].provenance.notes[0].contains("are not web's"), "{:?}", web[0].provenance.notes);
    assert!(given(&mut objectives, "cart")[0].is_assumed);
    // Of its copy, while it is itself at rest, and not of a stranger.
    let mut objectives = declared(Shelf::Canary, read, &["cart-5d4f-x1y2z"]);
    assert!(given(&mut objectives, "web")[0].is_assumed);
    let said = objectives.remarks();
    assert!(
        said.iter().any(|text| text.starts_with("errors of shop/web is not followed") && text.ends_with("none of its own.")),
        "{said:?}"
    );
}

#[test]
fn a_rollout_s_arguments_are_read_with_it() {
    let query = "sum(rate(a_total{app=\"{{args.app}}\",code=~\"5..\"}[5m])) / sum(rate(a_total{app=\"{{args.app}}\"}[5m]))";
    let mut objectives = declared(Shelf::Analysis, analysis(query, "result[0] <= 0.02"), &[]);
    assert!(objectives.remarks()[0].ends_with("fills in its argument app"), "{:?}", objectives.remarks());
    let object = json!({ "metadata": { "name": "web", "namespace": "shop", "uid": "r" }, "spec": { "strategy": { "canary": {
        "analysis": { "templates": [{ "templateName": "rate" }], "args": [{ "name": "app", "value": "front" }] } } } } });
    let key = ReleaseRef { kind: Kind::Rollout, ..key("web") };
    let crate::objects::Object::Rollout(rollout) = crate::objects::Object::decode(Kind::Rollout, object.to_string().as_bytes()).unwrap()
    else {
        panic!("no Rollout")
    };
    objectives.runs(&key, Some(&rollout));
    objectives.settle(std::iter::empty());
    assert_eq!(objectives.remarks(), Vec::<Clean>::new());
    assert!(objectives.covering()[0].contains("a_total{app=\"front\"}"), "{:?}", objectives.covering());
    objectives.runs(&key, None);
    objectives.settle(std::iter::empty());
    assert_eq!(objectives.covering(), Vec::<Clean>::new());
}
