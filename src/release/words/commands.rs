//! The kubectl commands that show the same, to copy and to check this program against.
//! Refuses to offer one that changes anything.

use crate::release::{Engine, PodView, Release};

/// The command that shows this release with the engine's own tool.
#[must_use]
pub fn kubectl(release: &Release) -> String {
    let (name, namespace) = (&release.key.name, &release.key.namespace);
    match release.engine {
        Engine::ArgoRollouts => format!("kubectl argo rollouts get rollout {name} -n {namespace}"),
        Engine::Deployment => format!("kubectl rollout status deployment/{name} -n {namespace}"),
    }
}

/// The command that tells a pod's story.
#[must_use]
pub fn kubectl_pod(release: &Release, pod: &PodView) -> String {
    format!("kubectl describe pod {} -n {}", pod.name, release.key.namespace)
}
