use chrono::{DateTime, Utc};
use promql_parser::parser;

use super::*;
use crate::metrics::reply::{Data, Labels, Point, Reply, Sample};
use crate::objects::Kind;
use crate::ports::metrics::{Alarm, MetricInterest, Part, Promise, Since, Subject, VersionNames};
use crate::slo::tier::Severity;

fn measurable(namespace: &str, name: &str, promises: Vec<Promise>) -> Measurable {
    let text = |text: &str| Clean::from(text);
    let version = |hash: &str, part| VersionNames {
        hash: text(hash),
        replica_set: text(&format!("{name}-{hash}")),
        pods: Vec::new(),
        part,
        label: Clean::default(),
    };
    let subject = Subject {
        namespace: text(namespace),
        workload: text(name),
        services: vec![text(name)],
        ingress: Vec::new(),
        versions: vec![version("aaa", Part::New), version("bbb", Part::Old)],
        earlier: Vec::new(),
    };
    Measurable { release: ReleaseRef { namespace: text(namespace), name: text(name), kind: Kind::Rollout }, subject, promises }
}

fn promise(name: &str, days: u64, queries: Option<(&str, &str)>) -> Promise {
    let queries = queries.map(|(errors, total)| (errors.to_owned(), total.to_owned()));
    Promise { name: Clean::from(name), window: Duration::from_secs(days * 86_400), queries, ..Promise::default() }
}

