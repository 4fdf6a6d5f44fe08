//! The owner of the token.

use serde_json::json;

use crate::sandbox::answer::{Answered, answer};
use crate::sandbox::ids::uuid;
use crate::sandbox::visit::RequestContext;

pub(super) fn profile(_: &mut RequestContext<'_>) -> Answered {
    answer(json!({"gotrue_id": uuid("user"), "primary_email": "sandbox@example.com", "username": "sandbox"}))
}
