//! How likely the new version fails more often than the old one, from Jeffreys' prior: a description of the counts of now.
//! It refuses to decide alone: looked at again and again, it is wrong far more often than once.

use crate::slo::Outcome;
use statrs::function::beta::{checked_beta_reg, ln_beta};

/// Points of the integral. The narrower arm is a smooth bump on a logistic scale, where even steps converge quickly.
const POINTS: i32 = 128;
/// How many of its widths the integral reaches to either side.
const REACH: f64 = 9.0;

/// The probability (0..=1) that the error ratio of `new` is above that of `old`, both Beta(x + ½, n − x + ½). `None` without events on
/// either side.
pub fn worse(new: Outcome, old: Outcome) -> Option<f64> {
    if new.total <= 0.0 || old.total <= 0.0 {
        return None;
    }
    // Along the narrower of the two, the other's curve is smooth.
    if new.bad >= old.bad { Some(above(old, new)) } else { Some(1.0 - above(new, old)) }
}

/// The probability that `along` is above `other`.
fn above(other: Outcome, along: Outcome) -> f64 {
    let (a, b) = shape(along);
    let (c, d) = shape(other);
    // Mean and width of ln(p/(1−p)).
    let (middle, width) = ((a / b).ln(), (1.0 / a + 1.0 / b).sqrt());
    // Near no errors the left side falls as exp(a·t), far slower than a bell.
    let (left, right) = (REACH * width + 12.0 / a, REACH * width);
    let step = (left + right) / f64::from(POINTS);
    let (mut mass, mut sum) = (0.0, 0.0);
    for point in 0..=POINTS {
        let t = middle - left + f64::from(point) * step;
        let p = 1.0 / (1.0 + (-t).exp());
        let density = (a * p.ln() + b * (-p).ln_1p() - ln_beta(a, b)).exp();
        mass += density;
        sum += density * checked_beta_reg(c, d, p.clamp(0.0, 1.0)).unwrap_or(0.5);
    }
    if mass > 0.0 { (sum / mass).clamp(0.0, 1.0) } else { 0.5 }
}

fn shape(seen: Outcome) -> (f64, f64) {
    (seen.bad + 0.5, (seen.total - seen.bad).max(0.0) + 0.5)
}
