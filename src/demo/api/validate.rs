//! What the server checks of an object before it stores it, and the defaults it fills in for new ones.
//! Not a schema: only identity, the types of fields releases are steered by, and the few rules a mistyped write meets.

use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::{Answer, Refusal};
use crate::demo::crds::is_custom;
use crate::demo::store::{CANARIES, DEPLOYMENTS, PODS, Part, REPLICASETS, ROLLOUTS, Resource, SERVICES};

/// Why an object is not acceptable.
pub(super) enum Wrong {
    /// A field has the wrong type: a decoding error for built-in kinds, a schema error for custom ones.
    Type { field: &'static str, wanted: &'static str, got: &'static str },
    /// A rule is broken.
    Rule(String),
}

impl Wrong {
    pub(super) fn refusal(self, resource: Resource, name: &str) -> Refusal {
        match self {
            Self::Rule(why) => Refusal::invalid(resource, name, &why),
            Self::Type { field, wanted, got } if is_custom(resource) => {
                let why = format!("{field}: Invalid value: \"{got}\": {field} in body must be of type {wanted}: \"{got}\"");
                Refusal::invalid(resource, name, &why)
            }
            Self::Type { field, got, .. } => {
                let kind = resource.kind;
                Refusal::bad_request(format!(
                    "{kind} in version \"{}\" cannot be handled as a {kind}: json: cannot unmarshal {got} into Go struct field {kind}.{field}",
                    resource.version
                ))
            }
        }
    }
}

/// Fields whose type is checked.
fn typed(resource: Resource) -> &'static [(&'static str, &'static str)] {
    match resource {
        ROLLOUTS => &[
            ("spec.replicas", "integer"),
            ("spec.paused", "boolean"),
            ("spec.restartAt", "string"),
            ("spec.template", "object"),
            ("status.abort", "boolean"),
            ("status.promoteFull", "boolean"),
            ("status.controllerPause", "boolean"),
            ("status.pauseConditions", "array"),
            ("status.currentStepIndex", "integer"),
        ],
        CANARIES => &[
            ("spec.suspend", "boolean"),
            ("spec.skipAnalysis", "boolean"),
            ("spec.progressDeadlineSeconds", "integer"),
            ("spec.analysis", "object"),
            ("spec.analysis.canaryReadyThreshold", "integer"),
            ("status.failedChecks", "integer"),
            ("status.canaryWeight", "integer"),
            ("status.phase", "string"),
        ],
        DEPLOYMENTS | REPLICASETS => &[("spec.replicas", "integer"), ("spec.paused", "boolean"), ("spec.template", "object")],
        PODS => &[("spec.containers", "array"), ("spec.nodeName", "string")],
        _ => &[],
    }
}

/// Checks the part of an object that is to be written.
pub(super) fn object(resource: Resource, object: &Value, part: Part) -> Result<(), Wrong> {
    for (field, wanted) in typed(resource) {
        let of_status = field.starts_with("status.");
        if of_status != (part == Part::Status) {
            continue;
        }
        let value = field.split('.').fold(object, |value, name| &value[name]);
        let got = type_of(value);
        if got != "null" && got != *wanted {
            return Err(Wrong::Type { field, wanted, got });
        }
    }
    if part == Part::Status {
        return Ok(());
    }
    if let Some(replicas) = object["spec"]["replicas"].as_i64().filter(|replicas| *replicas < 0) {
        return Err(Wrong::Rule(format!("spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0")));
    }
    if resource == DEPLOYMENTS || resource == REPLICASETS {
        let selector = object["spec"]["selector"]["matchLabels"].as_object();
        let labels = &object["spec"]["template"]["metadata"]["labels"];
        if selector.into_iter().flatten().any(|(key, value)| labels.get(key) != Some(value)) {
            return Err(Wrong::Rule(format!(
                "spec.template.metadata.labels: Invalid value: {labels}: `selector` does not match template `labels`"
            )));
        }
        if object["spec"]["selector"].is_null() {
            return Err(Wrong::Rule("spec.selector: Required value".into()));
        }
    }
    Ok(())
}

/// Puts name and namespace of the path into an object, and refuses others.
pub(super) fn identity(ask: &Ask, object: &mut Value) -> Answer<()> {
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    let meta = &mut object["metadata"];
    for (field, wanted) in [("name", &ask.place.name), ("namespace", &ask.place.namespace)] {
        let Some(wanted) = wanted else { continue };
        match meta[field].as_str().filter(|sent| !sent.is_empty()) {
            Some(sent) if sent != wanted => {
                let owner = if field == "name" { "on the URL" } else { "sent on the request" };
                return Err(Refusal::bad_request(format!(
                    "the {field} of the provided object does not match the {field} {owner}: \"{sent}\" is not \"{wanted}\""
                )));
            }
            Some(_) => {}
            None => meta[field] = json!(wanted),
        }
    }
    Ok(())
}

/// Fills in what the server fills in for new objects (pkg/apis/apps/v1/defaults.go, core/v1/defaults.go).
/// Pod templates stay as sent: the controllers take absent fields for their defaults.
pub(super) fn defaults(resource: Resource, object: &mut Value) {
    let spec = &mut object["spec"];
    let mut set = |field: &str, value: Value| {
        if spec.is_object() && spec[field].is_null() {
            spec[field] = value;
        }
    };
    match resource {
        DEPLOYMENTS => {
            set("replicas", json!(1));
            set("revisionHistoryLimit", json!(10));
            set("progressDeadlineSeconds", json!(600));
            set("strategy", json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } }));
        }
        REPLICASETS => set("replicas", json!(1)),
        SERVICES => {
            set("type", json!("ClusterIP"));
            set("sessionAffinity", json!("None"));
        }
        _ => {}
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
