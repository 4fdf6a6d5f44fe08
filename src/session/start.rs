//! The session itself: its options, and what it may do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::lifetime::Lifetime;
use super::observer::Observer;
use super::options::{Options, Target};
use crate::diag::codes::trust;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::manifest;
use crate::workspace;

/// A workspace and its target, from the manifests to the report of an apply.
pub struct Session {
    pub(super) options: Options,
    pub(super) lifetime: Arc<Lifetime>,
    pub(super) observer: Arc<dyn Observer>,
}

impl Session {
    /// A session with its options and the lifetime of its run.
    #[must_use]
    pub fn new(options: Options, lifetime: Arc<Lifetime>, observer: Arc<dyn Observer>) -> Self {
        Self { options, lifetime, observer }
    }

    /// The part of the fleet that it is about, as records have it.
    #[must_use]
    pub fn shard(&self) -> Option<String> {
        self.options.shard.map(|shard| shard.to_string())
    }

    /// What it was given.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The lifetime of the run.
    #[must_use]
    pub fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// Hands on to the observer how many of all projects are read.
    pub(super) fn progress(&self) -> impl Fn(usize, usize) + Sync {
        |done, all| self.observer.read(done, all)
    }

    /// The folder of the workspace.
    pub fn root(&self) -> Result<Root, Failure> {
        let here = std::env::current_dir().unwrap_or_default();
        workspace::find(self.options.root.as_deref(), &here).map_err(Failure::of)
    }

    /// The day for rules that expire.
    #[must_use]
    pub fn today(&self) -> Date {
        self.options.today.unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date())
    }

    /// Whether the target is in this process: then manifests cannot reveal anything.
    #[must_use]
    pub fn is_in_process(&self) -> bool {
        !matches!(self.options.target, Target::Api(_))
    }

    /// Why the manifests are not trusted; `None` where they are.
    #[must_use]
    pub fn untrusted(&self) -> Option<&str> {
        self.options.untrusted.as_deref()
    }

    /// Refuses an action that untrusted manifests never get.
    pub fn require_trust(&self, what: &str) -> Result<(), Failure> {
        let Some(why) = &self.options.untrusted else { return Ok(()) };
        let message = format!("untrusted manifests are never {what}, and these are untrusted: {why}");
        let hint = "Merge the change, and do this in a run for a commit of the repository itself.";
        Err(Failure::with_hint(Exit::Refused, trust::UNTRUSTED, message, hint))
    }

    /// Refuses to read live for untrusted manifests, except from a sandbox in this process.
    pub fn require_trust_to_look(&self) -> Result<(), Failure> {
        if self.is_in_process() { Ok(()) } else { self.require_trust("looked up live, except by `plan --base REV`") }
    }

    /// The options for building manifests; without the environment.
    #[must_use]
    pub fn manifest_options(&self, root: &Root) -> manifest::Options {
        let Options { secrets, private, target, allow_env, .. } = &self.options;
        let from = secrets.from.as_deref().filter(|from| *from != "-" && !from.starts_with("env:"));
        let token = match target {
            Target::Api(api) => api.token_file.clone(),
            Target::Sandbox { .. } | Target::Peer(_) => None,
        };
        let given = [token, from.map(PathBuf::from)].into_iter().flatten();
        let all = given.chain(secrets.folders.iter().cloned()).chain(private.iter().cloned());
        manifest::Options {
            allow_env: allow_env.iter().cloned().collect(),
            environment: None,
            private: below(root, all),
        }
    }
}

/// The paths that are below the root, with links followed, as manifests write them.
fn below(root: &Root, paths: impl Iterator<Item = PathBuf>) -> BTreeSet<String> {
    let Ok(root) = root.path().canonicalize() else { return BTreeSet::new() };
    let relative = |path: PathBuf| {
        let real = path.canonicalize().ok()?;
        let path = real.strip_prefix(&root).ok().filter(|path| *path != Path::new(""))?;
        Some(path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
    };
    paths.filter_map(relative).collect()
}
