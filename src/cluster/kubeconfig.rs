//! Finds and reads the kubeconfig as kubectl does, and picks a context; what can't be read is told with file, line and what to do.
//! Never runs a login helper and never opens a connection.
//!
//! Order, as in client-go `clientcmd`: the file named by `--kubeconfig`; else the files of `KUBECONFIG`, merged, first word wins, missing
//! ones skipped; else `~/.kube/config`; else, inside a pod, the service account. Not covered, because no current kubectl needs it: the login
//! providers `gcp` and `azure`, which became login helpers. `oidc` works, with renewal.

mod service_account;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, ExecAuthCluster, Kubeconfig};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::proxy;
use super::target::Target;
use crate::ports::Identity;
use crate::text::Clean;
use service_account::in_cluster;

/// Where a pod finds its service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Everything known before the first byte goes out.
#[derive(Clone)]
pub(super) struct Chosen {
    pub identity: Identity,
    pub cluster: http::Uri,
    pub namespace: String,
    pub auth: AuthInfo,
    pub roots: Option<Vec<Vec<u8>>>,
    pub roots_file: Option<PathBuf>,
    pub insecure: bool,
    pub compressed: bool,
    pub server_name: Option<String>,
    pub proxy: Option<http::Uri>,
}

/// The contexts there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contexts {
    /// Their names, in the order of the files.
    pub names: Vec<Clean>,
    /// The current one.
    pub current: Option<Clean>,
}

/// What surrounds the program, given so that tests need not change it.
pub(super) struct Surroundings<'a> {
    pub env: &'a dyn Fn(&str) -> Option<OsString>,
    pub home: Option<PathBuf>,
    pub service_account: &'a Path,
}

impl Surroundings<'_> {
    /// Runs `f` in the real ones.
    pub fn real<T>(f: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        let env = |name: &str| std::env::var_os(name);
        f(&Surroundings { env: &env, home: std::env::home_dir(), service_account: Path::new(SERVICE_ACCOUNT) })
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.env)(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
    }
}

/// The contexts of the kubeconfig.
///
/// # Errors
/// A sentence, when there is none or it can't be read.
pub fn contexts(kubeconfig: Option<&Path>) -> Result<Contexts, Clean> {
    let config = Surroundings::real(|around| read(kubeconfig, around))?.ok_or_else(|| Surroundings::real(none))?;
    Ok(Contexts {
        names: config.contexts.iter().map(|c| Clean::from(c.name.as_str())).collect(),
        current: config.current_context.filter(|name| !name.is_empty()).map(Clean::from),
    })
}

/// Reads the files and picks what `target` asks for.
pub(super) fn choose(target: &Target, around: &Surroundings<'_>) -> Result<Chosen, String> {
    let config = match &target.inline {
        Some(text) => Some(Kubeconfig::from_yaml(text).map_err(|error| format!("the kubeconfig handed over can't be read: {error}"))?),
        None => read(target.kubeconfig.as_deref(), around)?,
    };
    let mut chosen = match config {
        Some(config) => pick(&config, target.context.as_deref(), around)?,
        None if target.context.is_none() => in_cluster(around)?.ok_or_else(|| none(around))?,
        None => return Err(none(around)),
    };
    if let Some(other) = &target.impersonate {
        chosen.auth.impersonate = Some(other.user.clone());
        chosen.auth.impersonate_groups = Some(other.groups.clone()).filter(|groups| !groups.is_empty());
    }
    Ok(chosen)
}

/// The merged files; `None` when there is no file.
fn read(named: Option<&Path>, around: &Surroundings<'_>) -> Result<Option<Kubeconfig>, String> {
    if let Some(path) = named {
        if !path.exists() {
            return Err(format!("there is no kubeconfig {}: check --kubeconfig, or see `flightdeck demo`", path.display()));
        }
        return file(path).map(Some);
    }
    let mut merged: Option<Kubeconfig> = None;
    for path in paths(around).into_iter().filter(|path| path.exists()) {
        let next = file(&path)?;
        merged = Some(match merged {
            None => next,
            Some(first) => {
                first.merge(next).map_err(|error| format!("the kubeconfig {} does not fit those before it: {error}", path.display()))?
            }
        });
    }
    Ok(merged.filter(|config| !config.contexts.is_empty() || !config.clusters.is_empty()))
}

