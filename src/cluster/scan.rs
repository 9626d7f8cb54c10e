//! Finds where a JSON value ends, byte by byte, however the bytes are cut into pieces.
//! Does not check the JSON: whoever decodes the value does.

/// Walks through one value.
#[derive(Debug, Clone, Default)]
pub(super) struct Scan {
    depth: u32,
    in_string: bool,
    escaped: bool,
    started: bool,
    literal: bool,
}

/// Where a value ends, seen from the piece given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It goes on after this piece.
    All,
    /// It ends before this index; what stands there belongs to the next thing.
    Until(usize),
}

impl Scan {
    /// Takes the next piece of the value. The first byte ever given must be the value's own first byte.
    pub fn take(&mut self, piece: &[u8]) -> Seen {
        let mut at = 0;
        while at < piece.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                match piece[at..].iter().position(|b| matches!(b, b'"' | b'\\')) {
                    None => return Seen::All,
                    Some(skip) => {
                        at += skip + 1;
                        if piece[at - 1] == b'\\' {
                            self.escaped = true;
                            continue;
                        }
                        self.in_string = false;
                        if self.depth == 0 {
                            return Seen::Until(at);
                        }
                    }
                }
                continue;
            }
            let byte = piece[at];
            if !self.started {
                self.started = true;
                self.literal = !matches!(byte, b'"' | b'{' | b'[');
            } else if self.literal {
                if matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                    return Seen::Until(at);
                }
                at += 1;
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Seen::Until(at);
                    }
                }
                _ => {}
            }
        }
        Seen::All
    }
}

/// The members of the JSON object `text`: key and raw value of each. `None` when it is not one, or not whole.
pub(super) fn members(text: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut rest = text.trim_ascii().strip_prefix(b"{")?.trim_ascii_start();
    let mut members = Vec::with_capacity(2);
    while !rest.starts_with(b"}") {
        let (key, after) = value(rest)?;
        let key = key.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let (inner, after) = value(after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())?;
        members.push((key, inner));
        rest = after.trim_ascii_start();
        match rest.strip_prefix(b",") {
            Some(more) => rest = more.trim_ascii_start(),
            None if rest.starts_with(b"}") => {}
            None => return None,
        }
    }
    Some(members)
}

fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    match Scan::default().take(text) {
        Seen::Until(end) => text.split_at_checked(end),
        Seen::All => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_at_the_same_place_however_it_is_cut() {
        let values: [&[u8]; 6] =
            [br#"{"a":"}\"]","b":[1,{"c":"\\"}]}"#, br#""te\"xt""#, b"[]", b"-12.5e3", b"null", br#"{"deep":[[[{"x":"{{{"}]]]}"#];
        for value in values {
            let mut text = value.to_vec();
            text.extend_from_slice(b", \"next\"");
            for cut in 1..value.len() {
                let mut scan = Scan::default();
                assert_eq!(scan.take(&text[..cut]), Seen::All, "{} cut at {cut}", String::from_utf8_lossy(value));
                assert_eq!(scan.take(&text[cut..]), Seen::Until(value.len() - cut));
            }
        }
    }

    #[test]
    fn members_are_found_in_any_order_and_with_blanks() {
        let found = members(b" { \"object\" : {\"a\":1} , \"type\":\"ADDED\" } ").unwrap();
        assert_eq!(found, vec![(&b"object"[..], &b"{\"a\":1}"[..]), (b"type", b"\"ADDED\"")]);
    }

    #[test]
    fn what_is_cut_off_or_no_object_has_no_members() {
        for text in ["", "[]", "{\"type\":\"ADDED\",\"object\":{", "<html>", "{\"a\" 1}", "{\"a\":1 \"b\":2}"] {
            assert_eq!(members(text.as_bytes()), None, "{text}");
        }
    }
}
