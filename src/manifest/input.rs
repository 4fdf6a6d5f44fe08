//! The inputs beside the manifests: the texts that they name, and what the command line adds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::files::Refused;

/// The files that manifests name: texts with `{file: PATH}`, and folders whose files a section consists of.
pub trait Texts {
    /// The text of a file, by its path from the root.
    ///
    /// # Errors
    /// When the file does not exist, or must not be read.
    fn read(&self, path: &str) -> Result<Arc<str>, Refused>;

    /// All bytes of a file, which need not be a text.
    ///
    /// # Errors
    /// When the file does not exist, or must not be read.
    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        self.read(path).map(|text| Arc::from(text.as_bytes()))
    }

    /// The paths of the files below a folder, from the root and sorted, but for hidden ones, those that ignore files name, and
    /// those of packages.
    ///
    /// # Errors
    /// When the folder does not exist, or must not be read.
    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        let _ = folder;
        Err(Refused::Missing)
    }
}

/// An implementation without any texts, for tests.
#[cfg(test)]
pub(crate) struct NoTexts;

#[cfg(test)]
impl Texts for NoTexts {
    fn read(&self, _: &str) -> Result<Arc<str>, Refused> {
        Err(Refused::Missing)
    }
}

/// What the command line adds to manifests.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Variables that `{env: …}` may put into fields that are shown.
    pub allow_env: BTreeSet<String>,
    /// The environment, for those variables; `None` where it is unknown, as when validating.
    pub environment: Option<BTreeMap<String, String>>,
    /// Paths below the root that the command line names for secrets: files, and folders of such files.
    pub private: BTreeSet<String>,
}
