//! Database Webhooks: switched on for good, however often; no read shows whether they are on.

use crate::sandbox::answer::{Answered, empty};
use crate::sandbox::visit::RequestContext;

pub(super) fn enable(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?.database_webhooks = true;
    Ok(empty(201))
}
