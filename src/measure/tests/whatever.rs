//! Whatever a server answers, in whatever order: no panic, no share outside 0 to 1, no more errors than requests.

use proptest::prelude::*;

use super::super::*;
use super::given::*;
use crate::ports::metrics::Reading as Raw;
use crate::slo::Answer;
use crate::slo::Objective;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..1e6_f64,
        1 => prop::sample::select(vec![0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 1e17]),
    ]
}

fn hash() -> impl Strategy<Value = Clean> {
    prop::sample::select(vec![NEW, OLD, "other", ""]).prop_map(Clean::from)
}

fn reading() -> impl Strategy<Value = Raw> {
    (hash(), prop::sample::select(vec!["a", "b", "c"]), prop::sample::select(vec![("200", false), ("500", true), ("", false)]), number())
        .prop_map(|(version, pod, (code, bad), value)| Raw { version, pod: Clean::from(pod), code: Clean::from(code), bad, value })
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![number().prop_map(Answer::Value), Just(Answer::Absent), Just(Answer::Stale), Just(Answer::Failed), Just(Answer::Partial)]
}

fn window() -> impl Strategy<Value = Duration> {
    prop::sample::select(vec![0, 120, 300, 1800, 3600, 21_600]).prop_map(Duration::from_secs)
}

fn found() -> impl Strategy<Value = Found> {
    let readings = || prop::collection::vec(reading(), 0..8);
    let promise = || prop::sample::select(vec!["availability", "other"]).prop_map(Clean::from);
    prop_oneof![
        6 => readings().prop_map(Found::Counters),
        1 => prop::collection::vec((-2000..2000_i64, readings()), 0..5)
            .prop_map(|moments| Found::History(moments.into_iter().map(|(seconds, readings)| (at(seconds), readings)).collect())),
        1 => (-2000..2000_i64, 0..4000_u64).prop_map(|(seconds, interval)| Found::Fresh(at(seconds), secs(interval))),
        1 => prop::collection::vec((hash(), number(), number()), 0..5)
            .prop_map(|all| Found::Latency(secs(300), all.into_iter().map(|(version, le, count)| Bucket { version, le, count }).collect())),
        1 => prop::collection::vec((hash(), prop::sample::select(vec![0.5, 0.99]), number()), 0..4)
            .prop_map(|all| Found::Quantiles(secs(300), all)),
        2 => (promise(), window(), answer(), answer())
            .prop_map(|(promise, window, errors, total)| Found::Window { promise, window, errors, total }),
        1 => (promise(), any::<bool>(), number()).prop_map(|(promise, is_remaining, value)| Found::Recorded {
            promise,
            series: Clean::from("s"),
            is_remaining,
            value
        }),
        1 => (promise(), prop::collection::vec((0..2000_i64, number()), 0..4))
            .prop_map(|(promise, points)| Found::Trend(promise, points.into_iter().map(|(seconds, ratio)| (at(seconds), ratio)).collect())),
        1 => number().prop_map(|requests| Found::Unreached(secs(300), requests)),
        2 => (window(), prop::collection::vec((hash(), number(), number()), 0..4)).prop_map(|(window, versions)| Found::Row(window, versions)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answers_give_possible_figures(
        said in prop::collection::vec((found(), -30..90_i64, any::<bool>(), 0..12_u8), 1..40),
        restarts in 0..3_i64,
    ) {
        let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
        let mut told = Told::new(release());
        told.release.pods = vec![pod("a", NEW, 10), pod("b", OLD, -500)];
        told.release.pods[0].restarts = restarts;
        told.release.exposure.next = Some(0.5);
        let mut now = 0;
        for (found, later, whole, turn) in said {
            now += later;
            match turn {
                0 => told.release = promoted(),
                1 => told.release = release(),
                _ => {}
            }
            told.take(if whole { asked(now) } else { partial(now) }, found);
            let figures = told.with(now, std::slice::from_ref(&objective));
            let shares = figures.share.ok().map(|share| share.share).into_iter().chain(figures.peak.map(|(share, _)| share));
            for share in shares.chain(figures.trend.into_iter().flatten()) {
                prop_assert!((0.0..=1.0).contains(&share), "a share of {share}");
            }
            if let (Some(failed), Some(affected)) = (figures.failed, figures.affected) {
                prop_assert!(failed <= affected && failed >= 0.0, "{failed} of {affected}");
            }
            for budget in figures.budgets {
                let burns = budget.burns.iter().filter_map(|(_, burn)| burn.value()).map(|burn| burn.get());
                for burn in burns.chain(budget.trend.into_iter().flatten()) {
                    prop_assert!((0.0..=1_000.000_1).contains(&burn), "a burn of {burn}");
                }
                prop_assert!(budget.left.value().is_none_or(|left| left.remaining.is_finite()));
            }
            for arm in figures.comparison.iter().flat_map(|both| [&both.new, &both.old]) {
                let ratio = arm.seen.and_then(|seen| seen.error_ratio()).value();
                prop_assert!(ratio.is_none_or(|ratio| (0.0..=1.0).contains(&ratio)), "{ratio:?}");
            }
        }
    }
}
