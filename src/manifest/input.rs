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

/// Files that are at hand, by their paths.
impl<B: AsRef<[u8]>> Texts for BTreeMap<String, B> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        let text = std::str::from_utf8(self.get(path).ok_or(Refused::Missing)?.as_ref());
        text.map(Arc::from).map_err(|why| Refused::NotText { at: why.valid_up_to() })
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        self.get(path).map(|bytes| bytes.as_ref().into()).ok_or(Refused::Missing)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        let below = |path: &&String| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let found: Vec<String> = self.keys().filter(below).cloned().collect();
        if found.is_empty() { Err(Refused::Missing) } else { Ok(found) }
    }
}

/// No files at all.
pub struct NoTexts;

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
