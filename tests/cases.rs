//! Tests of data, one test each: a field of a kind, a scenario, a manifest.
//!
//! `cargo test --test cases -- --list` names them; a word after `--` chooses those that have it in their names.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test names what it looks for")]

mod conformance;
mod manifests;
#[cfg(unix)]
mod postgres;
mod scenarios;
#[expect(dead_code, reason = "the rest is for the suite")]
mod support;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let trials = conformance::trials().chain(scenarios::trials()).chain(manifests::trials());
    #[cfg(unix)]
    let trials = trials.chain(postgres::trials());
    let trials = trials.collect();
    let ended = libtest_mimic::run(&Arguments::from_args(), trials);
    conformance::check_all(&ended);
    ended.exit_code()
}

/// A test for each file of a folder in `tests/`, which gets the name of the file and its text.
fn trials(folder: &str, extension: &str, test: fn(&str, &str)) -> impl Iterator<Item = Trial> {
    let read = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder)).expect("a folder");
    let mut paths: Vec<_> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == extension));
    paths.sort();
    assert!(!paths.is_empty(), "nothing in {folder}");
    let kind = folder.replace('/', "::");
    paths.into_iter().map(move |path| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        Trial::test(format!("{kind}::{name}"), move || {
            test(&name, &fs::read_to_string(&path).expect("a readable file"));
            Ok(())
        })
    })
}
