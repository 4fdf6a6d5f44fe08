//! The history of a commit: earlier commits, and their messages.

use super::ask::{commit, failed, git};
use crate::failure::Failure;
use crate::files::Root;

/// The most states of a workspace that are compared with live.
const MOST_STATES: usize = 10;

/// The commits before a revision that changed the workspace, the newest first.
#[must_use]
pub fn earlier(root: &Root, commit: &str) -> Vec<String> {
    let most = format!("--max-count={}", MOST_STATES + 1);
    let told = git(root.path(), &["rev-list", "--first-parent", &most, commit, "--", "."], None);
    let told = told.map(|told| String::from_utf8_lossy(&told).into_owned()).unwrap_or_default();
    // The first of them made the state of the revision itself.
    told.lines().skip(1).map(str::to_owned).collect()
}

/// The commits that led here, along the branch, the newest first; limited.
pub fn commits(root: &Root, most: usize) -> Result<Vec<String>, Failure> {
    commit(root, "HEAD")?;
    let told = git(root.path(), &["rev-list", "--first-parent", &format!("--max-count={most}"), "HEAD"], None);
    let told = told.map_err(|why| failed(why.message()))?;
    Ok(String::from_utf8_lossy(&told).lines().map(str::to_owned).collect())
}

/// Whether the clone lacks older commits.
#[must_use]
pub fn is_shallow(root: &Root) -> bool {
    let told = git(root.path(), &["rev-parse", "--is-shallow-repository"], None);
    told.is_ok_and(|told| told.starts_with(b"true"))
}

/// The branch that is checked out.
#[must_use]
pub fn branch(root: &Root) -> Option<String> {
    let told = git(root.path(), &["symbolic-ref", "--quiet", "--short", "HEAD"], None).ok()?;
    Some(String::from_utf8_lossy(&told).trim_end().to_owned())
}

/// The place of a folder in its repository; `None` where there is none.
#[must_use]
pub fn place(root: &Root) -> Option<String> {
    let prefix = git(root.path(), &["rev-parse", "--show-prefix"], None).ok()?;
    Some(String::from_utf8(prefix).ok()?.trim_end_matches(['\n', '\r', '/']).to_owned())
}

/// The trailers of one name on the commits since a revision, the newest first: the commit, and the value.
pub fn trailers(root: &Root, since: &str, name: &str) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let since = commit(root, since)?;
    let format = format!("--format=%H%x1f%(trailers:key={name},valueonly,separator=%x1f)%x1e");
    let told = git(root.path(), &["log", &format, "--end-of-options", &format!("{since}..HEAD")], None);
    let told = told.map_err(|why| failed(why.message()))?;
    let told = String::from_utf8_lossy(&told).into_owned();
    let commits = told.split('\u{1e}').map(|commit| {
        let mut parts = commit.trim().split('\u{1f}').map(str::to_owned);
        (parts.next().unwrap_or_default(), parts.filter(|text| !text.trim().is_empty()).collect())
    });
    Ok(commits.collect())
}
