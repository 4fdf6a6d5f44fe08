//! The changes of a plan in numbers.

use crate::model::{Action, Plan};
use crate::text::count;

/// The changes of a plan in numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Resources to create.
    pub add: usize,
    /// Resources to change.
    pub change: usize,
    /// Fields to change in them.
    pub fields: usize,
    /// Resources to delete.
    pub remove: usize,
    /// Writing requests.
    pub calls: usize,
    /// Projects that could not be planned.
    pub blocked: usize,
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let Self { add, change, fields, remove, calls, blocked } = other;
        Self {
            add: self.add + add,
            change: self.change + change,
            fields: self.fields + fields,
            remove: self.remove + remove,
            calls: self.calls + calls,
            blocked: self.blocked + blocked,
        }
    }
}

impl Counts {
    /// Counts the changes of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let blocked = plan.projects.values().filter(|project| project.blocked.is_some()).count();
        let changes = plan.projects.values().flat_map(|project| &project.changes);
        let changes = changes.map(|change| (change.action, change.fields.len()));
        Self { calls: plan.steps.len(), blocked, ..Self::of_changes(changes) }
    }

    /// Counts changes: the action of each, and how many fields it changes.
    #[must_use]
    pub fn of_changes(changes: impl Iterator<Item = (Action, usize)>) -> Self {
        let mut counts = Self::default();
        for (action, fields) in changes {
            match action {
                Action::Create => counts.add += 1,
                Action::Delete => counts.remove += 1,
                Action::Update => {
                    counts.change += 1;
                    counts.fields += fields;
                }
            }
        }
        counts
    }

    /// `1 to add, 2 to change (3 fields)`; what there is none of is not told.
    #[must_use]
    pub fn changes(self) -> String {
        let Self { add, change, fields, remove, .. } = self;
        let changed = format!("{change} to change ({})", count(fields, "field"));
        let parts = [(add, format!("{add} to add")), (change, changed), (remove, format!("{remove} to remove"))];
        let parts: Vec<String> = parts.into_iter().filter(|(many, _)| *many > 0).map(|(_, part)| part).collect();
        if parts.is_empty() { "nothing to change".to_owned() } else { parts.join(", ") }
    }
}
