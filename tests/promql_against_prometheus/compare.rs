//! Whether two answers are the same: status, kind of error, labels, moments, values within 1e-9 of each other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::prometheus::speak::Reply;

/// Values this close, relative to the larger, are the same.
const TOLERANCE: f64 = 1e-9;

/// Nothing where the answers agree, else what does not.
pub fn same(path: &str, ours: &Reply, theirs: &Reply) -> Result<(), String> {
    let read = |reply: &Reply| serde_json::from_str::<Value>(&reply.body).map_err(|error| format!("no JSON: {error}: {}", reply.body));
    let (our, their) = (read(ours)?, read(theirs)?);
    let differ = |what: &str, a: &Value, b: &Value| Err(format!("{what}: ours {a}\n  theirs {b}"));
    if ours.status != theirs.status || our["errorType"] != their["errorType"] {
        return differ("outcome", &our, &their);
    }
    if their["status"] == "error" {
        let same_words = their["errorType"] != "execution" || our["error"].as_str().map(bare) == their["error"].as_str().map(bare);
        return if same_words { Ok(()) } else { differ("words", &our["error"], &their["error"]) };
    }
    let (our, their) = (&our["data"], &their["data"]);
    if our["resultType"] != their["resultType"] {
        return differ("type", our, their);
    }
    match their["resultType"].as_str() {
        None | Some("string") => return if our == their { Ok(()) } else { differ("data", our, their) },
        Some("scalar") => return points(&our["result"], &their["result"]),
        _ => {}
    }
    // Only a sorted vector has an order, and of equals none.
    if path.contains("sort") && their["resultType"] == "vector" {
        let (x, y) = (our["result"].as_array(), their["result"].as_array());
        for (x, y) in x.into_iter().flatten().zip(y.into_iter().flatten()) {
            points(&x["value"], &y["value"]).map_err(|why| format!("order: {why}"))?;
        }
    }
    let (a, b) = (elements(our), elements(their));
    if !a.keys().eq(b.keys()) {
        return Err(format!("elements: ours {:?}\n  theirs {:?}", a.keys(), b.keys()));
    }
    for (key, element) in &a {
        let theirs = &b[key];
        points(&element["value"], &theirs["value"]).map_err(|why| format!("{key}: {why}"))?;
        let (x, y) = (element["values"].as_array(), theirs["values"].as_array());
        if x.map(Vec::len) != y.map(Vec::len) {
            return Err(format!("{key}: ours has {:?} points, theirs {:?}", x.map(Vec::len), y.map(Vec::len)));
        }
        for (x, y) in x.into_iter().flatten().zip(y.into_iter().flatten()) {
            points(x, y).map_err(|why| format!("{key}: {why}"))?;
        }
    }
    Ok(())
}

fn elements(data: &Value) -> BTreeMap<String, &Value> {
    let list = data["result"].as_array().into_iter().flatten();
    list.map(|element| (element["metric"].to_string(), element)).collect()
}

/// Which of two partners Prometheus names first depends on its maps.
fn bare(message: &str) -> &str {
    message.split(": [").next().unwrap_or(message)
}

fn points(a: &Value, b: &Value) -> Result<(), String> {
    if a.is_null() && b.is_null() {
        return Ok(());
    }
    let differ = || Err(format!("ours {a}, theirs {b}"));
    let (Some(x), Some(y)) = (a[1].as_str(), b[1].as_str()) else { return differ() };
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NEG_INFINITY);
    let (p, q) = (number(x), number(y));
    let close = p == q || (p - q).abs() <= TOLERANCE * p.abs().max(q.abs()) || (p.is_nan() && q.is_nan());
    // The same number must also be the same text, but for the last digit: two shortest texts can be equally near.
    if a[0] != b[0] || !close || (p.to_bits() == q.to_bits() && x.len() != y.len()) { differ() } else { Ok(()) }
}
