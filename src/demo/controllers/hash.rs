//! The short hash that names a pod template: in ReplicaSet names and in the `pod-template-hash` label.
//! Not the number Kubernetes computes (that hashes Go's memory layout): only as stable, and in the same alphabet.

use serde_json::Value;

/// What Kubernetes writes hashes with: no vowels, so that no word can appear by chance.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The hash of a template; `collisions` (a workload's `status.collisionCount`) gives another one for the same template.
pub fn template_hash(template: &Value, collisions: i64) -> String {
    let mut sum = Fnv(0x811c_9dc5);
    sum.value(template);
    if collisions > 0 {
        sum.bytes(&collisions.to_le_bytes());
    }
    // apimachinery's rand.SafeEncodeString maps each decimal digit's code into the alphabet.
    sum.0.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()])).collect()
}

/// FNV-1a, 32 bits.
struct Fnv(u32);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    /// Feeds a value with its fields sorted, so that the order in which a client wrote them does not matter.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                let mut sorted: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
                sorted.sort_by_key(|(name, _)| name.as_str());
                self.bytes(b"{");
                for (name, value) in sorted {
                    self.bytes(name.as_bytes());
                    self.bytes(b":");
                    self.value(value);
                }
                self.bytes(b"}");
            }
            Value::Array(items) => {
                self.bytes(b"[");
                items.iter().for_each(|item| self.value(item));
                self.bytes(b"]");
            }
            scalar => self.bytes(scalar.to_string().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_of_fields_does_not_matter_and_values_do() {
        let one = template_hash(&json!({"a": 1, "b": {"c": [1, 2]}}), 0);
        assert_eq!(one, template_hash(&json!({"b": {"c": [1, 2]}, "a": 1, "none": null}), 0));
        assert_ne!(one, template_hash(&json!({"a": 1, "b": {"c": [2, 1]}}), 0));
        assert_ne!(one, template_hash(&json!({"a": 1, "b": {"c": [1, 2]}}), 1));
        assert!(one.bytes().all(|c| ALPHABET.contains(&c)), "{one}");
    }
}
