//! Migrations: files of SQL that are applied once, in their order, and recorded in a history.
//!
//! The history is a table of the database, which the Supabase CLI keeps, too. A file is never applied twice, and none is ever taken
//! back: what was edited, what is missing, and what comes too late are findings.

mod calls;
mod folder;
mod history;
mod rules;
mod table;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use table::{APPLY, HISTORY, INFO, QUERY, SQL};

use crate::diag::codes::value as codes;
use crate::kind::SourceFiles;
use crate::kind::prelude::*;
use crate::model::{Origin, Problem, ProjectRef};

/// `migrations`: a folder of files, each an item of its own.
pub struct Migrations;

impl Kind for Migrations {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn operations(&self) -> Vec<Operation> {
        let post = |template| Operation { method: Method::Post, template };
        vec![Operation::READ_SQL, post(QUERY), post(APPLY)]
    }

    fn load(&self, _: Option<&str>, settings: &mut Settings, _: &Origin, files: &mut dyn SourceFiles) {
        folder::load(settings, files);
    }

    fn spread(&self, section: &mut Section) {
        folder::spread(section);
    }

    fn file_of(&self, name: &str, item: &Map<String, Value>) -> Result<(String, String), String> {
        let sql = item.get(SQL.name).and_then(Value::as_str).ok_or("the history does not have its statements")?;
        rules::sendable(sql).map_err(|why| format!("its SQL cannot be applied as one transaction: {why}"))?;
        let separator = if name.contains('_') { "" } else { "_" };
        let file = format!("{name}{separator}.sql");
        // The name is somebody else's text.
        let is_safe = file.chars().all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it));
        if is_safe { Ok((file, sql.to_owned())) } else { Err("its name cannot be the name of a file".to_owned()) }
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        match &section.body {
            SectionBody::Items(items) => rules::check(items, out),
            SectionBody::Settings(settings) if !settings.fields.contains_key("path") => {
                let found = Diagnostic::error(codes::NO_FOLDER, section.origin.span, "`migrations` needs a `path`");
                out.push(found.hint("Write the folder of the files: `path: supabase/migrations`."));
            }
            // What is wrong with the folder is told where it is read.
            SectionBody::Settings(_) => {}
        }
    }

    fn reads(&self, reference: &ProjectRef) -> Vec<ReadCall> {
        vec![ReadCall::sql(reference, HISTORY).or_missing()]
    }

    /// A project without the table has no migrations.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let expected = |at: String, what: &str| UnexpectedShape { pointer: at, expected: what.to_owned() };
        let answer = answers.first().filter(|answer| answer.status < 300);
        let Some(answer) = answer else { return Ok(LiveKind::Items(BTreeMap::new())) };
        let rows = answer.body.as_array().ok_or_else(|| expected(String::new(), "a list of rows"))?;
        let mut items = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let row = row.as_object().ok_or_else(|| expected(format!("/{index}"), "an object"))?;
            let version = row.get("version").and_then(Value::as_str);
            let version = version.ok_or_else(|| expected(format!("/{index}/version"), "a text"))?;
            let mut kept = row.clone();
            kept.insert(SQL.name.to_owned(), history::sql(row).map_or(Value::Null, Value::from));
            items.insert(history::called(version, row), kept);
        }
        Ok(LiveKind::Items(items))
    }

    fn align(&self, _: &str, section: &Section, live: LiveKind) -> Result<LiveKind, Box<Problem>> {
        let (SectionBody::Items(items), LiveKind::Items(rows)) = (&section.body, live) else {
            return Ok(LiveKind::Items(BTreeMap::new()));
        };
        Ok(LiveKind::Items(history::align(&folder::files(items), rows)))
    }

    fn as_read(&self, live: LiveKind) -> LiveKind {
        history::as_read(live)
    }

    fn strayed(&self, project: &str, section: &Section, live: &LiveKind) -> Vec<Change> {
        history::strayed(project, section, live)
    }

    fn add_risks(&self, _: Sides<'_>, changes: &mut [Change]) {
        for change in changes.iter_mut().filter(|change| change.action == Action::Create) {
            rules::add_risks(change);
        }
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        rules::couple(job, out);
    }

    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        calls::calls(job)
    }

    fn locate(&self, section: &Section, call: &Call, said: &str) -> Option<String> {
        let (SectionBody::Items(items), Body::Json(body)) = (&section.body, &call.body) else { return None };
        let query = body.value.get("query")?.as_str()?;
        let files = folder::files(items);
        let sent = files.iter().filter(|file| query.starts_with(file.sql.trim_end()));
        let file = sent.max_by_key(|file| file.sql.len())?;
        let line = said.split("LINE ").nth(1).and_then(|rest| rest.split(':').next()?.parse::<usize>().ok());
        let line = line.filter(|line| *line <= file.sql.lines().count());
        Some(line.map_or_else(|| format!("`{}`", file.path), |line| format!("`{}:{line}`", file.path)))
    }
}
