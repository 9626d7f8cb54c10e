//! The rules in an answer of `/api/v1/rules`, with their groups.
//! Never judges a rule: one that failed is told, and its expression is read all the same.

use std::time::Duration;

use promql_parser::parser::Expr;
use serde_json::Value;

use super::super::json::Node;
use super::super::query::parse_text;
use super::super::remark::Remarks;
use crate::text::Clean;

/// A rule that could be parsed.
#[derive(Debug)]
pub(super) struct Rule {
    pub group: Clean,
    /// The series it records, or the name of its alert.
    pub name: String,
    pub is_alert: bool,
    pub expr: Expr,
    /// What it puts on what it makes.
    pub labels: Vec<(String, String)>,
    /// How long an alert's condition has to hold.
    pub wait: Duration,
    /// What the server says of an alert.
    pub state: Option<Clean>,
}

impl Rule {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, value)| label == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// More rules than any server runs that a person looks after.
const MOST: usize = 20_000;

pub(super) fn rules(value: &Value, remarks: &mut Remarks) -> Vec<Rule> {
    let root = Node::root(value, "rules of the metrics server");
    let data = root.get("data").unwrap_or(root);
    let mut all = Vec::new();
    for group in data.list("groups", remarks) {
        let name = group.text("name", remarks).unwrap_or_else(|| "without a name".to_owned());
        for node in group.list("rules", remarks) {
            if all.len() == MOST {
                remarks.note(&data.place, format!("there are more than {MOST} rules, and the rest is not read"));
                return all;
            }
            all.extend(rule(&node, &name, remarks));
        }
    }
    all
}

fn rule(node: &Node<'_>, group: &str, remarks: &mut Remarks) -> Option<Rule> {
    let word = |key: &str| node.get(key).and_then(|node| node.as_text());
    // The server says `type` and `name`; rule files say `record` or `alert`.
    let is_alert = word("type").map_or_else(|| word("alert").is_some(), |kind| kind == "alerting");
    let name = word("name").or_else(|| word("record")).or_else(|| word("alert"))?;
    let text = word("query").or_else(|| word("expr"))?;
    if word("health").as_deref() == Some("err") {
        let why = word("lastError").unwrap_or_else(|| "no reason is given".to_owned());
        remarks.note(&format!("rule {name} of group {group}"), format!("the server can't evaluate it: {why}"));
    }
    // Seconds in the server's answer, a length of time in files.
    let wait = match node.get("duration").map(|node| node.value) {
        Some(Value::Number(seconds)) => seconds.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        _ => word("for").as_deref().and_then(super::super::span::parse),
    };
    // Most rules have nothing to do with objectives: what can't be read of them is nobody's concern.
    let expr = parse_text(&text).ok()?;
    let state = if is_alert { word("state").map(Clean::from) } else { None };
    Some(Rule { group: Clean::from(group), name, is_alert, expr, labels: node.pairs("labels"), wait: wait.unwrap_or_default(), state })
}
