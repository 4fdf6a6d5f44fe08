//! Who is told what a session finds on its way.

use crate::diag::{Diagnostics, Sources};

/// Who is told what a session finds on its way. Results are returned; this is what stands beside them.
pub trait Observer: Send + Sync {
    /// Something worth knowing: a line of text, as it is.
    fn note(&self, text: &str);

    /// Findings that forbid nothing.
    fn warn(&self, findings: &Diagnostics, sources: &Sources);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Observer for Nobody {
    fn note(&self, _: &str) {}

    fn warn(&self, _: &Diagnostics, _: &Sources) {}
}
