//! The digests of downloads that earlier runs have made, in a file of the user's caches.
//!
//! The file is never needed and never trusted. Each entry has a mark that only a holder of the same access token can make, so
//! that one that somebody else has written is dropped like one that is broken. Neither files nor tokens nor names are in it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::options::Peer;
use super::peer::Connection;
use super::start::Session;
use crate::api::{Memory, Origin, Token};
use crate::ci::Environment;
use crate::files::{Readers, Root, private, save};
use crate::secret::hex;

/// The file.
const FILE: &str = "downloads.json";

/// The most entries; the oldest go.
const MOST: usize = 4_000;

/// The largest file that is read: such entries have 210 bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// What the file holds.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    /// What was seen of a state, and the mark of both, by the state's digest; those used last are last.
    seen: IndexMap<String, (String, String)>,
}

/// What earlier runs have downloaded.
pub(super) struct Downloads {
    folder: PathBuf,
    origin: Origin,
    token: Token,
    noted: Mutex<(Noted, bool)>,
}

/// The folder of the user's caches.
pub(super) fn caches(environment: &Environment) -> Option<PathBuf> {
    let absolute = |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return absolute("LOCALAPPDATA");
    }
    let home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|path| path.join(home)))
}

impl Session {
    /// What earlier runs have downloaded; `None` where nothing is to be kept, or nothing can be.
    pub(super) fn memory(&self, connection: &Connection) -> Option<Arc<dyn Memory>> {
        let Peer { origin, token, .. } = &connection.peer;
        let folder = caches(&self.options.environment).filter(|_| self.options.cache)?.join("supaform");
        private::make(&folder).ok()?;
        private::check(&folder).ok()?;
        let noted = read(&folder).unwrap_or_default();
        let noted = Mutex::new((noted, false));
        Some(Arc::new(Downloads { folder, origin: origin.clone(), token: token.clone(), noted }))
    }
}

fn read(folder: &Path) -> Option<Noted> {
    let bytes = Root::new(folder).read(FILE, MOST_BYTES).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Downloads {
    fn mark(&self, state: &str, seen: &str) -> String {
        self.token.mark(&format!("{state} {seen}"))
    }

    fn digest(&self, state: &str) -> String {
        hex(&Sha256::digest(format!("{}\n{state}", self.origin.as_str())))
    }
}

impl Memory for Downloads {
    fn recall(&self, state: &str) -> Option<String> {
        let state = self.digest(state);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, mark) = noted.0.seen.shift_remove(&state)?;
        if mark != self.mark(&state, &seen) {
            noted.1 = true;
            return None;
        }
        noted.0.seen.insert(state, (seen.clone(), mark));
        Some(seen)
    }

    fn note(&self, state: &str, seen: &str) {
        let state = self.digest(state);
        let entry = (seen.to_owned(), self.mark(&state, seen));
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.1 |= noted.0.seen.shift_remove(&state).as_ref() != Some(&entry);
        noted.0.seen.insert(state, entry);
    }
}

/// What is new is written. That it cannot be changes nothing.
impl Drop for Downloads {
    fn drop(&mut self) {
        let (noted, is_new) = self.noted.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !*is_new {
            return;
        }
        let old = noted.seen.len().saturating_sub(MOST);
        noted.seen.drain(..old);
        if let Ok(bytes) = serde_json::to_vec(noted) {
            drop(save(&self.folder.join(FILE), &bytes, Readers::Owner));
        }
    }
}
