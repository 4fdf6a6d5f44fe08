//! The branches of a project, as its list shows them: never a single one, whose read shows the password of its database.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{ApiError, Reader};
use crate::model::{Branch, LiveProject, ProjectRef, ReadCall, Status};

/// The branches of a project; none where branching is off.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn branches(reader: &Reader, parent: &ProjectRef) -> Result<Vec<Branch>, ApiError> {
    let read = ReadCall::get("/v1/projects/{ref}/branches").param("ref", parent.as_str()).or_refused(422, "");
    let answer = super::read::answer_of(reader, &read).await?;
    if answer.status == 422 {
        return Ok(vec![]);
    }
    let all = answer.body.as_array().and_then(|list| list.iter().map(branch).collect::<Option<Vec<_>>>());
    all.ok_or_else(|| ApiError::unreadable(Some(read.as_call()), "a list of branches was expected"))
}

/// The status of one branch, as the list of its project shows it.
///
/// # Errors
/// When the API refuses, answers in a form that is not understood, or has no such branch.
pub async fn status_of_branch(
    reader: &Reader,
    parent: &ProjectRef,
    reference: &ProjectRef,
) -> Result<LiveProject, ApiError> {
    let all = branches(reader, parent).await?;
    let branch = all.iter().find(|branch| branch.reference == *reference);
    let mut live = branch.map(branch_live).ok_or_else(|| ApiError::unreadable(None, "the branch was expected"))?;
    live.parent = Some(parent.clone());
    Ok(live)
}

fn branch(body: &Value) -> Option<Branch> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let is = |key: &str| body.get(key) == Some(&Value::Bool(true));
    Some(Branch {
        name: text("name")?.to_owned(),
        reference: ProjectRef::parse(text("project_ref")?)?,
        is_default: is("is_default"),
        persistent: is("persistent"),
        git_branch: text("git_branch").map(str::to_owned),
        pull_request: body.get("pr_number").and_then(Value::as_u64),
        status: text("preview_project_status").unwrap_or_default().to_owned(),
        is_leaving: text("deletion_scheduled_at").is_some(),
    })
}

/// The live project that a branch is. One that is paused while nobody uses it is none that has failed.
pub(super) fn branch_live(branch: &Branch) -> LiveProject {
    let told = Status::of(&branch.status);
    let status = if told == Status::Paused && !branch.persistent { Status::Parked } else { told };
    LiveProject {
        reference: Some(branch.reference.clone()),
        name: branch.name.clone(),
        organization: String::new(),
        region: String::new(),
        status,
        kinds: BTreeMap::new(),
        parent: None,
    }
}
