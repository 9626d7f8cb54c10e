//! What must hold of whatever policies a person writes, and of whatever rule a freeze is given.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{Verb, at, checkout, policies, rule};

/// Any policy that can be written, about the release or not.
fn any_policy() -> impl Strategy<Value = String> {
    let pattern = prop_oneof![Just("*/*/*"), Just("prod-*/payments/*"), Just("prod-eu/payments/checkout"), Just("test/*/*")];
    let word = prop_oneof![
        Just("\"confirm\""),
        Just("\"typed\""),
        Just("\"deny\""),
        Just("{ deny = \"no\" }"),
        Just("{ note = \"required\" }"),
        Just("{ confirm = \"typed\", note = \"required\" }"),
    ];
    let rule = (proptest::sample::select(Verb::ALL.to_vec()), word);
    let freeze = prop_oneof![
        Just("\"2026-11-20T00:00 .. 2026-11-22T00:00 UTC\""),
        Just("\"2026-11-21T02:00 .. 2026-11-24T00:00 Asia/Tokyo\""),
        Just("{ rrule = \"FREQ=WEEKLY;BYDAY=SA\", start = \"2026-01-03T00:00\", for = \"2d\", zone = \"UTC\", why = \"weekend\" }"),
        Just("{ rrule = \"FREQ=DAILY\", start = \"2026-01-01T22:00\", for = \"8h\", zone = \"America/New_York\" }"),
    ];
    let rules = proptest::collection::btree_map(Just(()).prop_flat_map(move |()| rule.clone()).prop_map(|(v, w)| (v, w)), Just(()), 0..4);
    (pattern, rules, any::<bool>(), any::<bool>(), proptest::collection::vec(freeze, 0..3)).prop_map(
        |(pattern, rules, read_only, note, freezes)| {
            let mut text = format!("[[policy]]\nmatch = \"{pattern}\"\nread-only = {read_only}\nfreeze = [{}]\n", freezes.join(", "));
            let mut said = std::collections::BTreeSet::new();
            if note {
                said.insert("note");
                text.push_str("note = \"required\"\n");
            }
            for (verb, word) in rules.into_keys() {
                if said.insert(verb.name()) {
                    text.push_str(&format!("{verb} = {word}\n"));
                }
            }
            text
        },
    )
}

proptest! {
    #[test]
    fn adding_a_policy_never_makes_a_ruling_laxer(
        texts in proptest::collection::vec(any_policy(), 1..5),
        place in 0_usize..5,
        hours in 0_i64..200,
    ) {
        let now = at("2026-11-17T00:00:00Z") + TimeDelta::hours(hours);
        let all = policies(&texts.concat());
        let mut fewer = all.clone();
        fewer.remove(place.min(all.len() - 1));
        for verb in Verb::ALL {
            let (with, without) = (rule(&all, "prod-eu", &checkout(), verb, now), rule(&fewer, "prod-eu", &checkout(), verb, now));
            prop_assert!(with.confirm >= without.confirm);
            prop_assert!(with.denied.is_some() || without.denied.is_none());
            prop_assert!(with.note_required || !without.note_required);
            prop_assert!(with.read_only || !without.read_only);
            prop_assert!(with.freeze.as_ref().map(|f| f.until) >= without.freeze.as_ref().map(|f| f.until));
            prop_assert!(with.needs_override() || !without.needs_override());
            for note in ["", "a reason"] {
                prop_assert!(with.refusal(note).is_some() || without.refusal(note).is_none());
            }
            prop_assert!(with.because.len() >= without.because.len());
        }
    }

    #[test]
    fn any_rule_is_read_or_refused_in_words_and_can_be_asked(
        parts in proptest::collection::vec((
            proptest::sample::select(vec!["FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST"]),
            prop_oneof![
                proptest::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "MO", "-1SU", "5FR", "1", "0", "-1", "31", "53", "366", "-366", "65535", "1,2,3", "20301231T000000Z", "99991231", ""]).prop_map(str::to_owned),
                any::<String>(),
                "[A-Z0-9,+-]{0,6}",
            ],
        ), 0..6),
        frequency in proptest::sample::select(vec!["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", ""]),
    ) {
        let text = parts.iter().fold(frequency.to_owned(), |text, (name, value)| format!("{text};{name}={value}"));
        let start = at("2026-01-30T16:00:00Z").naive_utc();
        match crate::config::policy::recurrence::Recurrence::parse(&text, start, chrono_tz::Europe::Berlin) {
            Ok(rule) => {
                let starts = rule.starts(start, start + TimeDelta::days(4_000));
                prop_assert!(!starts.is_empty() && starts.is_sorted(), "{text}");
                // Asked in part, from a nearer start, it says the same as asked from its beginning.
                let later = start + TimeDelta::days(3_000);
                let from_there: Vec<_> = starts.iter().copied().filter(|at| *at >= later).collect();
                prop_assert_eq!(rule.starts(later, start + TimeDelta::days(4_000)), from_there, "{}", text);
            }
            Err(why) => prop_assert!(!why.is_empty() && !why.chars().any(char::is_control), "{why}"),
        }
    }
}
