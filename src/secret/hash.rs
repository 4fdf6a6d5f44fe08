//! A hash over JSON that is nowhere as a whole: it is hashed as it is written.

use std::io::{Result, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::hex;

struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// SHA-256 over JSON without blanks, in hex.
#[must_use]
pub fn hash_of_json(json: &impl Serialize) -> String {
    let mut hash = Hashing(Sha256::new());
    serde_json::to_writer(&mut hash, json).expect("a record can be written as JSON, and a hash takes whatever comes");
    hex(&hash.0.finalize())
}
