//! Who the token belongs to.

use serde_json::json;

use super::{Visit, answer};
use crate::sandbox::answer::Answered;
use crate::sandbox::world::uuid;

pub(super) fn profile(_: &mut Visit<'_>) -> Answered {
    answer(json!({"gotrue_id": uuid("user"), "primary_email": "sandbox@example.com", "username": "sandbox"}))
}