fn reply(series: &[&[(&str, &str)]]) -> Reply {
    let labels = |pairs: &&[(&str, &str)]| -> Labels { pairs.iter().map(|(a, b)| (Clean::from(*a), Clean::from(*b))).collect() };
    let point = Point { at: DateTime::<Utc>::default(), value: 1.0 };
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

fn families_of(namespaces: &[&str], metric: &str) -> Reply {
    let series: Vec<Vec<(&str, &str)>> =
        namespaces.iter().map(|name| vec![("__name__", metric), ("found_by", "namespace"), ("namespace", *name)]).collect();
    reply(&series.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Answers the first probe in the plan.
fn probe(interest: &MetricInterest, known: &mut Known, answer: &Reply) {
    let questions = plan(interest, known);
    let kind = |question: &&Question| matches!(question.about, About::Namespaces(_));
    known.learn(questions.iter().find(kind).unwrap(), answer);
}

fn fit(interest: &MetricInterest, known: &mut Known) {
    let questions = plan(interest, known);
    let question = questions.iter().find(|question| matches!(question.about, About::Candidates(..))).unwrap();
    known.learn(question, &reply(&[&[("candidate", "0")]]));
}

fn ids(questions: &[Question]) -> Vec<String> {
    let of_releases = questions.iter().filter(|question| question.about != About::Everybody);
    of_releases.map(|question| format!("{:?}", question.id).split('(').next().unwrap_or_default().to_owned()).collect()
}

fn open(promises: Vec<Promise>) -> MetricInterest {
    MetricInterest { open: Some(measurable("shop", "web", promises)), guarded: None, board: Vec::new(), covering: Vec::new() }
}

#[test]
fn nothing_on_screen_asks_nothing() {
    assert!(plan(&MetricInterest::default(), &Known::default()).is_empty());
}

#[test]
fn a_release_is_probed_then_told_its_past_then_followed() {
    let interest = open(vec![promise("availability", 30, None)]);
    let mut known = Known::default();
    assert_eq!(ids(&plan(&interest, &known)), ["Families", "Recorded"]);
    assert_eq!(known.names(&interest), None);
    probe(&interest, &mut known, &families_of(&["shop"], "http_requests_total"));
    assert_eq!(ids(&plan(&interest, &known)), ["Families", "Fitting", "Alerts", "Recorded"]);
    fit(&interest, &mut known);
    let all = ["Families", "Fitting", "History", "Fresh", "Level", "Level", "Level", "Trend", "Alerts", "Recorded"];
    assert_eq!(ids(&plan(&interest, &known)), all);
    assert_eq!(known.names(&interest), Some(vec![Clean::from("application metrics")]));
    known.follow(&QuestionId::History(interest.open.as_ref().unwrap().release.clone()));
    let followed = plan(&interest, &known);
    assert!(ids(&followed).contains(&"Counters".to_owned()) && !ids(&followed).contains(&"History".to_owned()));
    for question in followed.iter().filter(|question| question.form != Form::Rules) {
        parser::parse(&question.expr).unwrap_or_else(|why| panic!("{why}: {}", question.expr));
        // A whole budget window is never asked for raw.
        assert!(!question.expr.contains("[30d]"), "{}", question.expr);
    }
}

#[test]
fn what_declares_objectives_is_asked_seldom_and_last() {
    let mut interest = open(Vec::new());
    interest.covering = vec![Clean::from("group by (namespace, pod) (web)")];
    let questions = plan(&interest, &Known::default());
    let everybody: Vec<&Question> = questions.iter().filter(|question| question.about == About::Everybody).collect();
    let ids: Vec<&QuestionId> = everybody.iter().map(|question| &question.id).collect();
    assert_eq!(ids, [&QuestionId::Rules, &QuestionId::Described, &QuestionId::Covering(interest.covering[0].clone())]);
    assert!(everybody.iter().all(|question| question.every == Some(BELIEVED) && question.priority > 7));
}

#[test]
fn what_is_recorded_is_asked_for_as_it_is_recorded() {
    let mut kept = promise("availability", 30, Some(("e[$window]", "t[$window]")));
    let ratio = |window: &str| format!("slo:sli_error:ratio_rate{window}{{sloth_id=\"web-availability\"}}");
    kept.kept.ratios = vec![(Duration::from_secs(300), ratio("5m")), (Duration::from_secs(86_400), ratio("1d"))];
    kept.kept.remaining = Some("slo:period_error_budget_remaining:ratio{sloth_id=\"web-availability\"}".to_owned());
    let questions = plan(&open(vec![kept]), &Known::default());
    let recorded = questions.iter().find(|question| matches!(question.id, QuestionId::Recorded(_))).unwrap();
    parser::parse(&recorded.expr).unwrap();
    assert!(recorded.expr.contains(&ratio("1d")) && recorded.expr.contains("min(\nslo:period"), "{}", recorded.expr);
    // A day is recorded: it is not worked out again from raw series. By names nothing is guessed any more.
    assert!(!questions.iter().any(|question| question.expr.contains("e[1d]") || question.expr.contains("pyrra_availability")));
}

#[test]
fn a_namespace_without_metrics_is_looked_at_again_within_a_minute() {
    let interest = open(vec![promise("own", 30, Some(("e", "t")))]);
    let mut known = Known::default();
    probe(&interest, &mut known, &reply(&[]));
    let questions = plan(&interest, &known);
    assert_eq!(questions[0].every, Some(SLOW));
    assert_eq!(known.names(&interest), Some(Vec::new()));
    // What a person wrote is asked all the same.
    assert_eq!(ids(&questions), ["Families", "Alerts", "Level", "Level", "Level", "Trend", "Recorded"]);
    probe(&interest, &mut known, &families_of(&["shop"], "response_total"));
    assert_eq!(plan(&interest, &known)[0].every, Some(BELIEVED));
    probe(&interest, &mut known, &reply(&[]));
    assert_eq!(known.families("shop").map(<[Source]>::len), Some(1));
}

#[test]
fn a_short_objective_is_not_asked_over_windows_longer_than_its_own() {
    let mut short = promise("own", 1, Some(("e[$window]", "t")));
    short.window = Duration::from_secs(3600);
    let questions = plan(&open(vec![short]), &Known::default());
    let text: String = questions.iter().map(|question| question.expr.as_str()).collect();
    assert!(text.contains("e[1h]") && !text.contains("e[6h]") && !text.contains("e[1d]"), "{text}");
}

#[test]
fn an_alert_is_asked_for_over_its_own_windows_up_to_a_day() {
    let alarm = |severity, long: u64, short: u64| Alarm {
        severity,
        long: Duration::from_secs(long * 60),
        short: Duration::from_secs(short * 60),
        over: 0.01,
    };
    let asked = |alarms: Vec<Alarm>, kept: &[u64]| {
        let mut one = promise("own", 14, Some(("e[$window]", "t")));
        one.kept.ratios = kept.iter().map(|minutes| (Duration::from_secs(minutes * 60), "r".to_owned())).collect();
        one.alarms = alarms;
        let levels = plan(&open(vec![one]), &Known::default()).into_iter();
        levels.filter(|one| matches!(one.id, QuestionId::Level(..))).map(|one| (one.expr, one.priority, one.every)).collect::<Vec<_>>()
    };
    let (page, ticket) = (Severity::Page, Severity::Ticket);
    // Pyrra's pairs, scaled to two weeks.
    let pyrra = vec![alarm(page, 30, 3), alarm(page, 180, 15), alarm(ticket, 720, 60), alarm(ticket, 2880, 180)];
    let levels = asked(pyrra.clone(), &[]);
    let over = |text: &str, windows: &[&str]| windows.iter().all(|window| text.contains(&format!("e[{window}]")));
    assert!(over(&levels[0].0, &["3m", "5m", "15m", "30m"]), "{levels:?}");
    assert!(over(&levels[1].0, &["1h", "3h", "6h"]) && over(&levels[2].0, &["12h", "1d"]), "{levels:?}");
    assert!(!levels.iter().any(|(text, ..)| text.contains("e[2d]")), "no raw query over more than a day: {levels:?}");
    assert_eq!(
        levels.iter().map(|(_, priority, every)| (*priority, every.unwrap())).collect::<Vec<_>>(),
        [(2, FAST), (4, SLOW), (7, SLOWEST)]
    );
    // What is recorded over a long window is not reckoned anew.
    let levels = asked(pyrra, &[720]);
    assert!(!levels[2].0.contains("e[12h]") && levels[2].0.contains("e[1d]"), "{levels:?}");
    let levels = asked(vec![alarm(page, 1440, 120)], &[]);
    assert_eq!((levels[2].1, over(&levels[1].0, &["2h"])), (5, true), "what wakes somebody comes first");
}

#[test]
fn an_objective_by_groups_is_asked_for_by_group() {
    let mut one = promise("own", 14, None);
    one.grouping = vec![Clean::from("route"), Clean::from("method")];
    one.kept.ratios = vec![(Duration::from_secs(300), "web:burnrate5m{slo=\"own\"}".to_owned())];
    let questions = plan(&open(vec![one]), &Known::default());
    let recorded = questions.iter().find(|question| matches!(question.id, QuestionId::Recorded(_))).unwrap();
    parser::parse(&recorded.expr).unwrap();
    assert!(recorded.expr.contains("max by (route, method) (\nweb:burnrate5m"), "{}", recorded.expr);
}

#[test]
fn a_board_of_two_hundred_costs_what_a_board_of_two_costs() {
    let count = |releases: usize| {
        let board: Vec<Measurable> =
            (0..releases).map(|at| measurable(&format!("team-{}", at % 20), &format!("web-{at}"), vec![promise("a", 30, None)])).collect();
        let interest = MetricInterest { open: None, guarded: None, board, covering: Vec::new() };
        let mut known = Known::default();
        let names: Vec<String> = (0..20).map(|at| format!("team-{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        probe(&interest, &mut known, &families_of(&names, "http_requests_total"));
        plan(&interest, &known).len()
    };
    assert_eq!((count(2), count(200)), (5, 5));
}

#[test]
fn going_from_the_board_to_a_release_and_back_probes_nothing_anew() {
    let board = vec![measurable("a", "web", Vec::new()), measurable("b", "api", Vec::new())];
    let on_board = MetricInterest { open: None, guarded: None, board: board.clone(), covering: Vec::new() };
    let mut known = Known::default();
    probe(&on_board, &mut known, &families_of(&["a", "b"], "http_requests_total"));
    let opened = MetricInterest { open: board.into_iter().next(), guarded: None, board: Vec::new(), covering: Vec::new() };
    assert_eq!(plan(&on_board, &known)[0].id, plan(&opened, &known)[0].id);
}

/// Whoever acts on a figure takes it for one of now for so long: never less than the pace at which it is asked for leaves room for.
#[test]
fn a_window_is_asked_for_often_enough_to_be_acted_on() {
    let one = measurable("shop", "web", vec![promise("built-in", 30, None), promise("own", 30, Some(("e[$window]", "t[$window]")))]);
    for interest in [
        MetricInterest { open: Some(one.clone()), ..MetricInterest::default() },
        MetricInterest { guarded: Some(one.clone()), ..MetricInterest::default() },
        MetricInterest { board: vec![one], ..MetricInterest::default() },
    ] {
        let mut known = Known::default();
        probe(&interest, &mut known, &families_of(&["shop"], "response_total"));
        let mut levels = 0;
        for question in plan(&interest, &known) {
            let (QuestionId::Level(_, _, span) | QuestionId::Board(_, _, span)) = question.id else { continue };
            let every = chrono::TimeDelta::from_std(question.every.unwrap()).unwrap();
            for window in span.windows() {
                let fresh = crate::release::telemetry::fresh_for(Duration::from_secs(window.seconds().into()));
                assert!(fresh >= every * 2 + chrono::TimeDelta::seconds(30), "{:?}", question.id);
                levels += 1;
            }
        }
        assert!(levels >= 4, "{levels}");
    }
}

#[test]
fn what_is_guarded_is_asked_about_like_what_is_open() {
    let (shop, cart) = (measurable("shop", "web", Vec::new()), measurable("shop", "cart", Vec::new()));
    let interest = MetricInterest { open: Some(cart), guarded: Some(shop.clone()), ..MetricInterest::default() };
    let mut known = Known::default();
    probe(&interest, &mut known, &families_of(&["shop"], "response_total"));
    let of = |release: &ReleaseRef| {
        let questions = plan(&interest, &known);
        questions
            .iter()
            .filter(|one| matches!(&one.about, About::Release(of, _) | About::Candidates(of, _) if of.release == *release))
            .count()
    };
    assert!(of(&shop.release) > 0);
    assert_eq!(of(&shop.release), of(&interest.open.as_ref().unwrap().release));
}

#[test]
fn a_budget_is_followed_by_what_is_recorded_and_else_by_counts_of_a_day_at_most() {
    let interest = open(vec![promise("availability", 30, None), promise("own", 7, Some(("rate(e[$window])", "rate(t[$window])")))]);
    let mut known = Known::default();
    probe(&interest, &mut known, &families_of(&["shop"], "http_requests_total"));
    fit(&interest, &mut known);
    let followed = |known: &Known| -> Vec<Question> {
        plan(&interest, known).into_iter().filter(|question| matches!(question.id, QuestionId::BurnDown(..))).collect()
    };
    assert_eq!(followed(&known), [], "nobody knows yet by what");
    let release = interest.open.as_ref().unwrap().release.clone();
    assert!(known.record(&release, [Clean::from("availability")]));
    assert!(!known.record(&release, []), "what was recorded once is not unlearnt");
    let asked = followed(&known);
    let of = |stretch| asked.iter().find(|question| matches!(&question.id, QuestionId::BurnDown(_, _, one) if *one == stretch)).unwrap();
    let (window, counted) = (of(Stretch::Window), of(Stretch::Counted));
    let days = |n: u64| Duration::from_secs(n * 86_400);
    assert_eq!(window.form, Form::Range { back: days(30), step: Duration::from_secs(6 * 3600) });
    assert!(window.expr.contains("slo:period_error_budget_remaining:ratio") && !window.expr.contains("rate("), "{}", window.expr);
    assert_eq!(counted.form, Form::Range { back: days(1), step: Duration::from_secs(720) });
    assert!(counted.expr.contains("rate(e[12m])") && counted.expr.contains("rate(t[12m])"), "{}", counted.expr);
    for question in asked {
        parser::parse(&question.expr).unwrap();
        assert_eq!((question.every, question.priority), (Some(SLOWEST), 9));
    }
    let filled: Vec<Question> =
        plan(&interest, &known).into_iter().filter(|question| matches!(question.id, QuestionId::Filled(..))).collect();
    let [filled] = filled.as_slice() else { panic!("only of what is recorded: {filled:?}") };
    parser::parse(&filled.expr).unwrap();
    assert_eq!((&filled.form, filled.every, filled.priority), (&Form::Instant, Some(SLOWEST), 9));
    // Few moments of a long window, and only of what is recorded.
    assert!(filled.expr.contains("[2592000s:10800s]") && !filled.expr.contains("rate("), "{}", filled.expr);
    assert!(filled.expr.contains("slo:sli_error:ratio_rate5m"), "{}", filled.expr);
}

#[test]
fn a_period_of_the_calendar_is_asked_about_from_its_start_on() {
    let calendar = Calendar::named("month", chrono_tz::Tz::UTC).unwrap();
    let recorded = |series: Option<&str>| Some(Since { calendar, recorded: series.map(str::to_owned) });
    let kept = Promise { since: recorded(Some("slo:ratio5m{a=\"b\"}")), ..promise("kept", 30, None) };
    let own = Promise { since: recorded(None), ..promise("own", 30, Some(("rate(e[$window])", "rate(t[$window])"))) };
    let interest = open(vec![kept, own]);
    let mut known = Known::default();
    probe(&interest, &mut known, &families_of(&["shop"], "http_requests_total"));
    fit(&interest, &mut known);
    // What is recorded of the last thirty days is of no use to them.
    assert!(known.record(&interest.open.as_ref().unwrap().release, [Clean::from("kept")]));
    let asked: Vec<Arc<Question>> = plan(&interest, &known).into_iter().map(Arc::new).collect();
    assert!(!asked.iter().any(|one| matches!(one.id, QuestionId::Filled(..) | QuestionId::Recorded(_))));
    let sent = |name: &str, now: &str| {
        let mut mine = asked.iter().filter(|one| matches!(&one.id, QuestionId::BurnDown(_, of, _) if of.as_str() == name));
        let one = mine.next().unwrap().clone().sent(now.parse().unwrap());
        assert!(mine.next().is_none());
        parser::parse(&one.expr).unwrap();
        let Form::Stretches { from, step, count } = one.form else { panic!("{:?}", one.form) };
        (from.to_rfc3339(), step.as_secs(), count, one.expr.clone())
    };
    let (from, step, count, expr) = sent("kept", "2026-11-21T00:00:30Z");
    assert_eq!((from.as_str(), step, count), ("2026-11-01T00:00:00+00:00", 14_400, 120));
    assert!(expr.contains("avg_over_time(slo:ratio5m{a=\"b\"}[14400s])"), "{expr}");
    // Nothing raw reaches back further than a day, nor beyond the start.
    let (from, step, count, expr) = sent("own", "2026-11-21T00:00:30Z");
    assert_eq!((from.as_str(), step, count), ("2026-11-20T00:00:30+00:00", 300, 288));
    assert!(expr.contains("rate(e[5m])"), "{expr}");
    let (from, step, count, _) = sent("own", "2026-11-01T01:02:00Z");
    assert_eq!((from.as_str(), step, count), ("2026-11-01T00:00:00+00:00", 300, 12));
    let (_, step, count, _) = sent("kept", "2026-11-01T00:00:20Z");
    assert_eq!((step, count), (20, 1));
}
