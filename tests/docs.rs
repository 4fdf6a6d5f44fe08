//! The guide and the README do not lie: every YAML file of theirs is valid, every session prints what it says, every command
//! line exists; and the picture of a plan is what a plan looks like.
//!
//! `SUPAFORM_UPDATE=1 cargo test docs::` rewrites what sessions print, and draws the picture.

mod picture;
mod session;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Output, Workbench, copy};
use session::{holds, words};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn updating() -> bool {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
    std::env::var_os("SUPAFORM_UPDATE").is_some()
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<_> = docs.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

/// The pages that are made from the code: their examples are wrong on purpose, or held elsewhere.
fn is_generated(text: &str) -> bool {
    text.starts_with("<!-- Made from")
}

/// A page is a workspace: its files are written as they come, its sessions played in it.
#[test]
fn pages_hold() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        if is_generated(&text) {
            continue;
        }
        let played = Player::new(&page).page(&text);
        if updating() {
            fs::write(&page, played).expect("a page can be written");
            continue;
        }
        let first = played.lines().zip(text.lines()).enumerate().find(|(_, (is, said))| is != said);
        let first = first.map(|(line, (is, said))| format!(":{}: says `{said}`, and it is `{is}`", line + 1));
        assert!(
            played == text,
            "{}{}; `SUPAFORM_UPDATE=1 cargo test docs::` rewrites it",
            page.display(),
            first.unwrap_or_default()
        );
    }
}

/// Where a file is, by its first line.
fn path_of(block: &str) -> &str {
    block.strip_prefix("# ").and_then(|rest| rest.split(['\n', ':', ' ']).next()).unwrap_or_default()
}

/// Plays a page in a workspace of its own.
struct Player {
    page: String,
    bench: Workbench,
    has_files: bool,
    /// What every command gets that readers do not see.
    aside: &'static [&'static str],
    /// How the last command ended, until the page has said it.
    exit: i32,
}

fn workspace() -> Workbench {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("templates/confirm.html", "<p>Hello</p>\n");
    bench
}

impl Player {
    fn new(page: &Path) -> Self {
        let page = page.file_name().expect("a name").to_string_lossy().into_owned();
        Self { page, bench: workspace(), has_files: false, aside: &[], exit: 0 }
    }

    /// The page with what its sessions really print.
    fn page(mut self, text: &str) -> String {
        let mut out = String::new();
        let mut lines = text.split_inclusive('\n');
        while let Some(line) = lines.next() {
            out.push_str(line);
            if let Some(what) = line.strip_prefix("<!-- ").and_then(|rest| rest.trim_end().strip_suffix(" -->")) {
                self.aside(what);
            }
            let Some(language) = line.strip_prefix("```") else { continue };
            let block: String = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            match language.trim_end() {
                "yaml" => self.file(&block),
                "sh" => block.lines().for_each(|line| self.exists(line)),
                "console" => {
                    out.push_str(&self.session(&block));
                    out.push_str("```\n");
                    continue;
                }
                // Files of other tools, which say where they are as ours do.
                "toml" | "hcl" => self.bench.write(path_of(&block), &block),
                "json" | "" => {}
                other => panic!("{}: a block of `{other}` is not tested", self.page),
            }
            out.push_str(&block);
            out.push_str("```\n");
        }
        self.is_valid();
        out
    }

    /// What readers do not see: `workspace: FOLDER` begins with a copy of it, `workspace` anew, `sandbox` is where all commands work from here
    /// on, `live: POINTER JSON` is somebody's change or a fault to come.
    fn aside(&mut self, what: &str) {
        if what == "workspace" {
            self.is_valid();
            self.bench = workspace();
        } else if let Some(folder) = what.strip_prefix("workspace: ") {
            self.is_valid();
            self.bench = Workbench::new();
            copy(&root().join(folder), &self.bench.path());
            self.has_files = true;
        } else if what == "sandbox" {
            self.aside = &["--sandbox", "sandbox"];
        } else if let Some((pointer, value)) = what.strip_prefix("live: ").and_then(|rest| rest.split_once(' ')) {
            self.bench.edit_json("sandbox/state.json", pointer, value);
        }
    }

    /// The first line of a file says where it is: `# PATH`, or `# PATH: REMARK`.
    fn file(&mut self, block: &str) {
        let path = path_of(block);
        assert!(path.contains(".yaml"), "{}: this YAML does not say which file it is:\n{block}", self.page);
        self.bench.write(path, block);
        // Hidden folders are not the workspace's.
        self.has_files |= !path.starts_with('.');
    }

    fn is_valid(&self) {
        if self.has_files {
            for arguments in [&["validate"][..], &["fmt", "--check"]] {
                let output = self.bench.run(arguments);
                assert_eq!(output.code, Some(0), "{}: {arguments:?}: {output}", self.page);
            }
        }
    }

