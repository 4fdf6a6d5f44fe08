use std::fs;

use super::*;
use crate::clock::JumpClock;
use crate::diag::Sources;

struct Case {
    environment: BTreeMap<String, String>,
    given: Option<ProvidedSecrets>,
    folder: tempfile::TempDir,
    dirs: Vec<Root>,
    allow_exec: bool,
    exec_timeout: Duration,
    exec_deadline: Duration,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            environment: BTreeMap::new(),
            given: None,
            folder,
            dirs: vec![],
            allow_exec: false,
            exec_timeout: Duration::from_mins(1),
            exec_deadline: Duration::from_mins(9),
        }
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn file(self, path: &str, bytes: &[u8]) -> Self {
        fs::write(self.folder.path().join(path), bytes).unwrap();
        self
    }

    fn resolve(&self, source: SecretSource) -> Outcome {
        self.resolve_use(&SecretUse::one(source), None)
    }

    fn resolve_use(&self, uses: &SecretUse, most: Option<usize>) -> Outcome {
        let mut sources = Sources::new();
        let span = Span::new(sources.add("a.yaml", "x"), 0, 1);
        let root = Root::new(self.folder.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let lookup = SecretLookup {
            environment: &self.environment,
            provided: self.given.as_ref(),
            root: &root,
            secret_dirs: &self.dirs,
            allow_exec: self.allow_exec,
            exec_timeout: self.exec_timeout,
            exec_deadline: self.exec_deadline,
            clock: &JumpClock::default(),
            stop: &Stop::new(),
        };
        let wanted = SecretRequest {
            uses,
            at: "acme-prod/auth.smtp_pass".to_owned(),
            span,
            most,
            form: None,
            for_creation: false,
        };
        let Resolved { vault, missing, errors } = runtime.block_on(resolve([wanted], lookup));
        Outcome {
            value: vault.reveal(uses).map(|value| value.expose().to_owned()),
            missing: missing.into_iter().map(|missing| missing.diagnostic().message).collect(),
            errors: errors.sorted().iter().map(|found| format!("{} {}", found.code.id(), found.message)).collect(),
        }
    }
}

#[derive(Debug)]
struct Outcome {
    value: Option<String>,
    missing: Vec<String>,
    errors: Vec<String>,
}

impl Outcome {
    fn value(self) -> String {
        assert!(self.missing.is_empty() && self.errors.is_empty(), "{self:?}");
        self.value.unwrap()
    }

    fn error(self) -> String {
        assert!(self.missing.is_empty() && self.value.is_none(), "{self:?}");
        self.errors.into_iter().next().unwrap()
    }

    fn missing(self) -> String {
        assert!(self.errors.is_empty() && self.value.is_none(), "{self:?}");
        self.missing.into_iter().next().unwrap()
    }
}

fn named() -> SecretSource {
    SecretSource::Named { document: "acme-prod".to_owned(), name: "SMTP".to_owned() }
}

fn env(name: &str) -> SecretSource {
    SecretSource::Env(name.to_owned())
}

fn file(path: &str) -> SecretSource {
    SecretSource::File(path.to_owned())
}

