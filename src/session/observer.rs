//! Receives what a session reports on its way.

use crate::diag::{Diagnostics, Sources};

/// Receives what a session reports on its way, beside the results that it returns.
pub trait Observer: Send + Sync {
    /// A note: a line of text, not escaped.
    fn note(&self, text: &str);

    /// Findings that do not stop the run.
    fn warn(&self, findings: &Diagnostics, sources: &Sources);

    /// So many of all projects are read.
    fn read(&self, done: usize, all: usize) {
        let _ = (done, all);
    }
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Observer for Nobody {
    fn note(&self, _: &str) {}

    fn warn(&self, _: &Diagnostics, _: &Sources) {}
}
