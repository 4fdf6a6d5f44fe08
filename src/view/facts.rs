//! What two sides of a comparison say, as people read it.

use serde_json::Value;

use super::build::edit::{self, between, is_list, is_long, item};
use super::text::edit_lines;
use super::{Detail, Line, Role};
use crate::compare::{Fact, Says};
use crate::model::Shown;
use crate::record::recorded;
use crate::text::count;

/// What a side says, on one line.
pub(super) fn fact(fact: &Fact, detail: Detail) -> String {
    match &fact.says {
        Says::Shown(shown) => detail.cut(&edit::shown(fact.field, recorded(shown).as_ref())),
        Says::Cleared => "null (cleared)".to_owned(),
        Says::Gone => "null (absent)".to_owned(),
        Says::Unmanaged => "(hands off)".to_owned(),
    }
}

/// From what one side says to what the other says, as a change in time.
pub(super) fn facts(before: &Fact, after: &Fact, detail: Detail) -> Vec<Line> {
    match (&before.says, &after.says) {
        (Says::Shown(one @ Shown::Value(_)), Says::Shown(other @ Shown::Value(_))) => {
            edit_lines(&between(after.field, recorded(one).as_ref(), recorded(other).as_ref()), detail)
        }
        _ => {
            let (before, after) = (fact(before, detail), fact(after, detail));
            vec![Line::of(Role::Remove, before).plain(" → ").then(Role::Add, after)]
        }
    }
}

/// The lines in which two sides of equal standing differ: what only the first has, what only the second has, and below
/// them the lines of a long text.
pub(super) fn two(before: &Fact, after: &Fact, detail: Detail) -> (Vec<String>, Vec<String>, Vec<Line>) {
    let fact = |it: &Fact| fact(it, detail);
    let cut = |text: &str| detail.cut(text);
    let (one, other) = match (&before.says, &after.says) {
        (Says::Shown(Shown::Value(one)), Says::Shown(Shown::Value(other))) => (one, other),
        (Says::Shown(Shown::SecretSet), Says::Shown(Shown::SecretSet)) => {
            return (vec![fact(before)], vec!["(secret) another one".to_owned()], vec![]);
        }
        _ => return (vec![fact(before)], vec![fact(after)], vec![]),
    };
    match (one, other) {
        (Value::Array(one), Value::Array(other)) if is_list(after.field) => {
            let only = |these: &[Value], those: &[Value]| -> Vec<String> {
                these.iter().filter(|it| !those.contains(it)).map(|it| format!("+ {}", cut(&item(it)))).collect()
            };
            let (first, second) = (only(one, other), only(other, one));
            if first.is_empty() && second.is_empty() {
                let all = |these: &[Value]| format!("[{}]", these.iter().map(item).collect::<Vec<_>>().join(", "));
                return (vec![cut(&all(one))], vec![cut(&all(other))], vec![]);
            }
            let or_less = |lines: Vec<String>| if lines.is_empty() { vec!["nothing more".to_owned()] } else { lines };
            (or_less(first), or_less(second), vec![])
        }
        (Value::String(one), Value::String(other)) if is_long(after.field, one, other) => {
            let lines = |text: &str| vec![count(text.lines().count(), "line")];
            if detail.brief {
                return (lines(one), lines(other), vec![]);
            }
            let shown = facts(before, after, detail).split_off(1);
            (lines(one), lines(other), shown)
        }
        _ => (vec![fact(before)], vec![fact(after)], vec![]),
    }
}
