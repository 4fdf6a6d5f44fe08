//! Which operations of the API are used, and for what: `docs/coverage.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::KINDS;
use super::operations::{Means, OPERATIONS};

/// Operations that Supaform itself uses, apart from the kinds.
const OURS: &[(&str, &str, &str)] = &[
    ("GET", "/v1/organizations/{slug}", "tells the plan of an organization: world"),
    ("GET", "/v1/organizations/{slug}/entitlements", "tells what a plan does not include: import"),
    ("GET", "/v1/projects", "lists the projects: plan, pin"),
    ("GET", "/v1/projects/{ref}", "reads the state of a pinned project; reads a name back"),
    ("POST", "/v1/projects", "creates a project (`create: true`)"),
    ("PATCH", "/v1/projects/{ref}", "renames a pinned project"),
    ("GET", "/v1/projects/{ref}/health", "waits for services"),
    ("GET", "/v1/branches/{branch_id_or_ref}/diff", "shows what a merge would change: branch"),
    ("POST", "/v1/branches/{branch_id_or_ref}/merge", "branch merge"),
    ("POST", "/v1/branches/{branch_id_or_ref}/push", "branch push"),
    ("POST", "/v1/branches/{branch_id_or_ref}/reset", "branch reset"),
    ("POST", "/v1/branches/{branch_id_or_ref}/restore", "branch restore"),
    ("GET", "/v1/projects/{ref}/actions", "watches what is done with a branch: branch"),
    ("GET", "/v1/projects/{ref}/actions/{run_id}", "watches what is done with a branch: branch"),
    ("GET", "/v1/projects/{ref}/database/migrations", "waits for the schema of a new branch"),
    (
        "GET",
        "/v2/projects/{ref}/config",
        "spares the reads of sections that are as they should be: plan, drift of many projects",
    ),
];

/// What each operation is used for, by method and path.
#[must_use]
pub fn uses() -> BTreeMap<(&'static str, &'static str), String> {
    let mut all: BTreeMap<_, _> =
        OURS.iter().map(|(method, path, what)| ((*method, *path), (*what).to_owned())).collect();
    for kind in KINDS {
        for operation in kind.operations() {
            let does = if operation.reads() { "read by" } else { "written by" };
            let told = format!("{does} [`{name}`](kinds/{name}.md)", name = kind.info().name);
            all.entry((operation.method.as_str(), operation.template))
                .and_modify(|others: &mut String| others.push_str(&format!(", {told}")))
                .or_insert(told);
        }
    }
    all
}

/// The page.
#[must_use]
pub fn page() -> String {
    let known = uses();
    let rows = || OPERATIONS.iter().map(|(method, path, means)| (*method, *path, *means));
    let count = |which: &dyn Fn(&str, &str, Means) -> bool| rows().filter(|(a, b, c)| which(a, b, *c)).count();
    let used = |method: &str, path: &str| known.keys().any(|(a, b)| *a == method && *b == path);
    let mut page = format!(
        "# Coverage\n\nEvery operation of the Management API, and what Supaform does with it. Generated from the kinds; a test \
         compares it with the API's own list.\n\n\
         {} operations: {} used; of the {} that create, change or delete something that can be desired, {}.\n\n\
         | operation | what for |\n|---|---|\n",
        rows().count(),
        count(&|method, path, _| used(method, path)),
        count(&|_, _, means| means == Means::Managed),
        count(&|method, path, means| means == Means::Managed && used(method, path)),
    );
    for (method, path, means) in rows() {
        let what = known.get(&(method, path)).cloned().unwrap_or_else(|| unused(means).to_owned());
        writeln!(page, "| `{method} {path}` | {what} |").expect("writing to a text");
    }
    page
}

const fn unused(means: Means) -> &'static str {
    match means {
        Means::Managed => "not yet managed",
        Means::Read => "not yet read",
        Means::Action => "an action, not a state",
        Means::Apart => "left out: no configuration",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_an_operation() {
        for (method, path) in uses().keys() {
            let known = OPERATIONS.iter().any(|(a, b, _)| a == method && b == path);
            assert!(known, "{method} {path} is not an operation of the API");
        }
    }
}
