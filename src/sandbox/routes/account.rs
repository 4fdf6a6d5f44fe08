//! Who the token belongs to.

use serde_json::json;

use crate::sandbox::answer::{Answered, answer};
use crate::sandbox::ids::uuid;
use crate::sandbox::visit::Visit;

pub(super) fn profile(_: &mut Visit<'_>) -> Answered {
    answer(json!({"gotrue_id": uuid("user"), "primary_email": "sandbox@example.com", "username": "sandbox"}))
}
