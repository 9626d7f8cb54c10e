//! Reads the few protobuf bodies that kubectl sends whatever the server says it takes: reviews and DeleteOptions.
//! Never writes protobuf, and reads no other kind: those get 415, and clients that can send JSON do.

use serde_json::{Map, Value, json};

use super::refusal::{Answer, Refusal};

/// What stands before every Kubernetes protobuf body.
const MAGIC: &[u8] = b"k8s\0";

/// How a field is read.
enum Shape {
    Text,
    Number,
    Flag,
    Texts,
    Message(&'static [Field]),
}

/// A field's number, JSON name and shape.
type Field = (u64, &'static str, Shape);

/// authorization/v1 and meta/v1 generated.proto, cut down to what this server looks at.
const RESOURCE: &[Field] = &[
    (1, "namespace", Shape::Text),
    (2, "verb", Shape::Text),
    (3, "group", Shape::Text),
    (4, "version", Shape::Text),
    (5, "resource", Shape::Text),
    (6, "subresource", Shape::Text),
    (7, "name", Shape::Text),
];
const PATH: &[Field] = &[(1, "path", Shape::Text), (2, "verb", Shape::Text)];
const ACCESS_SPEC: &[Field] = &[(1, "resourceAttributes", Shape::Message(RESOURCE)), (2, "nonResourceAttributes", Shape::Message(PATH))];
const ACCESS: &[Field] = &[(2, "spec", Shape::Message(ACCESS_SPEC))];
const RULES: &[Field] = &[(2, "spec", Shape::Message(&[(1, "namespace", Shape::Text)]))];
const PRECONDITIONS: &[Field] = &[(1, "uid", Shape::Text), (2, "resourceVersion", Shape::Text)];
const DELETE: &[Field] = &[
    (1, "gracePeriodSeconds", Shape::Number),
    (2, "preconditions", Shape::Message(PRECONDITIONS)),
    (3, "orphanDependents", Shape::Flag),
    (4, "propagationPolicy", Shape::Text),
    (5, "dryRun", Shape::Texts),
];

/// The body as JSON.
pub(super) fn decode(body: &[u8]) -> Answer<Value> {
    let broken = || Refusal::bad_request("the object provided is unrecognized: its protobuf is broken");
    let envelope = body.strip_prefix(MAGIC).ok_or_else(broken)?;
    let (mut kind, mut raw) = (String::new(), Vec::new());
    for (number, value) in fields(envelope).ok_or_else(broken)? {
        match (number, value) {
            (1, Wire::Bytes(meta)) => {
                let meta = read(meta, &[(2, "kind", Shape::Text)]).ok_or_else(broken)?;
                kind = meta["kind"].as_str().unwrap_or_default().to_owned();
            }
            (2, Wire::Bytes(bytes)) => raw = bytes.to_vec(),
            _ => {}
        }
    }
    let shape: &[Field] = match kind.as_str() {
        "SelfSubjectAccessReview" => ACCESS,
        "SelfSubjectRulesReview" => RULES,
        "SelfSubjectReview" => &[],
        "DeleteOptions" => DELETE,
        _ => return Err(Refusal::unsupported_body(&format!("application/vnd.kubernetes.protobuf of kind {kind}"))),
    };
    read(&raw, shape).ok_or_else(broken)
}

/// A message's fields as a JSON object; unknown ones are passed over. `None` when the bytes are broken.
fn read(bytes: &[u8], shape: &[Field]) -> Option<Value> {
    let mut object = Map::new();
    for (number, value) in fields(bytes)? {
        let Some((_, name, shape)) = shape.iter().find(|(known, ..)| *known == number) else { continue };
        let value = match (shape, value) {
            (Shape::Text, Wire::Bytes(text)) => json!(std::str::from_utf8(text).ok()?),
            (Shape::Number, Wire::Varint(number)) => json!(number as i64),
            (Shape::Flag, Wire::Varint(flag)) => json!(flag != 0),
            (Shape::Message(inner), Wire::Bytes(bytes)) => read(bytes, inner)?,
            (Shape::Texts, Wire::Bytes(text)) => {
                let mut list = object.get(*name).and_then(Value::as_array).cloned().unwrap_or_default();
                list.push(json!(std::str::from_utf8(text).ok()?));
                Value::Array(list)
            }
            _ => return None,
        };
        object.insert((*name).to_owned(), value);
    }
    Some(Value::Object(object))
}

/// A field's value on the wire.
enum Wire<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Wire<'_>)>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let value = match tag & 7 {
            0 => Wire::Varint(varint(&mut bytes)?),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (value, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Wire::Bytes(value)
            }
            wire @ (1 | 5) => {
                bytes = bytes.get(if wire == 1 { 8 } else { 4 }..)?;
                Wire::Fixed
            }
            _ => return None,
        };
        out.push((tag >> 3, value));
    }
    Some(out)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
    }

    fn body(kind: &str, raw: &[u8]) -> Vec<u8> {
        [MAGIC.to_vec(), message(1, &message(2, kind.as_bytes())), message(2, raw)].concat()
    }

    #[test]
    fn reads_an_access_review() {
        let attributes = [message(2, b"patch"), message(5, b"deployments"), message(9, b"unknown")].concat();
        let decoded = decode(&body("SelfSubjectAccessReview", &message(2, &message(1, &attributes)))).unwrap();
        assert_eq!(decoded, json!({ "spec": { "resourceAttributes": { "verb": "patch", "resource": "deployments" } } }));
    }

    #[test]
    fn reads_delete_options() {
        let raw = [vec![8, 0], message(5, b"All"), message(4, b"Orphan")].concat();
        let decoded = decode(&body("DeleteOptions", &raw)).unwrap();
        assert_eq!(decoded, json!({ "gracePeriodSeconds": 0, "dryRun": ["All"], "propagationPolicy": "Orphan" }));
    }

    #[test]
    fn refuses_other_kinds_and_broken_bytes() {
        assert_eq!(decode(&body("Deployment", b"")).unwrap_err().code, 415);
        assert_eq!(decode(b"k8s\0\x12\xff").unwrap_err().code, 400);
        assert_eq!(decode(b"{}").unwrap_err().code, 400);
        assert_eq!(decode(&body("DeleteOptions", &[10, 200])).unwrap_err().code, 400);
    }
}
