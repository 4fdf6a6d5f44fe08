//! What is refused: files that cannot be sent, a history that is not the folder's, and harm that nobody has allowed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::folder::{File, Through, files, order, parts};
use super::history::{EDITED, OTHERWISE};
use super::table::{INFO, SQL};
use crate::diag::Code;
use crate::diag::codes::{plan, value as codes};
use crate::kind::prelude::*;
use crate::model::{Finding, Origin};
use crate::sql::{Harm, Statement, Transaction, line_of, statements};

/// Whether the server runs a file outside of a transaction only: it is one statement of that sort.
pub(super) fn is_alone(sql: &str) -> bool {
    let all = statements(sql).unwrap_or_default();
    matches!(all.as_slice(), [only] if only.transaction() == Some(Transaction::Refuses))
}

/// Why a text cannot be a file.
pub(super) fn sendable(sql: &str) -> Result<(), String> {
    let all = statements(sql).map_err(|unfinished| unfinished.to_string())?;
    let of = |wanted: Transaction| all.iter().any(|it| it.transaction() == Some(wanted));
    if of(Transaction::Controls) || all.len() > 1 && of(Transaction::Refuses) {
        return Err("a statement of it begins, ends or takes no transaction".to_owned());
    }
    Ok(())
}

pub(super) fn check(items: &BTreeMap<String, Item>, out: &mut Diagnostics) {
    let mut versions: BTreeMap<(usize, &str), File<'_>> = BTreeMap::new();
    for file in files(items) {
        let Some(Item::Present(_, origin)) = items.get(file.item) else { continue };
        if let Some(first) = versions.insert(order(file.version), file) {
            let message = format!("`{}` and `{}` have the same version", first.path, file.path);
            let found = Diagnostic::error(codes::SAME_VERSION, origin.span, message);
            out.push(found.hint("Give the one that is not applied yet a version of its own."));
        }
        let at = |at: usize| format!("`{}:{}`", file.path, line_of(file.sql, at));
        let mut refuse = |message: String, hint: &str| {
            out.push(Diagnostic::error(codes::BAD_SQL, origin.span, message).hint(hint));
        };
        match statements(file.sql) {
            Err(unfinished) => refuse(
                format!("{}: {unfinished}", at(unfinished.at)),
                "Nothing can follow it in the request that records the migration: finish it.",
            ),
            Ok(all) => {
                if let Some((message, hint)) = fault(&file, &all, &at) {
                    refuse(message, hint);
                }
            }
        }
    }
}

fn fault(file: &File<'_>, all: &[Statement<'_>], at: &dyn Fn(usize) -> String) -> Option<(String, &'static str)> {
    let of = |wanted: Transaction| all.iter().find(|it| it.transaction() == Some(wanted));
    if let Some(found) = of(Transaction::Controls) {
        let message = format!("{}: the statement begins or ends a transaction", at(found.start()));
        return Some((message, "Remove it: each file is one transaction, with its row of the history."));
    }
    let found = of(Transaction::Refuses)?;
    if all.len() > 1 {
        let message = format!("{}: the statement runs outside of a transaction only", at(found.start()));
        return Some((message, "Move it to a file of its own, with nothing else in it."));
    }
    let message = format!("{}: the API runs migrations in a transaction, where this statement cannot run", at(0));
    (file.through == Through::Api).then_some((message, "Run it by hand, or use `through: query`."))
}

/// Adds what the SQL of a new migration may destroy or open.
pub(super) fn add_risks(change: &mut Change) {
    let Some(diff) = change.fields.iter_mut().find(|diff| diff.name() == SQL.name) else { return };
    let crate::model::DisplayValue::Value(Value::String(sql)) = &diff.after else { return };
    let all = statements(sql).unwrap_or_default();
    let mut risks = vec![];
    for (harm, _) in all.iter().flat_map(Statement::harms) {
        let risk = match harm {
            Harm::Destroys(why) => (Impact::Destructive, why),
            Harm::Opens(why) => (Impact::Security, why),
        };
        if !risks.contains(&risk) {
            risks.push(risk);
        }
    }
    diff.risks.extend(risks);
}

