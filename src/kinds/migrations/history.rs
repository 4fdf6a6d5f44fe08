//! The history: which of its rows are which files.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::folder::{File, Through};
use super::table::{INFO, SQL};
use crate::kind::prelude::*;
use crate::kind::written;
use crate::model::{Certainty, DisplayValue, FieldChange, FieldChanges};
use crate::secret::hex;
use crate::sql::{canonical, ended};

/// Set in a live item whose file was edited after it was applied.
pub(super) const EDITED: &str = "edited";

/// Set in a live item that was recorded the other way than the manifest wants.
pub(super) const OTHERWISE: &str = "otherwise";

type Row = Map<String, Value>;

fn text_of<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column).and_then(Value::as_str)
}

/// The name of a row's item: as its file would be named.
pub(super) fn called(version: &str, row: &Row) -> String {
    match text_of(row, "name") {
        Some(name) if !name.is_empty() => format!("{version}_{name}"),
        _ => version.to_owned(),
    }
}

/// The SQL of a row's statements, if it has any.
pub(super) fn sql(row: &Row) -> Option<String> {
    let statements = row.get("statements")?.as_array()?;
    let mut texts = vec![];
    for (index, statement) in statements.iter().enumerate() {
        let text = statement.as_str()?.trim_end().trim_end_matches(';');
        // A comment behind the last statement ends nothing.
        let is_comment = index + 1 == statements.len() && canonical(text).is_ok_and(|tokens| tokens.is_empty());
        texts.push(if is_comment { text.to_owned() } else { ended(text) });
    }
    // As files are read: line ends are the same on every system.
    (!texts.is_empty()).then(|| (texts.join("\n\n") + "\n").replace("\r\n", "\n"))
}

/// The key by which the API tells a repeated request.
pub(super) fn key(file: &File<'_>) -> String {
    hex(&Sha256::digest(format!("{}\n{}", file.item, file.sql)))
}

/// Whether two texts are the same SQL, whatever their comments and their layout.
fn is_same(one: &str, other: &str) -> bool {
    one == other || canonical(one).is_ok_and(|one| canonical(other).is_ok_and(|other| one == other))
}

/// Names the rows that have a file after it.
pub(super) fn align(files: &[File<'_>], mut rows: BTreeMap<String, Row>) -> BTreeMap<String, Row> {
    let mut aligned = BTreeMap::new();
    for file in files {
        let Some((name, otherwise)) = find(file, &rows) else { continue };
        let Some(mut row) = rows.remove(&name) else { continue };
        let recorded = text_of(&row, SQL.name);
        if recorded.is_some_and(|recorded| !is_same(recorded, file.sql)) {
            row.insert(EDITED.to_owned(), recorded.map_or(Value::Null, Value::from));
        }
        if otherwise {
            row.insert(OTHERWISE.to_owned(), true.into());
        }
        // What was applied is not applied again, whatever the file says now.
        row.insert(SQL.name.to_owned(), file.sql.into());
        aligned.insert(file.item.to_owned(), row);
    }
    aligned.extend(rows);
    aligned
}

/// The rows with what they record, whatever their files say.
pub(super) fn as_read(live: LiveKind) -> LiveKind {
    let LiveKind::Items(mut rows) = live else { return live };
    for row in rows.values_mut() {
        row.shift_remove(OTHERWISE);
        if let Some(recorded) = row.shift_remove(EDITED) {
            row.insert(SQL.name.to_owned(), recorded);
        }
    }
    LiveKind::Items(rows)
}

/// The rows without a file, and those whose files were edited.
pub(super) fn strayed(project: &str, section: &Section, live: &LiveKind) -> Vec<Change> {
    let (SectionBody::Items(items), LiveKind::Items(rows)) = (&section.body, live) else { return vec![] };
    let change = |name: &str, row: &Row| {
        let at = Address::item(project, INFO.name, name);
        let Some(item) = items.get(name) else {
            let (fields, origin) = (FieldChanges::default(), Some(section.origin.clone()));
            return Some(Change { at, action: Action::Delete, fields, origin });
        };
        let Item::Present(settings, origin) = item else { return None };
        let field = FieldChange {
            key: FieldKey::Known(FieldPath::of(&SQL)),
            before: DisplayValue::Value(row.get(EDITED)?.clone()),
            after: DisplayValue::Value(written(settings, SQL.name)?.into()),
            certainty: Certainty::Known,
            at_hand: true,
            origin: Some(origin.clone()),
            risks: vec![],
            along: false,
        };
        Some(Change { at, action: Action::Update, fields: vec![field].into(), origin: Some(origin.clone()) })
    };
    rows.iter().filter_map(|(name, row)| change(name, row)).collect()
}

/// The row of a file, and whether it was recorded the other way.
fn find(file: &File<'_>, rows: &BTreeMap<String, Row>) -> Option<(String, bool)> {
    let by = |holds: &dyn Fn(&Row) -> bool| rows.iter().find(|(_, row)| holds(row)).map(|(name, _)| name.clone());
    let by_version = || by(&|row| text_of(row, "version") == Some(file.version));
    let named = |row: &Row, name: &str| text_of(row, "name") == Some(name);
    let by_key = || {
        let key = key(file);
        by(&|row| text_of(row, "idempotency_key") == Some(&key))
    };
    let by_name = || by(&|row| named(row, file.item));
    let by_content =
        || by(&|row| named(row, file.name) && text_of(row, SQL.name).is_some_and(|sql| is_same(sql, file.sql)));
    let same = |found: Option<String>| found.map(|name| (name, false));
    let other = |found: Option<String>| found.map(|name| (name, true));
    match file.through {
        Through::Query => same(by_version()).or_else(|| other(by_key().or_else(by_name))),
        Through::Api => same(by_key().or_else(by_name))
            .or_else(|| other(by(&|row| text_of(row, "version") == Some(file.version) && named(row, file.name))))
            .or_else(|| same(by_content())),
    }
}
