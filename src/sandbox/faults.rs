//! What goes wrong, and when: rules as data, part of a world.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A rule: from the `nth` request of a route on, so many times, this happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `PATCH /v1/projects/{ref}/config/auth`, or `*` for every route.
    pub route: String,
    /// The ref of the only project that it concerns; else every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The first request of the route that it concerns, from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many requests it concerns.
    #[serde(default = "one")]
    pub times: u32,
    /// What happens.
    pub fault: Fault,
    /// How many requests that it is about were seen.
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

/// What goes wrong.
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
        /// What the header says.
        retry_after: u32,
    },
    /// The request takes effect, and then a failure is answered.
    FailAfter {
        /// The status.
        status: u16,
    },
    /// The connection breaks before the request takes effect.
    DropBefore,
    /// The connection breaks after the request took effect.
    DropAfter,
    /// A page of something in between is answered, with this status.
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
        /// By how many milliseconds.
        ms: u64,
    },
    /// A read that lags: it shows the state before the last write.
    Stale,
    /// The answer shows something else at a JSON pointer: a project that is still coming up, a word that nobody knows.
    Show {
        /// Where in the answer; a member that is not there is added.
        pointer: String,
        /// What.
        value: Value,
    },
    /// Before the request somebody else changes the state: sets a value at a JSON pointer.
    Ghost {
        /// Where.
        pointer: String,
        /// To what.
        value: Value,
    },
}

impl Rule {
    fn is_about(&self, route: &str, project: Option<&str>) -> bool {
        let same_project = self.project.is_none() || self.project.as_deref() == project;
        (self.route == route || self.route == "*") && same_project
    }
}

/// The fault of this request, if a rule has one.
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