fn exec(words: &[&str]) -> SecretSource {
    SecretSource::Exec(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn a_named_secret_is_of_this_document_only() {
    let given = |text| Some(ProvidedSecrets::parse(text, "x").unwrap());
    let case = Case::new().env("ACME_PROD__SMTP", "from env");
    assert_eq!(case.resolve(named()).value(), "from env");
    let case = Case { given: given("acme-prod: {SMTP: given}"), ..case };
    assert_eq!(case.resolve(named()).value(), "given", "what is given comes first");
    let case = Case { given: given("acme-dev: {SMTP: other}\nSMTP: other"), ..Case::new() };
    let said = case.env("SMTP", "other").env("ACME_DEV__SMTP", "other").resolve(named()).missing();
    assert_eq!(
        said,
        "acme-prod/auth.smtp_pass: `acme-prod.SMTP` is not in what `--secrets-from` gave, and `ACME_PROD__SMTP` is not set"
    );
}

#[test]
fn a_variable_must_hold_a_clean_value() {
    assert_eq!(Case::new().env("X", "a b").resolve(env("X")).value(), "a b");
    assert!(Case::new().resolve(env("X")).missing().contains("`X` is not set"));
    for value in ["hunter2\n", "hunter2\r\n"] {
        let said = Case::new().env("X", value).resolve(env("X")).error();
        assert!(said.starts_with("E0411") && !said.contains("hunter2"), "{value:?}: {said}");
    }
    assert_eq!(Case::new().env("X", "a\nb").resolve(env("X")).value(), "a\nb", "breaks within are kept");
}

#[test]
fn an_empty_variable_counts_as_missing() {
    for value in ["", " \t", "\n"] {
        assert!(Case::new().env("X", value).resolve(env("X")).missing().ends_with("the variable `X` is empty"));
        assert!(Case::new().env("ACME_PROD__SMTP", value).resolve(named()).missing().contains("is empty"));
        let given = Some(ProvidedSecrets::parse(&format!("acme-prod: {{SMTP: {value:?}}}"), "x").unwrap());
        assert!(Case { given, ..Case::new() }.resolve(named()).missing().contains("`acme-prod.SMTP` is empty"));
    }
}

#[test]
fn one_line_break_at_the_end_of_a_file_is_dropped() {
    for (bytes, value) in
        [("key", "key"), ("key\n", "key"), ("key\r\n", "key"), ("key\n\n", "key\n"), ("a\nb\n", "a\nb")]
    {
        assert_eq!(Case::new().file("k", bytes.as_bytes()).resolve(file("k")).value(), value, "{bytes:?}");
    }
    assert!(Case::new().file("k", b"\n").resolve(file("k")).error().starts_with("E0410"));
    assert!(Case::new().file("k", b"hun\xffter").resolve(file("k")).error().contains("not UTF-8 at byte 3"));
    assert!(Case::new().resolve(file("k")).missing().contains("`k` is not there"));
    assert!(Case::new().resolve(file("../k")).error().starts_with("E0418"));
}

#[test]
fn other_folders_are_named_on_the_command_line() {
    let outside = Case::new().file("k", b"value");
    let path = outside.folder.path().join("k").to_str().unwrap().to_owned();
    assert!(Case::new().resolve(file(&path)).missing().contains("outside of the workspace"));
    let case = Case { dirs: vec![Root::new(outside.folder.path())], ..Case::new() };
    assert_eq!(case.resolve(file(&path)).value(), "value");
    assert!(case.resolve(file(&format!("{path}/../../x"))).error().starts_with("E0418"));
}

#[cfg(unix)]
#[test]
fn commands_run_only_where_they_may() {
    let echo = || exec(&["sh", "-c", "printf 'a b\\n'; echo hunter2 >&2"]);
    let said = Case::new().resolve(echo()).missing();
    assert!(said.contains("`sh` may not run"), "{said}");
    let case = Case { allow_exec: true, ..Case::new() }
        .env("PATH", "/usr/bin:/bin")
        .env("SUPABASE_ACCESS_TOKEN", "hunter2")
        .env("OTHER", "x");
    assert_eq!(case.resolve(echo()).value(), "a b");
    let seen = exec(&["sh", "-c", "printf \"$OTHER/$SUPABASE_ACCESS_TOKEN\""]);
    assert_eq!(case.resolve(seen).value(), "x/", "the tool's own token is not handed on");
    let said = case.resolve(exec(&["sh", "-c", "echo hunter2; exit 3"])).error();
    assert!(said.starts_with("E0415") && !said.contains("hunter2"), "{said}");
    assert!(case.resolve(exec(&["no-such-command-here"])).error().starts_with("E0415"));
    assert!(case.resolve(exec(&["true"])).error().starts_with("E0410"));
}

#[cfg(unix)]
#[test]
fn a_command_that_does_not_end_is_killed() {
    let case = Case { allow_exec: true, exec_timeout: Duration::ZERO, ..Case::new() }.env("PATH", "/usr/bin:/bin");
    let said = case.resolve(exec(&["sh", "-c", "echo hunter2; while :; do sleep 1000; done"])).error();
    assert_eq!(said, "E0415 acme-prod/auth.smtp_pass: `sh` had not ended after 0 s and was killed");
}

#[cfg(unix)]
#[test]
fn nothing_that_a_command_has_started_outlives_it() {
    let case =
        Case { allow_exec: true, exec_timeout: Duration::from_secs(2), ..Case::new() }.env("PATH", "/usr/bin:/bin");
    let folder = case.folder.path().to_str().unwrap().to_owned();
    // One ends and leaves a child with its output open, and one never ends.
    for (script, ends) in [("sleep 4711 & echo $! > pid; echo a", true), ("sleep 4711 & echo $! > pid; wait", false)] {
        let found = case.resolve(exec(&["sh", "-c", &format!("cd {folder}; {script}")]));
        assert_eq!(found.value.as_deref() == Some("a"), ends, "{found:?}");
        let child = fs::read_to_string(case.folder.path().join("pid")).unwrap();
        // The child was killed, and takes a moment to be gone.
        let gone = (0..100).any(|_| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
            let gone = stat.is_empty() || stat.contains(") Z ");
            gone || !std::process::Command::new("sleep").arg("0.05").status().unwrap().success()
        });
        assert!(gone, "the child is still there");
    }
}

#[cfg(unix)]
#[test]
fn a_command_prints_a_secret_and_no_flood_and_no_nul() {
    let case = Case { allow_exec: true, ..Case::new() }.env("PATH", "/usr/bin:/bin");
    let said = case.resolve(exec(&["sh", "-c", "yes hunter2"])).error();
    assert_eq!(said, "E0415 acme-prod/auth.smtp_pass: `sh` printed more than 1048576 bytes and was killed");
    assert_eq!(case.resolve(exec(&["head", "-c", "1048576", "/dev/zero"])).error().get(..5), Some("E0412"));
    assert!(case.resolve(exec(&["printf", "hunter2\\0x"])).error().ends_with("holds a NUL at byte 7"));
    assert!(case.resolve(exec(&["echo", "a\0b"])).error().contains("holds a NUL"));
    assert_eq!(case.resolve(exec(&["printf", "a\\n\\n"])).value(), "a\n", "one line break is dropped");
}

#[cfg(unix)]
#[test]
fn the_deadline_of_the_run_holds_for_a_command() {
    let case = Case { allow_exec: true, exec_deadline: Duration::ZERO, ..Case::new() }.env("PATH", "/usr/bin:/bin");
    let said = case.resolve(exec(&["sleep", "1000"])).error();
    assert!(said.ends_with("`sleep` was killed when `--deadline` was reached"), "{said}");
}

#[test]
fn parts_are_joined_and_counted() {
    let case = Case::new().env("A", "one").env("B", "two");
    let both = SecretUse { parts: vec![env("A"), env("B")], between: "|" };
    assert_eq!(case.resolve_use(&both, Some(7)).value(), "one|two");
    let long = case.resolve_use(&both, Some(6));
    assert!(long.errors[0].starts_with("E0413"), "{long:?}");
    let half = SecretUse { parts: vec![env("A"), env("C")], between: "|" };
    assert!(case.resolve_use(&half, None).missing().contains("`C` is not set"));
}

#[test]
fn variables_of_a_document_start_with_its_name() {
    assert_eq!(variable_prefix("acme-prod"), "ACME_PROD__");
    assert_eq!(variable_prefix("a1_b"), "A1_B__");
}
