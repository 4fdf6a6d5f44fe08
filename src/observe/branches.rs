//! The branches of a project, as its list shows them: never a single one, whose read shows the password of its database.

use serde_json::Value;

use crate::api::{ApiError, Reader};
use crate::model::{Branch, ProjectRef, ReadCall};

/// The branches of a project; none where branching is off.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn branches(reader: &Reader, parent: &ProjectRef) -> Result<Vec<Branch>, ApiError> {
    let read = ReadCall::get("/v1/projects/{ref}/branches").param("ref", parent.as_str()).or_refused(422);
    let answer = super::answer_of(reader, &read).await?;
    if answer.status == 422 {
        return Ok(vec![]);
    }
    let all = answer.body.as_array().and_then(|list| list.iter().map(branch).collect::<Option<Vec<_>>>());
    all.ok_or_else(|| ApiError::unreadable(Some(read.as_call()), "a list of branches was expected"))
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
