//! Two pod templates compared field by field: what has a name (containers, variables, volumes, ports, mounts) by that name.
//! Refuses to leave a difference unsaid: what it has no words for is named by its path.

use std::collections::BTreeSet;

use serde_json::Value;

use super::secret::{LEFT_OUT, masked, options, secret_name, secret_value};
use super::{Difference, Masked, bare};
use crate::text::Clean;

/// What differs between the template in force and another, in the order in which a person reads it: images first, then the rest of the
/// containers, then the pod. Empty when both make the same pods.
#[must_use]
pub fn template_differences(from: &Value, to: &Value) -> Vec<Difference> {
    let (from, to) = (bare(from), bare(to));
    let mut found = Vec::new();
    walk(&mut Vec::new(), Some(&from), Some(&to), &mut found);
    found.sort_by_key(|(path, _)| rank(path));
    found.into_iter().map(|(_, difference)| difference).collect()
}

type Path = Vec<String>;

fn walk(path: &mut Path, from: Option<&Value>, to: Option<&Value>, found: &mut Vec<(Path, Difference)>) {
    if from == to {
        return;
    }
    // Maps of small values are told value by value, also where one side has none of them.
    let none = Value::Object(serde_json::Map::new());
    let (from, to) = if spread(path) { (from.or(Some(&none)), to.or(Some(&none))) } else { (from, to) };
    match (from, to) {
        (Some(Value::Object(a)), Some(Value::Object(b))) if !whole(path) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                path.push(key.clone());
                walk(path, a.get(key), b.get(key), found);
                path.pop();
            }
        }
        (a, b) if !whole(path) && named(path, a).is_some() && named(path, b).is_some() => {
            let (a, b) = (named(path, a).unwrap_or_default(), named(path, b).unwrap_or_default());
            let at = |items: &[(String, &Value)], name: &str| items.iter().position(|(other, _)| other == name);
            let value = |items: &[(String, &Value)], at: Option<usize>| at.and_then(|at| items.get(at).map(|(_, value)| (*value).clone()));
            for name in a.iter().map(|(name, _)| name).chain(b.iter().map(|(name, _)| name).filter(|name| at(&a, name).is_none())) {
                path.push(name.clone());
                walk(path, value(&a, at(&a, name)).as_ref(), value(&b, at(&b, name)).as_ref(), found);
                path.pop();
            }
            order(path, &a, &b, found);
        }
        _ => {
            let (shown_from, shown_to) = both(path, from, to);
            found.push((path.clone(), Difference { place: place(path), from: shown_from, to: shown_to }));
        }
    }
}

/// The order of things of the same names matters too: init containers run in it, and later variables may rest on earlier ones.
fn order(path: &Path, a: &[(String, &Value)], b: &[(String, &Value)], found: &mut Vec<(Path, Difference)>) {
    let names = |items: &[(String, &Value)]| items.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let (a, b) = (names(a), names(b));
    let same: BTreeSet<&String> = a.iter().collect();
    if a != b && same == b.iter().collect() {
        let listed = |names: &[String]| Masked::Shown(Clean::from(names.join(", ")));
        let mut path = path.clone();
        path.push("order".to_owned());
        found.push((path.clone(), Difference { place: place(&path), from: listed(&a), to: listed(&b) }));
    }
}

/// Whether what stands here is told item by item even where it is new or gone.
fn spread(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        parts.as_slice(),
        ["metadata"]
            | ["metadata", "labels" | "annotations"]
            | ["spec", "nodeSelector"]
            | ["spec", "containers" | "initContainers", _, "resources"]
            | ["spec", "containers" | "initContainers", _, "resources", "requests" | "limits"]
    )
}

/// Whether what stands here is told as a whole.
fn whole(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(parts.as_slice(), ["spec", "containers" | "initContainers", _, "env" | "ports" | "volumeMounts", _] | ["spec", "volumes", _])
}

/// The items of a list by what names each; `None` where they have no distinct names.
fn named<'a>(path: &[String], list: Option<&'a Value>) -> Option<Vec<(String, &'a Value)>> {
    let key = match path.last().map(String::as_str)? {
        "volumeMounts" => "mountPath",
        "ports" => "containerPort",
        "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets" | "httpHeaders" => "name",
        _ => return None,
    };
    let Some(list) = list else { return Some(Vec::new()) };
    let mut seen = BTreeSet::new();
    list.as_array()?
        .iter()
        .map(|item| {
            let name = match item.get(key)? {
                Value::String(name) => name.clone(),
                other => other.to_string(),
            };
            seen.insert(name.clone()).then_some((name, item))
        })
        .collect()
}

