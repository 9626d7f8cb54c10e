//! Reads a list answer while it arrives: one item after the other is cut out and decoded, so that no more than one is held as text.
//! Never lets one bad item spoil the others: it is counted, with the reason.

use serde::Deserialize;

use super::scan::{Scan, Seen};
use crate::objects::{Kind, Object};
use crate::text::Clean;

/// The longest text of one object that is read. Storage refuses objects over a few MB, so longer ones are no objects.
pub(super) const LONGEST: usize = 16 << 20;

/// The metadata of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ListMeta {
    pub resource_version: String,
    #[serde(rename = "continue")]
    pub next: String,
    pub remaining_item_count: Option<usize>,
}

/// Items that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Unread {
    pub count: u64,
    pub last: Clean,
}

impl Unread {
    pub fn note(&mut self, why: impl Into<Clean>) {
        self.count += 1;
        self.last = why.into();
    }
}

/// A list being read.
pub(super) struct ListReader {
    kind: Kind,
    at: At,
    key: Vec<u8>,
    held: Vec<u8>,
    too_long: bool,
    scan: Scan,
    meta: Option<ListMeta>,
    garbled: bool,
    /// What was decoded.
    pub items: Vec<Object>,
    /// What was not.
    pub unread: Unread,
}

/// Where in the answer the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Key,
    InKey,
    Colon,
    Value,
    InValue,
    Items,
    InItem,
    End,
}

impl ListReader {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            at: At::Start,
            key: Vec::new(),
            held: Vec::new(),
            too_long: false,
            scan: Scan::default(),
            meta: None,
            garbled: false,
            items: Vec::new(),
            unread: Unread::default(),
        }
    }

    /// Takes the next piece of the answer.
    pub fn feed(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() && !self.garbled {
            piece = match self.at {
                At::InKey | At::InValue | At::InItem => self.hold(piece),
                _ => self.punctuation(piece),
            };
        }
    }

    /// The list's metadata once all has arrived; what is wrong, when it is no whole list.
    pub fn finish(self) -> Result<(Vec<Object>, Unread, ListMeta), &'static str> {
        match self.meta {
            _ if self.garbled => Err("the server answered with something that is not a list of objects"),
            Some(meta) if self.at == At::End => Ok((self.items, self.unread, meta)),
            _ if self.at == At::Start => Err("the server answered with nothing"),
            None if self.at == At::End => Err("the server answered with something that is not a list of objects"),
            _ => Err("the list ended in the middle"),
        }
    }

    fn punctuation<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let (byte, rest) = (piece[0], &piece[1..]);
        if byte.is_ascii_whitespace() {
            return rest;
        }
        match (self.at, byte) {
            (At::Start, b'{') => self.at = At::Key,
            (At::Key, b',') | (At::Items, b',') => {}
            (At::Key, b'}') => self.at = At::End,
            (At::Key, b'"') => return self.begin(At::InKey, piece),
            (At::Colon, b':') => self.at = At::Value,
            (At::Value, b'[') if self.key == b"\"items\"" => self.at = At::Items,
            (At::Value, _) => return self.begin(At::InValue, piece),
            (At::Items, b']') => self.at = At::Key,
            (At::Items, _) => return self.begin(At::InItem, piece),
            _ => self.garbled = true,
        }
        rest
    }

    fn begin<'a>(&mut self, at: At, piece: &'a [u8]) -> &'a [u8] {
        self.at = at;
        self.scan = Scan::default();
        self.held.clear();
        self.too_long = false;
        piece
    }

    /// Collects the value that is being walked through, and gives back what follows it.
    fn hold<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let (mine, rest, whole) = match self.scan.take(piece) {
            Seen::All => (piece, &piece[piece.len()..], false),
            Seen::Until(end) => (&piece[..end], &piece[end..], true),
        };
        if whole && self.held.is_empty() && !self.too_long {
            self.value(mine);
            return rest;
        }
        if self.held.len() + mine.len() > LONGEST {
            self.too_long = true;
            self.held = Vec::new();
        }
        if !self.too_long {
            self.held.extend_from_slice(mine);
        }
        if whole {
            let held = std::mem::take(&mut self.held);
            self.value(&held);
            self.held = held;
        }
        rest
    }

    fn value(&mut self, text: &[u8]) {
        match self.at {
            At::InKey => {
                self.key.clear();
                self.key.extend_from_slice(text);
                self.at = At::Colon;
            }
            At::InItem => {
                if self.too_long {
                    self.unread.note(too_long(self.kind));
                } else {
                    match Object::decode(self.kind, text) {
                        Ok(object) => self.items.push(object),
                        Err(error) => self.unread.note(unreadable(self.kind, text, &error)),
                    }
                }
                self.at = At::Items;
            }
            _ => {
                if self.key == b"\"metadata\"" {
                    match serde_json::from_slice(text) {
                        Ok(meta) => self.meta = Some(meta),
                        Err(_) => self.garbled = true,
                    }
                }
                self.at = At::Key;
            }
        }
    }
}

