//! A hash over JSON that is nowhere as a whole: it is hashed as it is written.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Error;
use sha2::{Digest as _, Sha256};

use super::hex;

/// SHA-256 over what is written to it.
pub struct Hashing(Sha256);

impl Hashing {
    /// Takes what is written next.
    pub fn add(&mut self, text: &[u8]) {
        self.0.update(text);
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
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

/// SHA-256 over a text that is written piece by piece, in hex.
///
/// # Errors
/// With the error of the one who writes.
pub fn hash_of(write: impl FnOnce(&mut Hashing) -> Result<(), Error>) -> Result<String, Error> {
    let mut hash = Hashing(Sha256::new());
    write(&mut hash)?;
    Ok(hex(&hash.0.finalize()))
}
