//! The locks that keep applies on one machine apart: one for each project of an API, on files in a folder of the user.
//!
//! The API has no lock. Two applies at once would read the same and both write, so things would be created twice. A lock is
//! released when its process ends, however it ends; its file stays, empty or with the number of the last process.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::memory::caches;
use super::options::Target;
use super::peer::origin;
use super::start::Session;
use crate::ci::Environment;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::private;
use crate::model::{Desired, DesiredProject, Live};
use crate::schema::Digest;

/// The pause between two tries to get a lock.
const PAUSE: Duration = Duration::from_millis(200);

/// The project of one lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// The API, or the folder of a sandbox.
    api: String,
    /// The ref of the project; organization and name of one without a ref.
    project: String,
    /// The name of its document, for messages.
    document: String,
}

/// The locks of a run; dropping this value releases them. A target that no other process reaches needs none.
#[derive(Debug)]
pub(super) struct Locks {
    folder: PathBuf,
    api: String,
    patience: Duration,
    held: Vec<(Key, File)>,
}

impl Locks {
    /// Locks all projects of a run before reading them: by their refs, or by organization and name.
    pub(super) async fn take(session: &Session, desired: &Desired, patience: Duration) -> Result<Self, Failure> {
        let api = match &session.options.target {
            Target::Api(api) => origin(api)?.as_str().to_owned(),
            Target::Sandbox { folder, .. } => sandbox_in(folder),
            Target::Peer(_) => return Ok(Self { folder: PathBuf::new(), api: String::new(), patience, held: vec![] }),
        };
        let mut locks = Self { folder: folder(&session.options.environment)?, api, patience, held: vec![] };
        let keys = desired.projects.values().map(|project| locks.key(project, &named(project)));
        let keys = if session.is_in_process() {
            // All projects of a sandbox are kept in one file, so one lock is enough.
            let first = desired.projects.keys().next().cloned().unwrap_or_default();
            BTreeSet::from([Key { api: locks.api.clone(), project: String::new(), document: first }])
        } else {
            keys.collect()
        };
        locks.add(session, keys).await?;
        Ok(locks)
    }

    /// Locks the projects that were found by organization and name by their refs, too: another workspace may pin them.
    pub(super) async fn found(&mut self, session: &Session, desired: &Desired, live: &Live) -> Result<(), Failure> {
        let reference = |name: &String| live.projects.get(name).and_then(|live| live.reference.as_ref());
        let found = desired.projects.iter().filter_map(|(name, project)| Some((project, reference(name)?)));
        let keys = found.map(|(project, reference)| self.key(project, reference.as_str())).collect();
        if session.is_in_process() { Ok(()) } else { self.add(session, keys).await }
    }

    fn key(&self, project: &DesiredProject, which: &str) -> Key {
        Key { api: self.api.clone(), project: which.to_owned(), document: project.document.clone() }
    }

    /// All runs take locks in one order, so that no two wait for each other.
    async fn add(&mut self, session: &Session, keys: BTreeSet<Key>) -> Result<(), Failure> {
        for key in keys {
            if self.held.iter().all(|(held, _)| held.project != key.project) {
                let file = self.wait_for(session, &key).await?;
                self.held.push((key, file));
            }
        }
        Ok(())
    }

    async fn wait_for(&self, session: &Session, key: &Key) -> Result<File, Failure> {
        let name = Digest::Sha256.of(&format!("{}\n{}", key.api, key.project), "").unwrap_or_default();
        let path = self.folder.join(format!("{}.lock", name.chars().take(32).collect::<String>()));
        let mut file = private::open(&path).map_err(|error| no_lock(&path, &error.to_string()))?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // The number of the holder is used for messages only.
                    let noted = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
                    drop(noted);
                    return Ok(file);
                }
                Err(TryLockError::Error(error)) => return Err(no_lock(&path, &error.to_string())),
                Err(TryLockError::WouldBlock) => {}
            }
            let who = holder(&mut file).map_or(String::new(), |id| format!(" (process {id})"));
            if waited >= self.patience || session.lifetime.left().is_zero() {
                let message = format!("{}: another apply is running for this project{who}", key.document);
                let hint = "Run this again when it has ended, or wait longer for it with `--lock-timeout SECONDS`.";
                return Err(Failure::with_hint(Exit::Stale, codes::AT_WORK, message, hint));
            }
            if waited.is_zero() {
                let seconds = self.patience.as_secs();
                let text = format!("{}: waiting for another apply{who}, at most {seconds} s", key.document);
                session.observer.note(&text);
            }
            session.lifetime.wait_for(tokio::time::sleep(PAUSE)).await?;
            waited += PAUSE;
        }
    }
}

/// The name of a sandbox in this process: it has no address, but a folder.
fn sandbox_in(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).or_else(|_| std::path::absolute(folder));
    format!("sandbox {}", whole.unwrap_or_else(|_| folder.to_owned()).display())
}

/// The lock name of a project that was not looked up yet.
fn named(project: &DesiredProject) -> String {
    match (&project.reference, &project.organization) {
        (Some(reference), _) => reference.value.to_string(),
        (None, organization) => {
            let organization = organization.as_ref().map_or("", |it| it.value.as_str());
            format!("{organization}\n{}", project.live_name())
        }
    }
}

/// The folder of the locks, which belongs to this user and which nobody else can write to.
fn folder(environment: &Environment) -> Result<PathBuf, Failure> {
    if let Some(folder) = caches(environment).map(|caches| caches.join("supaform").join("locks"))
        && private::make(&folder).is_ok()
    {
        return safe(folder);
    }
    let folder = std::env::temp_dir().join(format!("supaform-locks-{}", private::user()));
    private::make(&folder).map_err(|error| no_lock(&folder, &error.to_string()))?;
    safe(folder)
}

fn safe(folder: PathBuf) -> Result<PathBuf, Failure> {
    private::check(&folder).map_err(|why| no_lock(&folder, &why))?;
    Ok(folder)
}

/// The process that holds a lock, as it wrote into the file.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    io::Read::by_ref(file).take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn no_lock(path: &Path, why: &str) -> Failure {
    let message = format!("no lock can be taken at `{}`: {why}", path.display());
    let hint = "Set XDG_CACHE_HOME to a folder of your own.";
    Failure::with_hint(Exit::Failed, codes::NO_LOCK, message, hint)
}
