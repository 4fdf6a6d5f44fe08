//! Whether a difference comes from the branch or from live: compares the plan of a branch with that of its base.
//!
//! Both plans are made from the same reads. A change that the base would make, too, is drift: live is not as agreed. A
//! change that only the branch makes is intended. Where both change the same field to different values, the origin is both.

use std::collections::BTreeMap;

use crate::model::{Action, Address, FieldChange, Plan, Why};

/// The changes that the base would make: by address, and by field where there are any.
type Before<'a> = BTreeMap<(String, Option<&'a str>), (Action, Option<&'a FieldChange>)>;

/// Whether a field differs only because something is awaited.
fn is_awaited(plan: &Plan, at: &Address, field: &str) -> bool {
    let awaited = plan.projects.get(&at.project).into_iter().flat_map(|project| &project.awaited);
    awaited.filter(|it| it.at == *at).any(|it| it.holds.contains(&field))
}

/// The origin of each difference of a plan: by address, and by field where there are any.
#[derive(Debug, Default)]
pub struct Attribution(BTreeMap<(String, Option<String>), Why>);

impl Attribution {
    /// Compares a plan with that of its base.
    #[must_use]
    pub fn of(plan: &Plan, base: &Plan) -> Self {
        let mut before: Before<'_> = BTreeMap::new();
        for change in base.projects.values().flat_map(|project| &project.changes) {
            let at = change.at.to_string();
            before.insert((at.clone(), None), (change.action, None));
            for field in &change.fields {
                before.insert((at.clone(), Some(field.name())), (change.action, Some(field)));
            }
        }
        let mut all = BTreeMap::new();
        for change in plan.projects.values().flat_map(|project| &project.changes) {
            let at = change.at.to_string();
            let mut of_fields = vec![];
            for field in &change.fields {
                let why = match before.get(&(at.clone(), Some(field.name()))) {
                    None => Why::Intended,
                    Some((action, Some(same))) if *action == change.action && same.after == field.after => {
                        // Nobody has changed what is still awaited.
                        if is_awaited(plan, &change.at, field.name()) { Why::Unapplied } else { Why::Drift }
                    }
                    Some(_) => Why::Both,
                };
                of_fields.push(why);
                all.insert((at.clone(), Some(field.name().to_owned())), why);
            }
            let alike = |why: Why| of_fields.iter().all(|it| *it == why);
            let why = match before.get(&(at.clone(), None)) {
                None => Why::Intended,
                Some((action, _)) if *action == change.action && alike(Why::Drift) => Why::Drift,
                Some(_) if !of_fields.is_empty() && alike(Why::Unapplied) => Why::Unapplied,
                Some(_) if !of_fields.is_empty() && alike(Why::Intended) => Why::Intended,
                Some(_) => Why::Both,
            };
            all.insert((at, None), why);
        }
        Self(all)
    }

    /// Marks drift as merged but not applied, where live is as an earlier revision of the base desired it: `earlier` is the
    /// plan of that revision, and `says` tells whether it manages a place.
    pub fn not_applied(&mut self, plan: &Plan, earlier: &Plan, says: impl Fn(&Address, Option<&str>) -> bool) {
        let differs = |at: &Address, field: Option<&str>| {
            let changes = earlier.projects.get(&at.project).into_iter().flat_map(|project| &project.changes);
            changes.filter(|change| change.at == *at).any(|change| {
                field.is_none_or(|field| {
                    change.action != Action::Update || change.fields.iter().any(|it| it.name() == field)
                })
            })
        };
        for change in plan.projects.values().flat_map(|project| &project.changes) {
            let at = change.at.to_string();
            let mut of_fields = vec![];
            for name in change.fields.iter().map(|field| Some(field.name())).chain([None]) {
                let Some(why) = self.0.get_mut(&(at.clone(), name.map(str::to_owned))) else { continue };
                let is_whole = name.is_none() && change.action == Action::Update;
                let is_so = if is_whole {
                    !of_fields.is_empty() && of_fields.iter().all(|it| *it == Why::Unapplied)
                } else {
                    says(&change.at, name) && !differs(&change.at, name)
                };
                if *why == Why::Drift && is_so {
                    *why = Why::Unapplied;
                }
                of_fields.extend(name.map(|_| *why));
            }
        }
    }

    /// Whether any difference is drift.
    #[must_use]
    pub fn has_drift(&self) -> bool {
        self.0.values().any(|why| *why == Why::Drift)
    }

    /// The origin of the difference at an address, or of a field of it.
    #[must_use]
    pub fn at(&self, at: &Address, field: Option<&str>) -> Option<Why> {
        self.by_name(&at.to_string(), field)
    }

    /// The same for an address as text.
    #[must_use]
    pub fn by_name(&self, at: &str, field: Option<&str>) -> Option<Why> {
        self.0.get(&(at.to_owned(), field.map(str::to_owned))).copied()
    }
}
