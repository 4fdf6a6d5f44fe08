//! What is there before an import: the workspace, or the folder where one begins.

use std::collections::BTreeMap;

use crate::diag::Diagnostics;
use crate::diag::codes::manifest::EMPTY_WORKSPACE;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::kinds::KINDS;
use crate::manifest::accept::Manifests;
use crate::manifest::{self, Built, MARKER};
use crate::model::Desired;
use crate::session::rewrite::Overlay;
use crate::session::{Session, Workspace};
use crate::workspace::{MOST_TEXT, read};

/// A workspace without a project.
fn bare(session: &Session, root: &Root, files: Vec<(String, String)>) -> Result<Workspace, Failure> {
    let built = manifest::build(files, root, KINDS, &session.manifest_options(root));
    session.selected(root.clone(), 0, Built { diagnostics: Diagnostics::new(), ..built })
}

impl Session {
    /// The workspace with other desired projects, and the values of their secrets, where they are at hand.
    pub(super) async fn with_secrets_of(&self, ground: &Ground, desired: Desired) -> Result<Workspace, Failure> {
        let bare = Workspace { desired, ..bare(self, &ground.root, vec![])? };
        if self.untrusted().is_some() { Ok(bare) } else { self.resolve(bare).await }
    }
}

/// The marker of a new workspace.
const FIRST: &str = "version: 1\n";

/// What is there before an import.
pub(super) struct Ground {
    /// The folder.
    pub root: Root,
    /// Its manifests; of a new workspace, none.
    pub workspace: Workspace,
    /// Whether the workspace is yet to be marked.
    pub is_new: bool,
}

impl Ground {
    pub(super) fn of(session: &Session) -> Result<Self, Failure> {
        let Ok(root) = session.root() else {
            let root = Root::new(session.options.root.clone().unwrap_or_else(|| ".".into()));
            let workspace = bare(session, &root, vec![(MARKER.to_owned(), FIRST.to_owned())])?;
            return Ok(Self { root, workspace, is_new: true });
        };
        let workspace = match session.load() {
            Err(why) if why.findings.sorted().iter().all(|found| found.code == EMPTY_WORKSPACE) => {
                bare(session, &root, read(&root).files)?
            }
            loaded => loaded?,
        };
        Ok(Self { root, workspace, is_new: false })
    }

    /// The manifests as trees, in which the places of sections are found. They are read anew: once is enough.
    pub(super) fn manifests(&self) -> Manifests<'_> {
        Manifests::new(&self.workspace.sources, KINDS, None)
    }

    /// The texts of the manifests, by path from the root.
    pub(super) fn texts(&self) -> BTreeMap<String, String> {
        let sources = &self.workspace.sources;
        let text = |id| (sources.get(id).path.clone(), sources.get(id).text.to_string());
        sources.ids().map(text).collect()
    }

    /// Fails where a file is in the way of a new document.
    pub(super) fn free(&self, path: &str, is_asked: bool) -> Result<(), Failure> {
        let sources = &self.workspace.sources;
        let manifest = sources.ids().find(|id| sources.get(*id).path == path);
        let tree = manifest.and_then(|id| crate::yaml::read(sources, id, &mut Diagnostics::new()));
        let takes_more = tree.is_some_and(|tree| tree.get("project").is_none() && tree.get("profile").is_none());
        let exists =
            self.root.read_text(path, MOST_TEXT).is_ok() || self.root.path().join(path).symlink_metadata().is_ok();
        if !exists || (is_asked && takes_more) {
            return Ok(());
        }
        let message = format!("`{path}` exists, and an import replaces no file");
        let hint = if is_asked {
            "Name a new file, or one of the workspace's manifests with `projects:`, with `--into FILE`."
        } else {
            "Give another file with `--into FILE`; or write `ref:` into the project's document, so that it is found there."
        };
        Err(Failure::with_hint(Exit::Refused, codes::NOT_IMPORTED, message, hint))
    }

    /// The manifests with other texts.
    pub(super) fn built(&self, session: &Session, texts: &BTreeMap<String, String>) -> Built {
        let options = manifest::Options {
            environment: session.untrusted().is_none().then(|| session.options.environment.variables().clone()),
            ..session.manifest_options(&self.root)
        };
        let mut all = self.texts();
        all.extend(texts.iter().map(|(path, text)| (path.clone(), text.clone())));
        let is_yaml = |path: &str| manifest::listing::is_yaml(path);
        let files = all.iter().filter(|(path, _)| is_yaml(path)).map(|(path, text)| (path.clone(), text.clone()));
        let after = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        manifest::build(files.collect(), &Overlay { root: &self.root, texts: after }, KINDS, &options)
    }

    /// The marker, where it is yet to be written.
    pub(super) fn marker(&self) -> Option<(String, String)> {
        self.is_new.then(|| (MARKER.to_owned(), FIRST.to_owned()))
    }
}
