//! One run of samples of one series, packed: a counter that grows evenly takes one byte a sample.
//! Loses nothing (every bit of a value comes back) and takes no sample that is not newer than the last.
//!
//! A sample is a tag byte and what the tag asks for. The top bit says that the distance to the last sample changed (a varint
//! follows); the other seven say how the value differs: not at all, by a small whole number, by a whole number, or by some bytes.

/// A sample: milliseconds since 1970 and the value.
pub type Sample = (i64, f64);

/// Samples in one run: with a scrape every 5 s ten minutes, so that dropping old runs follows the retention closely.
pub const SAMPLES_PER_CHUNK: usize = 120;

const NEW_DISTANCE: u8 = 0x80;
const SAME: u8 = 0;
const WHOLE_DELTA: u8 = 1;
const SMALL_DELTA: u8 = 2;
/// Deltas 1..=61 fit into the tag itself.
const LARGEST_SMALL: i64 = 61;
const XOR: u8 = 64;

/// The values to which the next sample's differences are taken.
#[derive(Clone, Copy, Default)]
struct Last {
    at: i64,
    distance: i64,
    bits: u64,
}

/// A packed run of samples, open for more until it is full.
pub struct Chunk {
    first: i64,
    count: usize,
    last: Last,
    bytes: Vec<u8>,
}

impl Chunk {
    /// An empty run whose first sample will be at `first_ms`.
    pub fn starting(first_ms: i64) -> Self {
        Self { first: first_ms, count: 0, last: Last { at: first_ms, ..Last::default() }, bytes: Vec::new() }
    }

    /// Adds a sample. The caller keeps times ascending.
    pub fn push(&mut self, at: i64, value: f64) {
        let Last { at: last_at, distance: last_distance, bits: last_bits } = self.last;
        let (distance, bits) = (at - last_at, value.to_bits());
        let tag_at = self.bytes.len();
        self.bytes.push(0);
        let mut tag = 0;
        if distance != last_distance {
            tag |= NEW_DISTANCE;
            put_varint(&mut self.bytes, zigzag(distance));
        }
        tag |= match whole_delta(last_bits, bits) {
            _ if bits == last_bits => SAME,
            Some(delta) if (1..=LARGEST_SMALL).contains(&delta) => SMALL_DELTA + delta as u8 - 1,
            Some(delta) => {
                put_varint(&mut self.bytes, zigzag(delta));
                WHOLE_DELTA
            }
            None => {
                let xor = bits ^ last_bits;
                let lead = xor.leading_zeros() as usize / 8;
                let tail = xor.trailing_zeros() as usize / 8;
                self.bytes.extend_from_slice(&xor.to_be_bytes()[lead..8 - tail]);
                XOR + (lead * 8 + 7 - lead - tail) as u8
            }
        };
        self.bytes[tag_at] = tag;
        self.last = Last { at, distance, bits };
        self.count += 1;
        if self.is_full() {
            self.bytes.shrink_to_fit();
        }
    }

    /// Whether the next sample needs a new run.
    pub fn is_full(&self) -> bool {
        self.count >= SAMPLES_PER_CHUNK
    }

    /// Times of the first and the last sample, milliseconds.
    pub fn span(&self) -> (i64, i64) {
        (self.first, self.last.at)
    }

    /// Memory the packed samples hold, bytes.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// The samples, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Sample> + '_ {
        let mut last = Last { at: self.first, ..Last::default() };
        let mut bytes = self.bytes.as_slice();
        std::iter::from_fn(move || read(&mut bytes, &mut last))
    }
}

fn read(bytes: &mut &[u8], last: &mut Last) -> Option<Sample> {
    let tag = take(bytes, 1)?[0];
    if tag & NEW_DISTANCE != 0 {
        last.distance = unzigzag(take_varint(bytes)?);
    }
    last.at += last.distance;
    match tag & !NEW_DISTANCE {
        SAME => {}
        WHOLE_DELTA => last.bits = add_whole(last.bits, unzigzag(take_varint(bytes)?)),
        small if small < XOR => last.bits = add_whole(last.bits, i64::from(small - SMALL_DELTA) + 1),
        xor => {
            let (lead, len) = (usize::from((xor - XOR) / 8), usize::from((xor - XOR) % 8) + 1);
            let mut whole = [0; 8];
            whole.get_mut(lead..lead + len)?.copy_from_slice(take(bytes, len)?);
            last.bits ^= u64::from_be_bytes(whole);
        }
    }
    Some((last.at, f64::from_bits(last.bits)))
}

/// The difference of two values that are both whole numbers a float holds exactly.
fn whole_delta(from: u64, to: u64) -> Option<i64> {
    let whole = |bits: u64| {
        let value = f64::from_bits(bits);
        let number = value as i64;
        // The bits must come back: this sorts out fractions, NaN, minus zero and what is too large.
        (number.unsigned_abs() < 1 << 52 && (number as f64).to_bits() == bits).then_some(number)
    };
    Some(whole(to)? - whole(from)?)
}

fn add_whole(bits: u64, delta: i64) -> u64 {
    ((f64::from_bits(bits) as i64 + delta) as f64).to_bits()
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

fn put_varint(bytes: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_comes_back() {
        let stale = f64::from_bits(0x7ff0_0000_0000_0002);
        let values = [
            0.0,
            1.0,
            62.0,
            63.0,
            2.0,
            1e15,
            -0.0,
            0.1,
            0.1,
            -7.0,
            f64::NAN,
            stale,
            f64::INFINITY,
            f64::MIN_POSITIVE,
            5e-324,
            4503599627370497.0,
            3.0,
            9e18,
            -9e18,
            0.25,
        ];
        let mut chunk = Chunk::starting(-5_000);
        let mut at = -5_000;
        let mut put = Vec::new();
        for (i, value) in values.iter().enumerate() {
            chunk.push(at, *value);
            put.push((at, value.to_bits()));
            at += if i % 5 == 0 { 1 } else { 15_000 };
        }
        let got: Vec<_> = chunk.iter().map(|(at, value)| (at, value.to_bits())).collect();
        assert_eq!(got, put);
    }

    #[test]
    fn an_even_counter_takes_about_a_byte_a_sample() {
        let mut chunk = Chunk::starting(1_700_000_000_000);
        for i in 0..SAMPLES_PER_CHUNK as i64 {
            chunk.push(1_700_000_000_000 + i * 5_000, (i * 17) as f64);
        }
        assert!(chunk.is_full());
        assert!(chunk.heap_bytes() <= SAMPLES_PER_CHUNK + 16, "{}", chunk.heap_bytes());
    }
}