/// Why an object could not be read, naming it as far as it can be named.
pub(super) fn unreadable(kind: Kind, text: &[u8], error: &serde_json::Error) -> String {
    let name = name_of(text).map(|name| format!(" {name}")).unwrap_or_default();
    format!("{}{name} could not be read: {error}", kind.name())
}

pub(super) fn too_long(kind: Kind) -> String {
    format!("a {} of more than {} MB was skipped", kind.name(), LONGEST >> 20)
}

/// `namespace/name` of an object that may be broken elsewhere.
fn name_of(text: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        name: Clean,
        #[serde(default)]
        namespace: Clean,
    }
    let metadata = super::scan::members(text)?.into_iter().find(|(key, _)| *key == b"metadata")?.1;
    let named: Named = serde_json::from_slice(metadata).ok()?;
    Some(if named.namespace.is_empty() { named.name.to_string() } else { format!("{}/{}", named.namespace, named.name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"42","continue":"abc","remainingItemCount":7},
        "items":[{"metadata":{"name":"a","uid":"1","extra":{"x":[1,"]}"]}}}, {"metadata":{"name":"b","namespace":"ns","uid":7}},
                 5, {"metadata":{"name":"c \"}{","uid":"3"},"unknown":null}]}"#;

    fn names(items: &[Object]) -> Vec<&str> {
        items.iter().map(|o| o.meta().name.as_str()).collect()
    }

    #[test]
    fn items_are_read_however_the_answer_is_cut() {
        for size in [1, 2, 3, 7, 64, 4096] {
            let mut reader = ListReader::new(Kind::Pod);
            LIST.as_bytes().chunks(size).for_each(|piece| reader.feed(piece));
            let (items, unread, meta) = reader.finish().unwrap();
            assert_eq!(names(&items), ["a", "c \"}{"]);
            assert_eq!(unread.count, 2);
            assert_eq!(meta, ListMeta { resource_version: "42".into(), next: "abc".into(), remaining_item_count: Some(7) });
        }
    }

    #[test]
    fn a_bad_item_is_named() {
        let mut reader = ListReader::new(Kind::Pod);
        reader.feed(br#"{"items":[{"metadata":{"name":"b","namespace":"ns","uid":"x"},"spec":5}],"metadata":{"resourceVersion":"1"}}"#);
        let (items, unread, _) = reader.finish().unwrap();
        assert!(items.is_empty());
        assert!(unread.last.starts_with("Pod ns/b could not be read: "), "{}", unread.last);
    }

    #[test]
    fn empty_and_null_items_are_an_empty_list() {
        for items in ["[]", "null"] {
            let mut reader = ListReader::new(Kind::Pod);
            reader.feed(format!(r#"{{"items":{items},"metadata":{{"resourceVersion":"1"}}}}"#).as_bytes());
            assert_eq!(reader.finish().unwrap().0, []);
        }
    }

    #[test]
    fn what_is_no_list_says_so() {
        for (text, said) in [
            ("<html>", "not a list"),
            ("{\"kind\":\"Status\"}", "not a list"),
            ("", "nothing"),
            (&LIST[..LIST.len() - 30], "ended in the middle"),
        ] {
            let mut reader = ListReader::new(Kind::Pod);
            reader.feed(text.as_bytes());
            let error = reader.finish().err().unwrap();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