fn paths(around: &Surroundings<'_>) -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = (around.env)("KUBECONFIG")
        .map(|list| std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    if listed.is_empty() { around.home.iter().map(|home| home.join(".kube").join("config")).collect() } else { listed }
}

fn file(path: &Path) -> Result<Kubeconfig, String> {
    Kubeconfig::read_from(path).map_err(|error| {
        let why = error.to_string();
        let why = why.lines().next().unwrap_or_default();
        match error {
            kube::config::KubeconfigError::ReadConfig(io, _) => format!("the kubeconfig {} can't be opened: {io}", path.display()),
            _ => {
                let why = why.strip_prefix("failed to parse kubeconfig YAML: ").unwrap_or(why);
                format!("the kubeconfig {} can't be read: {why}", path.display())
            }
        }
    })
}

fn none(around: &Surroundings<'_>) -> String {
    let looked: Vec<String> = paths(around).iter().map(|path| path.display().to_string()).collect();
    let looked = if looked.is_empty() { "KUBECONFIG is not set".to_owned() } else { format!("looked for {}", looked.join(", ")) };
    format!("no kubeconfig: {looked}. `flightdeck demo` shows a release without a cluster; --kubeconfig FILE names another file")
}

fn pick(config: &Kubeconfig, wanted: Option<&str>, around: &Surroundings<'_>) -> Result<Chosen, String> {
    let names: Vec<&str> = config.contexts.iter().map(|c| c.name.as_str()).collect();
    let current = config.current_context.as_deref().filter(|name| !name.is_empty());
    let Some(name) = wanted.or(current) else {
        return Err(match names.as_slice() {
            [] => "the kubeconfig names no context: `flightdeck demo` shows a release without a cluster".to_owned(),
            _ => format!("the kubeconfig names no current context: choose one with --context ({})", some(&names)),
        });
    };
    let Some(context) = config.contexts.iter().find(|c| c.name == name).and_then(|c| c.context.as_ref()) else {
        return Err(unknown(name, &names));
    };
    let cluster = config.clusters.iter().find(|c| c.name == context.cluster).and_then(|c| c.cluster.as_ref()).ok_or_else(|| {
        format!("the context {name} is in the cluster {}, which the kubeconfig does not describe: add it under `clusters`", context.cluster)
    })?;
    let user = context.user.clone().unwrap_or_default();
    // A missing user is nobody in particular, as in client-go.
    let auth = config.auth_infos.iter().find(|u| u.name == user).and_then(|u| u.auth_info.clone()).unwrap_or_default();
    let server = cluster.server.as_deref().filter(|s| !s.is_empty()).ok_or_else(|| {
        format!("the cluster {} of the context {name} has no server address: add `server` in the kubeconfig", context.cluster)
    })?;
    let address = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    let uri: http::Uri = address.parse().map_err(|error| {
        format!("the server address of the cluster {} can't be read ({error}): write https://HOST:PORT", context.cluster)
    })?;
    let namespace = context.namespace.clone().filter(|ns| !ns.is_empty()).unwrap_or_else(|| "default".to_owned());
    let identity = Identity {
        context: Clean::from(name),
        server: Clean::from(shown(&uri)),
        user: Clean::from(user),
        groups: Vec::new(),
        namespace: Clean::from(namespace.as_str()),
        version: Clean::default(),
    };
    Ok(Chosen {
        identity,
        namespace,
        auth: with_cluster(auth, cluster)?,
        roots: roots(cluster, &context.cluster)?,
        roots_file: None,
        insecure: cluster.insecure_skip_tls_verify.unwrap_or(false),
        compressed: !cluster.disable_compression.unwrap_or(false),
        server_name: cluster.tls_server_name.clone().filter(|name| !name.is_empty()),
        proxy: proxy::choose(&uri, cluster.proxy_url.as_deref(), &|name| around.text(name))?,
        cluster: uri,
    })
}

/// Gives the login helper what it may be told of the cluster, where the kubeconfig wants that.
fn with_cluster(mut auth: AuthInfo, cluster: &Cluster) -> Result<AuthInfo, String> {
    if let Some(exec) = auth.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        exec.cluster =
            Some(ExecAuthCluster::try_from(cluster).map_err(|error| format!("the login helper can't be told of the cluster: {error}"))?);
    }
    Ok(auth)
}

fn roots(cluster: &Cluster, name: &str) -> Result<Option<Vec<Vec<u8>>>, String> {
    let of = format!("the certificate authority of the cluster {name}");
    let pem = if let Some(data) = cluster.certificate_authority_data.as_deref().filter(|data| !data.is_empty()) {
        // The data is base64 of a PEM file: as the body of a PEM block it is decoded by the reader that is there anyway.
        let wrapped = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", data.trim());
        CertificateDer::from_pem_slice(wrapped.as_bytes()).map_err(|_| format!("{of} (certificate-authority-data) is not base64"))?.to_vec()
    } else if let Some(path) = cluster.certificate_authority.as_deref().filter(|path| !path.is_empty()) {
        std::fs::read(path).map_err(|error| format!("{of} can't be read from {path}: {error}"))?
    } else {
        return Ok(None);
    };
    certificates(&pem).map(Some).ok_or_else(|| format!("{of} holds no certificate in PEM"))
}

fn certificates(pem: &[u8]) -> Option<Vec<Vec<u8>>> {
    let all: Result<Vec<Vec<u8>>, _> = CertificateDer::pem_slice_iter(pem).map(|der| der.map(|der| der.to_vec())).collect();
    all.ok().filter(|all| !all.is_empty())
}

/// An address without user and password.
pub(super) fn shown(uri: &http::Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https");
    let host = uri.host().unwrap_or_default();
    let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{host}{port}{}", uri.path().trim_end_matches('/'))
}

fn unknown(name: &str, names: &[&str]) -> String {
    let nearest = names.iter().map(|other| (strsim::jaro_winkler(name, other), *other)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        None => format!("there is no context {name}: the kubeconfig has none"),
        Some((score, near)) if score > 0.75 => format!("there is no context {name}: did you mean {near}? There are {}", some(names)),
        Some(_) => format!("there is no context {name}: there are {}", some(names)),
    }
}

fn some(names: &[&str]) -> String {
    const MANY: usize = 12;
    let mut list = names.iter().take(MANY).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MANY {
        list.push_str(&format!(" and {} more", names.len() - MANY));
    }
    list
}

#[cfg(test)]
mod tests;
