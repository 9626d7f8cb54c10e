//! Freezes as they are written: `2026-12-20T00:00 .. 2027-01-02T08:00 Europe/Berlin`, or a table with a start and an end, or with a rule.
//! Refuses a freeze that runs backwards, never ends, or begins anew before it has ended.

use chrono::{Datelike, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use toml::de::DeTable;

use super::super::document::{Document, Item, entries};
use super::super::mistake::quote;
use super::super::settings::required;
use super::super::value;
use super::clocks::{Twice, moment, zone_named};
use super::freeze::{Freeze, Times};
use super::recurrence::Recurrence;
use crate::text::Clean;

const SHAPE: &str = "a freeze is written 2026-12-20T00:00 .. 2027-01-02T08:00 Europe/Berlin";
const PARTS: [&str; 6] = ["start", "end", "rrule", "for", "zone", "why"];

/// Reads the list of freezes.
pub(super) fn read(document: &mut Document<'_>, item: &Item<'_>) -> Vec<Freeze> {
    let Some(list) = item.get_ref().as_array() else {
        document.wrong_type("'freeze'", item, "a list of times");
        return Vec::new();
    };
    let mut freezes = Vec::new();
    for item in list.iter() {
        match item.get_ref().as_table() {
            Some(table) => freezes.extend(read_table(document, item, table)),
            None => match item.get_ref().as_str().map(|text| (text, parse(text, document.line(&item.span())))) {
                Some((_, Ok(freeze))) => freezes.push(freeze),
                Some((text, Err(why))) => document.mistake(&item.span(), format!("{}: {why}", quote(text))),
                None => document.wrong_type("a freeze", item, "text in quotes, or a table"),
            },
        }
    }
    freezes
}

fn parse(text: &str, line: usize) -> Result<Freeze, String> {
    let (from, rest) = text.split_once("..").ok_or(SHAPE)?;
    let (until, zone) = rest.trim().split_once(' ').ok_or_else(|| format!("{SHAPE}, and the time zone is missing"))?;
    let (from, until) = (parse_moment(from)?, parse_moment(until)?);
    let zone = zone_named(zone.trim())?;
    Ok(Freeze { times: once(from, until, zone)?, zone, why: Clean::default(), line })
}

fn parse_moment(text: &str) -> Result<NaiveDateTime, String> {
    let text = text.trim();
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];
    let read = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let moment = read.ok_or_else(|| format!("{} is no moment; {SHAPE}", quote(text)))?;
    if !(2000..2200).contains(&moment.year()) {
        return Err(format!("{} is not of this age; {SHAPE}", quote(text)));
    }
    Ok(moment)
}

fn once(from: NaiveDateTime, until: NaiveDateTime, zone: Tz) -> Result<Times, String> {
    if until <= from {
        return Err("it ends before it begins".to_owned());
    }
    if moment(zone, until, Twice::Second) <= moment(zone, from, Twice::First) {
        return Err(format!("the clocks of {zone} skip all of it"));
    }
    Ok(Times::Once(from, until))
}

fn read_table(document: &mut Document<'_>, item: &Item<'_>, table: &DeTable<'_>) -> Option<Freeze> {
    let before = document.mistakes.len();
    let (mut start, mut end, mut rule, mut lasts, mut zone, mut why) = (None, None, None, None, None, Clean::default());
    for (key, item) in entries(table) {
        match key.get_ref().as_ref() {
            "start" => start = read_moment(document, "start", item),
            "end" => end = read_moment(document, "end", item),
            "rrule" => rule = value::filled(document, "rrule", item),
            "for" => lasts = value::span(document, "for", item),
            "zone" => zone = document.string("zone", item).map(zone_named).and_then(|zone| noted(document, item, zone)),
            "why" => why = value::filled(document, "why", item).map(Clean::from).unwrap_or_default(),
            _ => document.unknown_key(key, "of a freeze", PARTS),
        }
    }
    let (again, keys) = match (table.contains_key("rrule"), table.contains_key("for")) {
        (false, false) => (false, ["start", "end", "zone"].as_slice()),
        _ => (true, ["rrule", "start", "for", "zone"].as_slice()),
    };
    required(document, item, table, keys);
    if again && table.contains_key("end") {
        document.mistake(&item.span(), "a freeze that comes again has no end; write UNTIL= or COUNT= into its rule");
    }
    if document.mistakes.len() > before {
        return None;
    }
    let (start, zone) = (start?, zone?);
    let times = if again { recurring(&rule?, start, lasts?, zone) } else { once(start, end?, zone) };
    Some(Freeze { times: noted(document, item, times)?, zone, why, line: document.line(&item.span()) })
}

fn recurring(rule: &str, start: NaiveDateTime, lasts: std::time::Duration, zone: Tz) -> Result<Times, String> {
    let lasts = TimeDelta::from_std(lasts).ok().filter(|lasts| lasts.num_days() <= 366);
    let lasts = lasts.ok_or("a freeze that comes again lasts a year at most")?;
    let recurrence = Recurrence::parse(rule, start, zone)?;
    match recurrence.shortest_gap() {
        Some(gap) if gap == lasts => Err("it never ends: each window begins where the one before it ends; shorten for".to_owned()),
        Some(gap) if gap < lasts => Err("it begins anew before it has ended; shorten for".to_owned()),
        _ => Ok(Times::Again(Box::new(recurrence), lasts)),
    }
}

/// Text, or a date of TOML's own, which needs no quotes.
fn read_moment(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<NaiveDateTime> {
    let text = match item.get_ref().as_datetime() {
        Some(date) => date.to_string(),
        None => document.string(key, item)?.to_owned(),
    };
    let moment = parse_moment(&text);
    noted(document, item, moment)
}

fn noted<T>(document: &mut Document<'_>, item: &Item<'_>, read: Result<T, String>) -> Option<T> {
    read.map_err(|why| document.mistake(&item.span(), why)).ok()
}
