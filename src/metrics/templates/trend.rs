//! How shares and burn went: questions to be asked as a range.
//! Never asks for more than a day back.

use super::super::dialect::Source;
use super::super::promql::{marked, together};
use super::super::subject::{Part, Subject};
use super::super::window::Window;
use super::ARM_LABEL;

impl Source {
    /// Requests a second of the new versions (`arm="new"`) and of all (`arm="all"`); their quotient is the measured share.
    pub fn share_trend(&self, subject: &Subject, window: Window) -> Option<String> {
        let all = self.service_total(subject, window)?;
        let new = self.new_total(subject, window)?;
        together([marked(&new, ARM_LABEL, "new"), marked(&all, ARM_LABEL, "all")])
    }

    /// Total and bad requests a second of the whole release over `window`, marked as by [`Self::service`].
    pub fn burn_trend(&self, subject: &Subject, window: Window) -> Option<String> {
        self.service(subject, &[window])
    }

    /// The largest measured share of the new versions over the last `back`, minute by minute (0 to 1): what a restarted cockpit did not see.
    pub fn max_share(&self, subject: &Subject, back: Window) -> Option<String> {
        let (new, all) = (self.new_total(subject, Window::MINUTE)?, self.service_total(subject, Window::MINUTE)?);
        Some(format!("max_over_time(({new} / {all})[{back}:1m])"))
    }

    fn new_total(&self, subject: &Subject, window: Window) -> Option<String> {
        let mut rates = Vec::new();
        for version in subject.versions.iter().filter(|version| version.part == Part::New) {
            let rate = format!("sum({})", self.rate(&self.scope_of(subject, version)?, window));
            rates.push(marked(&rate, super::VERSION_LABEL, version.hash.as_str()));
        }
        together(rates).map(|all| format!("sum({all})"))
    }
}
