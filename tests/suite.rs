//! All tests but those of `cases.rs` and `fuzz.rs`, as one program: it is linked once, and all of them share the processors.
//!
//! A file of `tests/` is a part of the suite by its line here.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test names what it looks for")]

mod support;

mod aggregate;
mod apart;
mod approval;
mod branches;
mod ci_files;
mod comment;
mod completion;
mod contract;
mod docs;
mod examples;
mod files;
mod formats;
mod generated;
mod hostile;
mod https;
mod identity;
mod import;
mod killed;
mod kinds;
mod layers;
mod made_up;
mod mutants;
mod notify;
mod reference;
mod resources;
mod revisions;
mod rounds;
mod sandbox;
mod schemas;
mod served;
mod session;
mod shards;
mod signals;
mod simulation;
mod specification;
mod states;
mod untouched;
mod workflow;

use std::fs;
use std::path::Path;

#[test]
fn every_file_of_tests_is_a_part_of_a_program() {
    let programs = include_str!("suite.rs").lines().chain(include_str!("cases.rs").lines());
    let parts: Vec<&str> = programs.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let is_part = ["suite", "cases", "fuzz"].contains(&name) || parts.contains(&name);
        assert!(is_part || path.extension().is_none_or(|it| it != "rs"), "no program has the tests of {name}.rs");
    }
}
