//! The kubectl commands that show the same, to copy and to check this program against.
//! Refuses to offer one that changes anything, or one that goes to another cluster than the one on screen.

use crate::release::{Engine, PodView, Release};

/// The command that shows this release with the engine's own tool.
#[must_use]
pub fn kubectl(release: &Release, context: &str) -> String {
    let context = at(context);
    let (name, namespace) = (&release.key.name, &release.key.namespace);
    match release.engine {
        Engine::ArgoRollouts => format!("kubectl argo rollouts get rollout {name} -n {namespace}{context}"),
        Engine::Flagger => format!("kubectl describe canary/{name} -n {namespace}{context}"),
        Engine::Deployment => format!("kubectl rollout status deployment/{name} -n {namespace}{context}"),
    }
}

/// The command that tells a pod's story.
#[must_use]
pub fn kubectl_pod(release: &Release, pod: &PodView, context: &str) -> String {
    format!("kubectl describe pod {} -n {}{}", pod.name, release.key.namespace, at(context))
}

/// Which cluster, in quotes where a shell would take its name apart.
fn at(context: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    match context {
        "" => String::new(),
        name if name.chars().all(plain) => format!(" --context {name}"),
        name => format!(" --context '{}'", name.replace('\'', r"'\''")),
    }
}
