//! The guard: armed by a person on one release, it watches for what it was told and asks for one action, once, after a countdown in sight.
//! Pure. Never acts on a stale or partial picture, never on no data, never twice; and never arms itself again.

mod condition;
mod ground;
mod sight;
mod terms;

use chrono::TimeDelta;

pub use condition::{Condition, FRESH, Holds};
use ground::{Ground, waits};
pub use sight::Sight;
pub use terms::{COUNTDOWN, SILENCE, Terms};

use crate::objects::{ReleaseRef, Time};
use crate::release::Release;
use crate::text::Clean;

/// What the guard is doing. Moments are our clock's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// It watches; what it can't see now, in words.
    Watching(Option<Clean>),
    /// It counts down.
    Counting {
        /// Why.
        cause: Clean,
        /// When it acts.
        until: Time,
    },
    /// It has asked for its action, and is done.
    Fired {
        /// Why.
        cause: Clean,
        /// When.
        at: Time,
    },
    /// It is done without having acted.
    Disarmed {
        /// Why.
        why: Clean,
        /// What it was counting down for at that moment, where it was.
        cause: Option<Clean>,
        /// When.
        at: Time,
    },
}

/// What came of a look, where something did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It begins to count down, and why.
    Begins(Clean),
    /// It does not count down any more, and why.
    Stops(Clean),
    /// It acts now, and why. Said once in its life.
    Fires(Clean),
    /// It is disarmed, and why.
    Disarms(Clean),
}

/// Why it is disarmed where the release came to its end.
pub const ENDED: &str = "the release has ended";

/// What is seen at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The release; `None` where it is not there.
    pub release: Option<&'a Release>,
    /// Why the picture may not be what the cluster is like now; `None` where it is fresh and whole.
    pub blind: Option<&'a str>,
    /// Whether an action of the person who armed it is under way on this release: what moves is theirs.
    pub ours: bool,
    /// Whether all is read that its plan needs: a countdown that is over waits for that.
    pub ready: bool,
    /// Our clock.
    pub now: Time,
    /// The cluster's clock.
    pub server: Time,
}

/// An armed guard.
#[derive(Debug, Clone)]
pub struct Guard {
    /// On which release.
    pub key: ReleaseRef,
    /// What it was told.
    pub terms: Terms,
    /// What it is doing.
    pub stand: Stand,
    ground: Ground,
    /// Since when each condition has held without a break, by place.
    held: Vec<Option<Time>>,
    /// Since when the picture is not fresh.
    blind: Option<Time>,
    /// Whether it sees what it waits for.
    pub sight: Sight,
    /// Since when nothing it waits for can be told any more, because what told it is old or does not answer.
    stale: Option<Time>,
}

impl Guard {
    /// Arms it on a release as it stands.
    pub fn arm(release: &Release, terms: Terms) -> Self {
        let held = vec![None; terms.when.len()];
        Self {
            key: release.key.clone(),
            terms,
            stand: Stand::Watching(None),
            ground: Ground::of(release),
            held,
            blind: None,
            sight: Sight::default(),
            stale: None,
        }
    }

    /// Whether it may still act.
    pub fn is_armed(&self) -> bool {
        matches!(self.stand, Stand::Watching(_) | Stand::Counting { .. })
    }

    /// Until when one that is done is told of; `None` while it is armed.
    pub fn told_until(&self, lasts: TimeDelta) -> Option<Time> {
        match self.stand {
            Stand::Fired { at, .. } | Stand::Disarmed { at, .. } => Some(at + lasts),
            Stand::Watching(_) | Stand::Counting { .. } => None,
        }
    }

    /// Whether it counts down.
    pub fn is_counting(&self) -> bool {
        matches!(self.stand, Stand::Counting { .. })
    }

    /// Disarms it. `false` where it was not armed any more.
    pub fn disarm(&mut self, why: impl Into<Clean>, now: Time) -> bool {
        let armed = self.is_armed();
        if armed {
            let cause = if let Stand::Counting { cause, .. } = &self.stand { Some(cause.clone()) } else { None };
            self.stand = Stand::Disarmed { why: why.into(), cause, at: now };
        }
        armed
    }

