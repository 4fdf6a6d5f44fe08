//! Resolves references to values: from the environment, `--secrets-from`, files and commands.
//!
//! Found values go into the [`Vault`]; the others are reported, and no message has a value.

use std::collections::BTreeMap;
use std::time::Duration;

use zeroize::Zeroizing;

use super::provided::ProvidedSecrets;
use super::variables::{is_ours_alone, variable_prefix};
use super::{Secret, SecretSource, SecretUse, Vault, exec};
use crate::clock::Clock;
use crate::diag::{Code, Diagnostic, Diagnostics, Span, codes::secret as codes};
use crate::files::{Refused, Root};
use crate::schema::Form;
use crate::stop::Stop;

/// The largest secret file; a secret is small.
const MOST_FILE: u64 = 1024 * 1024;

/// A use of a secret to resolve.
#[derive(Debug, Clone)]
pub struct SecretRequest<'d> {
    /// The use.
    pub uses: &'d SecretUse,
    /// What uses it: `acme-prod/auth.smtp_pass`, `acme-prod/secrets/STRIPE_KEY`.
    pub at: String,
    /// Where it is written.
    pub span: Span,
    /// The most characters that the API stores.
    pub most: Option<usize>,
    /// The form that the value must have.
    pub form: Option<&'static Form>,
    /// Whether only the creation of the project needs it.
    pub for_creation: bool,
}

/// Where values may be looked up.
#[derive(Clone, Copy)]
pub struct SecretLookup<'a> {
    /// The environment.
    pub environment: &'a BTreeMap<String, String>,
    /// The secrets of `--secrets-from`.
    pub provided: Option<&'a ProvidedSecrets>,
    /// The root of the workspace.
    pub root: &'a Root,
    /// Folders of `--secret-dir`.
    pub secret_dirs: &'a [Root],
    /// Whether `{exec: […]}` may run.
    pub allow_exec: bool,
    /// How long a command may take.
    pub exec_timeout: Duration,
    /// The deadline of the run, on this clock.
    pub exec_deadline: Duration,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Raised when the run is to stop.
    pub stop: &'a Stop,
}

/// A reference without a value, or one that must not be resolved: unknown in a plan, an error before a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The reference.
    pub source: SecretSource,
    /// The code of the finding.
    pub code: Code,
    /// What uses it.
    pub at: String,
    /// Where it is written.
    pub span: Span,
    /// Whether only the creation of the project needs it.
    pub for_creation: bool,
    /// Why nothing was found: lower case, no full stop.
    pub why: String,
    /// What to do: a sentence.
    pub hint: String,
}

impl Missing {
    /// The finding for runs in which every secret must be found.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.code, self.span, format!("{}: {}", self.at, self.why)).hint(&self.hint)
    }
}

/// The values that were found, the missing ones, and the unusable ones.
#[derive(Debug)]
pub struct Resolved {
    /// The values.
    pub vault: Vault,
    /// References without a value, in the order of the requests.
    pub missing: Vec<Missing>,
    /// Values that must not be used, and references that must not be resolved.
    pub errors: Diagnostics,
}

/// Resolves all references, each once. Commands run only where that is allowed.
pub async fn resolve<'d>(wanted: impl IntoIterator<Item = SecretRequest<'d>>, lookup: SecretLookup<'_>) -> Resolved {
    let mut resolved = Resolved { vault: Vault::new(), missing: vec![], errors: Diagnostics::new() };
    let mut known: BTreeMap<&SecretSource, Result<(), Failed>> = BTreeMap::new();
    for SecretRequest { uses, at, span, most, form, for_creation } in wanted {
        for source in uses.parts.iter().filter(|source| !matches!(source, SecretSource::Plain(_))) {
            if !known.contains_key(source) {
                let found = look_up(source, lookup).await;
                known.insert(source, found.map(|value| resolved.vault.put(source.clone(), Secret(value))));
            }
            match &known[source] {
                Ok(()) => {}
                Err(Failed::Missing(code, why, hint)) => resolved.missing.push(Missing {
                    source: source.clone(),
                    code: *code,
                    at: at.clone(),
                    span,
                    for_creation,
                    why: why.clone(),
                    hint: hint.clone(),
                }),
                Err(Failed::Wrong(code, why, hint)) => {
                    let found = Diagnostic::error(*code, span, format!("{at}: {why}"));
                    resolved.errors.push(if hint.is_empty() { found } else { found.hint(hint.as_str()) });
                }
            }
        }
        let length = || resolved.vault.reveal(uses).map_or(0, |value| value.expose().chars().count());
        if let Some(most) = most.filter(|most| length() > *most) {
            let message = format!("{at}: the value has more than {most} characters, which the API does not store");
            resolved.errors.push(Diagnostic::error(codes::TOO_LONG, span, message));
        }
        if let Some(form) = form
            && resolved.vault.reveal(uses).is_some_and(|value| !(form.holds)(value.expose()))
        {
            let message = format!("{at}: the value is not {}", form.expected);
            resolved.errors.push(Diagnostic::error(codes::BAD_FORM, span, message));
        }
    }
    resolved
}

