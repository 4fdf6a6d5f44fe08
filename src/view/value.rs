//! Values as people read them: quoted texts, numbers with units, lists by item, long texts by line.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Detail, Line, Role};
use crate::diag::render::escape;
use crate::model::Certainty;
use crate::record::{FieldRecord, RecordedValue, SecretRecord};
use crate::schema::{Field, Type, Unit, units};

/// Texts longer than this are cut in one-line displays, in characters, unless all is asked for.
const LONGEST: usize = 120;

/// More unchanged lines than any text has; the library that compares doubles it.
const ALL_LINES: usize = usize::MAX / 4;

/// What happens to a field. All texts are safe to print.
pub(super) enum Told {
    /// A value where nothing was read before.
    New(String),
    /// One value takes the place of another.
    Swap(String, String),
    /// A secret: how it counts, and what is said of it.
    Secret(Role, String),
    /// Items come and go.
    Items(Vec<Piece>),
    /// Lines of a long text: how many come and go, and which.
    Lines(usize, usize, Vec<Piece>),
}

/// One item or line.
pub(super) enum Piece {
    /// It comes.
    Add(String),
    /// It goes.
    Remove(String),
    /// It stays.
    Keep(String),
    /// Some that stay are left out.
    Gap,
}

/// What is told of a field's change.
pub(super) fn tell(field: &FieldRecord, detail: Detail) -> Told {
    let row = field.row.0;
    match (&field.before, &field.after) {
        (Some(RecordedValue::Secret(_)), None) => Told::Secret(Role::Remove, "is cleared".to_owned()),
        (before, Some(RecordedValue::Secret(secret))) => {
            let from = from(field, secret);
            match before {
                None => Told::Secret(Role::Add, format!("is set from {from}")),
                Some(_) => Told::Secret(Role::Change, format!("live differs from {from}")),
            }
        }
        (Some(RecordedValue::Secret(_)), after) => {
            Told::Swap("(live differs)".to_owned(), shown(row, after.as_ref(), detail))
        }
        // Of what was not read there is no before to show; lists show none anyway.
        (None, after) if field.certainty == Certainty::Unknowable && !is_list(row) => {
            Told::New(shown(row, after.as_ref(), detail))
        }
        (before, after) => between(row, before.as_ref(), after.as_ref(), detail),
    }
}

/// From one value that is no secret to another: lists by item, long texts by line, the rest on one line.
pub(super) fn between(
    row: Option<&Field>,
    before: Option<&RecordedValue>,
    after: Option<&RecordedValue>,
    detail: Detail,
) -> Told {
    match (before, after) {
        (before, after) if is_list(row) && !detail.brief => items(&list(before), &list(after)),
        (Some(RecordedValue::Value(Value::String(before))), Some(RecordedValue::Value(Value::String(after))))
            if is_long(row, before, after) =>
        {
            lines(before, after, detail)
        }
        (before, after) => Told::Swap(shown(row, before, detail), shown(row, after, detail)),
    }
}

/// What is live, where it was read.
pub(super) fn before(field: &FieldRecord, detail: Detail) -> String {
    match (&field.before, field.certainty) {
        (None, Certainty::Unknowable) => "(new)".to_owned(),
        (before, _) => shown(field.row.0, before.as_ref(), detail),
    }
}

/// What happens to a field, for a page: the first line follows its name, the others stand below it.
pub(super) fn change(field: &FieldRecord, detail: Detail) -> Vec<Line> {
    page_lines(tell(field, detail))
}

/// What is told, for a page.
pub(super) fn page_lines(told: Told) -> Vec<Line> {
    let each = |told: Piece| match told {
        Piece::Add(text) => Line::of(Role::Add, format!("+ {text}")),
        Piece::Remove(text) => Line::of(Role::Remove, format!("- {text}")),
        Piece::Keep(text) => Line::of(Role::Dim, format!("  {text}")),
        Piece::Gap => Line::of(Role::Dim, "  ⋮"),
    };
    match told {
        Told::New(value) => vec![Line::of(Role::Add, value)],
        Told::Swap(before, after) => {
            vec![Line::of(Role::Remove, before).plain(" → ").then(Role::Add, after)]
        }
        Told::Secret(role, what) => vec![Line::of(role, "(secret)").plain(format!(" {what}"))],
        Told::Items(all) => all.into_iter().map(each).collect(),
        Told::Lines(added, removed, all) => {
            let head = Line::of(Role::Add, format!("+{added}")).plain(" ").then(Role::Remove, format!("-{removed}"));
            std::iter::once(head.plain(" lines")).chain(all.into_iter().map(each)).collect()
        }
    }
}

/// What a new item's field will be.
pub(super) fn new_value(field: &FieldRecord, detail: Detail) -> Line {
    match &field.after {
        Some(RecordedValue::Secret(secret)) => {
            Line::of(Role::Add, "(secret)").plain(format!(" from {}", from(field, secret)))
        }
        after => Line::of(Role::Add, shown(field.row.0, after.as_ref(), detail)),
    }
}

