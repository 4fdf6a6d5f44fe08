//! `fmt`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::global::Format;
use crate::cli::differences::differences;
use crate::cli::run::{Done, Run};
use crate::diag::codes::run as codes;
use crate::diag::render::{self, escape};
use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::kinds::KINDS;
use crate::manifest;
use crate::session::{Changed, write};
use crate::view::{Line, StyledText};
use crate::yaml::format::format;

/// Format the manifests; offline
///
/// Two spaces a level, one blank line at most, quotes only where some reader of YAML needs them (`"no"`, `"1.10"`), a block
/// where a list or map in brackets takes several lines or more than 120 characters. Comments stay where they stand and keys in
/// their order; nothing that is meant changes. A file that cannot be read is left as it is.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Manifests, or folders of them; else all of the workspace
    paths: Vec<PathBuf>,
    /// Writes nothing, shows what would change, and ends with 2 if anything would
    #[arg(long)]
    check: bool,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let here = std::env::current_dir().unwrap_or_default();
    let root = run.session.root()?;
    let found = manifest::workspace::read(&root);
    let (sources, documents, unread) = manifest::documents(found.files.clone(), KINDS);
    let path = |id: SourceId| sources.get(id).path.as_str();
    let place = |finding: &Diagnostic| finding.labels.first().map(|label| path(label.span.source));
    let unread = unread.sorted();
    let names = documents.iter().map(|id| path(*id)).chain(unread.iter().filter_map(|finding| place(finding)));
    let chosen = choose(&root, &here, &args.paths, &names.collect())?;

    let mut findings = if args.paths.is_empty() { found.diagnostics } else { Diagnostics::new() };
    for finding in unread {
        if place(finding).is_none_or(|path| chosen.contains(path)) {
            findings.push(finding.clone());
        }
    }
    let documents: Vec<SourceId> = documents.into_iter().filter(|id| chosen.contains(path(*id))).collect();
    let mut changed = vec![];
    for &id in &documents {
        let before = &*sources.get(id).text;
        match format(before) {
            Some(after) if after == before => {}
            Some(after) => changed.push(Changed { path: path(id).to_owned(), before: before.to_owned(), after }),
            None => {
                let message = format!("`{}` is left as it is", path(id));
                findings.push(Diagnostic::new(codes::NOT_FORMATTED, Severity::Warning, message));
            }
        }
    }
    if !args.check {
        write(&root, &changed)?;
    }

    let exit = match () {
        () if findings.has_errors() => Exit::Invalid,
        () if args.check && !changed.is_empty() => Exit::Differences,
        () => Exit::Done,
    };
    let findings = findings.sorted();
    if run.global.format == Format::Json {
        let names: Vec<&str> = changed.iter().map(|changed| changed.path.as_str()).collect();
        run.json(&json!({
            "format": "supaform.formatted", "version": 1, "written": !args.check, "files": documents.len(),
            "changed": names, "exit": exit.code(), "diagnostics": render::json(&findings, &sources),
        }));
        return Ok(exit);
    }
    run.show(&findings, &sources);
    let mut page = names_of(&changed);
    if args.check && !changed.is_empty() {
        // A secret that is written where a reference belongs must not be shown.
        if is_valid(run, &root, found.files) {
            page = differences(&changed);
        } else {
            run.terminal.err("What would change is shown only where `supaform validate` finds no error\n");
        }
    }
    let verb = if args.check { "Would format" } else { "Formatted" };
    let noun = if documents.len() == 1 { "file" } else { "files" };
    page.push(Line::new().plain(format!("{verb}: {} of {} {noun}", changed.len(), documents.len())));
    run.terminal.page(&page);
    Ok(exit)
}

/// The files that the paths of the command line name, by their paths from the root; all where it names none.
fn choose<'f>(
    root: &Root,
    here: &Path,
    paths: &[PathBuf],
    files: &BTreeSet<&'f str>,
) -> Result<BTreeSet<&'f str>, Failure> {
    if paths.is_empty() {
        return Ok(files.clone());
    }
    let mut chosen = BTreeSet::new();
    for given in paths {
        let path = below(root, &here.join(given));
        let is_named = |file: &str| {
            path.as_ref().is_some_and(|path| {
                let rest = file.strip_prefix(path.as_str());
                path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let named: Vec<&str> = files.iter().copied().filter(|file| is_named(file)).collect();
        if named.is_empty() {
            let message = format!("`{}` is no manifest of the workspace, nor a folder of some", given.display());
            return Err(Failure::new(Exit::Invalid, codes::NO_MANIFEST, message));
        }
        chosen.extend(named);
    }
    Ok(chosen)
}

/// A path from the root, with `/`; nothing where it is not there, or not below the root.
fn below(root: &Root, path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let path = path.strip_prefix(root.path().canonicalize().ok()?).ok()?;
    Some(path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
}

fn is_valid(run: &Run, root: &Root, files: Vec<(String, String)>) -> bool {
    !manifest::build(files, root, KINDS, &run.session.manifest_options(root)).diagnostics.has_errors()
}

fn names_of(changed: &[Changed]) -> StyledText {
    let mut page = StyledText::new();
    for Changed { path, .. } in changed {
        page.push(Line::new().plain(escape(path)));
    }
    page
}
