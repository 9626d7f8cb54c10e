use serde_json::json;

use super::*;
use crate::objectives::pyrra;
use crate::objectives::{Method, Query, rules, series};

fn sloth_object(percent: f64) -> Found {
    let value = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"service": "web", "slos": [{
        "name": "availability", "objective": percent,
        "sli": {"events": {"errorQuery": "sum(rate(a{code=~\"5..\"}[{{.window}}]))", "totalQuery": "sum(rate(a[{{.window}}]))"}}}]}});
    sloth::object(&value).found.remove(0)
}

fn sloth_rules() -> Vec<Found> {
    let labels = json!({"sloth_id": "web-availability", "sloth_service": "web", "sloth_slo": "availability"});
    let alert = "slo:sli_error:ratio_rate5m{sloth_id=\"web-availability\"} > (13.44 * 0.001) and slo:sli_error:ratio_rate1h{sloth_id=\"web-availability\"} > (13.44 * 0.001)";
    let value = json!({"data": {"groups": [{"name": "g", "rules": [
        {"type": "recording", "name": "slo:objective:ratio", "query": "vector(0.999)", "labels": labels},
        {"type": "recording", "name": "slo:time_period:days", "query": "vector(28)", "labels": labels},
        {"type": "alerting", "name": "A", "query": alert, "duration": 0, "labels": labels}]}]}});
    rules::answer(&value).found
}

fn said(found: &Found) -> Vec<&str> {
    found.notes.iter().map(Clean::as_str).collect()
}

#[test]
fn the_same_objective_found_three_times_is_one_and_each_adds_what_it_knows() {
    let info = [("__name__", "sloth_slo_info"), ("sloth_id", "web-availability"), ("sloth_service", "web"), ("sloth_slo", "availability")];
    let sample = (info.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect(), 1.0);
    let all = sloth_rules().into_iter().chain(series::read(&[sample])).chain([sloth_object(99.9)]);
    let settled = settle(all);
    let [found] = settled.as_slice() else { panic!("{settled:?}") };
    assert_eq!(
        found.found_in(),
        "PrometheusServiceLevel shop/web and Sloth's rules, from group g on and the series sloth_slo_info of web-availability"
    );
    assert_eq!((found.origin(), found.namespace.as_str()), (Origin::Sloth, "shop"));
    assert_eq!(found.period, Some(Period::Rolling(Duration::from_secs(28 * 86_400))));
    assert!(matches!(found.sli, Sli::Events { .. }));
    assert_eq!(found.tiers.len(), 1, "the rules' own alerts, not the usual ones");
    assert_eq!(found.tiers[0].tier.threshold.get(), 13.44);
    assert!(found.recorded.ratio(Duration::from_secs(28 * 86_400)).is_some());
    assert_eq!(said(found), [""; 0]);
}

#[test]
fn where_two_sources_differ_the_better_one_is_taken_and_the_other_told() {
    let settled = settle(sloth_rules().into_iter().chain([sloth_object(99.5)]));
    assert_eq!(settled[0].target, Some(0.995));
    assert_eq!(said(&settled[0])[0], "99.5 % is taken; Sloth's rules, from group g on says 99.9 %.");
}

#[test]
fn what_nobody_said_is_assumed_aloud() {
    let settled = settle([sloth_object(99.9)]);
    assert_eq!(said(&settled[0]), ["No window was said; 30 days (Sloth's default) are taken."]);
    assert_eq!(settled[0].tiers.len(), 4);
    assert_eq!(settled[0].tiers[0].tier.threshold.get(), 14.4);
    assert_eq!(settled[0].recorded.ratio(Duration::from_secs(30 * 86_400)).unwrap().name, "slo:sli_error:ratio_rate30d");
    let mut without = sloth_object(99.9);
    without.target = None;
    assert!(said(&settle([without])[0]).contains(&"Its target is not said anywhere that was read, so it has no budget."));
}

#[test]
fn an_objective_written_in_two_formats_is_one() {
    let mut file = Found::empty("orders", Origin::OpenSlo, "slo.yaml document 1");
    file.target = Some(0.999);
    file.sli = Sli::Events { bad: Query::new("sum (rate(a{code=~'5..'}[$window]))"), total: Query::new("sum(rate( a [$window] ))") };
    let settled = settle([file.clone(), sloth_object(99.9)]);
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0].name, "availability");
    file.target = Some(0.99);
    assert_eq!(settle([file, sloth_object(99.9)]).len(), 2, "another promise about the same requests is another objective");
}

#[test]
fn pyrra_s_own_names_never_meet_sloth_s() {
    let pyrra =
        pyrra::object(&json!({"metadata": {"name": "web-availability", "namespace": "shop"}, "spec": {"target": "99", "window": "2w",
        "indicator": {"ratio": {"errors": {"metric": "b{code=~\"5..\"}"}, "total": {"metric": "b"}}}}}));
    let settled = settle(pyrra.found.into_iter().chain([sloth_object(99.9)]));
    assert_eq!(settled.len(), 2);
    let tier = settled[1].tiers[0].tier;
    assert_eq!((tier.threshold.get(), tier.long.as_secs(), tier.short.as_secs()), (14.0, 1800, 180));
}

#[test]
fn the_config_wins_where_it_speaks_and_only_there() {
    let written = Found::empty("availability", Origin::Config, "the config file, for shop/web");
    let mut latency = sloth_object(99.0);
    latency.name = Clean::from("latency");
    let service = Clean::from("web");
    let kept = for_release(&service, settle([sloth_object(99.9), latency, written]));
    let names: Vec<(&str, Origin)> = kept.iter().map(|found| (found.name.as_str(), found.origin())).collect();
    assert_eq!(names, [("availability", Origin::Config), ("latency", Origin::Sloth)]);
    assert_eq!(kept[0].found_in(), "the config file, for shop/web and PrometheusServiceLevel shop/web");
}

#[test]
fn nothing_found_is_an_assumption_that_says_so() {
    let kept = for_release(&Clean::from("web"), Vec::new());
    assert_eq!((kept[0].found_in().as_str(), kept[0].origin()), ("no SLO found", Origin::Assumed));
    assert_eq!(said(&kept[0])[0], "No SLO was found, so 99.9 % over 30 days is assumed.");
    assert_eq!((kept[0].target, kept[0].method), (Some(0.999), Method::Occurrences));
    assert!(kept[0].sli.events().is_none());
}

#[test]
fn what_cannot_fire_and_groups_are_told() {
    let mut loose = sloth_object(90.0);
    loose.grouping = vec![Clean::from("handler")];
    let settled = settle([loose]);
    let notes = said(&settled[0]);
    assert!(notes.iter().any(|note| note.starts_with("The page over 1 h and 5 min can't fire at a target of 90 %")), "{notes:?}");
    assert!(notes.contains(&"It is one objective for each handler."));
}
