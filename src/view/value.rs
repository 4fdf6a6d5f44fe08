//! Values as people read them: quoted texts, numbers with units, lists by item, long texts by line.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::plan::count;
use super::{Detail, Line, Role};
use crate::compare::{Fact, Says};
use crate::diag::render::escape;
use crate::model::{Certainty, FieldDiff, Shown};
use crate::schema::{Field, Type, Unit};
use crate::secret::SecretUse;

/// Texts longer than this are cut in one-line displays, in characters.
const LONGEST: usize = 120;

/// What happens to a field: the first line follows its name, the others stand below it.
pub(super) fn change(diff: &FieldDiff, detail: Detail) -> Vec<Line> {
    match (&diff.before, &diff.after) {
        (before, Shown::Secret(secret)) => vec![secret_line(before, secret)],
        (Shown::SecretSet, Shown::Absent) => {
            vec![Line::of(Role::Remove, "(secret)").plain(" is cleared")]
        }
        // Of what was not read there is no before to show; lists and long texts show none anyway.
        (Shown::Absent, after) if diff.certainty == Certainty::Unknowable && !is_list(diff.field) => {
            vec![Line::of(Role::Add, show(diff.field, after))]
        }
        (before, after) => between(diff.field, before, after, detail),
    }
}

/// From one value that is no secret to another: lists by item, long texts by line, the rest on one line.
fn between(field: Option<&Field>, before: &Shown, after: &Shown, detail: Detail) -> Vec<Line> {
    match (before, after) {
        (before, after) if is_list(field) && !detail.brief => list_lines(&items(before), &items(after)),
        (Shown::Value(Value::String(before)), Shown::Value(Value::String(after))) if is_long(field, before, after) => {
            text_lines(before, after, detail)
        }
        (before, after) => {
            vec![Line::of(Role::Remove, show(field, before)).plain(" → ").then(Role::Add, show(field, after))]
        }
    }
}

/// What is live, where it was read.
pub(super) fn before(diff: &FieldDiff) -> String {
    match (&diff.before, diff.certainty) {
        (Shown::Absent, Certainty::Unknowable) => "(new)".to_owned(),
        (before, _) => show(diff.field, before),
    }
}

/// What a side says, on one line.
pub(super) fn fact(fact: &Fact) -> String {
    match &fact.says {
        Says::Shown(Shown::Secret(secret)) if secret.plain().is_some() => quote(secret.plain().unwrap_or_default()),
        Says::Shown(shown) => show(fact.field, shown),
        Says::Cleared => "null (cleared)".to_owned(),
        Says::Gone => "null (absent)".to_owned(),
        Says::Unmanaged => "(hands off)".to_owned(),
    }
}

/// From what one side says to what the other says, as a change in time.
pub(super) fn facts(before: &Fact, after: &Fact, detail: Detail) -> Vec<Line> {
    match (&before.says, &after.says) {
        (Says::Shown(one @ Shown::Value(_)), Says::Shown(other @ Shown::Value(_))) => {
            between(after.field, one, other, detail)
        }
        _ => vec![Line::of(Role::Remove, fact(before)).plain(" → ").then(Role::Add, fact(after))],
    }
}

/// The lines in which two sides of equal standing differ: what only the first has, what only the second has, and below
/// them the lines of a long text.
pub(super) fn two(before: &Fact, after: &Fact, detail: Detail) -> (Vec<String>, Vec<String>, Vec<Line>) {
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
            let diff = text_lines(one, other, detail).split_off(usize::from(!detail.brief));
            (lines(one), lines(other), if detail.brief { vec![] } else { diff })
        }
        _ => (vec![fact(before)], vec![fact(after)], vec![]),
    }
}

/// What a new item's field will be.
pub(super) fn new_value(diff: &FieldDiff) -> Line {
    match &diff.after {
        Shown::Secret(secret) => match secret.plain() {
            Some(plain) => Line::of(Role::Add, quote(plain)),
            None => Line::of(Role::Add, "(secret)").plain(format!(" from {}", escape(&secret.to_string()))),
        },
        after => Line::of(Role::Add, show(diff.field, after)),
    }
}

/// What a removed item's field was.
pub(super) fn old_value(diff: &FieldDiff) -> Line {
    Line::of(Role::Remove, show(diff.field, &diff.before))
}

fn secret_line(before: &Shown, secret: &SecretUse) -> Line {
    let from = escape(&secret.to_string()).into_owned();
    match (secret.plain(), before) {
        (Some(plain), Shown::Absent) => Line::of(Role::Remove, "(not set)").plain(" → ").then(Role::Add, quote(plain)),
        (Some(plain), _) => Line::of(Role::Remove, "(live differs)").plain(" → ").then(Role::Add, quote(plain)),
        (None, Shown::Absent) => Line::of(Role::Add, "(secret)").plain(format!(" is set from {from}")),
        (None, _) => Line::of(Role::Change, "(secret)").plain(format!(" live differs from {from}")),
    }
}

