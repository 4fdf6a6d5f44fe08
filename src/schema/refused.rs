//! Why a text is refused although it has the right form.

use crate::diag::Code;

/// Why an address is refused beyond its form.
#[derive(Debug)]
pub struct Refused {
    /// The code.
    pub code: Code,
    /// What is wrong with it: "leads to this machine or into a private network".
    pub why: &'static str,
    /// What to do: a sentence.
    pub hint: &'static str,
}
