//! What a search that found nothing met on its way, put into a few sentences: what is so, what was tried, what would help.
//! Never tells of more than one candidate at length, and never repeats a header or a login.

use super::super::failure::Failure;
use crate::ports::route::Lacking;
use crate::text::Clean;

const NAME_ONE: &str = "Name one with --prometheus URL, or in [prometheus] of config.toml.";

/// What was met.
#[derive(Debug, Default)]
pub(super) struct Notes {
    denied: Option<Clean>,
    looked_in: Vec<Clean>,
    /// By what a candidate is called, in the order they were tried.
    met: Vec<(String, Met)>,
}

/// How a candidate was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Through the API server.
    Proxy,
    /// Over a port-forward.
    Forward,
    /// At its own address.
    Address,
}

/// What became of one candidate.
#[derive(Debug, Default)]
struct Met {
    namespace: Clean,
    lacks_to_proxy: Vec<Lacking>,
    lacks_to_forward: Vec<Lacking>,
    /// The namespaces none of whose pods it knows.
    stranger: Option<Vec<Clean>>,
    no_api: bool,
    failed: Vec<(Way, Clean)>,
    /// What its login stands in, where it wanted one.
    withheld: Clean,
}

impl Met {
    fn needs_right(&self) -> bool {
        !self.lacks_to_proxy.is_empty() && !self.lacks_to_forward.is_empty()
    }

    /// What says most about what would help comes first.
    fn worth(&self) -> u8 {
        match self {
            _ if self.needs_right() => 0,
            _ if !self.failed.is_empty() => 1,
            _ if self.stranger.is_some() => 2,
            _ => 3,
        }
    }
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

    /// What is missing for each of the two ways to it; a way that is open misses nothing.
    pub fn lacks(&mut self, what: &str, namespace: &Clean, to_proxy: Vec<Lacking>, to_forward: Vec<Lacking>) {
        let met = self.of(what);
        (met.namespace, met.lacks_to_proxy, met.lacks_to_forward) = (namespace.clone(), to_proxy, to_forward);
    }

    /// It answers, and has none of the pods of these namespaces.
    pub fn stranger(&mut self, what: &str, namespaces: &[Clean]) {
        self.of(what).stranger = Some(namespaces.to_vec());
    }

    /// It answers something else.
    pub fn no_api(&mut self, what: &str) {
        self.of(what).no_api = true;
    }

    /// It did not answer this way; its login, where it has one, stands in `withheld`.
    pub fn failed(&mut self, what: &str, withheld: &Clean, way: Way, failure: &Failure) {
        let met = self.of(what);
        met.failed.push((way, Clean::from(failure.to_string())));
        if matches!(failure, Failure::Unauthorized(_) | Failure::Forbidden(_) | Failure::LoginStripped(_)) {
            met.withheld = withheld.clone();
        }
    }

    fn of(&mut self, what: &str) -> &mut Met {
        let at = self.met.iter().position(|(known, _)| known == what).unwrap_or_else(|| {
            self.met.push((what.to_owned(), Met::default()));
            self.met.len() - 1
        });
        &mut self.met[at].1
    }

    /// All of it.
    pub fn sentence(&self) -> Clean {
        let Some((what, met)) = self.met.iter().min_by_key(|(_, met)| met.worth()) else { return self.nothing() };
        let more = match self.met.len() - 1 {
            0 => String::new(),
            1 => " One more candidate was tried in vain.".to_owned(),
            many => format!(" {many} more candidates were tried in vain."),
        };
        Clean::from(if met.needs_right() {
            format!(
                "{what} may be this cluster's Prometheus, and neither way to it is open to you: in {} you cannot {} (through the API server), nor {} \
                 (a port-forward).{more} Ask for either, or name an address with --prometheus URL.",
                met.namespace,
                cannot(&met.lacks_to_proxy),
                cannot(&met.lacks_to_forward)
            )
        } else if !met.failed.is_empty() {
            format!("{}{more}", failures(met))
        } else if let Some(namespaces) = &met.stranger {
            let namespaces: Vec<&str> = namespaces.iter().map(Clean::as_str).collect();
            format!(
                "{what} answers as Prometheus does and has no pod of {}, so it was not taken for this cluster's.{more} {NAME_ONE}",
                namespaces.join(", ")
            )
        } else {
            format!("{what} was taken for a Prometheus and does not answer as one.{more} {NAME_ONE}")
        })
    }

    fn nothing(&self) -> Clean {
        let places: Vec<&str> = self.looked_in.iter().map(Clean::as_str).collect();
        Clean::from(match &self.denied {
            None => format!(
                "no Prometheus was found in this cluster: no template of an analysis names one, and no Service carries the labels that one mostly \
                 has. {NAME_ONE}"
            ),
            Some(why) => format!(
                "no Prometheus was found: Services could not be listed everywhere ({why}), and there is none in {}. {NAME_ONE}",
                places.join(", ")
            ),
        })
    }
}

/// How each way failed, what was not tried and why, and where its login stands.
fn failures(met: &Met) -> String {
    let mut said = String::new();
    for (way, sentence) in &met.failed {
        match (said.is_empty(), way) {
            (true, _) => said.push_str(sentence.as_str()),
            (false, Way::Forward) => said.push_str(&format!(" A port-forward was tried too: {sentence}")),
            (false, _) => said.push_str(&format!(" Then: {sentence}")),
        }
    }
    if !met.lacks_to_forward.is_empty() {
        said.push_str(&format!(" A port-forward was not tried: in {} you cannot {}.", met.namespace, cannot(&met.lacks_to_forward)));
    } else if !met.lacks_to_proxy.is_empty() {
        said.push_str(&format!(" The API server's proxy was not tried: in {} you cannot {}.", met.namespace, cannot(&met.lacks_to_proxy)));
    }
    if !met.withheld.is_empty() {
        said.push_str(&format!(" Its login stands in {}, which is never read: put one into [prometheus] of config.toml.", met.withheld));
    }
    said
}

/// As kubectl says it: `get resource "services/proxy"`.
fn cannot(lacking: &[Lacking]) -> String {
    let each: Vec<String> = lacking.iter().map(|one| format!("{} resource \"{}\"", one.verb, one.resource)).collect();
    each.join(" and ")
}