fn is_list(field: Option<&Field>) -> bool {
    field.is_some_and(|field| matches!(field.ty, Type::List(..)))
}

fn is_long(field: Option<&Field>, before: &str, after: &str) -> bool {
    let declared = field.is_some_and(|field| matches!(&field.ty, Type::Text(rule) if rule.long));
    declared || before.contains('\n') || after.contains('\n')
}

fn items(shown: &Shown) -> Vec<String> {
    match shown {
        Shown::Value(Value::Array(items)) => items.iter().map(item).collect(),
        _ => vec![],
    }
}

fn item(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text).into_owned(),
        other => other.to_string(),
    }
}

fn list_lines(before: &[String], after: &[String]) -> Vec<Line> {
    let added = after.iter().filter(|item| !before.contains(item));
    let removed = before.iter().filter(|item| !after.contains(item));
    let mut lines: Vec<Line> = added.map(|item| Line::of(Role::Add, format!("+ {item}"))).collect();
    lines.extend(removed.map(|item| Line::of(Role::Remove, format!("- {item}"))));
    if before.is_empty() && after.is_empty() {
        lines.push(Line::of(Role::Add, "[]"));
    } else if lines.is_empty() {
        let join = |items: &[String]| format!("[{}]", items.join(", "));
        lines.push(Line::of(Role::Remove, join(before)).plain(" → ").then(Role::Add, join(after)));
    }
    lines
}

fn text_lines(before: &str, after: &str, detail: Detail) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let changes = || diff.iter_all_changes();
    let added = changes().filter(|change| change.tag() == ChangeTag::Insert).count();
    let removed = changes().filter(|change| change.tag() == ChangeTag::Delete).count();
    let mut lines = vec![
        Line::new()
            .then(Role::Add, format!("+{added}"))
            .plain(" ")
            .then(Role::Remove, format!("-{removed}"))
            .plain(" lines"),
    ];
    if detail.brief {
        return lines;
    }
    let context = if detail.full { usize::MAX } else { detail.context };
    for (index, group) in diff.grouped_ops(context).iter().enumerate() {
        if index > 0 {
            lines.push(Line::of(Role::Dim, "  ⋮"));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (role, mark) = match change.tag() {
                ChangeTag::Insert => (Role::Add, "+ "),
                ChangeTag::Delete => (Role::Remove, "- "),
                ChangeTag::Equal => (Role::Dim, "  "),
            };
            let text = change.value().trim_end_matches(['\n', '\r']);
            lines.push(Line::of(role, format!("{mark}{}", cut(&escape(text)))));
        }
    }
    lines
}

/// A value on one line.
pub(super) fn show(field: Option<&Field>, shown: &Shown) -> String {
    match shown {
        Shown::Absent => "(not set)".to_owned(),
        Shown::SecretSet => "(secret)".to_owned(),
        Shown::Secret(secret) => format!("(secret) from {}", escape(&secret.to_string())),
        Shown::Value(value) => show_value(field, value),
    }
}

fn show_value(field: Option<&Field>, value: &Value) -> String {
    match value {
        Value::String(text) => {
            let word = field.and_then(|field| field.words.iter().find(|(_, value)| value == text));
            word.map_or_else(|| quote(text), |(word, _)| (*word).to_owned())
        }
        Value::Number(number) => match (field.and_then(|field| field.unit), number.as_f64()) {
            (Some(unit), Some(count)) => with_unit(unit, &number.to_string(), count),
            _ => number.to_string(),
        },
        other => cut(&escape(&other.to_string())),
    }
}

fn quote(text: &str) -> String {
    cut(&escape(&Value::from(text).to_string()))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    format!("{kept}… ({} characters)", text.chars().count())
}

/// `3600 s (1 hour)`.
fn with_unit(unit: Unit, number: &str, count: f64) -> String {
    let (short, steps): (&str, &[(f64, &str)]) = match unit {
        Unit::Seconds => ("s", &[(604_800.0, "week"), (86_400.0, "day"), (3600.0, "hour"), (60.0, "minute")]),
        Unit::Hours => ("h", &[(168.0, "week"), (24.0, "day")]),
        Unit::Bytes => ("B", &[(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB")]),
    };
    let step = steps.iter().find(|(size, _)| count >= *size && (count % size) == 0.0);
    match step {
        None => format!("{number} {short}"),
        Some((size, name)) => {
            let many = count / size;
            let plural = if unit == Unit::Bytes || (many - 1.0).abs() < f64::EPSILON { "" } else { "s" };
            format!("{number} {short} ({many} {name}{plural})")
        }
    }
}
