//! The samples both sides hold: counters with resets, gauges with every odd value, buckets, gaps, series born late and dead early.
//! The same every time.

use std::fmt::Write;

use flightdeck::demo::prometheus::{Labels, Store};

use super::START;

/// One series: name, labels, and samples in milliseconds.
pub struct Series {
    name: &'static str,
    labels: Vec<(&'static str, String)>,
    samples: Vec<(i64, f64)>,
}

/// 80 minutes, one sample every 15 s, some of them late by some milliseconds.
fn sampled(range: std::ops::Range<i64>, of: impl Fn(i64) -> Option<f64>) -> Vec<(i64, f64)> {
    let moment = |n: i64| (START + n * 15) * 1000 + if n % 7 == 3 { 137 } else { 0 };
    range.filter_map(|n| Some((moment(n), of(n)?))).collect()
}

/// A sum of small steps that starts again at every multiple of `reset`.
fn counter(n: i64, step: i64, reset: i64) -> f64 {
    (n / reset * reset..=n).map(|i| (i * 7 + step) % (step + 3)).sum::<i64>() as f64
}

pub fn made() -> Vec<Series> {
    let mut all = Vec::new();
    let mut put = |name, labels: &[(&'static str, &str)], samples| {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_string())).collect();
        all.push(Series { name, labels, samples });
    };
    let pods = [("a", "1.4", 0..320, 1_000), ("b", "1.4", 0..320, 97), ("c", "1.5", 160..320, 41), ("d", "1.5", 312..318, 1_000)];
    for (i, (pod, version, alive, reset)) in pods.into_iter().enumerate() {
        let step = 11 * (i as i64 + 1);
        put("pod_info", &[("pod", pod), ("version", version)], sampled(alive.clone(), |_| Some(1.0)));
        for (code, method, share) in [("200", "get", 1), ("200", "post", 2), ("500", "get", 5), ("404", "get", 3)] {
            let samples = sampled(alive.clone(), |n| (n % 61 < 52 || i != 1).then(|| counter(n, step / share, reset)));
            put("requests_total", &[("job", "shop"), ("pod", pod), ("code", code), ("method", method)], samples);
        }
        for (k, bound) in ["0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf"].into_iter().enumerate() {
            let samples = sampled(alive.clone(), |n| Some((counter(n, step, reset) * (k as f64 + 1.0) / 7.0).floor()));
            put("duration_seconds_bucket", &[("pod", pod), ("le", bound)], samples);
        }
        put("duration_seconds_sum", &[("pod", pod)], sampled(alive.clone(), |n| Some(counter(n, step, reset) * 0.173)));
        put("duration_seconds_count", &[("pod", pod)], sampled(alive.clone(), |n| Some(counter(n, step, reset))));
        put("load", &[("pod", pod)], sampled(alive.clone(), |n| Some(((n * 37 + step) % 101) as f64 / 10.0 - 5.0)));
        put("memory_bytes", &[("pod", pod), ("job", "shop")], sampled(alive, |n| Some(1e9 + (n * n * step) as f64 * 1e3)));
    }
    let odd = |n: i64| match n % 9 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        3 => -0.0,
        4 => 3e-9,
        5 => 1e22,
        _ => n as f64 / 3.0,
    };
    put("odd", &[("kind", "mixed")], sampled(0..320, |n| Some(odd(n))));
    put("odd", &[("kind", "nan")], sampled(0..320, |_| Some(f64::NAN)));
    put("odd", &[("kind", "infinite")], sampled(0..320, |_| Some(f64::INFINITY)));
    put("odd", &[("kind", "plain")], sampled(0..320, |n| Some(n as f64)));
    put("born_at_three", &[("code", "500")], sampled(200..320, |_| Some(3.0)));
    put("young_total", &[("version", "new")], sampled(300..304, |n| Some(((n - 299) * 30) as f64)));
    put("young_total", &[("version", "old")], sampled(0..304, |n| Some((n * 270) as f64)));
    put("sparse", &[("a", "1")], sampled(0..320, |n| (n % 23 == 0).then_some(n as f64)));
    put("twin_one", &[("x", "1")], sampled(0..100, |n| Some(n as f64)));
    put("twin_two", &[("x", "1")], sampled(200..320, |n| Some(n as f64)));
    put("twin_two", &[("x", "2"), ("y", "ä \"quoted\" \\ text")], sampled(0..320, |n| Some((n % 13) as f64)));
    put("broken_bucket", &[("le", "1")], sampled(0..320, |n| Some(n as f64)));
    put("broken_bucket", &[("le", "high")], sampled(0..320, |n| Some(n as f64)));
    for (bound, count) in [("-1", 1.0), ("0", 4.0), ("1.0", 3.0), ("1", 5.0), ("2", 2.0), ("+Inf", 12.0)] {
        put("dented_bucket", &[("le", bound)], sampled(0..320, move |n| Some(count * n as f64)));
    }
    put("moment_seconds", &[], sampled(0..320, |n| Some((n * 86_400 * 3) as f64 + 0.5)));
    all
}

/// The history as OpenMetrics text with times.
pub fn open_metrics(history: &[Series]) -> String {
    let mut text = String::new();
    for series in history {
        let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"");
        let labels: Vec<_> = series.labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        for (at, value) in &series.samples {
            let value = if value.is_infinite() { format!("{value:+}").replace("inf", "Inf") } else { format!("{value:e}") };
            writeln!(text, "{}{{{}}} {value} {}.{:03}", series.name, labels.join(","), at / 1000, at % 1000).unwrap();
        }
    }
    text + "# EOF\n"
}

/// The history in a store.
pub fn stored(history: &[Series]) -> Store {
    let mut store = Store::new();
    for series in history {
        let labels: Vec<(&str, &str)> = series.labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let id = store.series(Labels::of(&labels).with("__name__", series.name));
        for (at, value) in &series.samples {
            assert!(store.append(id, *at, *value), "{} is not in order", series.name);
        }
    }
    store
}
