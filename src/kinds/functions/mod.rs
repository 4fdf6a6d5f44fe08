//! Edge functions: their sources from a folder, deployed one at a time, and compared by what they hold.
//!
//! What the API answers when several functions are written at once is not what it keeps, so that nothing here is sent beside
//! anything else, and nothing is believed that was not read back. The version, the times and the digest of a bundle change with
//! every deployment, whatever was deployed: none of them is compared.

mod calls;
mod imports;
mod live;
mod load;
mod paths;
mod rules;
mod table;

use serde_json::{Map, Value};

use crate::kind::prelude::*;
use crate::kind::{FoundSources, SourceFiles};
use crate::model::{Origin, Problem, ProjectRef};

use table::{BODY, DEPLOY, INFO, LIST, ONE, wanted};

/// `functions`.
pub struct Functions;

impl Kind for Functions {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn operations(&self) -> Vec<Operation> {
        [
            (Method::Get, LIST),
            (Method::Get, ONE),
            (Method::Get, BODY),
            (Method::Post, DEPLOY),
            (Method::Patch, ONE),
            (Method::Delete, ONE),
        ]
        .map(|(method, template)| Operation { method, template })
        .into()
    }

    fn load(&self, item: Option<&str>, settings: &mut Settings, origin: &Origin, files: &mut dyn SourceFiles) {
        if let Some(slug) = item {
            load::load(slug, settings, origin, files);
        }
    }

    /// The sources of each function that has some here; of one that is to be removed, whether it answers by its name.
    fn detail_reads(
        &self,
        section: Option<&Section>,
        reference: &ProjectRef,
        live: &LiveKind,
    ) -> Vec<(String, ReadCall)> {
        live::reads(section, reference, live)
    }

    fn merge_detail(
        &self,
        section: Option<&Section>,
        name: &str,
        item: &mut Map<String, Value>,
        answer: &Answer,
    ) -> Result<(), UnexpectedShape> {
        live::merge(section, name, item, answer);
        Ok(())
    }

    /// The list of all functions lags behind, and does not heal where it has lost one.
    fn item_read(&self, reference: &ProjectRef, name: &str) -> Option<ReadCall> {
        let read = ReadCall::get(ONE).param("ref", reference.as_str()).param("function_slug", name);
        Some(read.or_missing())
    }

    /// The digest alone would not do: another tool may bundle the same sources into other bytes, and other sources beside the same
    /// bundle.
    fn state_of(&self, item: &Map<String, Value>) -> Option<String> {
        let names = ["id", "version", "ezbr_sha256", "updated_at", "entrypoint_path"];
        let told = names.map(|name| item.get(name).filter(|value| !value.is_null()));
        let told: Option<Vec<String>> = told.into_iter().map(|value| value.map(Value::to_string)).collect();
        self.revision_of(item).and(told).map(|told| told.join(" "))
    }

    fn revision_of(&self, item: &Map<String, Value>) -> Option<u64> {
        let is_active = item.get("status").and_then(Value::as_str) == Some("ACTIVE");
        item.get("version").and_then(Value::as_u64).filter(|_| is_active)
    }

    /// The name is the slug. What was read without a section has the paths from which it was deployed.
    fn align(&self, _: &str, section: &Section, mut live: LiveKind) -> Result<LiveKind, Box<Problem>> {
        if let LiveKind::Items(items) = &mut live {
            for (slug, item) in items {
                if let Some(content) = wanted(section, slug).and_then(|settings| settings.content.as_deref()) {
                    live::relocate(item, content);
                }
            }
        }
        Ok(live)
    }

    /// A name that is the slug is the default.
    fn not_imported(&self, live: &Map<String, Value>) -> &'static [&'static str] {
        if live.get("name") == live.get("slug") { &["name"] } else { &[] }
    }

    fn sources_of(&self, name: &str, item: &Map<String, Value>) -> Result<FoundSources, String> {
        live::sources(name, item)
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        rules::check(job, out);
    }

    /// A hook of the auth service may call what is removed.
    fn leans_on(&self, section: &Section) -> &'static [&'static str] {
        if rules::removes(section) { &["auth"] } else { &[] }
    }

    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        calls::calls(job)
    }
}