/// Images, then what a container runs, then its other fields, then the pod's; otherwise as they were found.
fn rank(path: &[String]) -> u8 {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["spec", "containers" | "initContainers", _, "image"] | ["spec", "containers" | "initContainers", _] => 0,
        ["spec", "containers" | "initContainers", ..] => 1,
        ["spec", ..] => 2,
        _ => 3,
    }
}

/// Where, in a person's words.
fn place(path: &[String]) -> Clean {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let container = |list: &str, name: &str| if list == "initContainers" { format!("init {name}") } else { name.to_owned() };
    Clean::from(match parts.as_slice() {
        ["metadata", "labels", label] => format!("label {label}"),
        ["metadata", "annotations", annotation] => format!("annotation {annotation}"),
        ["spec", "containers", "order"] => "order of the containers".to_owned(),
        ["spec", "initContainers", "order"] => "order of the init containers".to_owned(),
        ["spec", "containers", name] => format!("container {name}"),
        ["spec", "initContainers", name] => format!("init container {name}"),
        ["spec", "volumes", name] => format!("volume {name}"),
        ["spec", list @ ("containers" | "initContainers"), name, rest @ ..] => {
            let words = match rest {
                ["env", variable] => format!("env {variable}"),
                ["ports", port] => format!("port {port}"),
                ["volumeMounts", mount] => format!("mount {mount}"),
                ["resources", kind @ ("requests" | "limits"), what] => format!("{what} {}", kind.trim_end_matches('s')),
                ["readinessProbe", rest @ ..] => probe("readiness probe", rest),
                ["livenessProbe", rest @ ..] => probe("liveness probe", rest),
                ["startupProbe", rest @ ..] => probe("startup probe", rest),
                rest => rest.join("."),
            };
            format!("{} {words}", container(list, name))
        }
        parts => parts.join("."),
    })
}

fn probe(name: &str, rest: &[&str]) -> String {
    if rest.is_empty() { name.to_owned() } else { format!("{name} {}", rest.join(".")) }
}

/// Both sides as they may be shown. Where only what is left out differs, both are hidden: the same text twice would say that nothing does.
fn both(path: &[String], from: Option<&Value>, to: Option<&Value>) -> (Masked, Masked) {
    let (a, b) = (shown(path, from), shown(path, to));
    let alike = a == b && !matches!(a, Masked::Hidden | Masked::Absent);
    if alike { (Masked::Hidden, Masked::Hidden) } else { (a, b) }
}

fn shown(path: &[String], value: Option<&Value>) -> Masked {
    let Some(value) = value else { return Masked::Absent };
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    // A header of a probe: its name stands above its value.
    let header = parts.last() == Some(&"value");
    match parts.as_slice() {
        ["spec", "containers" | "initContainers", _] => text(value.get("image").and_then(Value::as_str).unwrap_or_default()),
        ["spec", "containers" | "initContainers", _, "env", name] => variable(name, value),
        ["spec", "containers" | "initContainers", _, "command" | "args"] => command(value),
        ["metadata", "annotations", name] if secret_name(name) => Masked::Hidden,
        _ => match value {
            Value::String(value) if secret_value(value) => Masked::Hidden,
            Value::String(_) if header && parts.iter().rev().nth(1).is_some_and(|name| secret_name(name)) => Masked::Hidden,
            Value::String(value) => text(value),
            other => Masked::Shown(Clean::from(masked(other).to_string())),
        },
    }
}

fn text(value: &str) -> Masked {
    Masked::Shown(Clean::from(if value.is_empty() { "\"\"" } else { value }))
}

fn command(value: &Value) -> Masked {
    let words: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let quoted = options(&words).into_iter().map(|word| if word.replace(LEFT_OUT, "").contains(' ') { format!("'{word}'") } else { word });
    Masked::Shown(Clean::from(quoted.collect::<Vec<_>>().join(" ")))
}

/// An environment variable: its value where it may be shown, else where it comes from: a reference is no secret.
fn variable(name: &str, variable: &Value) -> Masked {
    let Some(source) = variable.get("valueFrom") else {
        let value = variable.get("value").and_then(Value::as_str).unwrap_or_default();
        return if !value.is_empty() && (secret_name(name) || secret_value(value)) { Masked::Hidden } else { text(value) };
    };
    let field = |pointer: &str| source.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let words = match source.as_object().and_then(|source| source.keys().next()).map(String::as_str) {
        Some("secretKeyRef") => format!("from secret {}, key {}", field("/secretKeyRef/name"), field("/secretKeyRef/key")),
        Some("configMapKeyRef") => format!("from config map {}, key {}", field("/configMapKeyRef/name"), field("/configMapKeyRef/key")),
        Some("fieldRef") => format!("from field {}", field("/fieldRef/fieldPath")),
        Some("resourceFieldRef") => format!("from resource {}", field("/resourceFieldRef/resource")),
        _ => format!("from {source}"),
    };
    Masked::Shown(Clean::from(words))
}
