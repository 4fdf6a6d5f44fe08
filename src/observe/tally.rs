//! Counts the projects of which everything is read.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Desired;

/// Receives how many of how many projects are read.
pub type Progress<'t> = &'t (dyn Fn(usize, usize) + Sync);

/// The projects that are not read yet, with the number of answers that each waits for.
pub(super) struct Tally<'t> {
    all: usize,
    left: Mutex<BTreeMap<String, usize>>,
    progress: Progress<'t>,
}

impl<'t> Tally<'t> {
    /// Each of the projects waits for being found.
    pub(super) fn new(desired: &Desired, progress: Progress<'t>) -> Self {
        let left: BTreeMap<String, usize> = desired.projects.keys().map(|name| (name.clone(), 1)).collect();
        progress(0, left.len());
        Self { all: left.len(), left: Mutex::new(left), progress }
    }

    /// A project waits for one more answer.
    pub(super) fn expect(&self, project: &str) {
        self.change(|left| {
            if let Some(answers) = left.get_mut(project) {
                *answers += 1;
            }
        });
    }

    /// One of the answers that a project waits for has come.
    pub(super) fn came(&self, project: &str) {
        self.change(|left| {
            if let Some(answers) = left.get_mut(project) {
                *answers -= 1;
                if *answers == 0 {
                    left.remove(project);
                }
            }
        });
    }

    /// A project waits for nothing more.
    pub(super) fn leave(&self, project: &str) {
        self.change(|left| {
            left.remove(project);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, usize>)) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let before = left.len();
        change(&mut left);
        if left.len() < before {
            (self.progress)(self.all - left.len(), self.all);
        }
    }
}
