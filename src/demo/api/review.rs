//! Answers what users ask about themselves: may I, what may I, who am I.
//! Never answers about somebody else.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use super::respond;
use crate::demo::rights::{Question, User};

/// Answers the review `plural` with `sent` as its question.
pub(super) fn review(plural: &str, user: &User, mut sent: Value) -> Response<Body> {
    if !sent.is_object() {
        sent = json!({});
    }
    match plural {
        "selfsubjectaccessreviews" => {
            sent["status"] = access(user, &sent["spec"]);
            sent["kind"] = json!("SelfSubjectAccessReview");
            sent["apiVersion"] = json!("authorization.k8s.io/v1");
        }
        "selfsubjectrulesreviews" => {
            sent["status"] = rules(user, sent["spec"]["namespace"].as_str().unwrap_or_default());
            sent["kind"] = json!("SelfSubjectRulesReview");
            sent["apiVersion"] = json!("authorization.k8s.io/v1");
        }
        _ => {
            let mut groups = user.groups.clone();
            groups.push("system:authenticated".into());
            sent["status"] = json!({ "userInfo": { "username": user.name, "uid": format!("flightdeck-{}", user.name), "groups": groups } });
            sent["kind"] = json!("SelfSubjectReview");
            sent["apiVersion"] = json!("authentication.k8s.io/v1");
        }
    }
    if !sent["metadata"].is_object() {
        sent["metadata"] = json!({ "creationTimestamp": null });
    }
    respond::json(201, &sent)
}

fn access(user: &User, spec: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let allowed = if let Some(asked) = spec.get("resourceAttributes").filter(|asked| asked.is_object()) {
        let namespace = text(&asked["namespace"]);
        user.may(Question {
            verb: &text(&asked["verb"]),
            group: &text(&asked["group"]),
            resource: &text(&asked["resource"]),
            subresource: &text(&asked["subresource"]),
            namespace: Some(namespace.as_str()).filter(|ns| !ns.is_empty()),
        })
    } else {
        // Paths that are not objects may be read by everyone.
        spec["nonResourceAttributes"]["verb"] == "get"
    };
    let reason = if allowed { format!("RBAC: allowed to User \"{}\"", user.name) } else { String::new() };
    json!({ "allowed": allowed, "reason": reason })
}

fn rules(user: &User, namespace: &str) -> Value {
    let all = |list: &[String]| if list.is_empty() { json!(["*"]) } else { json!(list) };
    let here = |list: &[String]| list.is_empty() || list.iter().any(|ns| ns == namespace);
    let rules: Vec<Value> = user
        .rules
        .iter()
        .filter(|rule| here(&rule.namespaces))
        .map(|rule| json!({ "verbs": rule.verbs, "apiGroups": all(&rule.groups), "resources": all(&rule.resources) }))
        .collect();
    let paths = json!([{ "verbs": ["get"], "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"] }]);
    json!({ "resourceRules": rules, "nonResourceRules": paths, "incomplete": false })
}
