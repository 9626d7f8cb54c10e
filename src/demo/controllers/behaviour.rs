//! What a container does once it is asked to run: read off the pod template's annotation, or off its image by the cluster's table.
//! Says only what the program in the image does; what Kubernetes makes of that is the kubelet's work.

use std::time::Duration;

use serde_json::Value;

/// The annotation on a pod template, e.g. `crash after=3s code=2` or `ready ready-after=20s`.
pub const ANNOTATION: &str = "demo.flightdeck.dev/behaviour";

/// The kinds of fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Runs and gets ready.
    Ready,
    /// Runs, exits with a code, and is restarted.
    Crash,
    /// Runs, is killed for its memory, and is restarted.
    Oom,
    /// Its image can't be pulled.
    ImagePull,
    /// Runs; its readiness probe never passes.
    NeverReady,
    /// No node fits it.
    Unschedulable,
    /// Runs, then its node throws it out.
    Evicted,
}

/// The words of the annotation, in the order help lists them.
const WORDS: &[(&str, Fate)] = &[
    ("ready", Fate::Ready),
    ("crash", Fate::Crash),
    ("oom", Fate::Oom),
    ("image-pull", Fate::ImagePull),
    ("never-ready", Fate::NeverReady),
    ("unschedulable", Fate::Unschedulable),
    ("evicted", Fate::Evicted),
];

/// A container's behaviour.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// What becomes of it.
    pub fate: Fate,
    /// From the node's acceptance to the container running.
    pub start_after: Duration,
    /// From running to the first passed readiness probe.
    pub ready_after: Duration,
    /// From running to the crash, the kill or the eviction.
    pub after: Duration,
    /// From the wish to stop it to its end.
    pub stop_after: Duration,
    /// Exit code of a crash.
    pub code: i64,
    /// The share of pods this happens to; the others are ready.
    pub share: f64,
    /// How far delays may vary, as a share of each.
    pub jitter: f64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            fate: Fate::Ready,
            start_after: Duration::from_millis(900),
            ready_after: Duration::from_millis(2500),
            after: Duration::from_secs(4),
            stop_after: Duration::from_millis(1500),
            code: 1,
            share: 1.0,
            jitter: 0.3,
        }
    }
}

impl Behaviour {
    /// Everything happens as fast as the loops turn: for tests, and for clusters too large to wait for.
    pub fn instant() -> Self {
        Self { start_after: Duration::ZERO, ready_after: Duration::ZERO, stop_after: Duration::ZERO, jitter: 0.0, ..Self::default() }
    }

    /// Whether the kubelet may report this pod running and ready in one write, as it does when it falls behind.
    pub fn is_instant(&self) -> bool {
        self.fate == Fate::Ready && self.start_after.is_zero() && self.ready_after.is_zero()
    }

    /// Reads an annotation over `base`. The error is a sentence naming what is wrong and what would be right.
    pub fn parse(text: &str, base: &Self) -> Result<Self, String> {
        let mut behaviour = base.clone();
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or("ready");
        match WORDS.iter().find(|(word, _)| *word == first) {
            Some((_, fate)) => behaviour.fate = *fate,
            None if first == "slow" => behaviour.ready_after = Duration::from_secs(20),
            None if first == "instant" => behaviour = Self { fate: Fate::Ready, ..Self::instant() },
            None => {
                let known: Vec<_> = WORDS.iter().map(|(word, _)| *word).chain(["slow", "instant"]).collect();
                return Err(format!("`{first}` is no behaviour of a pod; known are {}.", known.join(", ")));
            }
        }
        match behaviour.fate {
            // A crash at start comes before the first probe, unless it is said to come later than ready-after.
            Fate::Crash => behaviour.ready_after = Duration::from_secs(3600),
            Fate::Oom => behaviour.after = Duration::from_secs(40),
            _ => {}
        }
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                return Err(format!("`{word}` in behaviour `{text}` is not of the form name=value."));
            };
            let span = || humantime::parse_duration(value).map_err(|_| format!("`{value}` for {name} is no duration such as 2s or 500ms."));
            let number = || value.parse::<f64>().map_err(|_| format!("`{value}` for {name} is no number."));
            match name {
                "start-after" => behaviour.start_after = span()?,
                "ready-after" => behaviour.ready_after = span()?,
                "after" => behaviour.after = span()?,
                "stop-after" => behaviour.stop_after = span()?,
                "code" => behaviour.code = value.parse().map_err(|_| format!("`{value}` for code is no whole number."))?,
                "share" => behaviour.share = number()?,
                "jitter" => behaviour.jitter = number()?,
                _ => {
                    return Err(format!(
                        "behaviour knows no `{name}`; it has start-after, ready-after, after, stop-after, code, share, jitter."
                    ));
                }
            }
        }
        Ok(behaviour)
    }
}

/// What the cluster's containers do where their template says nothing: by image, then by default.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Where neither the template nor `images` say anything.
    pub default: Behaviour,
    /// Ends of image references and what they do, the first match wins.
    pub images: Vec<(String, Behaviour)>,
}

impl Table {
    /// A table of fast pods, for tests that care about the order of things and not for their pace.
    pub fn instant() -> Self {
        Self { default: Behaviour::instant(), ..Self::default() }
    }

    /// Adds what containers do whose image ends in `suffix`.
    #[must_use]
    pub fn image(mut self, suffix: &str, behaviour: Behaviour) -> Self {
        self.images.push((suffix.to_owned(), behaviour));
        self
    }

    /// What this pod does. An annotation that can't be read counts as none: a real cluster ignores annotations it doesn't know.
    pub fn of(&self, pod: &Value) -> Behaviour {
        let image = pod["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
        let base =
            self.images.iter().find(|(suffix, _)| image.ends_with(suffix.as_str())).map_or(&self.default, |(_, behaviour)| behaviour);
        let said = pod["metadata"]["annotations"][ANNOTATION].as_str();
        said.and_then(|said| Behaviour::parse(said, base).ok()).unwrap_or_else(|| base.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words_and_parameters_and_names_mistakes() {
        let base = Behaviour::default();
        let crash = Behaviour::parse("crash after=3s code=2 share=0.5", &base).unwrap();
        assert_eq!((crash.fate, crash.after, crash.code, crash.share), (Fate::Crash, Duration::from_secs(3), 2, 0.5));
        assert_eq!(Behaviour::parse("slow", &base).unwrap().ready_after, Duration::from_secs(20));
        assert!(Behaviour::parse("crsh", &base).unwrap_err().contains("known are ready, crash"));
        assert!(Behaviour::parse("crash after=soon", &base).unwrap_err().contains("no duration"));
        assert!(Behaviour::parse("crash when=now", &base).unwrap_err().contains("knows no `when`"));
    }
}
