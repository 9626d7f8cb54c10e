//! What the cluster offers to whoever looks for a metrics server: Services by label, some pods, rights, and the ways themselves.
//! Lists only what the search names, and reads nothing of a pod but its name, its ports and whether it runs.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::access::Asker;
use super::super::pages;
use super::super::session::Session;
use super::forward::PodForward;
use super::{ServiceProxy, segment};
use crate::objects::Kind;
use crate::ports::route::{Lacking, Listed, Place, Port, Route, Routes};
use crate::ports::write::Later;
use crate::text::Clean;

/// How long one list or question may take.
const LIMIT: Duration = Duration::from_secs(8);
/// More Services than this with such labels are not looked at.
const SERVICES: usize = 100;
/// More templates than this in one place are not looked at.
const TEMPLATES: usize = 50;
const ARGO: &str = "/apis/argoproj.io/v1alpha1";
const FLAGGER: &str = "/apis/flagger.app/v1beta1";
const TO_PROXY: Lacking = Lacking { verb: "get", resource: "services/proxy" };
/// The pod behind the Service has to be found first. A WebSocket begins as a GET, and since 1.35 the API server wants `create` for it as well.
const TO_FORWARD: [Lacking; 4] = [
    Lacking { verb: "get", resource: "services" },
    Lacking { verb: "list", resource: "pods" },
    Lacking { verb: "get", resource: "pods/portforward" },
    Lacking { verb: "create", resource: "pods/portforward" },
];

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

    fn templates(&self, namespaces: Vec<Clean>) -> Later<Vec<Value>> {
        let asker = self.clone();
        Box::pin(async move {
            let Ok(session) = asker.session().await else { return Vec::new() };
            let all = |path: &str| format!("{path}?limit={TEMPLATES}");
            let below = |root: &str, namespace: &Clean, plural: &str| {
                format!("{root}/namespaces/{}/{plural}?limit={TEMPLATES}", pages::escaped(namespace))
            };
            let mut paths = vec![all(&format!("{ARGO}/clusteranalysistemplates"))];
            if namespaces.is_empty() {
                paths.push(all(&format!("{ARGO}/analysistemplates")));
            }
            paths.extend(namespaces.iter().map(|one| below(ARGO, one, "analysistemplates")));
            let mut found = gathered(&session, &paths).await;
            // Flagger's stand beside Flagger as often as beside the release.
            match list(&session, &all(&format!("{FLAGGER}/metrictemplates"))).await {
                Ok(everywhere) => found.extend(everywhere),
                Err(_) => {
                    let near: Vec<String> = namespaces.iter().map(|one| below(FLAGGER, one, "metrictemplates")).collect();
                    found.extend(gathered(&session, &near).await);
                }
            }
            found
        })
    }

    fn lacks_to_proxy(&self, place: Place) -> Later<Result<Vec<Lacking>, Clean>> {
        let asker = self.clone();
        Box::pin(async move { asker.lacking(&place.namespace, Some(&segment(&place)), &[TO_PROXY]).await })
    }

    fn lacks_to_forward(&self, namespace: Clean) -> Later<Result<Vec<Lacking>, Clean>> {
        let asker = self.clone();
        Box::pin(async move { asker.lacking(&namespace, None, &TO_FORWARD).await })
    }

    fn proxy(&self, place: Place) -> Arc<dyn Route> {
        Arc::new(ServiceProxy::new(self.clone(), place))
    }

    fn forward(&self, place: Place) -> Arc<dyn Route> {
        Arc::new(PodForward::new(self.clone(), place))
    }

    fn home(&self) -> Later<Clean> {
        let asker = self.clone();
        Box::pin(async move { asker.session().await.map_or_else(|_| Clean::default(), |session| Clean::from(session.namespace())) })
    }
}

impl Asker {
    /// Those of `wanted` that are not given in a namespace, of the object of this name where one is named.
    async fn lacking(&self, namespace: &Clean, name: Option<&str>, wanted: &[Lacking]) -> Result<Vec<Lacking>, Clean> {
        let asked = wanted.iter().map(|one| async move {
            let (resource, subresource) = one.resource.split_once('/').unwrap_or((one.resource, ""));
            let what = json!({ "verb": one.verb, "group": "", "resource": resource, "subresource": subresource,
                               "namespace": namespace.as_str(), "name": name.unwrap_or_default() });
            Ok((*one, self.allows(what).await?))
        });
        let answers: Vec<Result<(Lacking, bool), Clean>> = join_all(asked).await;
        let answers: Result<Vec<_>, Clean> = answers.into_iter().collect();
        Ok(answers?.into_iter().filter(|(_, is_given)| !is_given).map(|(one, _)| one).collect())
    }
}

/// What all of these lists hold; a kind that is not served, or not to be read, holds nothing.
async fn gathered(session: &Session, paths: &[String]) -> Vec<Value> {
    join_all(paths.iter().map(|path| list(session, path))).await.into_iter().flatten().flatten().collect()
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
        let (name, protocol, target) = (text(&port["name"]), text(&port["appProtocol"]), text(&port["targetPort"]));
        is_tcp.then_some(Port { name, number, protocol, target })
    };
    Listed {
        namespace: text(&service["metadata"]["namespace"]),
        name: text(&service["metadata"]["name"]),
        labels: labels.into_iter().flatten().map(|(name, value)| (Clean::from(name.as_str()), text(value))).collect(),
        ports: ports.iter().filter_map(port).collect(),
    }
}
