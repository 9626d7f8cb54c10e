//! Inside a pod, where there is no kubeconfig: the service account's files and the address in the environment.
//! Never a fallback for a kubeconfig that is broken: only for one that is not there.

use kube::config::AuthInfo;

use super::super::proxy;
use super::{Chosen, Surroundings, certificates, shown};
use crate::ports::Identity;
use crate::text::Clean;

/// The service account of the pod this runs in, if it runs in one.
pub(super) fn in_cluster(around: &Surroundings<'_>) -> Result<Option<Chosen>, String> {
    let (Some(host), Some(port)) = (around.text("KUBERNETES_SERVICE_HOST"), around.text("KUBERNETES_SERVICE_PORT")) else {
        return Ok(None);
    };
    let folder = around.service_account;
    let token = folder.join("token");
    if !token.exists() {
        return Ok(None);
    }
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let uri: http::Uri =
        format!("https://{host}:{port}").parse().map_err(|error| format!("KUBERNETES_SERVICE_HOST is not an address: {error}"))?;
    let ca = folder.join("ca.crt");
    let pem =
        std::fs::read(&ca).map_err(|error| format!("the cluster's certificate authority can't be read from {}: {error}", ca.display()))?;
    let roots = certificates(&pem).ok_or_else(|| format!("{} holds no certificate in PEM", ca.display()))?;
    let namespace = std::fs::read_to_string(folder.join("namespace")).ok().map(|ns| ns.trim().to_owned()).filter(|ns| !ns.is_empty());
    let namespace = namespace.unwrap_or_else(|| "default".to_owned());
    let identity = Identity {
        context: Clean::from("in-cluster"),
        server: Clean::from(shown(&uri)),
        user: Clean::from("service account"),
        groups: Vec::new(),
        namespace: Clean::from(namespace.as_str()),
        version: Clean::default(),
    };
    Ok(Some(Chosen {
        identity,
        namespace,
        auth: AuthInfo { token_file: Some(token.display().to_string()), ..AuthInfo::default() },
        roots: Some(roots),
        roots_file: Some(ca),
        insecure: false,
        compressed: true,
        server_name: None,
        proxy: proxy::choose(&uri, None, &|name| around.text(name))?,
        cluster: uri,
    }))
}