enum Failed {
    /// There is no value, or it must not be looked up: the reason and a hint.
    Missing(Code, String, String),
    /// There is a value that must not be used: the reason and a hint.
    Wrong(Code, String, String),
}

type Found = Result<Zeroizing<String>, Failed>;

async fn look_up(source: &SecretSource, lookup: SecretLookup<'_>) -> Found {
    match source {
        SecretSource::Named { document, name } => named(document, name, lookup),
        SecretSource::Env(name) => match lookup.environment.get(name) {
            Some(value) => of_variable(name, value),
            None => Err(missing(format!("the variable `{name}` is not set"), format!("Set `{name}`."))),
        },
        SecretSource::File(path) => of_file(path, lookup),
        SecretSource::Exec(command) => of_command(command, lookup).await,
        // Plain values are shown and never looked up.
        SecretSource::Plain(text) => Ok(Zeroizing::new(text.clone())),
    }
}

/// There is no fallback to another document: a secret of staging must not end up in production.
fn named(document: &str, name: &str, lookup: SecretLookup<'_>) -> Found {
    if let Some(value) = lookup.provided.and_then(|provided| provided.get(document, name)) {
        return of_what_ci_gives(value.expose(), &format!("`{document}.{name}`"));
    }
    let variable = format!("{}{name}", variable_prefix(document));
    match lookup.environment.get(&variable) {
        Some(value) => of_variable(&variable, value),
        None if lookup.provided.is_some() => Err(missing(
            format!("`{document}.{name}` is not in what `--secrets-from` gave, and `{variable}` is not set"),
            format!("Add `{name}` below `{document}`, or set `{variable}`."),
        )),
        None => Err(missing(
            format!("the variable `{variable}` is not set"),
            format!("Set it, or give `{document}.{name}` with `--secrets-from`."),
        )),
    }
}

fn of_variable(name: &str, value: &str) -> Found {
    if value.ends_with(['\n', '\r']) && !value.trim().is_empty() {
        let why = format!("the variable `{name}` ends in a line break, which would become part of the secret");
        return Err(Failed::Wrong(codes::LINE_BREAK, why, "Set it without one, as `printf %s` prints.".to_owned()));
    }
    of_what_ci_gives(value, &format!("the variable `{name}`"))
}

/// CI systems set an empty variable for a secret that they do not have, so it counts as missing.
fn of_what_ci_gives(value: &str, what: &str) -> Found {
    if value.trim().is_empty() {
        let hint = "Give it a value; to clear a field, write `null` in the manifest.".to_owned();
        return Err(Failed::Missing(codes::EMPTY, format!("{what} is empty"), hint));
    }
    Ok(Zeroizing::new(value.to_owned()))
}

