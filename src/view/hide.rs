//! The redaction switch: what stands for names of clusters, namespaces and images on a shared screen, wherever they turn up in text.
//! Never touches what is copied or watched: only the picture changes.

use std::borrow::Cow;

use super::paint::placeholder;
use crate::app::State;
use crate::ports::Scope;
use crate::ports::metrics::MetricsLink;
use crate::release::{Alarm, Label, PodState, Release, Share, Trouble};
use crate::text::Clean;

/// The names to hide and what stands for each, longest first: a registry's path holds shorter names.
#[derive(Debug, Clone, Default)]
pub struct Names(Vec<(Clean, String)>);

impl Names {
    /// Every name that is known now.
    pub fn of(state: &State) -> Self {
        let mut pairs: Vec<(Clean, String)> = Vec::new();
        let mut add = |what: &str, name: &str| {
            if !name.is_empty() && !pairs.iter().any(|(known, _)| *known == *name) {
                pairs.push((Clean::from(name), placeholder(what, name)));
            }
        };
        let identity = state.identity();
        let host = identity.server.trim_start_matches("https://").trim_start_matches("http://");
        add("cluster", &identity.context);
        add("cluster", &identity.server);
        add("cluster", host);
        add("cluster", host.rsplit_once(':').map_or(host, |(name, _)| name));
        add("ns", &identity.namespace);
        if let MetricsLink::Live { address, way } = state.metrics().link()
            && address.as_str().starts_with("http")
        {
            add("metrics", address);
            add("metrics", way);
        }
        if let Some(Scope::Namespace(name)) = state.scope() {
            add("ns", name);
        }
        let mut last: Option<&Clean> = None;
        for key in state.shown().keys() {
            if last != Some(&key.namespace) {
                add("ns", &key.namespace);
                last = Some(&key.namespace);
            }
        }
        for image in state.open_release().iter().flat_map(|r| &r.versions).flat_map(|v| &v.images) {
            add("image", repository(image));
        }
        pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self(pairs)
    }

    /// `text` with every name replaced where it stands as a word of its own, and images named by the kubelet too.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = images(text);
        for (name, stand_in) in &self.0 {
            if let Some(changed) = replaced(&out, name, stand_in) {
                out = Cow::Owned(changed);
            }
        }
        out
    }

    fn clean(&self, text: &mut Clean) {
        if let Cow::Owned(hidden) = self.hide(text) {
            *text = Clean::from(hidden);
        }
    }

    /// The release with every sentence in it fit for a shared screen. Its key stays: whoever draws it hides the namespace there.
    pub fn release(&self, release: &Release) -> Release {
        let mut out = release.clone();
        out.message.iter_mut().for_each(|m| self.clean(m));
        out.change_cause.iter_mut().for_each(|m| self.clean(m));
        let exposure = &mut out.exposure;
        [&mut exposure.headline, &mut exposure.configured, &mut exposure.inferred].into_iter().flatten().for_each(|s| self.share(s));
        exposure.beside.iter_mut().for_each(|m| self.clean(m));
        for version in &mut out.versions {
            version.images.iter_mut().for_each(|image| self.clean(image));
            version.change_cause.iter_mut().for_each(|m| self.clean(m));
        }
        for pod in &mut out.pods {
            if let PodState::Failing(trouble) = &mut pod.state {
                self.trouble(trouble);
            }
        }
        for run in &mut out.analyses {
            self.clean(&mut run.message);
            for metric in run.metrics.iter_mut().chain(&mut run.dry_run) {
                self.clean(&mut metric.message);
                self.clean(&mut metric.condition);
            }
        }
        for experiment in &mut out.experiments {
            self.clean(&mut experiment.message);
            experiment.arms.iter_mut().flat_map(|arm| &mut arm.images).for_each(|image| self.clean(image));
        }
        out.abort.iter_mut().flat_map(|abort| &mut abort.chain).for_each(|m| self.clean(m));
        for alarm in &mut out.alarms {
            if let Alarm::PodsFailing { reason, .. } = alarm {
                self.clean(reason);
            }
        }
        out.timeline.iter_mut().for_each(|happening| self.clean(&mut happening.text));
        out
    }

    fn share(&self, share: &mut Share) {
        if share.label != Label::Measured {
            self.clean(&mut share.source);
        }
    }

    fn trouble(&self, trouble: &mut Trouble) {
        match trouble {
            Trouble::ImagePull(text)
            | Trouble::NotReady(text)
            | Trouble::Unschedulable(text)
            | Trouble::Evicted(text)
            | Trouble::Create(text)
            | Trouble::Other(text) => self.clean(text),
            Trouble::CrashLoop { .. } | Trouble::Ended(_) => {}
        }
    }
}

/// An image reference without its tag or digest.
fn repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    match image.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// What the kubelet quotes after the word image is one, also of a container that nothing else names.
fn images(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(at) = out[from..].find("image \"").map(|at| from + at + 7) {
        let Some(end) = out[at..].find('"').map(|end| at + end) else { break };
        let name = repository(&out[at..end]).to_owned();
        if name.is_empty() || name.starts_with("image-") {
            from = end;
            continue;
        }
        let stand_in = placeholder("image", &name);
        from = at + stand_in.len();
        out = Cow::Owned(format!("{}{stand_in}{}", &out[..at], &out[at + name.len()..]));
    }
    out
}

/// `text` with `name` replaced where it is a whole word; `None` where it is not in it.
fn replaced(text: &str, name: &str, stand_in: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = 0;
    for (at, _) in text.match_indices(name) {
        let end = at + name.len();
        // Kubernetes names hold no underscore, and the kubelet writes POD_NAMESPACE(UID).
        let joins = |c: char| c.is_alphanumeric() || c == '-';
        if at < rest || text[..at].chars().next_back().is_some_and(joins) || text[end..].chars().next().is_some_and(joins) {
            continue;
        }
        out.push_str(&text[rest..at]);
        out.push_str(stand_in);
        rest = end;
    }
    (rest > 0).then(|| format!("{out}{}", &text[rest..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let pair = |what: &str, name: &str| (Clean::from(name), placeholder(what, name));
        Names(vec![pair("image", "registry.example/web"), pair("ns", "payments"), pair("ns", "web")])
    }

    #[test]
    fn a_namespace_is_hidden_only_as_a_word_of_its_own() {
        let said = names().hide("assigned payments/payments-7d9 to node-1").into_owned();
        assert!(!said.contains("payments/"), "{said}");
        assert!(said.contains("/payments-7d9"), "a pod's name stays: {said}");
    }

    #[test]
    fn an_image_loses_its_repository_and_keeps_its_tag() {
        let said = names().hide("Pulling image \"registry.example:5000/team/side:1.2\" and registry.example/web:1.4").into_owned();
        assert!(!said.contains("registry.example"), "{said}");
        assert!(said.contains(":1.2\"") && said.contains(":1.4"), "{said}");
    }

    #[test]
    fn text_without_names_is_not_copied() {
        assert!(matches!(names().hide("nothing to see"), Cow::Borrowed(_)));
    }
}
