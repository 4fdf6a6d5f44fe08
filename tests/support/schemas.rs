//! The published schemas as judges of what is printed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The schemas of `schemas/`, by the `format` of what they judge.
pub(crate) struct Schemas(BTreeMap<&'static str, jsonschema::Validator>);

impl Schemas {
    pub(crate) fn new() -> Self {
        let read = |name: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
            let schema = serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON");
            jsonschema::draft7::new(&schema).expect("a schema of draft-07")
        };
        let of = [
            ("plan", "plan.json"),
            ("drift", "drift.json"),
            ("report", "report.json"),
            ("events", "event.json"),
            ("diagnostics", "diagnostics.json"),
        ];
        Self(of.map(|(format, file)| (format, read(file))).into())
    }

    /// Judges an output, if it is a plan, what has happened to live, a report, events or findings; says whether it was one.
    pub(crate) fn check(&self, stdout: &str, of: &str) -> bool {
        if let Ok(document) = serde_json::from_str::<Value>(stdout) {
            let format = document["format"].as_str().and_then(|format| format.strip_prefix("supaform."));
            return format.is_some_and(|format| self.judge(format, &document, of));
        }
        let events: Option<Vec<Value>> = stdout.lines().map(|line| serde_json::from_str(line).ok()).collect();
        let events = events.filter(|events| events.first().is_some_and(|first| first["format"] == "supaform.events"));
        events.is_some_and(|events| events.iter().all(|event| self.judge("events", event, of)))
    }

    fn judge(&self, format: &str, document: &Value, of: &str) -> bool {
        let Some(judge) = self.0.get(format) else { return false };
        let faults: Vec<String> =
            judge.iter_errors(document).map(|fault| format!("{} {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{of}: not as schemas/ say:\n{}\n{document:#}", faults.join("\n"));
        true
    }
}
