//! The results of commands that change no project, as records.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::seal::VERSION;

/// The result of `validate`.
#[derive(Debug, Serialize)]
pub struct ValidationRecord {
    /// How many projects there are.
    pub projects: usize,
    /// How many fields they manage.
    pub fields: usize,
    /// How many files they are in.
    pub files: usize,
    /// Warnings and notes.
    pub diagnostics: Value,
}

/// The result of `fmt`.
#[derive(Debug, Serialize)]
pub struct FormattedRecord<'a> {
    /// Whether files were written.
    pub written: bool,
    /// How many files were checked.
    pub files: usize,
    /// Files that were not formatted.
    pub changed: Vec<&'a str>,
    /// How the run ended.
    pub exit: u8,
    /// The findings.
    pub diagnostics: Value,
}

/// The result of `accept`.
#[derive(Debug, Serialize)]
pub struct AcceptedRecord<'a> {
    /// Whether files were written.
    pub written: bool,
    /// The accepted addresses.
    pub accepted: &'a [String],
    /// The files with the values.
    pub files: Vec<&'a str>,
    /// Other projects that inherit the values, too.
    pub also: &'a BTreeSet<String>,
    /// Why addresses were refused.
    pub refused: Vec<&'a str>,
}

/// The result of `pin`.
#[derive(Debug, Serialize)]
pub struct PinnedRecord<'a> {
    /// Whether files were written.
    pub written: bool,
    /// The projects.
    pub projects: Vec<PinnedProjectRecord<'a>>,
}

/// A project whose ref is written into its manifest.
#[derive(Debug, Serialize)]
pub struct PinnedProjectRecord<'a> {
    /// The name of its document.
    pub project: &'a str,
    /// Its ref.
    pub r#ref: &'a str,
    /// The file.
    pub file: &'a str,
}

/// The differences between the field table and a specification.
#[derive(Debug, Serialize)]
pub struct SchemaDriftRecord<'a> {
    /// Each difference.
    pub findings: Vec<SchemaFindingRecord<'a>>,
}

/// A row that differs from the specification.
#[derive(Debug, Serialize)]
pub struct SchemaFindingRecord<'a> {
    /// The kind.
    pub kind: &'a str,
    /// The field.
    pub field: &'a str,
    /// The difference.
    pub what: &'a str,
}

/// The effective manifests.
#[derive(Debug, Serialize)]
pub struct RenderedRecord {
    /// Each project by the name of its document.
    pub projects: Map<String, Value>,
}

/// A record with the name of its form.
pub trait Named: Serialize {
    /// The name.
    const FORMAT: &'static str;

    /// The record as JSON.
    fn json(&self) -> Value {
        let mut members = Map::new();
        members.insert("format".to_owned(), Self::FORMAT.into());
        members.insert("version".to_owned(), VERSION.into());
        if let Value::Object(own) = json!(self) {
            members.extend(own);
        }
        members.into()
    }
}

impl Named for ValidationRecord {
    const FORMAT: &'static str = "supaform.validation";
}

impl Named for FormattedRecord<'_> {
    const FORMAT: &'static str = "supaform.formatted";
}

impl Named for AcceptedRecord<'_> {
    const FORMAT: &'static str = "supaform.accepted";
}

impl Named for PinnedRecord<'_> {
    const FORMAT: &'static str = "supaform.pinned";
}

impl Named for SchemaDriftRecord<'_> {
    const FORMAT: &'static str = "supaform.schema-drift";
}

impl Named for RenderedRecord {
    const FORMAT: &'static str = "supaform.render";
}
