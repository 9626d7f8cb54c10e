//! The budget in one short line, for the smallest terminals.
//! Refuses to cut a figure or an age: what does not fit is left out whole.

use super::is_at_most;
use crate::release::telemetry::Metering;
use crate::release::words::dated;
use crate::slo::tier::Severity;
use crate::theme::Role;
use crate::view::format::{budget_left, burn, width};
use crate::view::release::scene::Scene;

/// The budget in one short line: `61 % left, burning 7.4x`. Where there is no room for it all, an age is left out whole, but after other words.
pub fn short(scene: &Scene, room: usize) -> (Role, String) {
    let Some(telemetry) = &scene.release.telemetry else { return (Role::Dim, "not measured".to_owned()) };
    let Some(&one) = telemetry.by_weight().first() else {
        return match &telemetry.metering {
            Metering::Failing { word, .. } => (Role::Warning, format!("no data: {word}")),
            Metering::NoMetrics(_) => (Role::Warning, "no data".to_owned()),
            _ => (Role::Dim, "not measured".to_owned()),
        };
    };
    let fits = |forms: &[String]| forms.iter().find(|form| width(form) <= room).or(forms.last()).cloned().unwrap_or_default();
    let [left, bare] = match one.left.value() {
        Some(budget) => {
            let rest = format!("{}{}", if is_at_most(one) { "≤" } else { "" }, budget_left(budget.remaining));
            [format!("{rest} left"), rest]
        }
        None => [one.left.gap().map_or_else(String::new, |gap| gap.to_string()), "?".to_owned()],
    };
    let Some((window, rate)) = one.fastest() else {
        let old = dated(one.left_at, scene.paint.now);
        return (Role::Warning, fits(&[format!("{left}{old}"), left]));
    };
    // Dated once, by the older of both.
    let oldest = one.worked_out.get(&window).copied().into_iter().chain(one.left_at).min();
    let (rate, old) = (burn(rate.get()), dated(oldest, scene.paint.now));
    let role = if one.fires == Some(Severity::Page) { Role::Danger } else { Role::Strong };
    let forms = [format!("{left}, burning {rate}x{old}"), format!("{bare}, burning {rate}x{old}"), format!("{left}, burning {rate}x")];
    (role, fits(&forms))
}
