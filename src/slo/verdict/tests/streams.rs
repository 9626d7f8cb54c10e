//! Properties: whatever looks come, in whatever order, nothing is counted that was not seen, and nothing unread is judged.
//! It knows the truth by running the counters itself.

use super::*;
use crate::slo::ratio::Missing;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Sees {
    Both,
    Partial,
    Failed,
    StableUnread,
    /// Sums that fell: a counter that somebody began anew.
    Reset,
    /// The same look again.
    Again,
}

fn steps() -> impl Strategy<Value = Vec<(i64, u32, u32, u32, Sees)>> {
    let sees = prop_oneof![
        6 => Just(Sees::Both),
        1 => Just(Sees::Partial),
        1 => Just(Sees::Failed),
        1 => Just(Sees::StableUnread),
        1 => Just(Sees::Reset),
        1 => Just(Sees::Again),
    ];
    prop::collection::vec((1..400_i64, 0..50_u32, 0..500_u32, 0..4_u32, sees), 1..60)
}

proptest! {
    #[test]
    fn nothing_is_counted_that_was_not_seen(steps in steps()) {
        let mut watched = Watched::start();
        let (mut requests, mut errors) = (0.0, 0.0);
        for (seconds, new, stable, bad, sees) in steps {
            let bad = f64::from(bad.min(new));
            requests += f64::from(new);
            errors += bad;
            watched.passes(seconds, (bad, f64::from(new)), (0.0, f64::from(stable)));
            let before = watched.now();
            let (is, old) = (Reading::Value(watched.new), Reading::Value(watched.stable));
            match sees {
                Sees::Both => watched.look(),
                Sees::Partial => watched.sees(Reading::NoData(Missing::Partial), old),
                Sees::Failed => watched.sees(Reading::NoData(Missing::QueryFailed), Reading::NoData(Missing::QueryFailed)),
                Sees::StableUnread => watched.sees(is, Reading::NoData(Missing::QueryFailed)),
                Sees::Reset => {
                    watched.new = Outcome { bad: 0.0, total: watched.new.total / 2.0 };
                    watched.look();
                }
                Sees::Again => {
                    watched.look();
                    watched.look();
                }
            }
            let now = watched.now();
            prop_assert!(now.evidence.new.total <= requests && now.evidence.new.bad <= errors);
            prop_assert!(now.evidence.window + now.evidence.missed <= Duration::from_secs(watched.second.unsigned_abs()));
            if matches!(sees, Sees::Partial | Sees::Failed | Sees::StableUnread) {
                prop_assert_eq!(now.word, Word::NoData);
                prop_assert_eq!(now.evidence.new, before.evidence.new);
                prop_assert_eq!(now.worse(), before.worse());
            }
            if now.word == Word::Pass {
                prop_assert!(now.evidence.gap.is_none() && now.evidence.new.total >= now.evidence.limits.fewest());
            }
        }
    }

    #[test]
    fn evidence_is_a_number_whatever_the_counts(bad in 0.0..1e9_f64, more in 0.0..1e9_f64, old_bad in 0.0..1e9_f64, old_more in 0.0..1e9_f64) {
        let (new, old) = (Outcome { bad, total: bad + more }, Outcome { bad: old_bad, total: old_bad + old_more });
        let judgement = judge(&Evidence::of("a", "b", Limits::of(&objective()), new, old));
        prop_assert!(judgement.worse().is_finite() && judgement.worse() >= 0.0);
        prop_assert!(judgement.not_much_worse().is_finite());
        if let Some(chance) = judgement.chance() {
            prop_assert!((0.0..=1.0).contains(&chance));
        }
    }
}
