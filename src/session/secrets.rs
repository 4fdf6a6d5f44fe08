//! Resolves the secrets that a workspace needs, from the sources that the options allow.

use std::path::Path;
use std::sync::Arc;

use super::inputs;
use super::options::Options;
use super::start::Session;
use super::workspace::Workspace;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::manifest;
use crate::secret::provided::ProvidedSecrets;
use crate::secret::sources::{Resolved, SecretLookup, resolve};

impl Session {
    /// Looks up the secrets of the selection, with what is at hand of those that are asked for.
    pub async fn look_up(&self, workspace: Workspace) -> Result<Workspace, Failure> {
        self.require_trust("given secrets")?;
        self.resolve(workspace).await
    }

    /// Resolves the secrets of the selection.
    pub(super) async fn resolve(&self, workspace: Workspace) -> Result<Workspace, Failure> {
        let (options, lifetime) = (&self.options, &self.lifetime);
        let provided = provided(options)?;
        let folders: Vec<Root> = options.secrets.folders.iter().map(Root::new).collect();
        let lookup = SecretLookup {
            environment: options.environment.variables(),
            provided: provided.as_ref(),
            root: &workspace.root,
            secret_dirs: &folders,
            allow_exec: options.secrets.allow_exec,
            exec_timeout: options.secrets.exec_timeout,
            exec_deadline: lifetime.ends(),
            clock: &**lifetime.clock(),
            stop: lifetime.stop(),
        };
        let wanted = manifest::secrets(&workspace.desired, &workspace.selection);
        let Resolved { vault, missing, errors } = resolve(wanted, lookup).await;
        lifetime.go_on()?;
        if errors.has_errors() {
            return Err(Failure::invalid(errors, workspace.sources));
        }
        Ok(Workspace { vault: Arc::new(vault), missing, ..workspace })
    }
}

/// The secrets that `--secrets-from` names: a file, `-` for stdin, `env:VAR` for a variable.
fn provided(options: &Options) -> Result<Option<ProvidedSecrets>, Failure> {
    let Some(from) = options.secrets.from.as_deref() else { return Ok(None) };
    let bad = |why: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, format!("--secrets-from {from}: {why}"));
    let text = match from.strip_prefix("env:") {
        Some(name) => {
            let value = options.environment.get(name);
            // An empty variable has no secrets; that is reported where a secret is needed.
            if value.is_some_and(|value| value.trim().is_empty()) {
                return Ok(Some(ProvidedSecrets::default()));
            }
            value.map(|value| value.to_owned().into()).ok_or_else(|| bad("there is no such variable".to_owned()))?
        }
        None if from == "-" => inputs::stdin(inputs::MOST_SECRETS, "--secrets-from -: stdin")?,
        None => inputs::text(Path::new(from), inputs::MOST_SECRETS, "--secrets-from").map_err(piped)?,
    };
    ProvidedSecrets::parse(&text, from).map(Some).map_err(Failure::of)
}

/// Adds a hint for `<(…)`, which shells turn into pipes.
fn piped(mut failure: Failure) -> Failure {
    failure.findings.since(0).iter_mut().filter(|finding| !finding.hints.is_empty()).for_each(|finding| {
        finding.hints =
            vec!["Give what a command prints on stdin: `COMMAND | supaform … --secrets-from -`.".to_owned()];
    });
    failure
}