/// Compares the folder with the history.
pub(super) fn couple(job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
    let (SectionBody::Items(items), LiveKind::Items(live)) = (&job.section.body, job.live) else { return };
    let mut refuse = |item: &str, code: Code, message: String, hints: &[&str], origin: &Origin, lifts: bool| {
        out.push(Refusal {
            at: Address::item(job.target.project, INFO.name, item),
            finding: Finding {
                code,
                message,
                hints: hints.iter().map(|hint| (*hint).to_owned()).collect(),
                origin: Some(origin.clone()),
            },
            allow: lifts.then_some(Impact::History),
        });
    };
    let origin_of = |item: &str| match items.get(item) {
        Some(Item::Present(_, origin)) => origin,
        Some(Item::Absent(_) | Item::Unmanaged(_)) | None => &job.section.origin,
    };
    for (name, row) in live {
        let origin = origin_of(name);
        if !items.contains_key(name) {
            let message = "the history has it, and the folder has no file of it".to_owned();
            let hints =
                ["Somebody applied it from elsewhere: add its file to the folder, as `supaform accept ADDRESS` does."];
            refuse(name, plan::NOT_IN_FOLDER, message, &hints, origin, true);
            continue;
        }
        if row.contains_key(OTHERWISE) {
            let message = "it was recorded under another version: the project was migrated the other way".to_owned();
            let hints = ["A project stays with one way: write the other word in `through:`."];
            refuse(name, plan::MIXED_HISTORY, message, &hints, origin, false);
        } else if let Some(Value::String(recorded)) = row.get(EDITED) {
            let place = first_difference(items.get(name), recorded);
            let message = format!("its file was edited after it was applied{place}; it is not applied again");
            let hints = ["Restore the file, as `supaform accept ADDRESS` does, and put the change into a new one."];
            refuse(name, plan::EDITED, message, &hints, origin, true);
        }
    }
    let newest = newest(items, live);
    let pending = job.changes.iter().filter(|change| change.action == Action::Create);
    for item in pending.filter_map(|change| change.at.subject.item()) {
        let Some((version, _)) = parts(item) else { continue };
        if let Some(newest) = newest.filter(|newest| order(version) < order(newest)) {
            let message = format!("it comes before `{newest}`, which is applied already");
            let hints = ["Give the file a version of today, so that every project applies the files in one order."];
            refuse(item, plan::OUT_OF_ORDER, message, &hints, origin_of(item), true);
        }
    }
}

/// The newest version that is applied: of the history where it has the files' own versions, else of the files in it.
fn newest<'a>(items: &'a BTreeMap<String, Item>, live: &'a BTreeMap<String, Map<String, Value>>) -> Option<&'a str> {
    let stamped = files(items).first().is_some_and(|file| file.through == Through::Api);
    let versions = live.iter().filter_map(|(name, row)| {
        if stamped {
            items.contains_key(name).then(|| parts(name))?.map(|(version, _)| version)
        } else {
            row.get("version").and_then(Value::as_str)
        }
    });
    versions.max_by(|one, other| order(one).cmp(&order(other)))
}

/// Where a file differs first from what was recorded.
fn first_difference(item: Option<&Item>, recorded: &str) -> String {
    let words = |sql: &str| -> Vec<(String, usize)> {
        let all = statements(sql).unwrap_or_default();
        all.iter().flat_map(|it| it.tokens.iter().map(|(token, at)| (token.text().to_owned(), *at))).collect()
    };
    let Some(Item::Present(settings, _)) = item else { return String::new() };
    let Some(sql) = crate::kind::written(settings, SQL.name) else { return String::new() };
    let (ours, theirs) = (words(sql), words(recorded));
    let first = ours.iter().enumerate().find(|(index, (word, _))| theirs.get(*index).is_none_or(|(it, _)| it != word));
    first.map_or_else(String::new, |(_, (_, at))| format!(", first in line {}", line_of(sql, *at)))
}
