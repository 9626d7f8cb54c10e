//! What the cluster offers to whoever looks for a metrics server: Services by label, some pods, rights, and the ways themselves.
//! Lists only what the search names, and reads nothing of a pod but its name, its ports and whether it runs.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::access::Asker;
use super::super::pages;
use super::super::session::Session;
use super::forward::PodForward;
use super::{ServiceProxy, segment};
use crate::objects::Kind;
use crate::ports::route::{Listed, Place, Route, Routes};
use crate::ports::write::Later;
use crate::text::Clean;

/// How long one list or question may take.
const LIMIT: Duration = Duration::from_secs(8);
/// More Services than this with such labels are not looked at.
const SERVICES: usize = 100;

impl Routes for Asker {
    fn services(&self, namespace: Option<Clean>, selector: &'static str) -> Later<Result<Vec<Listed>, Clean>> {
        let asker = self.clone();
        Box::pin(async move {
            let session = asker.session().await?;
            let scope = namespace.as_ref().map(Clean::as_str);
            let labels = if selector.is_empty() { String::new() } else { format!("&labelSelector={}", pages::escaped(selector)) };
            let items = list(&session, &format!("{}?limit={SERVICES}{labels}", pages::resource(Kind::Service, scope))).await?;
            Ok(items.iter().map(listed).collect())
        })
    }

    fn pods(&self, namespace: Clean, most: usize) -> Later<Result<Vec<Clean>, Clean>> {
        let asker = self.clone();
        Box::pin(async move {
            let session = asker.session().await?;
            let path = pages::resource(Kind::Pod, Some(namespace.as_str()));
            let items = list(&session, &format!("{path}?limit={most}&fieldSelector=status.phase%3DRunning")).await?;
            Ok(items.iter().map(|pod| text(&pod["metadata"]["name"])).collect())
        })
    }

    fn may_proxy(&self, place: Place) -> Later<Result<bool, Clean>> {
        let asker = self.clone();
        Box::pin(async move {
            let what = json!({ "verb": "get", "group": "", "resource": "services", "subresource": "proxy", "namespace": place.namespace.as_str(), "name": segment(&place) });
            asker.allows(what).await
        })
    }

    fn may_forward(&self, namespace: Clean) -> Later<Result<bool, Clean>> {
        let asker = self.clone();
        Box::pin(async move {
            let what = |verb: &str, subresource: &str| json!({ "verb": verb, "group": "", "resource": "pods", "subresource": subresource, "namespace": namespace.as_str() });
            // The pod behind the Service has to be found first.
            Ok(asker.allows(what("create", "portforward")).await? && asker.allows(what("list", "")).await?)
        })
    }

    fn proxy(&self, place: Place) -> Arc<dyn Route> {
        Arc::new(ServiceProxy::new(self.clone(), place))
    }

    fn forward(&self, place: Place) -> Option<Arc<dyn Route>> {
        // TLS inside the stream would need the name and the authority of a certificate that nobody gave.
        (!place.is_https).then(|| Arc::new(PodForward::new(self.clone(), place)) as Arc<dyn Route>)
    }

    fn home(&self) -> Later<Clean> {
        let asker = self.clone();
        Box::pin(async move { asker.session().await.map_or_else(|_| Clean::default(), |session| Clean::from(session.namespace())) })
    }
}

/// The items of a list, as they came.
pub(super) async fn list(session: &Session, path: &str) -> Result<Vec<Value>, Clean> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        items: Option<Vec<Value>>,
    }
    let words = |trouble: super::super::trouble::Trouble| Clean::from(trouble.words());
    let answer = session.get(path, true, LIMIT).await.map_err(words)?;
    let list: List = session.read_long(answer, LIMIT).await.map_err(words)?;
    Ok(list.items.unwrap_or_default())
}

pub(super) fn text(value: &Value) -> Clean {
    Clean::from(value.as_str().unwrap_or_default())
}

fn listed(service: &Value) -> Listed {
    let labels = service["metadata"]["labels"].as_object();
    let ports = service["spec"]["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
    let port = |port: &Value| {
        let number = port["port"].as_u64().and_then(|number| u16::try_from(number).ok())?;
        let is_tcp = port["protocol"].as_str().is_none_or(|protocol| protocol == "TCP");
        is_tcp.then(|| (text(&port["name"]), number, text(&port["appProtocol"])))
    };
    Listed {
        namespace: text(&service["metadata"]["namespace"]),
        name: text(&service["metadata"]["name"]),
        labels: labels.into_iter().flatten().map(|(name, value)| (Clean::from(name.as_str()), text(value))).collect(),
        ports: ports.iter().filter_map(port).collect(),
    }
}
