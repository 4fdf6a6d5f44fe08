//! A call in the making, and its flags.

use crate::kind::{Kind, PlannedCall, References};
use crate::model::{Action, Address, Change, Flag};
use crate::schema::Impact;

/// A call in the making: its address and the changes that it settles.
pub(super) struct Planned {
    pub(super) at: Address,
    pub(super) rank: usize,
    pub(super) after: &'static [&'static str],
    pub(super) yields_to: Vec<&'static str>,
    pub(super) flags: Vec<Flag>,
    pub(super) refers: References,
    pub(super) made: PlannedCall,
    pub(super) changes: Vec<Change>,
}

/// The flags of some changes: each class with its resource and reason, the gravest first.
pub(super) fn flags(changes: &[Change], kind: Option<&dyn Kind>) -> Vec<Flag> {
    let mut flags = vec![];
    for change in changes {
        let subject = change.at.subject.told();
        let made = (change.action == Action::Create).then(|| kind?.creation_risk(change)).flatten();
        flags.extend(made.map(|(impact, why)| Flag { impact, what: subject.clone(), why }));
        if change.action == Action::Delete {
            let (what, why) = (subject.clone(), "is removed".to_owned());
            flags.push(Flag { impact: Impact::Destructive, what, why });
        }
        for diff in &change.fields {
            let what = format!("{subject}.{}", diff.name());
            let said = diff.risks.iter().map(|(impact, why)| Flag {
                impact: *impact,
                what: what.clone(),
                why: (*why).to_owned(),
            });
            flags.extend(said);
        }
    }
    flags.sort();
    flags
}
