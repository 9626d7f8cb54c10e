//! What a template makes of a value: the bound it has to keep, where it is a plain comparison.
//! Refuses to work out anything more: of other conditions there is no bound.

/// One side that a value must not pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

/// What good comes down to by Argo's two conditions, where it can be told.
pub(super) fn bound(success: &str, failure: &str) -> Option<Bound> {
    let negated = |bound| match bound {
        Bound::AtLeast(limit) => Bound::AtMost(limit),
        Bound::AtMost(limit) => Bound::AtLeast(limit),
    };
    comparison(success).or_else(|| comparison(failure).map(negated))
}

/// `result[0] >= 0.95`, `result < 0.05`, `isNaN(result) || result[0] > 0.9`: one value against one number. Other alternatives may only ask
/// for the absence of a value.
fn comparison(text: &str) -> Option<Bound> {
    let mut bound = None;
    for part in text.split("||") {
        let part = part.trim().trim_matches(['(', ')']).trim();
        if part.starts_with("isNaN") || part.starts_with("isInf") || part.replace(' ', "").starts_with("len(result)==0") {
            continue;
        }
        let part = part.strip_prefix("len(result)==0").unwrap_or(part);
        let at = part.find(['<', '>'])?;
        let (left, right) = part.split_at(at);
        let operator = right.chars().next()?;
        let right = right.get(1..)?.trim_start_matches('=').trim();
        let is_value =
            |text: &str| ["result", "result[0]", "default(result, 0)", "default(result[0], 0)", "asFloat(result)"].contains(&text.trim());
        let (limit, is_at_least) = match (is_value(left), is_value(right)) {
            (true, _) => (right.parse::<f64>().ok()?, operator == '>'),
            (_, true) => (left.trim().parse::<f64>().ok()?, operator == '<'),
            _ => return None,
        };
        // Two bounds at once are more than one.
        if bound.is_some() || !limit.is_finite() {
            return None;
        }
        bound = Some(if is_at_least { Bound::AtLeast(limit) } else { Bound::AtMost(limit) });
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_comparisons_are_bounds() {
        let success = |text: &str| bound(text, "");
        assert_eq!(success("result[0] >= 0.95"), Some(Bound::AtLeast(0.95)));
        assert_eq!(success("result < 0.05"), Some(Bound::AtMost(0.05)));
        assert_eq!(success("isNaN(result[0]) || result[0] >= 0.99"), Some(Bound::AtLeast(0.99)));
        assert_eq!(success("0.05 > result"), Some(Bound::AtMost(0.05)));
        for text in
            ["", "all(result, # < 1)", "result[0] > 1 && result[1] > 2", "result[0] > a", "result == 1", "> <", "result > 1 || result < 0"]
        {
            assert_eq!(success(text), None, "{text}");
        }
        assert_eq!(bound("", "result[0] > 0.01"), Some(Bound::AtMost(0.01)));
    }
}
