//! `fmt`.

use std::path::PathBuf;

use serde_json::json;
use similar::TextDiff;

use super::options::Format;
use super::{Done, Failure, Run};
use crate::diag::codes::{run as codes, yaml as yaml_codes};
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Severity, Sources};
use crate::exit::Exit;
use crate::files::Root;
use crate::manifest::workspace;
use crate::yaml::{self, format::format};

/// Format the manifests
///
/// Two spaces a level, at most one empty line, quotes where somebody needs them. What the files say, the order in which they say
/// it and their comments stay. Nothing is written if one of them is no YAML.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files and folders below the root; else all manifests
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Writes nothing; shows what would change, and ends with 2 if something would
    #[arg(long)]
    check: bool,
}

/// A file that is not as it should be.
struct Changed {
    path: String,
    before: String,
    after: String,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let here = std::env::current_dir().unwrap_or_default();
    let root = workspace::find(run.global.root.as_deref(), &here).map_err(Failure::of)?;
    let (changed, files) = look(run, &root, args)?;
    if !args.check {
        for Changed { path, after, .. } in &changed {
            root.replace(path, after).map_err(|why| {
                Failure::new(Exit::Failed, codes::CANNOT_SAVE, format!("`{path}` cannot be written: {why}"))
            })?;
        }
    }
    tell(run, args, &changed, files);
    Ok(if args.check && !changed.is_empty() { Exit::Differences } else { Exit::Done })
}

/// What is to be changed, and how many files were looked at. All is known before anything is written.
fn look(run: &Run, root: &Root, args: &Args) -> Result<(Vec<Changed>, usize), Failure> {
    let found = workspace::read(root);
    let (mut sources, mut findings) = (Sources::new(), found.diagnostics);
    let within = within(root, &args.paths)?;
    let (mut changed, mut files) = (vec![], 0);
    for (path, before) in found.files {
        if !within.is_empty() && !within.iter().any(|it| path == *it || path.starts_with(&format!("{it}/"))) {
            continue;
        }
        files += 1;
        let id = sources.add(&*path, &*before);
        if yaml::read(&sources, id, &mut findings).is_none() {
            continue;
        }
        match format(&before) {
            Ok(after) if after == before => {}
            Ok(after) => changed.push(Changed { path, before, after }),
            Err(_) => {
                let message = format!("`{path}` is left as it is: it has a form that cannot be changed safely");
                findings.push(Diagnostic::new(yaml_codes::NOT_FORMATTED, Severity::Warning, message));
            }
        }
    }
    if findings.has_errors() {
        return Err(Failure::invalid(findings, sources));
    }
    if files == 0 && !args.paths.is_empty() {
        let hint = "Name YAML files or folders below the root that `.supaformignore` does not name.";
        return Err(Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, "no manifest lies at these paths", hint));
    }
    run.show(&findings.sorted(), &sources);
    Ok((changed, files))
}

/// The paths from the root, as the workspace names its files.
fn within(root: &Root, paths: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let top = root.path().canonicalize();
    let relative = |path: &PathBuf| {
        let whole = path.canonicalize().ok()?;
        let below = whole.strip_prefix(top.as_ref().ok()?).ok()?;
        Some(below.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
    };
    let all = paths.iter().map(|path| {
        relative(path).ok_or_else(|| {
            let why = if path.exists() { "does not lie below the root" } else { "is not there" };
            let message = format!("`{}` {why}", path.display());
            Failure::new(Exit::Invalid, codes::BAD_OPTION, message)
        })
    });
    // The root itself is everything.
    Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|path| !path.is_empty()).collect())
}

fn tell(run: &Run, args: &Args, changed: &[Changed], files: usize) {
    if run.global.format == Format::Json {
        let paths: Vec<_> = changed.iter().map(|it| it.path.as_str()).collect();
        run.json(&json!({"format": "supaform.formatted", "version": 1, "written": !args.check, "files": paths}));
        return;
    }
    for Changed { path, before, after } in changed {
        let path = escape(path);
        if args.check {
            let diff = TextDiff::from_lines(before, after);
            run.terminal.out(&diff.unified_diff().context_radius(1).header(&path, &path).to_string());
        } else {
            run.terminal.out(&format!("{path}\n"));
        }
    }
    let noun = if files == 1 { "file" } else { "files" };
    run.terminal.out(&match (changed.len(), args.check) {
        (0, _) => format!("Formatted already: {files} {noun}\n"),
        (some, true) => format!("Not formatted: {some} of {files} {noun}; `supaform fmt` writes them\n"),
        (some, false) => format!("Formatted: {some} of {files} {noun}\n"),
    });
}
