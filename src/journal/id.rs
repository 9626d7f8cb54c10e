//! Ids of actions: unique among all processes on all machines that share a home, short enough to be read out on a call.
//! Refuses to tell anything else: an id is compared, never taken apart.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::objects::Time;
use crate::text::Clean;

/// Lower-case letters and digits without those that are mistaken for one another (i, l, o, u).
const DIGITS: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A new id for an action begun at `now`: the millisecond, the process, how many came before it, and chance for the machines that agree
/// in all three. Ids of one process sort as they were made while they are of one length.
pub fn action_id(now: Time) -> Clean {
    let moment = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let chance = fastrand::u64(..) & 0x7fff;
    Clean::from(format!("{}-{}-{}{}", digits(moment), digits(u64::from(std::process::id())), digits(u64::from(count)), padded(chance)))
}

fn digits(mut number: u64) -> String {
    let mut out = Vec::new();
    loop {
        out.push(DIGITS[usize::try_from(number & 31).unwrap_or_default()]);
        number >>= 5;
        if number == 0 {
            break;
        }
    }
    out.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// Three digits whatever the number, so that count and chance can't be mistaken for another pair.
fn padded(number: u64) -> String {
    format!("{:0>3}", digits(number))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_made_in_the_same_moment_by_many_threads_differ() {
        let now = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(move || (0..2_000).map(|_| action_id(now)).collect::<Vec<_>>())).collect();
        let ids: Vec<Clean> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 16_000);
        assert!(ids.iter().all(|id| id.len() <= 28 && id.bytes().all(|b| b == b'-' || DIGITS.contains(&b))), "{}", ids[0]);
    }

    #[test]
    fn a_count_and_its_chance_never_read_like_another_pair() {
        assert_eq!(padded(0), "000");
        assert_eq!(padded(0x7fff), "zzz");
        assert_eq!(digits(32), "10");
    }
}