    /// Takes a look. Nothing where nothing came of it, and always nothing once it has acted or is disarmed.
    pub fn look(&mut self, look: &Look<'_>) -> Option<Turn> {
        if !self.is_armed() {
            return None;
        }
        if let Some(why) = look.blind {
            return self.is_blind(why, look.now);
        }
        self.blind = None;
        let Some(release) = look.release else { return self.ends("the release is gone", look.now) };
        if look.ours {
            // What the person does now moves the ground; only what comes after it can be somebody else's.
            self.ground = Ground { version: self.ground.version.clone(), uid: self.ground.uid.clone(), ..Ground::of(release) };
        }
        if let Some(why) = self.ground.moved(release) {
            return self.ends(why, look.now);
        }
        if !release.under_way {
            return self.ends(ENDED, look.now);
        }
        // From here on a pause that waits for a person is known, whenever it began.
        self.ground.waits = waits(release);
        self.weigh(release, look)
    }

    fn ends(&mut self, why: &str, now: Time) -> Option<Turn> {
        self.disarm(why, now).then(|| Turn::Disarms(Clean::from(why)))
    }

    /// Nothing that is seen now counts, and nothing that was seen before goes on counting.
    fn is_blind(&mut self, why: &str, now: Time) -> Option<Turn> {
        self.held.fill(None);
        let since = *self.blind.get_or_insert(now);
        if now - since >= self.terms.silence {
            return self.ends(&format!("it could not see for too long: {why}"), now);
        }
        self.sight.lose(Clean::from(why), now);
        self.unsee(Clean::from(why))
    }

    /// Goes back to watching; a countdown that ran is over.
    fn unsee(&mut self, why: Clean) -> Option<Turn> {
        let counted = self.is_counting();
        self.stand = Stand::Watching(Some(why.clone()));
        counted.then_some(Turn::Stops(why))
    }

    fn weigh(&mut self, release: &Release, look: &Look<'_>) -> Option<Turn> {
        let (mut cause, mut unseen) = (None, None);
        let (mut told, mut stale) = (false, None);
        let mut missed: Vec<String> = Vec::new();
        for (condition, held) in self.terms.when.iter().zip(&mut self.held) {
            match condition.holds(release, look.server) {
                Holds::Yes(why) => {
                    told = true;
                    let since = *held.get_or_insert(look.now);
                    let lasts = if let Condition::Burns { lasts, .. } = condition { *lasts } else { TimeDelta::zero() };
                    if look.now - since >= lasts {
                        cause.get_or_insert(why);
                    }
                }
                Holds::No => {
                    told = true;
                    *held = None;
                }
                Holds::Unknown(why) => {
                    *held = None;
                    missed.push(condition.words());
                    unseen.get_or_insert(why);
                }
                Holds::Stale(why) => {
                    *held = None;
                    stale.get_or_insert_with(|| why.clone());
                    missed.push(condition.words());
                    unseen.get_or_insert(why);
                }
            }
        }
        if told {
            // It sees the others: what it can't see is named.
            unseen = unseen.map(|why| Clean::from(format!("whether {}: {why}", missed.join(" or "))));
            self.sight.see(unseen.clone());
        } else if let Some(why) = &unseen {
            self.sight.lose(why.clone(), look.now);
        }
        // What was never told yet is waited for; what was told and is not any more is a link that is lost. As long as one of the conditions
        // can be told, it goes on with that.
        match (told, stale) {
            (true, _) => self.stale = None,
            (false, Some(why)) if look.now - *self.stale.get_or_insert(look.now) >= self.terms.silence => {
                return self.ends(&format!("it could not see for too long: {why}"), look.now);
            }
            (false, _) => {}
        }
        match (&self.stand, cause) {
            (&Stand::Counting { until, .. }, Some(cause)) => {
                let fires = look.now >= until && look.ready;
                // What is shown is what is so now, not what began it.
                let (shown, at) = (cause.clone(), look.now);
                self.stand = if fires { Stand::Fired { cause: shown, at } } else { Stand::Counting { cause: shown, until } };
                fires.then_some(Turn::Fires(cause))
            }
            (_, Some(cause)) => {
                self.stand = Stand::Counting { cause: cause.clone(), until: look.now + self.terms.countdown };
                Some(Turn::Begins(cause))
            }
            (Stand::Counting { .. }, None) => {
                let why = unseen.clone().unwrap_or_else(|| "it is not so any more".into());
                self.stand = Stand::Watching(unseen);
                Some(Turn::Stops(why))
            }
            (_, None) => {
                self.stand = Stand::Watching(unseen);
                None
            }
        }
    }
}
