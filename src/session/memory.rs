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
    /// Whether the file has another content.
    #[serde(skip)]
    is_new: bool,
}

/// What earlier runs have downloaded; the file is read when somebody asks first.
struct Downloads {
    folder: PathBuf,
    origin: Origin,
    token: Token,
    noted: Mutex<Option<Noted>>,
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
        Some(Arc::new(Downloads { folder, origin: origin.clone(), token: token.clone(), noted: Mutex::default() }))
    }
}

/// The file, if it is there and nobody else can have put it there.
fn read(folder: &Path) -> Option<Noted> {
    private::check(folder).ok()?;
    let bytes = Root::new(folder).read(FILE, MOST_BYTES).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Downloads {
    fn with<T>(&self, what: impl FnOnce(&mut Noted) -> T) -> T {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        what(noted.get_or_insert_with(|| read(&self.folder).unwrap_or_default()))
    }

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
        self.with(|noted| {
            let (seen, mark) = noted.seen.shift_remove(&state)?;
            if mark != self.mark(&state, &seen) {
                noted.is_new = true;
                return None;
            }
            noted.seen.insert(state, (seen.clone(), mark));
            Some(seen)
        })
    }

    fn note(&self, state: &str, seen: &str) {
        let state = self.digest(state);
        let entry = (seen.to_owned(), self.mark(&state, seen));
        self.with(|noted| {
            noted.is_new |= noted.seen.shift_remove(&state).as_ref() != Some(&entry);
            noted.seen.insert(state, entry);
        });
    }
}

/// What is new is written. That it cannot be changes nothing.
impl Drop for Downloads {
    fn drop(&mut self) {
        let noted = self.noted.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut noted) = noted.filter(|noted| noted.is_new) else { return };
        let old = noted.seen.len().saturating_sub(MOST);
        noted.seen.drain(..old);
        let is_ours = private::make(&self.folder).is_ok() && private::check(&self.folder).is_ok();
        if let (true, Ok(bytes)) = (is_ours, serde_json::to_vec(&noted)) {
            drop(save(&self.folder.join(FILE), &bytes, Readers::Owner));
        }
    }
}
