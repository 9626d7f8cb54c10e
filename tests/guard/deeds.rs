//! What people, controllers and the cluster do while a guard is armed, and whether that is the end of it.
//! Each is a deed on the deck as it stands; what nobody could see is no deed.

use flightdeck::app::Event;
use flightdeck::keys::Chord;
use flightdeck::objects::Kind;
use serde_json::{Value, json};

use crate::stage::deck::Deck;
use crate::stage::objects::decode;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Annotates,
    Pauses,
    Aborts,
    PromotesFully,
    GoesPastThePause,
    EditsTheSpec,
    Ends,
    Deletes,
    MakesAnew,
    StopsTheGuard,
    AbortsByHand,
    LooksElsewhere,
    LooksEverywhere,
    LooksAtItsOwn,
    GoesBack,
    OpensAnother,
}

pub const ALL: [Deed; 16] = [
    Deed::Annotates,
    Deed::Pauses,
    Deed::Aborts,
    Deed::PromotesFully,
    Deed::GoesPastThePause,
    Deed::EditsTheSpec,
    Deed::Ends,
    Deed::Deletes,
    Deed::MakesAnew,
    Deed::StopsTheGuard,
    Deed::AbortsByHand,
    Deed::LooksElsewhere,
    Deed::LooksEverywhere,
    Deed::LooksAtItsOwn,
    Deed::GoesBack,
    Deed::OpensAnother,
];

impl Deed {
    /// What is done to the object, where something is.
    fn writes(self) -> Option<fn(&mut Value)> {
        Some(match self {
            Self::Annotates => |raw| raw["metadata"]["annotations"]["seen"] = json!("yes"),
            Self::Pauses => |raw| raw["spec"]["paused"] = json!(true),
            Self::Aborts => |raw| raw["status"]["abort"] = json!(true),
            Self::PromotesFully => |raw| raw["status"]["promoteFull"] = json!(true),
            Self::GoesPastThePause => |raw| {
                raw["status"]["currentStepIndex"] = json!(8);
                raw["status"]["pauseConditions"] = Value::Null;
            },
            Self::EditsTheSpec => |raw| {
                raw["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop:8.0.0");
                raw["metadata"]["generation"] = json!(3);
                raw["status"]["observedGeneration"] = json!("3");
                raw["status"]["currentPodHash"] = json!("77c0ffee1");
            },
            Self::Ends => |raw| {
                raw["status"]["stableRS"] = raw["status"]["currentPodHash"].clone();
                raw["status"]["currentStepIndex"] = json!(8);
                raw["status"]["pauseConditions"] = Value::Null;
                raw["status"]["controllerPause"] = json!(false);
                raw["status"]["phase"] = json!("Healthy");
            },
            Self::MakesAnew => |raw| raw["metadata"]["uid"] = json!("another"),
            _ => return None,
        })
    }

    fn keys(self) -> &'static str {
        match self {
            Self::StopsTheGuard => "D",
            Self::AbortsByHand => "a y",
            Self::LooksElsewhere => "esc n p a y m e n t s enter",
            Self::LooksEverywhere => "esc A",
            Self::LooksAtItsOwn => "esc n a r g o - r o u t e d enter",
            Self::GoesBack => "esc",
            Self::OpensAnother => "esc esc / c a r t enter enter",
            _ => "",
        }
    }

    /// Whether the guard must not act any more from when it is seen. An abort by hand is known by its line in the journal.
    pub fn is_the_end(self) -> bool {
        !matches!(
            self,
            Self::Annotates | Self::AbortsByHand | Self::LooksEverywhere | Self::LooksAtItsOwn | Self::GoesBack | Self::OpensAnother
        )
    }

    /// Whether only who sees the cluster sees it.
    pub fn is_on_the_cluster(self) -> bool {
        self.writes().is_some() || self == Self::Deletes
    }

    pub fn done(self, deck: &mut Deck) {
        for key in self.keys().split_whitespace() {
            deck.stage.feed(Event::Key(Chord::parse(key).unwrap()));
        }
        let Some(uid) = deck.stage.known(Kind::Rollout, "shop") else { return };
        if self == Self::Deletes || self == Self::MakesAnew {
            deck.stage.delete(Kind::Rollout, &uid);
        }
        if let Some(write) = self.writes() {
            let mut raw = deck.stage.answers.raw[&uid].clone();
            write(&mut raw);
            let object = decode(&raw);
            deck.stage.answers.raw.insert(object.meta().uid.clone(), raw);
            deck.stage.apply(object);
        }
    }
}

/// A second release, beside the one that is guarded.
pub fn another(deck: &mut Deck) {
    let other = deck.stage.uid(Kind::Rollout, "shop");
    let mut raw = deck.stage.answers.raw[&other].clone();
    raw["metadata"]["name"] = json!("cart");
    raw["metadata"]["uid"] = json!("cart");
    deck.stage.apply(decode(&raw));
    let sets: Vec<Value> = deck.stage.answers.raw.values().filter(|raw| raw["kind"] == "ReplicaSet").cloned().collect();
    for (mut set, number) in sets.into_iter().zip(0..) {
        set["metadata"]["name"] = json!(format!("cart-{number}"));
        set["metadata"]["uid"] = json!(format!("cart-{number}"));
        set["metadata"]["ownerReferences"][0]["name"] = json!("cart");
        set["metadata"]["ownerReferences"][0]["uid"] = json!("cart");
        deck.stage.apply(decode(&set));
    }
}

/// A pod of the new version crashes again and again, or is well again.
pub fn crash(deck: &mut Deck, failing: bool) {
    let pods = |raw: &&Value| raw["kind"] == "Pod" && raw["metadata"]["name"].as_str().is_some_and(|name| name == "shop-8d486854c-6t8mq");
    let Some(mut raw) = deck.stage.answers.raw.values().find(pods).cloned() else { return };
    if failing {
        let container = &mut raw["status"]["containerStatuses"][0];
        container["ready"] = json!(false);
        container["restartCount"] = json!(5);
        container["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    }
    deck.stage.apply(decode(&raw));
}
