//! The parts of a rule of RFC 5545, as they are written, checked before the library that reckons with them sees them.
//! Refuses what that library would take in another sense than it was meant in, or would not survive.

use super::super::mistake::{nearest, quote};

const PARTS: [&str; 14] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];
const FREQUENCIES: [&str; 4] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const TOO_FINE: [&str; 3] = ["SECONDLY", "MINUTELY", "HOURLY"];
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The parts of an upper-case rule, by name. The error is a clause.
pub(super) fn checked(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let shape = || format!("{} is no part of a rule; parts look like FREQ=WEEKLY", quote(part));
        let (name, value) = part.split_once('=').ok_or_else(shape)?;
        known(name, "part of a rule", &PARTS)?;
        if parts.iter().any(|(before, _)| *before == name) {
            return Err(format!("{name} is there twice"));
        }
        if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b",+-".contains(&byte)) {
            return Err(format!("{} is no value of {name}", quote(value)));
        }
        parts.push((name, value));
    }
    let value = |wanted| parts.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let frequency = value("FREQ").ok_or("FREQ is missing; write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")?;
    if TOO_FINE.contains(&frequency) {
        return Err(format!("FREQ={frequency} is finer than a freeze can be; write DAILY or longer, with BYHOUR for the hours"));
    }
    known(frequency, "frequency", &FREQUENCIES)?;
    if value("COUNT").is_some() && value("UNTIL").is_some() {
        return Err("COUNT and UNTIL exclude each other".to_owned());
    }
    for day in value("BYDAY").into_iter().flat_map(|days| days.split(',')) {
        weekday(day, frequency)?;
    }
    Ok(parts)
}

/// `FR`, or `-1FR` where weeks of a month or year can be counted (RFC 5545, 3.3.10).
fn weekday(text: &str, frequency: &str) -> Result<(), String> {
    let split = text.len().saturating_sub(2);
    let (number, day) = text.split_at_checked(split).unwrap_or(("", text));
    if !DAYS.contains(&day) {
        return known(text, "weekday", &DAYS);
    }
    if number.is_empty() {
        return Ok(());
    }
    if !number.parse::<i8>().is_ok_and(|number| number != 0 && number.abs() <= 53) {
        return Err(format!("{} is no weekday; write FR, or -1FR for the last Friday", quote(text)));
    }
    if !["MONTHLY", "YEARLY"].contains(&frequency) {
        return Err(format!("{} needs FREQ=MONTHLY or YEARLY: there is one {day} in a week", quote(text)));
    }
    Ok(())
}

/// The nearest is looked for in lower case, as all words of a config are.
fn known(word: &str, kind: &str, valid: &[&str]) -> Result<(), String> {
    if valid.contains(&word) {
        return Ok(());
    }
    let lower: Vec<String> = valid.iter().map(|word| word.to_ascii_lowercase()).collect();
    let near = nearest(word, lower.iter().map(String::as_str));
    let hint = near.map_or_else(|| format!("there is {}", valid.join(", ")), |near| format!("did you mean {}?", near.to_ascii_uppercase()));
    Err(format!("{} is no {kind}; {hint}", quote(word)))
}
