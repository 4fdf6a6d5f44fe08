//! Database Webhooks: switched on once and for all, however often it is asked; nothing shows whether they are.

use crate::sandbox::answer::{Answered, empty};
use crate::sandbox::visit::RequestContext;

pub(super) fn enable(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?.database_webhooks = true;
    Ok(empty(201))
}
