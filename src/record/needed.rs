//! What CI has to provide, as a record.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::place::Place;
use super::seal::VERSION;
use crate::diag::Sources;
use crate::manifest::{Needs, Use};

/// The variable of the access token.
pub(crate) const TOKEN: &str = "SUPABASE_ACCESS_TOKEN";

/// What is needed, and the sources with its places.
#[derive(Debug, Clone, Copy)]
pub struct Needed<'a> {
    /// The access token.
    pub token: bool,
    /// What secrets need.
    pub needs: &'a Needs,
    /// Variables that shown fields may use.
    pub variables: &'a BTreeSet<String>,
    /// The texts.
    pub sources: &'a Sources,
}

type Uses = BTreeMap<String, BTreeSet<Use>>;

/// The needs for programs.
#[must_use]
pub fn needs_json(needed: Needed<'_>) -> Value {
    let all = |key: &str, all: &Uses| -> Vec<Value> {
        let uses = |uses: &BTreeSet<Use>| -> Vec<Value> {
            let of = |it: &Use| {
                let at = Place::of(it.span, needed.sources);
                json!({"address": it.at, "for_creation": it.for_creation, "at": at})
            };
            uses.iter().map(of).collect()
        };
        all.iter().map(|(name, of)| json!({key: name, "uses": uses(of)})).collect()
    };
    json!({
        "format": "supaform.needs",
        "version": VERSION,
        "token": needed.token.then_some(TOKEN),
        "secrets": all("variable", &needed.needs.secrets),
        "variables": needed.variables,
        "files": all("path", &needed.needs.files),
        "commands": all("program", &needed.needs.commands),
    })
}
