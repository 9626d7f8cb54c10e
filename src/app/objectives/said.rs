//! What is said of the search for objectives: what was wrong, what could not be read, what is nobody's promise.
//! Refuses to be silent about a source that did not speak, except where its kind is not installed.

use super::{MOST_COVERING, Objectives};
use crate::objectives::{Found, Remark};
use crate::ports::objectives::Declared;
use crate::release::ReleaseRef;
use crate::text::Clean;

/// That an objective of a release is not followed, and why.
pub(super) fn left_out(found: &Found, release: &ReleaseRef, why: &Clean) -> Clean {
    let (name, place) = (found.full_name(), found.found_in());
    Clean::from(format!("{name} of {}/{} is not followed, found in {place}. {why}", release.namespace, release.name))
}

impl Objectives {
    /// What was wrong in what was read, and what could not be read, in sentences.
    pub fn remarks(&self) -> Vec<Clean> {
        let reads = self.reads();
        let rules = self.rules.iter().filter_map(|rules| rules.as_ref().ok());
        let wrong = reads
            .chain(rules)
            .chain([&self.files])
            .flat_map(|read| &read.remarks)
            .chain(&self.checks)
            .map(Remark::to_string)
            .map(Clean::from);
        let unread = self.declared.iter().filter_map(|(shelf, declared)| match declared {
            Declared::Denied(right) => Some(Clean::from(format!("{} were not looked at: you may not {right}.", shelf.resource()))),
            Declared::Failed(why) => Some(Clean::from(format!("{} could not be read: {why}", shelf.resource()))),
            Declared::Read(_) | Declared::Absent => None,
        });
        unread.chain(self.unheard()).chain(self.uncertain()).chain(wrong).chain(self.left_out.iter().cloned()).collect()
    }

    /// What the metrics server did not tell, in sentences.
    pub(super) fn unheard(&self) -> impl Iterator<Item = Clean> {
        let rules = self.rules.as_ref().and_then(|told| told.as_ref().err()).map(|why| format!("Its rules were not read: {why}"));
        let described = self.described.as_ref().and_then(|told| told.as_ref().err());
        let described = described.map(|why| format!("Series that describe objectives were not read: {why}"));
        rules.into_iter().chain(described).map(Clean::from)
    }

    /// Of how many objectives it is not known which pods they count, in sentences.
    fn uncertain(&self) -> Option<Clean> {
        let mut failed = self.coverage.values().filter_map(|told| told.as_ref().err());
        let why = failed.next();
        let count = self.uncovered + usize::from(why.is_some()) + failed.count();
        let why = why.map_or_else(|| format!("more than {MOST_COVERING} are not asked about"), ToString::to_string);
        (count > 0).then(|| Clean::from(format!("Which pods {count} objectives count is not known, so names decide whose they are: {why}")))
    }
}
