//! What led to a commit: who came before it, and what was said on the way.

use super::ask::{commit, failed, git};
use crate::failure::Failure;
use crate::files::Root;

/// How many states of a workspace are looked at for one that live is still like.
const MOST_STATES: usize = 10;

/// The commits that have made the states of the workspace before that of a revision, the newest first.
#[must_use]
pub fn earlier(root: &Root, commit: &str) -> Vec<String> {
    let most = format!("--max-count={}", MOST_STATES + 1);
    let told = git(root.path(), &["rev-list", "--first-parent", &most, commit, "--", "."], None);
    let told = told.map(|told| String::from_utf8_lossy(&told).into_owned()).unwrap_or_default();
    // The first of them has made the state of the revision itself.
    told.lines().skip(1).map(str::to_owned).collect()
}

/// The commits that led here, as the branch sees them, the newest first, and at most so many.
pub fn commits(root: &Root, most: usize) -> Result<Vec<String>, Failure> {
    commit(root, "HEAD")?;
    let told = git(root.path(), &["rev-list", "--first-parent", &format!("--max-count={most}"), "HEAD"], None);
    let told = told.map_err(|why| failed(why.message()))?;
    Ok(String::from_utf8_lossy(&told).lines().map(str::to_owned).collect())
}

/// Whether the clone lacks what is older than some commits.
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

/// Where a folder lies in its repository; nothing where it lies in none.
#[must_use]
pub fn place(root: &Root) -> Option<String> {
    let prefix = git(root.path(), &["rev-parse", "--show-prefix"], None).ok()?;
    Some(String::from_utf8(prefix).ok()?.trim_end_matches(['\n', '\r', '/']).to_owned())
}

/// The trailers of one name on the commits since a revision, the newest first: the commit, and what each says.
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
