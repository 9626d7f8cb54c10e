//! `/pods/NAME/log`: the containers of the embedded cluster write nothing, so what there is to say is whether they could have.
//! Never invents a log line.

use axum::body::{Body, Bytes};
use axum::http::Response;
use serde_json::Value;

use super::ask::Ask;
use super::refusal::{Answer, Refusal};
use super::respond;

/// Answers a GET of a pod's log.
pub(super) fn log(ask: &Ask) -> Answer<Response<Body>> {
    let key = ask.key()?;
    let pod = ask.cluster.read(|sim| sim.store.get(&key).cloned()).ok_or_else(|| Refusal::not_found(key.resource, &key.name))?;
    let containers = pod["spec"]["containers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |container: &Value| container["name"].as_str().unwrap_or_default().to_owned();
    let wanted = match (&ask.query.container, containers) {
        (Some(wanted), all) if all.iter().any(|c| name(c) == *wanted) => wanted.clone(),
        (Some(wanted), _) => {
            return Err(Refusal::bad_request(format!("container {wanted} is not valid for pod {}", key.name)));
        }
        (None, [only]) => name(only),
        (None, all) => {
            let names: Vec<String> = all.iter().map(name).collect();
            let names = names.join(" ");
            return Err(Refusal::bad_request(format!("a container name must be specified for pod {}, choose one of: [{names}]", key.name)));
        }
    };
    let statuses = pod["status"]["containerStatuses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let status = statuses.iter().find(|status| name(status) == wanted);
    let waiting = status.and_then(|status| status["state"]["waiting"]["reason"].as_str());
    let before = status.is_some_and(|status| !status["lastState"]["terminated"].is_null());
    match waiting {
        Some(reason) if !before => {
            Err(Refusal::bad_request(format!("container \"{wanted}\" in pod \"{}\" is waiting to start: {reason}", key.name)))
        }
        _ => Ok(respond::bytes(200, "text/plain", Bytes::new())),
    }
}
