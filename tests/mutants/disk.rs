//! What is wrong before a text is read, or with the command line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use supaform::diag::{Diagnostic, Diagnostics};
use supaform::files::Root;
use supaform::kinds::KINDS;
use supaform::manifest::Selection;
use supaform::workspace;

use super::harness::{base, validate};

/// Puts something wrong into a folder that has a `supaform.yaml`.
type Breaks = fn(&Path);

/// The rule, its code, what breaks it and what the message names: there is no text to point into.
const CASES: &[(&str, &str, Breaks, &str)] = &[
    ("a large file", "E0103", |at| fs::write(at.join("a.yaml"), vec![b'#'; (1 << 20) + 1]).unwrap(), "`a.yaml`"),
    ("Latin-1", "E0102", |at| fs::write(at.join("a.yaml"), b"name: Z\xfcrich").unwrap(), "at byte 7"),
    ("UTF-16", "E0102", |at| fs::write(at.join("a.yaml"), b"\xff\xfea\0").unwrap(), "UTF-16"),
    ("UTF-32", "E0102", |at| fs::write(at.join("a.yaml"), b"\xff\xfe\0\0a\0\0\0").unwrap(), "UTF-32"),
    ("a link out", "E0250", |at| link("/etc/passwd", &at.join("a.yaml")), "`a.yaml` is not read: a symbolic link"),
    ("a link within", "E0250", |at| link("supaform.yaml", &at.join("a.yaml")), "a symbolic link"),
    ("a link to nothing", "E0250", |at| link("nowhere", &at.join("a.yaml")), "a symbolic link"),
    ("a link to itself", "E0250", |at| link("a.yaml", &at.join("a.yaml")), "a symbolic link"),
    (
        "a socket",
        "E0250",
        |at| drop(std::os::unix::net::UnixListener::bind(at.join("a.yaml")).unwrap()),
        "not a regular file",
    ),
    ("an escape in a name", "E0250", |at| fs::write(at.join("a\u{1b}[2J.yaml"), "").unwrap(), "a\\u{1b}[2J.yaml"),
    ("a line break in a name", "E0250", |at| fs::write(at.join("a\nb.yaml"), "").unwrap(), "a\\nb.yaml"),
    (
        "many files",
        "E0251",
        |at| (0..20_001).for_each(|i| fs::write(at.join(format!("{i}.yaml")), "").unwrap()),
        "20000",
    ),
    (
        "much in all",
        "E0251",
        |at| (0..65).for_each(|i| fs::write(at.join(format!("{i}.yaml")), vec![b'#'; 1 << 20]).unwrap()),
        "67108864",
    ),
];

fn link(to: &str, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

/// Breaks each rule in a folder of its own, and gives the codes that were said.
pub(crate) fn codes() -> BTreeSet<&'static str> {
    let mut codes = BTreeSet::new();
    for (rule, code, breaks, part) in CASES {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("supaform.yaml"), "version: 1\n").unwrap();
        breaks(folder.path());
        let found = workspace::read(&Root::new(folder.path()));
        let said = only(rule, &found.diagnostics);
        assert_eq!(said.code.id(), *code, "{rule}: {}", said.message);
        assert!(said.message.contains(part), "{rule}: {}", said.message);
        codes.insert(said.code.id());
    }
    let nowhere = tempfile::tempdir().unwrap();
    codes.insert(workspace::find(Some(nowhere.path()), nowhere.path()).unwrap_err().code.id());
    for (selector, code) in [("a/b/c", "E0260"), ("acme-prdo", "E0261")] {
        let said = Selection::parse(&[selector.to_owned()], &validate(base()).desired, KINDS).unwrap_err();
        assert_eq!(only(selector, &said).code.id(), code);
        codes.insert(code);
    }
    codes
}

fn only(rule: &str, found: &Diagnostics) -> Diagnostic {
    let found = found.sorted();
    assert_eq!(found.len(), 1, "{rule}: {found:?}");
    found[0].clone()
}

/// What no manifest is made of, because nothing names it.
#[test]
fn nothing_else_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["supaform.yaml", ".env", ".git/config.yaml", "node_modules/a/b.yaml", ".supaform.yaml", "a.json"] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "version: 1\n").unwrap();
    }
    let found = workspace::read(&Root::new(folder.path()));
    assert!(found.diagnostics.is_empty());
    assert_eq!(found.files, [("supaform.yaml".to_owned(), "version: 1\n".to_owned())]);
}
