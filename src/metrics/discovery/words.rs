//! What a search that found nothing met on its way, put into one sentence or two.
//! Says what would help, never more than one thing that went wrong for each Service.

use super::super::failure::Failure;
use crate::ports::route::Place;
use crate::text::Clean;

/// What was met.
#[derive(Debug, Default)]
pub(super) struct Notes {
    denied: Option<Clean>,
    looked_in: Vec<Clean>,
    met: Vec<(Place, Met)>,
}

/// Why a Service was not taken.
#[derive(Debug, PartialEq)]
enum Met {
    NeedsRight,
    Stranger(Vec<Clean>),
    NoApi,
    Failed(Clean),
}

impl Notes {
    /// Services may not be listed everywhere.
    pub fn denied(&mut self, why: Clean) {
        self.denied = Some(why);
    }

    /// These namespaces were looked into instead.
    pub fn looked_in(&mut self, namespaces: &[Clean]) {
        self.looked_in = namespaces.to_vec();
    }

    /// Neither way to it is allowed.
    pub fn needs_right(&mut self, place: &Place) {
        self.met.push((place.clone(), Met::NeedsRight));
    }

    /// It answers, and has none of the pods of these namespaces.
    pub fn stranger(&mut self, place: &Place, namespaces: &[Clean]) {
        self.met.push((place.clone(), Met::Stranger(namespaces.to_vec())));
    }

    /// It answers something else.
    pub fn no_api(&mut self, place: &Place) {
        if !self.met.iter().any(|(known, _)| known == place) {
            self.met.push((place.clone(), Met::NoApi));
        }
    }

    /// It did not answer.
    pub fn failed(&mut self, place: &Place, failure: &Failure) {
        self.met.retain(|(known, met)| known != place || *met != Met::NoApi);
        self.met.push((place.clone(), Met::Failed(Clean::from(failure.to_string()))));
    }

    /// All of it: what is so, and what would help.
    pub fn sentence(&self) -> Clean {
        const NAME_ONE: &str = "Name one with --prometheus URL, or in [prometheus] of config.toml.";
        let worst = |met: &Met| match met {
            Met::NeedsRight => 0,
            Met::Failed(_) => 1,
            Met::Stranger(_) => 2,
            Met::NoApi => 3,
        };
        let first = self.met.iter().min_by_key(|(_, met)| worst(met));
        let more = match self.met.iter().filter(|(place, _)| first.is_some_and(|(first, _)| first != place)).count() {
            0 => String::new(),
            1 => " One more Service was tried in vain.".to_owned(),
            many => format!(" {many} more Services were tried in vain."),
        };
        let said = match first {
            None => match &self.denied {
                None => format!("no Prometheus was found in this cluster: no Service carries the labels that one mostly has. {NAME_ONE}"),
                Some(why) => {
                    let places: Vec<&str> = self.looked_in.iter().map(Clean::as_str).collect();
                    format!(
                        "no Prometheus was found: Services could not be listed everywhere ({why}), and there is none in {}. {NAME_ONE}",
                        places.join(", ")
                    )
                }
            },
            Some((place, Met::NeedsRight)) => format!(
                "{} looks like a Prometheus and may not be asked by you: it takes `get` on services/proxy, or `create` on pods/portforward, in {}.{more} \
                 Ask for either, or name an address with --prometheus URL.",
                place.words(),
                place.namespace
            ),
            Some((place, Met::Stranger(namespaces))) => format!(
                "{} answers as Prometheus does and has no pod of {}, so it was not taken for this cluster's.{more} {NAME_ONE}",
                place.words(),
                namespaces.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ")
            ),
            Some((place, Met::NoApi)) => {
                format!("{} looks like a Prometheus and does not answer as one.{more} {NAME_ONE}", place.words())
            }
            Some((_, Met::Failed(sentence))) => format!("{sentence}{more}"),
        };
        Clean::from(said)
    }
}
