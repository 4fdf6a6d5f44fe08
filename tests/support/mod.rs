//! A workbench for sessions: a folder of its own, a clean environment, and transcripts without what differs between runs.

pub(crate) mod canary;
pub(crate) mod contract;
pub(crate) mod forge;
pub(crate) mod http;
pub(crate) mod https;
pub(crate) mod listener;
#[cfg(unix)]
pub(crate) mod meddler;
pub(crate) mod scene;
pub(crate) mod schemas;
pub(crate) mod served;
pub(crate) mod stage;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The fixed ref of the built-in world's project.
pub(crate) const QUICKSTART_REF: &str = "quickstartquickstart";

/// Whoever starts tests in the background of a shell without job control has SIGINT ignored, and so would what they start. What
/// is handled here is as usual again in children; here it ends the process, as usual, too.
pub(crate) fn heed_signals() {
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        let always = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        signal_hook::flag::register_conditional_default(signal, always).expect("signals can be handled");
    }
}

/// Settings of snapshots in which a page is without what every page has: its style, its script, and their hashes.
pub(crate) fn snapshots(folder: &str) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("'sha256-[^']+'", "'…'");
    settings.add_filter(r"(?s)/\*<!\[CDATA\[\*/.*?/\*\]\]>\*/", "…");
    settings
}

/// A folder and an environment to run `supaform` in.
pub(crate) struct Workbench {
    folder: tempfile::TempDir,
    environment: BTreeMap<String, String>,
}

/// What a run printed, and how it ended.
#[must_use = "either snapshot the output or assert something of it"]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        heed_signals();
        Self { folder: tempfile::tempdir().expect("a temporary folder"), environment: BTreeMap::new() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
        fs::write(path, text).expect("files can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("a readable file")
    }

    /// Sets a value in a JSON file.
    pub(crate) fn edit_json(&self, name: &str, pointer: &str, value: &str) {
        let mut json: serde_json::Value = serde_json::from_str(&self.read(name)).expect("JSON");
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = json.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer} in {name}"));
        parent[key] = serde_json::from_str(value).expect("JSON");
        self.write(name, &serde_json::to_string_pretty(&json).expect("JSON"));
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_in("", arguments)
    }

    /// Runs in a folder of the bench.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_supaform"))
            .args(arguments)
            .current_dir(self.path().join(folder))
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        if let Some(at) = arguments.iter().position(|argument| *argument == "--sandbox")
            && let Ok(log) = fs::read_to_string(self.path().join(folder).join(arguments[at + 1]).join("requests.json"))
        {
            let faults = contract::faults(&serde_json::from_str(&log).expect("a list of requests"));
            assert!(faults.is_empty(), "{arguments:?}: {faults:#?}");
        }
        let text = |bytes: &[u8]| self.masked(&String::from_utf8_lossy(bytes));
        Output { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code() }
    }

    /// Runs git, always as the same person at the same moment, so that commits have the same ids.
    pub(crate) fn git(&mut self, arguments: &[&str]) -> String {
        #[expect(clippy::disallowed_methods, reason = "where git is")]
        let path = std::env::var("PATH").expect("a path of programs");
        self.set("PATH", &path);
        let mut command = Command::new("git");
        command.args(["-c", "core.autocrlf=false", "-c", "init.defaultBranch=main"]).args(arguments);
        command.current_dir(self.path()).env_clear().env("PATH", path).env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@example.com");
            command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
        }
        let output = command.stdin(Stdio::null()).output().expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn masked(&self, text: &str) -> String {
        let path = self.path().canonicalize().expect("the folder is there");
        text.replace(&*path.to_string_lossy(), "$DIR").replace(&*self.path().to_string_lossy(), "$DIR")
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            writeln!(out, "[stderr]")?;
            out.write_str(&self.stderr)?;
        }
        writeln!(out, "[exit {}]", self.code.map_or("by a signal".to_owned(), |code| code.to_string()))
    }
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("files can be copied");
        }
    }
}

/// A name that an item of a kind can have.
pub(crate) fn item_name(info: &supaform::schema::KindInfo) -> String {
    match info.shape {
        supaform::schema::Shape::Collection { bad_name, .. } if bad_name("item").is_some() => {
            let example: serde_json::Value = serde_yaml::from_str(info.example).expect("YAML");
            let items = example[info.name].as_object().expect("items");
            items.keys().next().expect("an item").clone()
        }
        _ => "item".to_owned(),
    }
}
