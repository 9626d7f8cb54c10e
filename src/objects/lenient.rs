//! Decoding that forgives: nulls, numbers written as strings, wrong types in fields that are only shown.
//! Never invents a value: what can't be read takes the field's default.

use serde::{Deserialize, Deserializer};

use crate::text::Clean;

/// Reads `null` and a missing field alike as the default.
pub fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A field that Kubernetes writes as a number or as a string, such as `25` or `"25%"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum IntOrString {
    /// A number.
    Int(i64),
    /// A string, possibly a percentage or a duration.
    Text(Clean),
}
