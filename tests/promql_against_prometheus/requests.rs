//! What is asked: each expression at several moments and over ranges, then requests that are wrong or about no expression.

use super::{START, expressions::all, prometheus::speak::escaped};

/// Every request: each expression at eight moments and over three ranges; then those that are not about expressions.
pub fn paths() -> Vec<String> {
    let mut paths = Vec::new();
    for expression in all().iter().map(|text| escaped(text)) {
        for after in [0, 600, 1_987, 2_445, 3_660, 4_545, 4_757, 5_050] {
            paths.push(format!("/api/v1/query?query={expression}&time={}", START + after));
        }
        for (from, to, step) in [(300, 5_100, "47"), (0, 6_000, "5m"), (4_600, 4_800, "1.5")] {
            paths.push(format!("/api/v1/query_range?query={expression}&start={}&end={}&step={step}", START + from, START + to));
        }
    }
    let bad = [
        "time=x",
        "time=2023-11-14T22:30:00Z",
        "time=2023-11-14T22:30:00.5%2B01:00",
        "timeout=x",
        "timeout=5s&time=1700001000",
        "time=1700000903.1239",
    ];
    paths.extend(bad.map(|part| format!("/api/v1/query?query=load&{part}")));
    let ranges = [
        "",
        "start=0",
        "start=10&end=5&step=1",
        "start=0&end=10&step=0",
        "start=0&end=10&step=-1",
        "start=0&end=10&step=x",
        "start=0&end=11000&step=1",
        "start=0&end=11001&step=1",
        "start=0&end=10&step=1m30s",
        "start=x&end=10&step=1",
        "start=0&end=1e300&step=1",
        "start=0&end=10&step=1e300",
    ];
    paths.extend(ranges.map(|part| format!("/api/v1/query_range?query=vector(1)&{part}")));
    let all_time = format!("start={START}&end={}", START + 4_800);
    for selection in [
        "match[]=load",
        "match[]={pod=\"a\"}&match[]=odd",
        "match[]={__name__=~\"twin.*\"}",
        "match[]={}",
        "match[]=load[5m]",
        "match[]=sum(load)",
        "match[]=nothing",
        "",
    ] {
        let selection = selection.replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
        paths.extend(
            ["series", "labels", "label/pod/values", "label/__name__/values"].map(|what| format!("/api/v1/{what}?{selection}&{all_time}")),
        );
    }
    paths.push("/api/v1/label/a-b/values".into());
    paths
}