fn of_file(path: &str, lookup: SecretLookup<'_>) -> Found {
    let (root, relative) = if path.starts_with('/') {
        let below = lookup.secret_dirs.iter().find_map(|root| {
            let relative = std::path::Path::new(path).strip_prefix(root.path()).ok()?;
            Some((root, relative.to_str()?))
        });
        below.ok_or_else(|| {
            let why = format!("`{path}` lies outside of the workspace");
            let hint = "Put it below the root, or allow its folder with `--secret-dir`.".to_owned();
            Failed::Missing(codes::FILE_REFUSED, why, hint)
        })?
    } else {
        (lookup.root, path)
    };
    match root.read(relative, MOST_FILE) {
        Ok(bytes) => of_bytes(&Zeroizing::new(bytes), &format!("the file `{path}`")),
        Err(Refused::Missing) => {
            Err(missing(format!("the file `{path}` is not there"), "Put it there, or correct the path.".to_owned()))
        }
        Err(why) => {
            Err(Failed::Wrong(codes::FILE_REFUSED, format!("the file `{path}` is not read: {why}"), String::new()))
        }
    }
}

/// Runs a command without the tool's own credentials. Its stderr is not shown, because it may hold the secret.
async fn of_command(command: &[String], lookup: SecretLookup<'_>) -> Found {
    let Some((program, arguments)) = command.split_first() else {
        return Err(missing("no command".to_owned(), "Write the command.".to_owned()));
    };
    if !lookup.allow_exec {
        let why = format!("`{program}` may not run");
        return Err(Failed::Missing(codes::EXEC_REFUSED, why, "Allow commands with `--allow-exec`.".to_owned()));
    }
    if command.iter().any(|word| word.contains('\0')) {
        let why = format!("`{}` holds a NUL, which no command can receive", program.escape_debug());
        return Err(Failed::Wrong(codes::EXEC_FAILED, why, String::new()));
    }
    let left = lookup.exec_deadline.saturating_sub(lookup.clock.now());
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).current_dir(lookup.root.path()).env_clear();
    command.envs(lookup.environment.iter().filter(|(name, _)| !is_ours_alone(name)));
    let printed = exec::output_of(command, lookup.exec_timeout.min(left), lookup.stop).await;
    let (status, printed) = printed.map_err(|why| {
        let (why, hint) = match why {
            exec::Failed::TooLong if left < lookup.exec_timeout => {
                (format!("`{program}` was killed when `--deadline` was reached"), "Give the run longer.".to_owned())
            }
            exec::Failed::TooLong => {
                let why = format!("`{program}` had not ended after {} s and was killed", lookup.exec_timeout.as_secs());
                let hint = "If it waits for somebody, run it beforehand; or give it longer with `--exec-timeout`.";
                (why, hint.to_owned())
            }
            exec::Failed::TooMuch => {
                let why = format!("`{program}` printed more than {} bytes and was killed", exec::MOST_OUTPUT);
                (why, "Let it print the secret and nothing else.".to_owned())
            }
            exec::Failed::Stopped => {
                (format!("`{program}` was killed, because the run was interrupted"), String::new())
            }
            exec::Failed::Start(error) => {
                (format!("`{program}` could not be started: {}", error.kind()), String::new())
            }
        };
        Failed::Wrong(codes::EXEC_FAILED, why, hint)
    })?;
    if !status.success() {
        let why = format!("`{program}` failed ({status})");
        return Err(Failed::Wrong(codes::EXEC_FAILED, why, "Run it by hand to see what it says.".to_owned()));
    }
    of_bytes(&printed, &format!("the output of `{program}`"))
}

/// A text without the one line break at its end that editors and commands add.
fn of_bytes(bytes: &Zeroizing<Vec<u8>>, what: &str) -> Found {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let why = format!("{what} is not UTF-8 at byte {}", error.valid_up_to());
        Failed::Wrong(codes::NOT_TEXT, why, String::new())
    })?;
    if let Some(at) = text.find('\0') {
        return Err(Failed::Wrong(codes::NOT_TEXT, format!("{what} holds a NUL at byte {at}"), String::new()));
    }
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    not_empty(text, what)
}

fn not_empty(value: &str, what: &str) -> Found {
    if value.trim().is_empty() {
        let hint = "To clear a field, write `null` in the manifest.".to_owned();
        return Err(Failed::Wrong(codes::EMPTY, format!("{what} is empty"), hint));
    }
    Ok(Zeroizing::new(value.to_owned()))
}

fn missing(why: String, hint: String) -> Failed {
    Failed::Missing(codes::UNRESOLVED, why, hint)
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
