//! Reads requests: parameters out of addresses and forms, moments, durations, limits.
//! Fills in no default for what is given but can't be read: that is an error naming the parameter.

use std::time::{Duration, Instant};

use chrono::DateTime;
use promql_parser::util::parse_duration;

use super::super::{error::QueryError, eval::Options};

/// How long a query may take, which a request can shorten. Prometheus' own default is 2 min; here the cluster waits for as long.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Parameters in the order given; a name may come several times.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Decodes `a=1&b=2` parts. The first value of a name counts, so a form's parts come before the address'.
    pub fn read(encoded: &[&str]) -> Self {
        let parts = encoded.iter().flat_map(|text| text.split('&')).filter(|part| !part.is_empty());
        let pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        Self(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// All values of `name`.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first value of `name`; the empty string, as Prometheus takes it, where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// A moment, milliseconds since 1970: float seconds or RFC 3339.
    pub fn moment(&self, name: &str) -> Result<i64, QueryError> {
        let text = self.get(name);
        let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite()).map(|seconds| (seconds * 1000.0).round() as i64);
        let date = || DateTime::parse_from_rfc3339(text).ok().map(|date| date.timestamp_millis());
        seconds.or_else(date).ok_or_else(|| invalid(name, &format!("cannot parse {text:?} to a valid timestamp")))
    }

    /// As [`Params::moment`]; `default` where it is not given.
    pub fn moment_or(&self, name: &str, default: i64) -> Result<i64, QueryError> {
        if self.get(name).is_empty() { Ok(default) } else { self.moment(name) }
    }

    /// A duration in milliseconds: float seconds or `1h30m`.
    pub fn duration(&self, name: &str) -> Result<i64, QueryError> {
        let text = self.get(name);
        if let Ok(seconds) = text.parse::<f64>() {
            let ms = seconds * 1000.0;
            // The bounds of Go's duration, which counts nanoseconds in 64 bits.
            let fits = ms.abs() < 9.223e15;
            let overflow = || invalid(name, &format!("cannot parse {text:?} to a valid duration. It overflows int64"));
            return fits.then_some(ms as i64).ok_or_else(overflow);
        }
        let unreadable = |_| invalid(name, &format!("cannot parse {text:?} to a valid duration"));
        parse_duration(text).map(|duration| duration.as_millis() as i64).map_err(unreadable)
    }

    /// At most how many elements an answer may have; 0 is all.
    pub fn limit(&self) -> Result<usize, QueryError> {
        match self.get("limit") {
            "" => Ok(0),
            text => text.parse().map_err(|_| invalid("limit", "limit must be non-negative")),
        }
    }

    /// `timeout`. Later versions read a `lookback_delta` too; 2.42, which this one says it is, passes over it.
    pub fn options(&self) -> Result<Options, QueryError> {
        let mut options = Options::default();
        let mut timeout = TIMEOUT;
        if !self.get("timeout").is_empty() {
            timeout = timeout.min(Duration::from_millis(self.duration("timeout")?.max(0).unsigned_abs()));
        }
        options.deadline = Instant::now().checked_add(timeout);
        Ok(options)
    }
}

/// The error for a parameter that can't be used.
pub(super) fn invalid(name: &str, why: &str) -> QueryError {
    QueryError::bad_data(format!("invalid parameter {name:?}: {why}"))
}

/// `+` is a space, `%41` an A; a `%` that starts no byte stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escaped = || {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
        };
        match (first, escaped()) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_decode() {
        let params = Params::read(&["query=a%2Bb+%7Bc%3D%22%C3%A4%22%7D&match[]=x", "match%5B%5D=100%&empty"]);
        assert_eq!(params.get("query"), "a+b {c=\"ä\"}");
        assert_eq!(params.all("match[]").collect::<Vec<_>>(), ["x", "100%"]);
        assert_eq!(params.get("empty"), "");
    }

    #[test]
    fn moments_and_durations_in_both_notations() {
        let params = Params::read(&["a=1435781430.781&b=2015-07-01T20:10:30.781Z&c=15s&d=0.5&e=1h30m&f=x&g=1e300"]);
        assert_eq!(params.moment("a"), Ok(1_435_781_430_781));
        assert_eq!(params.moment("b"), Ok(1_435_781_430_781));
        assert_eq!([params.duration("c"), params.duration("d"), params.duration("e")], [Ok(15_000), Ok(500), Ok(5_400_000)]);
        assert_eq!(params.moment("f").unwrap_err().message, "invalid parameter \"f\": cannot parse \"x\" to a valid timestamp");
        assert!(params.duration("f").is_err() && params.duration("g").is_err());
    }
}
