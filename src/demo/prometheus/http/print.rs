//! Answers, moments and label sets, character for character as Prometheus prints them.
//! Leaves out nothing but what `limit` cuts, and then says so.

use super::super::{
    number,
    tsdb::{Labels, Sample},
    value::{Answer, Row, Track},
};

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Milliseconds as seconds, with three decimals where it is not a whole second.
fn moment(ms: i64) -> String {
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    match ms % 1000 {
        0 => format!("{sign}{}", ms / 1000),
        rest => format!("{sign}{}.{rest:03}", ms / 1000),
    }
}

fn point((at, value): Sample) -> String {
    format!("[{},\"{}\"]", moment(at), number::sample(value))
}

/// A label set as a JSON object, sorted by name.
pub(super) fn label_object(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.pairs().iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// The `data` of a query: its type, and its elements cut to `limit` (0: all). True where some were cut off.
pub(super) fn data(answer: &Answer, limit: usize) -> (String, bool) {
    let take = |len: usize| if limit == 0 { len } else { limit.min(len) };
    let (kind, result, cut) = match answer {
        Answer::Scalar(at, value) => ("scalar", format!("[{},\"{}\"]", moment(*at), number::plain(*value)), false),
        Answer::Text(at, text) => ("string", format!("[{},{}]", moment(*at), quoted(text)), false),
        Answer::Vector(at, rows) => {
            let element = |row: &Row| format!("{{\"metric\":{},\"value\":{}}}", label_object(&row.labels), point((*at, row.value)));
            let elements: Vec<String> = rows.iter().take(take(rows.len())).map(element).collect();
            ("vector", format!("[{}]", elements.join(",")), elements.len() < rows.len())
        }
        Answer::Matrix(tracks) => {
            let element = |track: &Track| {
                let points: Vec<String> = track.samples.iter().copied().map(point).collect();
                format!("{{\"metric\":{},\"values\":[{}]}}", label_object(&track.labels), points.join(","))
            };
            let elements: Vec<String> = tracks.iter().take(take(tracks.len())).map(element).collect();
            ("matrix", format!("[{}]", elements.join(",")), elements.len() < tracks.len())
        }
    };
    (format!("{{\"resultType\":\"{kind}\",\"result\":{result}}}"), cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_seconds() {
        assert_eq!([0, 1_500, 1_435_781_430_781, -1].map(moment), ["0", "1.500", "1435781430.781", "-0.001"]);
    }
}
