//! What must not be shown of a pod template or a request: values whose names look like a secret's, and credentials inside other values.
//! Refuses to be clever about harmless names: rather one value too many hidden than one shown.

use serde_json::Value;

/// What stands where a value was left out.
pub const LEFT_OUT: &str = "(not shown)";

/// Parts of names, wherever they stand.
const ANYWHERE: [&str; 13] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASSCODE",
    "TOKEN",
    "SECRET",
    "KEY",
    "CREDENTIAL",
    "AUTHORIZATION",
    "PRIVATE",
    "COOKIE",
    "CONNECTIONSTRING",
    "CONNECTION_STRING",
];
/// Parts of names, as whole words only.
const WORDS: [&str; 10] = ["PASS", "PWD", "PW", "AUTH", "PAT", "CREDS", "SALT", "JWT", "DSN", "BEARER"];

/// Whether a name (of an environment variable, a header, an option, an annotation) looks like a secret's.
pub fn secret_name(name: &str) -> bool {
    let name = name.to_uppercase();
    ANYWHERE.iter().any(|part| name.contains(part)) || name.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Whether a value holds credentials whatever its name is: `scheme://user:password@host`, a bearer header.
pub fn secret_value(value: &str) -> bool {
    let in_address = value.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#', ' ', '"', '\'']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    let lower = value.to_lowercase();
    in_address || lower.contains("bearer ") || lower.contains("authorization:") || lower.contains("-----begin ")
}

/// The same JSON with the values of secret-looking names left out: environment variables and headers (`name` and `value`), annotations,
/// options in `command` and `args`, and credentials in addresses anywhere. For screens and the journal; never for sending.
#[must_use]
pub fn masked(value: &Value) -> Value {
    walk(value, "")
}

fn walk(value: &Value, under: &str) -> Value {
    match value {
        Value::Object(map) => {
            let named = map.get("name").and_then(Value::as_str).is_some_and(secret_name);
            let pairs = map.iter().map(|(key, inner)| {
                let hide = inner.is_string() && (key == "value" && named || under == "annotations" && secret_name(key));
                (key.clone(), if hide { LEFT_OUT.into() } else { walk(inner, key) })
            });
            Value::Object(pairs.collect())
        }
        Value::Array(items) if matches!(under, "command" | "args") && items.iter().all(Value::is_string) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Value::Array(options(&words).into_iter().map(Value::String).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| walk(item, under)).collect()),
        Value::String(text) if secret_value(text) => LEFT_OUT.into(),
        other => other.clone(),
    }
}

/// The words of a command line without the values of secret-looking options and assignments.
pub fn options(words: &[&str]) -> Vec<String> {
    let mut hide_next = false;
    words
        .iter()
        .map(|word| {
            if std::mem::take(&mut hide_next) && !word.starts_with('-') || secret_value(word) {
                return LEFT_OUT.to_owned();
            }
            hide_next = word.starts_with('-') && !word.contains(['=', ' ']) && secret_name(word);
            word.split(' ').map(assignment).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn assignment(word: &str) -> String {
    match word.split_once('=') {
        Some((name, value)) if secret_name(name) && !value.is_empty() => format!("{name}={LEFT_OUT}"),
        _ => word.to_owned(),
    }
}
