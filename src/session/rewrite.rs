//! Rewrites files of the workspace.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{Refused, Root};
use crate::manifest::Texts;

/// A file, its text as it was read, and its new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The path from the root.
    pub path: String,
    /// The text as it was read.
    pub before: String,
    /// The new text.
    pub after: String,
}

/// Writes each file whole, or none where one has changed since it was read.
pub fn write(root: &Root, changed: &[Changed]) -> Result<(), Failure> {
    let failed = |path: &str, why: String| {
        Failure::new(Exit::Failed, codes::CANNOT_WRITE, format!("`{path}` cannot be written: {why}"))
    };
    for Changed { path, before, .. } in changed {
        let now = match root.read_text(path, u64::MAX / 2) {
            // A file that is new.
            Err(Refused::Missing) if before.is_empty() => continue,
            now => now.map_err(|why| failed(path, why.to_string()))?,
        };
        if now != *before {
            return Err(failed(path, "somebody has changed it since it was read".to_owned()));
        }
    }
    for Changed { path, before, after } in changed {
        let replaced = match root.replace(path, after) {
            Err(Refused::Missing) if before.is_empty() => root.create(path, after),
            replaced => replaced,
        };
        replaced.map_err(|why| failed(path, why.to_string()))?;
    }
    Ok(())
}

/// The files of a workspace as they will be.
pub(super) struct Overlay<'a> {
    /// The folder of the workspace.
    pub root: &'a Root,
    /// The new texts, by path from the root.
    pub texts: BTreeMap<&'a str, &'a str>,
}

impl Texts for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        match self.texts.get(path) {
            Some(after) => Ok((*after).into()),
            None => Texts::read(self.root, path),
        }
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        match self.texts.get(path) {
            Some(after) => Ok(after.as_bytes().into()),
            None => self.root.bytes(path),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        let here = match Texts::list(self.root, folder) {
            Ok(here) => here,
            Err(Refused::Missing) => vec![],
            Err(why) => return Err(why),
        };
        let below = |path: &&&str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let new = self.texts.keys().filter(below).map(|path| (*path).to_owned());
        let all: std::collections::BTreeSet<String> = here.into_iter().chain(new).collect();
        if all.is_empty() { Err(Refused::Missing) } else { Ok(all.into_iter().collect()) }
    }
}
