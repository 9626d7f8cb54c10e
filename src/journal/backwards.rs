//! The lines of a file from its end to its beginning, a block at a time: the newest are wanted first and the file may be long.
//! Refuses to hold a line longer than it was told to: such a line is passed over, and counted by whoever reads.

use std::io;

/// How much is read at once.
const BLOCK: u64 = 64 << 10;

/// A line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// As it is.
    Whole(Vec<u8>),
    /// Longer than wanted, and let go.
    TooLong,
}

/// Lines from last to first. `read_at` fills a buffer from an offset; `left` is how much of the file is yet to be read.
pub(super) struct Backwards<R> {
    read_at: R,
    longest: usize,
    left: u64,
    /// The part of the file that is read and not yet given.
    held: Vec<u8>,
    /// The rest of the line in hand, its last piece first.
    tail: Vec<Vec<u8>>,
    tail_length: usize,
    begun: bool,
    ended: bool,
}

impl<R: FnMut(&mut [u8], u64) -> io::Result<()>> Backwards<R> {
    /// The lines of the first `length` bytes, none longer than `longest` bytes.
    pub(super) fn new(read_at: R, length: u64, longest: usize) -> Self {
        Self { read_at, longest, left: length, held: Vec::new(), tail: Vec::new(), tail_length: 0, begun: false, ended: length == 0 }
    }

    fn refill(&mut self) -> io::Result<()> {
        let size = self.left.min(BLOCK);
        self.left -= size;
        self.held.resize(usize::try_from(size).unwrap_or_default(), 0);
        (self.read_at)(&mut self.held, self.left)?;
        // The end of the last line begins no further one.
        if !self.begun && self.held.last() == Some(&b'\n') {
            self.held.pop();
        }
        self.begun = true;
        Ok(())
    }

    fn keep(&mut self, piece: Vec<u8>) {
        self.tail_length = self.tail_length.saturating_add(piece.len());
        if self.tail_length > self.longest {
            self.tail.clear();
        } else {
            self.tail.push(piece);
        }
    }

    fn give(&mut self) -> Line {
        let too_long = self.tail_length > self.longest;
        self.tail_length = 0;
        let pieces = std::mem::take(&mut self.tail);
        if too_long { Line::TooLong } else { Line::Whole(pieces.into_iter().rev().flatten().collect()) }
    }
}

impl<R: FnMut(&mut [u8], u64) -> io::Result<()>> Iterator for Backwards<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            if let Some(end) = self.held.iter().rposition(|byte| *byte == b'\n') {
                let piece = self.held.split_off(end + 1);
                self.held.pop();
                self.keep(piece);
                return Some(Ok(self.give()));
            }
            let piece = std::mem::take(&mut self.held);
            self.keep(piece);
            if self.left == 0 && self.begun {
                self.ended = true;
                return Some(Ok(self.give()));
            }
            if let Err(error) = self.refill() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8], longest: usize) -> Vec<Line> {
        let read_at = |buffer: &mut [u8], offset: u64| {
            let offset = usize::try_from(offset).unwrap();
            buffer.copy_from_slice(&bytes[offset..offset + buffer.len()]);
            Ok(())
        };
        Backwards::new(read_at, bytes.len() as u64, longest).map(Result::unwrap).collect()
    }

    /// The plain way: all at once, then turned round.
    fn plainly(bytes: &[u8], longest: usize) -> Vec<Line> {
        if bytes.is_empty() {
            return Vec::new();
        }
        let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = |line: &[u8]| if line.len() > longest { Line::TooLong } else { Line::Whole(line.to_vec()) };
        whole.split(|byte| *byte == b'\n').rev().map(line).collect()
    }

    #[test]
    fn lines_longer_than_a_block_are_put_together_and_too_long_ones_are_passed_over() {
        let block = usize::try_from(BLOCK).unwrap();
        for size in [block - 2, block - 1, block, block + 1, 3 * block + 7] {
            let text = format!("first\n{}\nlast", "x".repeat(size));
            assert_eq!(lines(text.as_bytes(), 4 * block), plainly(text.as_bytes(), 4 * block), "{size}");
            assert_eq!(lines(text.as_bytes(), 100), plainly(text.as_bytes(), 100), "{size}");
            assert_eq!(lines(text.as_bytes(), 100)[1], Line::TooLong);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_ends_with_its_error() {
        let mut lines = Backwards::new(|_: &mut [u8], _| Err(io::ErrorKind::Other.into()), 10, 10);
        assert!(lines.next().unwrap().is_err());
        assert!(lines.next().is_none());
    }

    proptest! {
        #[test]
        fn backwards_is_forwards_turned_round(text in "[a\n]{0,40}", times in 1_usize..4_000) {
            let text = text.repeat(times);
            prop_assert_eq!(lines(text.as_bytes(), 30), plainly(text.as_bytes(), 30));
        }
    }
}
