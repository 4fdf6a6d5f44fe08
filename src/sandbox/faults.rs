//! Faults: what goes wrong, and when. Rules as data, part of a world.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A rule: from the `nth` matching request on, this happens a number of times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `PATCH /v1/projects/{ref}/config/auth`, or `*` for every route.
    pub route: String,
    /// The ref of the only matching project; `None`: every project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The number of the first affected request, from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// The number of affected requests.
    #[serde(default = "one")]
    pub times: u32,
    /// The fault.
    pub fault: Fault,
    /// How many matching requests there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seen: u32,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Fault {
    /// The request is refused and has no effect.
    Refuse {
        /// The status.
        status: u16,
        /// The message.
        message: String,
    },
    /// Too many requests; `retry_after` in seconds.
    Limit {
        /// The header's value.
        retry_after: u32,
    },
    /// The request takes effect, but the answer is a failure.
    FailAfter {
        /// The status.
        status: u16,
    },
    /// The connection breaks before the request takes effect.
    DropBefore,
    /// The connection breaks after the request took effect.
    DropAfter,
    /// A page of a proxy is the answer, with this status.
    Page {
        /// The status.
        status: u16,
    },
    /// The body of the answer ends early, after the request took effect.
    Cut,
    /// Members of the request are accepted and ignored.
    Ignore {
        /// Their names.
        fields: Vec<String>,
    },
    /// The answer comes late, after the request took effect.
    Slow {
        /// The delay in milliseconds.
        ms: u64,
    },
    /// A read shows the state before the last write.
    Stale,
    /// The answer has another value at a JSON pointer: a project that is still coming up, an unknown status.
    Show {
        /// The place in the answer; a missing member is added.
        pointer: String,
        /// The value.
        value: Value,
    },
    /// Before the request, somebody else changes the state: sets a value at a JSON pointer.
    Ghost {
        /// The place.
        pointer: String,
        /// The value.
        value: Value,
    },
}

impl Rule {
    fn is_about(&self, route: &str, project: Option<&str>) -> bool {
        let same_project = self.project.is_none() || self.project.as_deref() == project;
        (self.route == route || self.route == "*") && same_project
    }
}

/// The fault of this request, if a rule matches.
pub(super) fn strike(rules: &mut [Rule], route: &str, project: Option<&str>) -> Option<Fault> {
    let mut struck = None;
    for rule in rules.iter_mut().filter(|rule| rule.is_about(route, project)) {
        rule.seen = rule.seen.saturating_add(1);
        if struck.is_none() && rule.seen.checked_sub(rule.nth).is_some_and(|after| after < rule.times) {
            struck = Some(rule.fault.clone());
        }
    }
    struck
}
