//! Database Webhooks: switched on once and for all, however often it is asked; nothing shows whether they are.

use super::Visit;
use crate::sandbox::answer::{Answered, empty};

pub(super) fn enable(visit: &mut Visit<'_>) -> Answered {
    visit.project()?.database_webhooks = true;
    Ok(empty(201))
}
