//! One SLO document: its objectives, each an objective of its own, with window, method and indicator.
//! Refuses composite weights: what several indicators make together is not worked out here.

use std::time::Duration;

use super::super::json::Node;
use super::super::remark::Remarks;
use super::super::{Found, Method, Origin, Period, Sli, span};
use super::{Shelf, alerts, indicator};
use crate::slo::calendar::Calendar;
use crate::slo::ratio::round9;
use crate::text::Clean;

pub(super) fn read(slo: &Node<'_>, shelf: &Shelf<'_>, remarks: &mut Remarks) -> Vec<Found> {
    let name = slo.at("metadata.name").and_then(|node| node.as_text()).unwrap_or_default();
    let Some(spec) = slo.get("spec") else {
        remarks.note(&slo.place, "it has no spec, so there is no objective in it");
        return Vec::new();
    };
    let mut base = Found::empty(name.as_str(), Origin::OpenSlo, slo.place.as_str());
    base.service = Clean::from(spec.text("service", remarks).unwrap_or_default());
    if !base.service.is_empty() && !shelf.services.is_empty() && !shelf.services.contains_key(base.service.as_str()) {
        remarks.note(&spec.place, format!("the service {} has no document of its own", base.service));
    }
    base.period = period(&spec, &mut base.notes, remarks);
    let objectives = spec.list("objectives", remarks);
    if objectives.is_empty() {
        remarks.note(&spec.place, "there are no objectives in it");
    }
    let several = objectives.len() > 1;
    let read = |(at, objective): (usize, &Node<'_>)| {
        let mut found = base.clone();
        if several {
            let shown = objective.text("displayName", remarks).unwrap_or_else(|| format!("{}", at + 1));
            found.name = Clean::from(format!("{name}: {shown}"));
        }
        found.target = target(objective, remarks);
        found.method = method(&spec, objective, remarks);
        found.sli = indicator::read(&spec, objective, shelf, remarks);
        if let Some(weight) = objective.get("compositeWeight").and_then(|node| node.as_text()) {
            found.notes.push(Clean::from(format!(
                "It is a part of a composite objective with a weight of {weight}; the parts are shown one by one."
            )));
        }
        if matches!(found.sli, Sli::Threshold { .. }) {
            found.notes.push(Clean::from("It promises how often a value keeps to its limit; it is not split by version."));
        }
        if let Ok(checked) = found.objective() {
            found.tiers = alerts::read(&spec, &checked, shelf, remarks);
        }
        found
    };
    objectives.iter().enumerate().map(read).collect()
}

/// `target` is a ratio, `targetPercent` a percent.
fn target(objective: &Node<'_>, remarks: &mut Remarks) -> Option<f64> {
    let (ratio, percent) = (objective.number("target", remarks), objective.number("targetPercent", remarks));
    let target = match (ratio, percent) {
        (Some(ratio), Some(percent)) => {
            if (ratio * 100.0 - percent).abs() > 1e-9 {
                remarks.note(&objective.place, format!("target ({ratio}) and targetPercent ({percent}) differ; target is taken"));
            }
            Some(ratio)
        }
        (Some(ratio), None) => Some(ratio),
        (None, Some(percent)) => Some(round9(percent / 100.0)),
        (None, None) => {
            remarks.note(&objective.place, "it has neither target nor targetPercent");
            None
        }
    }?;
    if target > 1.0 && target < 100.0 {
        let meant = round9(target / 100.0);
        remarks
            .note(&objective.place, format!("a target of {target} is a percentage; targets are ratios: write {meant}, or targetPercent"));
        return None;
    }
    let is_sound = target > 0.0 && target < 1.0;
    if !is_sound {
        remarks.note(&objective.place, format!("a target of {target} leaves nothing to promise or no budget, and is not read"));
    }
    is_sound.then_some(target)
}

fn method(spec: &Node<'_>, objective: &Node<'_>, remarks: &mut Remarks) -> Method {
    let text = spec.text("budgetingMethod", remarks).unwrap_or_else(|| "Occurrences".to_owned());
    match text.to_lowercase().as_str() {
        "occurrences" => Method::Occurrences,
        "ratiotimeslices" => Method::RatioTimeslices,
        "timeslices" => {
            let good_from = objective.number("timeSliceTarget", remarks).filter(|share| (0.0..=1.0).contains(share));
            let slice = objective.text("timeSliceWindow", remarks).and_then(|text| length(&text).map(|(length, _)| length));
            if good_from.is_none() {
                remarks.note(&objective.place, "slices of time are counted, and timeSliceTarget (0 to 1) does not say which are good");
            }
            Method::Timeslices { slice, good_from }
        }
        _ => {
            remarks.note(
                &spec.place,
                format!("budgetingMethod {text} is none of Occurrences, Timeslices and RatioTimeslices; Occurrences is taken"),
            );
            Method::Occurrences
        }
    }
}

fn period(spec: &Node<'_>, notes: &mut Vec<Clean>, remarks: &mut Remarks) -> Option<Period> {
    let windows = spec.list("timeWindow", remarks);
    let Some(window) = windows.first() else {
        remarks.note(&spec.place, "it has no timeWindow");
        return None;
    };
    if windows.len() > 1 {
        remarks.note(&spec.place, "it has more than one timeWindow; the first is taken");
    }
    let text = window.text("duration", remarks)?;
    let Some((about, is_fixed)) = length(&text) else {
        remarks.note(&window.place, format!("duration {text} is no length of time such as 30d, 4w or 1M"));
        return None;
    };
    let calendar = window.get("calendar");
    // Fixed stretches need a start; what has none can only roll.
    let rolls = window.get("isRolling").and_then(|node| node.as_text()).map_or(calendar.is_none(), |text| text == "true");
    if rolls {
        if calendar.is_some() {
            remarks.note(&window.place, "it rolls and has a calendar; the calendar is not used");
        }
        if !is_fixed {
            notes.push(Clean::from(format!("Its window of {text} has no fixed length and is taken as {}.", span::words(about))));
        }
        return Some(Period::Rolling(about));
    }
    let said = |key: &str, remarks: &mut Remarks| calendar.as_ref().and_then(|node| node.text(key, remarks)).unwrap_or_default();
    let (start, zone) = (said("startTime", remarks), said("timeZone", remarks));
    if start.is_empty() || zone.is_empty() {
        remarks.note(&window.place, "a window by the calendar needs calendar.startTime and calendar.timeZone");
    }
    let calendar = Calendar::written(&text, &start, &zone);
    Some(Period::Calendar { length: Clean::from(text), about, start: Clean::from(start), zone: Clean::from(zone), calendar })
}

/// OpenSLO's shorthand: `m h d w` are fixed, `M` (month), `Q` (quarter) and `Y` are about 30, 90 and 365 days. Whether it is fixed.
pub(super) fn length(text: &str) -> Option<(Duration, bool)> {
    let text = text.trim();
    if let Some(count) = text.strip_suffix(['M', 'Q', 'Y']) {
        let days = match text.chars().next_back()? {
            'M' => 30,
            'Q' => 90,
            _ => 365,
        };
        let count: u32 = count.parse().ok().filter(|count| (1..=120).contains(count))?;
        return Some((Duration::from_secs(u64::from(count) * days * 86_400), false));
    }
    span::parse(text).map(|length| (length, true))
}
