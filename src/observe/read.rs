//! Single reads, and what they show of projects.

use serde_json::{Value, json};

use crate::api::{ApiError, Reader};
use crate::model::{Answer, Listed, ProjectRef, ReadCall};

/// An answer, also a refusal that the read accepts as one.
pub(super) async fn answer_of(reader: &Reader, read: &ReadCall) -> Result<Answer, ApiError> {
    match reader.read(read).await {
        Err(why) if why.status.is_some_and(|status| read.accepts(status, &why.message)) => {
            Ok(Answer { status: why.status.unwrap_or_default(), body: json!({"message": why.message}), at: None })
        }
        other => other,
    }
}

/// All projects that the token sees.
pub(super) async fn list_of(reader: &Reader) -> Result<Vec<Listed>, ApiError> {
    let read = ReadCall::get("/v1/projects");
    let answer = reader.read(&read).await?;
    let projects = answer.body.as_array().and_then(|list| list.iter().map(listed).collect::<Option<Vec<_>>>());
    projects.ok_or_else(|| ApiError::unreadable(Some(read.as_call()), "a list of projects was expected"))
}

/// A project as the API shows it.
pub(super) fn listed(body: &Value) -> Option<Listed> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    Some(Listed {
        reference: ProjectRef::parse(text("ref")?)?,
        name: text("name")?.to_owned(),
        organization: text("organization_slug").or_else(|| text("organization_id"))?.to_owned(),
        region: text("region")?.to_owned(),
        status: text("status")?.to_owned(),
        postgres: body.pointer("/database/version").and_then(Value::as_str).map(str::to_owned),
    })
}
