use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::metrics::dialect::{Dialect, Latency, Shape, Source};
use crate::metrics::questions::{Form, Sli, Span, Stretch};
use crate::metrics::reply::{Data, Labels, Point, Sample, Series};
use crate::objects::{Kind, Time};
use crate::ports::metrics::{Alarm, Measurable, Part, Promise, Subject, VersionNames};
use crate::slo::Answer;
use crate::slo::tier::Severity;

fn at(seconds: i64) -> Time {
    Time::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect()
}

fn reply(data: Data) -> Reply {
    Reply { data, warnings: Vec::new(), infos: Vec::new(), partial: false, natives: 0, twins: 0, took: Duration::ZERO, bytes: 0 }
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn vector(series: &[(Pairs, f64)]) -> Reply {
    let sample = |(pairs, value): &(Pairs, f64)| Sample { labels: labels(pairs), point: Point { at: at(0), value: *value } };
    reply(Data::Vector(series.iter().map(sample).collect()))
}

fn matrix(series: &[(Pairs, &[f64])]) -> Reply {
    let points = |values: &[f64]| (0..).zip(values).map(|(place, value)| Point { at: at(place * 60), value: *value }).collect();
    reply(Data::Matrix(series.iter().map(|(pairs, values)| Series { labels: labels(pairs), points: points(values) }).collect()))
}

fn shop() -> Measurable {
    let text = |text: &str| Clean::from(text);
    let version = |hash: &str, part| VersionNames {
        hash: text(hash),
        replica_set: text(&format!("web-{hash}")),
        pods: Vec::new(),
        part,
        label: Clean::default(),
    };
    let subject = Subject {
        namespace: text("shop"),
        workload: text("web"),
        services: vec![text("web")],
        ingress: Vec::new(),
        versions: vec![version("aaa", Part::New), version("bbb", Part::Old)],
        earlier: Vec::new(),
    };
    let promise = |name: &str, days: u64| Promise {
        name: text(name),
        window: Duration::from_secs(days * 86_400),
        queries: None,
        ..Promise::default()
    };
    let release = ReleaseRef { namespace: text("shop"), name: text("web"), kind: Kind::Rollout };
    Measurable { release, subject, promises: vec![promise("availability", 30), promise("weekly", 7)] }
}

fn generic() -> Source {
    Source {
        dialect: Dialect::Generic { metric: Clean::from("http_requests_total"), code_label: Some("code") },
        namespace_label: "namespace",
        pod_label: Some("pod"),
        latency: Some(Latency { metric: Clean::from("lat_ms"), shape: Shape::Classic, unit: 0.001 }),
    }
}

fn told(id: impl Fn(ReleaseRef) -> QuestionId, source: Source, reply: &Reply) -> Told {
    let one = shop();
    let id = id(one.release.clone());
    let about = match id {
        QuestionId::Board(..) => About::Board(Arc::new(vec![one]), source),
        _ => About::Release(Arc::new(one), Some(source)),
    };
    read(&Question { id, expr: String::new(), form: Form::Instant, every: None, priority: 0, about }, reply)
}

fn found(id: impl Fn(ReleaseRef) -> QuestionId, source: Source, reply: &Reply) -> Vec<Found> {
    told(id, source, reply).found.into_iter().map(|(_, found)| found).collect()
}

#[test]
fn counters_go_to_the_version_of_their_pod_and_strangers_to_none() {
    let answer = vector(&[
        (&[("pod", "web-aaa-11111"), ("code", "200")], 90.0),
        (&[("pod", "web-aaa-11111"), ("code", "503")], 10.0),
        (&[("pod", "web-ccc-22222"), ("code", "200")], 5.0),
        (&[("pod", "web-bbb-33333"), ("code", "200")], f64::NAN),
    ]);
    let told = told(QuestionId::Counters, generic(), &answer);
    let [(_, Found::Counters(readings))] = told.found.as_slice() else { panic!("{told:?}") };
    let plain: Vec<_> = readings.iter().map(|one| (one.version.as_str(), one.code.as_str(), one.bad, one.value)).collect();
    assert_eq!(plain, [("aaa", "200", false, 90.0), ("aaa", "503", true, 10.0)]);
    assert_eq!(told.doubt, None);
}

#[test]
fn counters_that_no_version_owns_or_that_have_no_code_are_doubted() {
    let strangers = vector(&[(&[("pod", "other-1")], 1.0)]);
    let Dialect::Generic { metric, .. } = generic().dialect else { panic!() };
    let codeless = Source { dialect: Dialect::Generic { metric, code_label: None }, ..generic() };
    let doubt = told(QuestionId::Counters, codeless, &strangers).doubt.unwrap().to_string();
    assert!(doubt.contains("errors can't be told") && doubt.contains("none of 1 series"), "{doubt}");
}

#[test]
fn the_windows_of_alerts_are_read_as_they_are_asked() {
    let mut one = shop();
    let minutes = |n: u64| Duration::from_secs(n * 60);
    one.promises[0].alarms = vec![Alarm { severity: Severity::Page, long: minutes(30), short: minutes(3), over: 0.01 }];
    let id = QuestionId::Level(one.release.clone(), Sli::Family, Span::Short);
    let about = About::Release(Arc::new(one), Some(generic()));
    let reply = vector(&[(&[("sli", "total"), ("over", "3m")], 2.0), (&[("sli", "bad"), ("over", "3m")], 1.0)]);
    let told = read(&Question { id, expr: String::new(), form: Form::Instant, every: None, priority: 0, about }, &reply);
    let windows: Vec<(u64, Answer)> = told
        .found
        .iter()
        .filter_map(|(_, found)| match found {
            Found::Window { promise, window, total, .. } if promise.as_str() == "availability" => Some((window.as_secs(), *total)),
            _ => None,
        })
        .collect();
    assert_eq!(windows, [(180, Answer::Value(360.0)), (300, Answer::Absent), (1800, Answer::Absent)]);
}

#[test]
fn of_groups_one_is_told_as_a_whole() {
    let mut one = shop();
    let hours = |n: u64| Duration::from_secs(n * 3600);
    one.promises.truncate(1);
    one.promises[0].grouping = vec![Clean::from("route")];
    one.promises[0].kept.ratios = vec![(hours(1), "a".to_owned()), (hours(6), "b".to_owned())];
    one.promises[0].alarms = vec![Alarm { severity: Severity::Page, long: hours(6), short: hours(1), over: 0.01 }];
    let group = |one: &Measurable, ratios: &[(&str, f64, f64)]| {
        let all: Vec<(Vec<(&str, &str)>, f64)> = ratios
            .iter()
            .flat_map(|(route, short, long)| {
                [("3600", *short), ("21600", *long)].map(|(over, value)| {
                    let labels = [("of_objective", "availability"), ("recorded_as", "ratio"), ("over", over), ("route", *route)];
                    (labels.to_vec(), value)
                })
            })
            .collect();
        let all: Vec<(Pairs, f64)> = all.iter().map(|(labels, value)| (labels.as_slice(), *value)).collect();
        let about = About::Release(Arc::new(one.clone()), None);
        let id = QuestionId::Recorded(one.release.clone());
        let question = Question { id, expr: String::new(), form: Form::Instant, every: None, priority: 0, about };
        let mut told = read(&question, &vector(&all)).found.into_iter();
        let Some((_, Found::Group { name, of, .. })) = told.next() else { panic!() };
        let ratios: Vec<f64> =
            told.filter_map(|(_, found)| if let Found::Ratio { value, .. } = found { Some(value) } else { None }).collect();
        (name.to_string(), of, ratios)
    };
    // The long window of one and the short one of the other are over: nobody is to be woken.
    let two = [("/pay", 0.5, 0.001), ("/cart", 0.0, 0.2)];
    assert_eq!(group(&one, &two), ("route=/cart".to_owned(), 2, vec![0.0, 0.2]));
    // One that pages outweighs one that was worse for longer.
    let three = [two[0], two[1], ("/login", 0.02, 0.02)];
    assert_eq!(group(&one, &three), ("route=/login".to_owned(), 3, vec![0.02, 0.02]));
    assert_eq!(group(&one, &[("/idle", f64::NAN, f64::NAN), ("/pay", 0.0, 0.0)]).0, "route=/pay", "no requests, nothing worse");
}

#[test]
fn a_window_is_as_full_as_its_shortest_ratio_says() {
    let id = |release| QuestionId::Filled(release, Clean::from("availability"));
    let watched = |series: &[(Pairs, f64)]| match found(id, generic(), &vector(series)).as_slice() {
        [Found::Filled { watched, .. }] => watched.as_secs() / 3600,
        other => panic!("{other:?}"),
    };
    let whole: (Pairs, f64) = (&[("recorded_as", "remaining")], 20.0);
    assert_eq!(watched(&[(&[("what", "shortest")], 12.0), whole]), 36, "what is recorded over the window bridges gaps");
    assert_eq!(watched(&[whole]), 60, "where nobody records a shorter one");
    assert_eq!(watched(&[]), 0, "begun since the last moment that was looked at");
    assert_eq!(watched(&[(&[("what", "shortest")], 241.0)]), 720);
}

#[test]
fn the_past_comes_moment_by_moment() {
    let answer =
        matrix(&[(&[("pod", "web-aaa-11111"), ("code", "200")], &[1.0, 2.0]), (&[("pod", "web-bbb-22222"), ("code", "200")], &[7.0])]);
    let [Found::History(moments)] = &found(QuestionId::History, generic(), &answer)[..] else { panic!() };
    assert_eq!(moments.iter().map(|(at, all)| (*at, all.len())).collect::<Vec<_>>(), [(at(0), 2), (at(60), 1)]);
}

fn level(release: ReleaseRef) -> QuestionId {
    QuestionId::Level(release, Sli::Family, Span::Short)
}

#[test]
fn absent_errors_are_told_as_absent_and_rates_become_requests() {
    let answer = vector(&[
        (&[("sli", "total"), ("over", "5m")], 2.0),
        (&[("sli", "total"), ("over", "30m")], 2.0),
        (&[("sli", "bad"), ("over", "30m")], 0.5),
    ]);
    let found = found(level, generic(), &answer);
    // Two objectives share the answer, over two windows each.
    assert_eq!(found.len(), 4);
    let (promise, window) = (Clean::from("availability"), Duration::from_secs(300));
    assert_eq!(found[0], Found::Window { promise, window, errors: Answer::Absent, total: Answer::Value(600.0) });
    assert!(
        matches!(&found[2], Found::Window { errors: Answer::Value(bad), total: Answer::Value(all), .. } if (*bad, *all) == (900.0, 3600.0))
    );
}

#[test]
fn a_trend_has_gaps_where_nobody_called_and_zero_where_nothing_failed() {
    let answer = matrix(&[(&[("sli", "total")], &[2.0, 0.0, 4.0]), (&[("sli", "bad")], &[1.0])]);
    let trends = found(|release| QuestionId::Trend(release, Sli::Family), generic(), &answer);
    let Found::Trend(name, points) = &trends[0] else { panic!() };
    assert_eq!((name.as_str(), points[0].1, points[2].1), ("availability", 0.5, 0.0));
    assert!(points[1].1.is_nan());
}

#[test]
fn a_course_is_told_by_the_best_series_or_by_counts() {
    let course = |stretch, reply: &Reply| {
        let one = shop();
        let id = QuestionId::BurnDown(one.release.clone(), Clean::from("availability"), stretch);
        let form = Form::Range { back: Duration::from_secs(600), step: Duration::from_secs(60) };
        let about = About::Release(Arc::new(one), Some(generic()));
        let question = Question { id, expr: String::new(), form, every: None, priority: 0, about };
        read(&question, reply).found.into_iter().map(|(_, found)| found).collect::<Vec<_>>()
    };
    let recorded = matrix(&[
        (&[("slo", "web-availability"), ("recorded_as", "pyrra_availability")], &[0.75]),
        (&[("sloth_slo", "availability"), ("recorded_as", "slo:sli_error:ratio_rate30d")], &[0.1, f64::NAN, 0.2]),
    ]);
    let [Found::Course { is_whole: true, is_remaining: false, points, .. }] = &course(Stretch::Window, &recorded)[..] else { panic!() };
    assert_eq!(points[..], [(at(0), 0.1), (at(120), 0.2)], "what is not a number is not there");
    let counted = matrix(&[(&[("sli", "total")], &[2.0, 0.0]), (&[("sli", "bad")], &[1.0])]);
    let [Found::Buckets { buckets, .. }] = &course(Stretch::Counted, &counted)[..] else { panic!() };
    assert_eq!(buckets[0], (at(0), Answer::Value(60.0), Answer::Value(120.0)));
    assert_eq!(buckets[1], (at(60), Answer::Absent, Answer::Value(0.0)));
    assert!(course(Stretch::Day, &matrix(&[])).is_empty());
}

#[test]
fn a_period_of_a_grouped_objective_is_told_of_each_group() {
    let mut one = shop();
    let calendar = crate::slo::calendar::Calendar::named("month", chrono_tz::Tz::UTC).unwrap();
    one.promises[0].grouping = vec![Clean::from("route")];
    one.promises[0].since = Some(crate::ports::metrics::Since { calendar, recorded: Some("ratio5m{a=\"b\"}".to_owned()) });
    let id = QuestionId::BurnDown(one.release.clone(), Clean::from("availability"), Stretch::Period);
    let form = Form::Stretches { from: at(-60), step: Duration::from_secs(60), count: 3 };
    let about = About::Release(Arc::new(one), Some(generic()));
    let question = Question { id, expr: String::new(), form, every: None, priority: 0, about };
    let told = |reply: &Reply| read(&question, reply).found.into_iter().map(|(_, found)| found).collect::<Vec<_>>();
    let groups =
        matrix(&[(&[("sli", "ratio"), ("route", "/a")], &[0.3, 0.0, 0.0]), (&[("sli", "ratio"), ("route", "/b")], &[0.2, f64::NAN, 0.2])]);
    let [Found::OfGroup { group: first, .. }, Found::OfGroup { group, found }] = &told(&groups)[..] else { panic!() };
    assert_eq!((first.as_str(), group.as_str()), ("route=/a", "route=/b"));
    let Found::Period { from, series, buckets, .. } = &**found else { panic!() };
    assert_eq!((*from, series.as_deref()), (at(-60), Some("ratio5m")));
    let ratio = |value| (Answer::Value(value), Answer::Value(1.0));
    assert_eq!(buckets.iter().map(|(_, bad, all)| (*bad, *all)).collect::<Vec<_>>(), [ratio(0.2), ratio(0.2)]);
    let counted = matrix(&[(&[("sli", "total")], &[2.0]), (&[("sli", "bad")], &[1.0])]);
    let [Found::Period { series: None, buckets, .. }] = &told(&counted)[..] else { panic!() };
    assert_eq!(buckets[0], (at(0), Answer::Value(60.0), Answer::Value(120.0)));
}

#[test]
fn recorded_budgets_are_told_by_the_best_series_there_is() {
    let answer = vector(&[
        (&[("sloth_slo", "availability"), ("recorded_as", "slo:period_error_budget_remaining:ratio")], 0.4),
        (&[("sloth_slo", "availability"), ("recorded_as", "slo:sli_error:ratio_rate30d")], 0.1),
        (&[("slo", "web-weekly"), ("recorded_as", "pyrra_availability")], 0.75),
    ]);
    let found = found(QuestionId::Recorded, generic(), &answer);
    assert!(matches!(&found[0], Found::Recorded { is_remaining: true, value, .. } if *value == 0.4));
    assert!(
        matches!(&found[1], Found::Recorded { promise, is_remaining: false, value, .. } if promise.as_str() == "weekly" && *value == 0.25)
    );
    let nan = vector(&[(&[("slo", "web-weekly"), ("recorded_as", "pyrra_availability")], f64::NAN)]);
    assert!(self::found(QuestionId::Recorded, generic(), &nan).is_empty());
}

#[test]
fn buckets_are_seconds_and_requests_and_quantiles_seconds() {
    let answer = vector(&[
        (&[("of_version", "aaa"), ("le", "+Inf")], 2.0),
        (&[("of_version", "aaa"), ("le", "250")], 1.0),
        (&[("of_version", "aaa"), ("le", "odd")], 1.0),
    ]);
    let [Found::Latency(_, buckets)] = &found(QuestionId::Latency, generic(), &answer)[..] else { panic!() };
    assert_eq!(buckets.iter().map(|one| (one.le, one.count)).collect::<Vec<_>>(), [(0.25, 300.0), (f64::INFINITY, 600.0)]);
    let mut native = generic();
    native.latency.as_mut().unwrap().shape = Shape::Native;
    let answer =
        vector(&[(&[("of_version", "aaa"), ("quantile", "0.99")], 80.0), (&[("of_version", "bbb"), ("quantile", "0.5")], f64::NAN)]);
    let quantiles = found(QuestionId::Latency, native, &answer);
    assert_eq!(quantiles, [Found::Quantiles(Duration::from_secs(300), vec![(Clean::from("aaa"), 0.99, 0.08)])]);
}

#[test]
fn no_source_side_telemetry_is_not_zero_unreached() {
    assert!(found(QuestionId::Unreached, generic(), &vector(&[])).is_empty());
    assert_eq!(found(QuestionId::Unreached, generic(), &vector(&[(&[], 0.0)])), [Found::Unreached(Duration::from_secs(300), 0.0)]);
    assert!(found(QuestionId::Fresh, generic(), &vector(&[])).is_empty());
    let fresh = vector(&[(&[("what", "newest")], 1_700_000_000.0), (&[("what", "interval")], 0.0)]);
    assert_eq!(found(QuestionId::Fresh, generic(), &fresh), [Found::Fresh(at(0), Duration::from_secs(1))]);
}

fn row(release: ReleaseRef) -> QuestionId {
    QuestionId::Board(release.name, "namespace", Span::Board)
}

#[test]
fn a_board_tells_each_release_its_own_and_no_errors_where_none_can_be_told() {
    let ours = ("namespace", "shop");
    let answer = vector(&[
        (&[ours, ("made_by", "web-aaa"), ("is_bad", "0"), ("over", "2m")], 3.0),
        (&[ours, ("made_by", "web-aaa"), ("is_bad", "1"), ("over", "2m")], 1.0),
        (&[ours, ("made_by", "web-bbb"), ("over", "2m")], 2.0),
        (&[("namespace", "other"), ("made_by", "web-aaa"), ("is_bad", "0"), ("over", "2m")], 9.0),
        (&[ours, ("made_by", "api-ccc"), ("is_bad", "0"), ("over", "2m")], 9.0),
    ]);
    let [Found::Row(window, versions)] = &found(row, generic(), &answer)[..] else { panic!() };
    assert_eq!((window.as_secs(), versions.len()), (120, 2));
    assert_eq!((versions[0].0.as_str(), versions[0].1, versions[0].2), ("aaa", 480.0, 120.0));
    assert!(versions[1].1 == 240.0 && versions[1].2.is_nan());
}
