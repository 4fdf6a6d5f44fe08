//! Runs git: only objects are read, its language is English, and its errors become failures with hints.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;

/// Why git gave no answer.
pub(super) enum NoAnswer {
    /// It could not be started.
    Absent(std::io::Error),
    /// It refused.
    Refused(String),
}

impl NoAnswer {
    pub(super) fn message(&self) -> String {
        match self {
            Self::Absent(why) => format!("`git` cannot be started: {}", why.kind()),
            Self::Refused(said) => {
                let line = said.lines().next().unwrap_or("without a reason");
                format!("git refuses: {}", line.trim_start_matches("fatal: "))
            }
        }
    }
}

/// The output of git, and its exit code.
pub(super) struct GitOutput {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

/// Git in a folder, with its arguments.
pub(super) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    command
}

/// Runs git to its end.
pub(super) fn ask(mut command: Command, input: Option<String>) -> Result<GitOutput, NoAnswer> {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(NoAnswer::Absent)?;
    // Git answers while it still reads, so both must run at once.
    let writer = child
        .stdin
        .take()
        .zip(input)
        .map(|(mut stdin, input)| std::thread::spawn(move || drop(stdin.write_all(input.as_bytes()))));
    let output = child.wait_with_output().map_err(NoAnswer::Absent)?;
    if let Some(writer) = writer {
        drop(writer.join());
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(GitOutput { code: output.status.code(), stdout: output.stdout, stderr })
}

/// The output of git in a folder.
pub(super) fn git(folder: &Path, arguments: &[&str], input: Option<String>) -> Result<Vec<u8>, NoAnswer> {
    let said = ask(command(folder, arguments), input)?;
    if said.code == Some(0) { Ok(said.stdout) } else { Err(NoAnswer::Refused(said.stderr)) }
}

/// The commit that a revision names.
pub fn commit(root: &Root, revision: &str) -> Result<String, Failure> {
    let wanted = format!("{revision}^{{commit}}");
    let commit = git(root.path(), &["rev-parse", "--verify", "--end-of-options", &wanted], None);
    Ok(text(&commit.map_err(|why| no_revision(revision, &why))?))
}

/// An answer of one line.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}

/// The failure that the other revision cannot be read.
pub(super) fn failed(message: String) -> Failure {
    Failure::new(Exit::Failed, codes::NO_BASE, message)
}

/// The failure that there is no repository.
pub(super) fn no_repository(why: &NoAnswer) -> Failure {
    let (message, hint) = match why {
        NoAnswer::Refused(said) if said.contains(ANOTHER_OWNER) => {
            return Failure::with_hint(Exit::Failed, codes::NO_BASE, why.message(), how_to_own(said));
        }
        NoAnswer::Absent(_) => (why.message(), "Install git: `--base` reads the other revision with it."),
        NoAnswer::Refused(said) if said.contains("not a git repository") => {
            ("the workspace lies in no git repository".to_owned(), "`--base` compares with a commit of a repository.")
        }
        NoAnswer::Refused(_) => (why.message(), "`--base` asks git for the files of that revision."),
    };
    Failure::with_hint(Exit::Failed, codes::NO_BASE, message, hint)
}

/// Git's error for a repository whose files belong to another user, as in a container.
const ANOTHER_OWNER: &str = "dubious ownership";

/// Git names the line to run; its folder is not always that of the workspace.
fn how_to_own(said: &str) -> String {
    let line = said.lines().map(str::trim).find(|line| line.starts_with("git config --global --add safe.directory "));
    let line = line.unwrap_or("git config --global --add safe.directory FOLDER");
    format!("Its files belong to another user. If that is intended, as in a container, run `{line}`.")
}

fn no_revision(revision: &str, why: &NoAnswer) -> Failure {
    // Where git refuses the whole repository, its error is not about the revision.
    if let NoAnswer::Refused(said) = why
        && [ANOTHER_OWNER, "not a git repository"].iter().any(|words| said.contains(words))
    {
        return no_repository(why);
    }
    let message = match why {
        NoAnswer::Absent(_) => why.message(),
        NoAnswer::Refused(_) => format!("there is no commit `{revision}`"),
    };
    let hint = "Name a branch, a tag or a commit. A shallow clone, as in CI, has to fetch it first.";
    Failure::with_hint(Exit::Invalid, codes::NO_BASE, message, hint)
}
