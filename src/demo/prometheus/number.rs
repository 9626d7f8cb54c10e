//! Numbers as Go prints them, for answers, labels and errors.
//! Rounds nothing away: a number's text reads back as the same number.

/// Go's format `f` with the fewest digits that read back: never an exponent.
pub fn plain(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".into() } else { "-Inf".into() }
    } else {
        value.to_string()
    }
}

/// As [`plain`], but with an exponent below 1e-6 and from 1e21 on, as the API's encoder writes samples.
pub fn sample(value: f64) -> String {
    with_exponent_outside(value, 1e-6, 1e21)
}

/// Go's `%v`, as errors print numbers: an exponent below 1e-4 and from 1e21 on.
pub fn general(value: f64) -> String {
    with_exponent_outside(value, 1e-4, 1e21)
}

fn with_exponent_outside(value: f64, low: f64, high: f64) -> String {
    let size = value.abs();
    if !size.is_finite() || size == 0.0 || (low..high).contains(&size) {
        return plain(value);
    }
    // Go writes at least two digits and always a sign: 1e-07, 1e+21.
    let text = format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_prometheus_prints_them() {
        let printed = [0.1 + 0.2, 1e-7, 1.5e-10, 1e21, 123456789012345680000.0, -0.0, f64::NAN, f64::NEG_INFINITY].map(sample);
        assert_eq!(printed, ["0.30000000000000004", "1e-07", "1.5e-10", "1e+21", "123456789012345680000", "-0", "NaN", "-Inf"]);
        assert_eq!(plain(1e-7), "0.0000001");
        assert_eq!(general(1e30), "1e+30");
    }
}