/// The same as a text.
pub(super) fn after(field: &FieldRecord, detail: Detail) -> String {
    match &field.after {
        Some(RecordedValue::Secret(secret)) => format!("(secret) from {}", from(field, secret)),
        after => shown(field.row.0, after.as_ref(), detail),
    }
}

/// What a removed item's field was.
pub(super) fn old_value(field: &FieldRecord, detail: Detail) -> Line {
    Line::of(Role::Remove, shown(field.row.0, field.before.as_ref(), detail))
}

/// Where a wanted secret comes from, and whether its value is at hand.
fn from(field: &FieldRecord, secret: &SecretRecord) -> String {
    match secret {
        SecretRecord::From(source) if !field.at_hand => format!("{} (value not at hand)", escape(&source.to_string())),
        SecretRecord::From(source) => escape(&source.to_string()).into_owned(),
        SecretRecord::IsSet(_) => "live".to_owned(),
    }
}

pub(super) fn is_list(row: Option<&Field>) -> bool {
    row.is_some_and(|row| matches!(row.ty, Type::List(..)))
}

pub(super) fn is_long(row: Option<&Field>, before: &str, after: &str) -> bool {
    let declared = row.is_some_and(|row| matches!(&row.ty, Type::Text(rule) if rule.long));
    declared || before.contains('\n') || after.contains('\n')
}

fn list(held: Option<&RecordedValue>) -> Vec<String> {
    match held {
        Some(RecordedValue::Value(Value::Array(items))) => items.iter().map(item).collect(),
        _ => vec![],
    }
}

pub(super) fn item(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text).into_owned(),
        other => escape(&other.to_string()).into_owned(),
    }
}

fn items(before: &[String], after: &[String]) -> Told {
    let added = after.iter().filter(|item| !before.contains(item)).cloned().map(Piece::Add);
    let removed = before.iter().filter(|item| !after.contains(item)).cloned().map(Piece::Remove);
    let all: Vec<_> = added.chain(removed).collect();
    if before.is_empty() && after.is_empty() {
        return Told::New("[]".to_owned());
    }
    if all.is_empty() {
        let join = |items: &[String]| format!("[{}]", items.join(", "));
        return Told::Swap(join(before), join(after));
    }
    Told::Items(all)
}

fn lines(before: &str, after: &str, detail: Detail) -> Told {
    let diff = TextDiff::from_lines(before, after);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (added, removed) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
    let mut all = vec![];
    if detail.brief || detail.counts {
        return Told::Lines(added, removed, all);
    }
    let context = if detail.full { ALL_LINES } else { detail.context.min(ALL_LINES) };
    for (index, group) in diff.grouped_ops(context).iter().enumerate() {
        if index > 0 {
            all.push(Piece::Gap);
        }
        all.extend(group.iter().flat_map(|op| diff.iter_changes(op)).map(|change| {
            let text = cut(&escape(change.value().strip_suffix('\n').unwrap_or(change.value())), detail);
            match change.tag() {
                ChangeTag::Insert => Piece::Add(text),
                ChangeTag::Delete => Piece::Remove(text),
                ChangeTag::Equal => Piece::Keep(text),
            }
        }));
    }
    Told::Lines(added, removed, all)
}

/// A value on one line, cut where it is long, unless nothing is to be cut.
pub(super) fn shown(row: Option<&Field>, held: Option<&RecordedValue>, detail: Detail) -> String {
    cut(&show_all(row, held), detail)
}

/// All of a value on one line.
pub(super) fn show_all(row: Option<&Field>, held: Option<&RecordedValue>) -> String {
    match held {
        None => "(not set)".to_owned(),
        Some(RecordedValue::Secret(SecretRecord::IsSet(_))) => "(secret)".to_owned(),
        Some(RecordedValue::Secret(SecretRecord::From(source))) => {
            format!("(secret) from {}", escape(&source.to_string()))
        }
        Some(RecordedValue::Value(value)) => show_value(row, value),
    }
}

fn show_value(row: Option<&Field>, value: &Value) -> String {
    match value {
        Value::String(text) => {
            let word = row.and_then(|row| row.words.iter().find(|(_, value)| value == text));
            word.map_or_else(|| quote(text), |(word, _)| (*word).to_owned())
        }
        Value::Number(number) => {
            row.and_then(|row| row.unit).map_or_else(|| number.to_string(), |unit| with_unit(unit, number))
        }
        other => escape(&other.to_string()).into_owned(),
    }
}

fn quote(text: &str) -> String {
    escape(&Value::from(text).to_string()).into_owned()
}

pub(super) fn cut(text: &str, detail: Detail) -> String {
    if detail.uncut { text.to_owned() } else { shortened(text, ", --full shows all") }
}

/// The start of a text that is long, with its length and what else there is to say of it.
pub(super) fn shortened(text: &str, more: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    format!("{kept}… ({} characters{more})", text.chars().count())
}

/// `3600 s (1 hour)`.
fn with_unit(unit: Unit, number: &serde_json::Number) -> String {
    let short = format!("{number} {}", unit.sign());
    match number.as_i64().and_then(|count| units::meaning(unit, count)) {
        Some(meaning) => format!("{short} ({meaning})"),
        None => short,
    }
}
