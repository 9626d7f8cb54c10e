//! A JSON value with the path that leads to it, so that whatever is wrong in it can be told with its place.
//! Never stops at a wrong type: the field counts as missing and a remark says so.

use serde_json::Value;

use super::remark::Remarks;
use crate::text::Clean;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node<'v> {
    pub value: &'v Value,
    pub place: String,
}

impl<'v> Node<'v> {
    /// `place` names the object or the document.
    pub fn root(value: &'v Value, place: impl Into<String>) -> Self {
        Self { value, place: place.into() }
    }

    /// The field, where it is there and not null.
    pub fn get(&self, key: &str) -> Option<Node<'v>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, place: self.below(key) })
    }

    /// The field at the end of a path such as `spec.indicator.ratio`.
    pub fn at(&self, path: &str) -> Option<Node<'v>> {
        path.split('.').try_fold(self.clone(), |node, key| node.get(key))
    }

    fn below(&self, key: &str) -> String {
        let separator = if self.place.contains(", ") || !self.place.contains(' ') { "." } else { ", " };
        format!("{}{separator}{key}", self.place)
    }

    /// The text in it; numbers and switches count as the text they are written as.
    pub fn as_text(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(switch) => Some(switch.to_string()),
            _ => None,
        }
    }

    /// The text of a field that holds something.
    pub fn text(&self, key: &str, remarks: &mut Remarks) -> Option<String> {
        let node = self.get(key)?;
        let text = node.as_text();
        if text.is_none() {
            remarks.note(&node.place, "this is no text, and is read as if it were not there");
        }
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The number of a field; a number in quotes counts.
    pub fn number(&self, key: &str, remarks: &mut Remarks) -> Option<f64> {
        let node = self.get(key)?;
        let number = match node.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().trim_end_matches('%').trim_end().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            remarks.note(&node.place, "this is no number, and is read as if it were not there");
        }
        number
    }

    /// The switch of a field, off where it is not there.
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key).and_then(|node| node.as_text()).is_some_and(|text| text == "true")
    }

    /// The entries of a list.
    pub fn list(&self, key: &str, remarks: &mut Remarks) -> Vec<Node<'v>> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let Value::Array(entries) = node.value else {
            remarks.note(&node.place, "this is no list, and is read as if it were empty");
            return Vec::new();
        };
        entries.iter().enumerate().map(|(at, value)| Node { value, place: format!("{}[{at}]", node.place) }).collect()
    }

    /// The texts of a list.
    pub fn texts(&self, key: &str, remarks: &mut Remarks) -> Vec<Clean> {
        self.list(key, remarks).iter().filter_map(Node::as_text).filter(|text| !text.is_empty()).map(Clean::from).collect()
    }

    /// The pairs of a map of texts, in its order.
    pub fn pairs(&self, key: &str) -> Vec<(String, String)> {
        let Some(Value::Object(map)) = self.get(key).map(|node| node.value) else { return Vec::new() };
        map.iter().filter_map(|(key, value)| Some((key.clone(), Node::root(value, "").as_text()?))).collect()
    }
}