    /// Runs the commands of a session, and puts what they print below them.
    fn session(&mut self, block: &str) -> String {
        let mut commands: Vec<(&str, String)> = vec![];
        for line in block.split_inclusive('\n') {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.trim_end(), String::new())),
                (None, Some((_, said))) => said.push_str(line),
                (None, None) => panic!("{}: a session begins with a command:\n{block}", self.page),
            }
        }
        let mut out = String::new();
        for (command, said) in commands {
            let printed = self.run(command);
            let shown = if holds(&said, &printed) { said } else { printed };
            out.push_str(&format!("$ {command}\n{shown}"));
        }
        assert_eq!(self.exit, 0, "{}: a command fails, and no `echo $?` tells it:\n{out}", self.page);
        out
    }

    fn run(&mut self, command: &str) -> String {
        if command == "echo $?" {
            return format!("{}\n", std::mem::take(&mut self.exit));
        }
        assert_eq!(self.exit, 0, "{}: what is before `{command}` fails, and no `echo $?` tells it", self.page);
        let (command, file) = command.split_once(" > ").unwrap_or((command, ""));
        let words = words(command);
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        match arguments.split_first() {
            Some((&"supaform", arguments)) => {
                let Output { stdout, stderr, code } = self.bench.run(&[arguments, self.aside].concat());
                self.exit = code.expect("no signal ends it");
                if file.is_empty() {
                    return stdout + &stderr;
                }
                self.bench.write(file, &stdout);
                stderr
            }
            Some((&"git", arguments)) => {
                self.bench.git(arguments);
                String::new()
            }
            Some((&"export", [variable])) => {
                let (name, value) = variable.split_once('=').expect("export NAME=VALUE");
                self.bench.set(name, value);
                String::new()
            }
            _ => panic!("{}: this command cannot be tested: {command}", self.page),
        }
    }

    /// Whether the program knows every option of a command line.
    fn exists(&self, line: &str) {
        for part in line.split(" | ") {
            let part = part.split(" > ").next().unwrap_or_default().split(" # ").next().unwrap_or_default().trim();
            let ours = part.strip_prefix("supaform ").or_else(|| part.strip_prefix("cargo run --release -- "));
            let Some(arguments) = ours else { continue };
            let words = words(arguments);
            let arguments: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
            let output = Workbench::new().run(&arguments);
            assert_eq!(output.code, Some(0), "{}: `{line}`: {output}", self.page);
        }
    }
}

/// Links within the repository lead to something, and to a heading that is there.
#[test]
fn links_lead_somewhere() {
    let more = ["docs/kinds", "docs/adr"].map(|folder| fs::read_dir(root().join(folder)).expect("a folder"));
    let more = more.into_iter().flatten().map(|entry| entry.expect("an entry").path());
    for page in pages().into_iter().chain(more) {
        let text = fs::read_to_string(&page).expect("a page");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let whole = if path.is_empty() { page.clone() } else { page.parent().expect("a folder").join(path) };
            assert!(whole.exists(), "{}: `{target}` leads nowhere", page.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&whole).expect("a page");
                let has = text.lines().any(|line| line.starts_with('#') && anchor(line) == heading);
                assert!(has, "{}: `{target}` names no heading", page.display());
            }
        }
    }
}

/// The name under which a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it)).collect::<String>().replace(' ', "-")
}

/// CONTRIBUTING names files that are there, and what its words in code stand for is in one of them.
#[test]
fn what_contributing_names_is_there() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("a page");
    let mut wrong = vec![];
    for section in text.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap_or_default();
        let words: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
        let is_path =
            |word: &&str| word.contains('/') && !word.contains([' ', '*']) && word.contains(|c: char| c.is_lowercase());
        let mut code = String::new();
        for path in words.iter().copied().filter(is_path) {
            // What is to be written has a name in capitals.
            let named = ["NAME", "KIND"].iter().find(|it| path.contains(**it));
            let whole = root().join(named.map_or(path, |it| path.split(it).next().unwrap_or_default()));
            let found = if whole.is_dir() {
                fs::read_dir(&whole).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
            } else {
                vec![whole.clone()]
            };
            code.extend(found.iter().filter(|it| it.is_file()).filter_map(|it| fs::read_to_string(it).ok()));
            if !whole.exists() {
                wrong.push(format!("{heading}: there is no `{path}`"));
            }
        }
        let is_name = |word: &&str| {
            heading.starts_with("Add") && word.len() > 3 && word.chars().all(|c| c.is_alphabetic() || "_:".contains(c))
        };
        for name in words.into_iter().filter(is_name) {
            let last = name.rsplit("::").next().unwrap_or_default();
            if !code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == last) {
                wrong.push(format!("{heading}: none of its files has `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
