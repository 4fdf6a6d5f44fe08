//! Resources of a state (version 4) and of `terraform show -json`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::given::{Given, Resource};
use super::resources::is_ours;
use crate::diag::codes::import as codes;
use crate::diag::{Diagnostic, SourceId, Sources, Span};
use crate::import::draft::Left;

/// Whether a text is JSON and no file of Terraform's language.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The resources of a state.
///
/// # Errors
/// When the text is none that is known.
pub(super) fn read(sources: &Sources, id: SourceId, left: &mut BTreeSet<Left>) -> Result<Vec<Resource>, Diagnostic> {
    let source = sources.get(id);
    let refused = |at: usize, message: String| {
        // The line may hold a secret.
        Diagnostic::error(codes::UNREADABLE, Span::new(id, at, at), message).private()
    };
    let state = crate::json::read(source.text.as_bytes()).map_err(|error| {
        let line = source.text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        refused(line + error.column().saturating_sub(1), "the file is not JSON, or too large".to_owned())
    })?;
    let advice = "Give it what `terraform show -json` or `terraform state pull` prints.";
    if state.get("encrypted_data").is_some() {
        return Err(refused(0, "the state is encrypted".to_owned()).hint(advice));
    }
    let mut found = Found { path: &source.path, resources: vec![], left };
    if state.get("version").is_some_and(|version| version.as_u64() != Some(4)) {
        return Err(refused(0, "the state is not of version 4".to_owned()).hint(advice));
    }
    if let Some(resources) = state.get("resources").and_then(Value::as_array) {
        for resource in resources {
            found.of_state(resource);
        }
    } else if let Some(root) = state.get("values").and_then(|values| values.get("root_module")) {
        found.of_module(root);
    } else if state.get("version").is_none() && state.get("format_version").is_none() {
        return Err(refused(0, "the file is no state of Terraform".to_owned()).hint(advice));
    }
    Ok(found.resources)
}

struct Found<'f> {
    path: &'f str,
    resources: Vec<Resource>,
    left: &'f mut BTreeSet<Left>,
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Found<'_> {
    /// A resource of a state, with all its instances.
    fn of_state(&mut self, resource: &Value) {
        let (kind, name) = (text(resource, "type"), text(resource, "name"));
        let module = resource.get("module").and_then(Value::as_str).map(|module| format!("{module}."));
        let address = format!("{}{kind}.{name}", module.unwrap_or_default());
        if text(resource, "mode") != "managed" {
            return;
        }
        for instance in resource.get("instances").and_then(Value::as_array).into_iter().flatten() {
            let address = format!("{address}{}", index(instance.get("index_key")));
            let deposed = instance.get("deposed").is_some_and(|it| !it.is_null());
            let why = passed_over(deposed, text(instance, "status") == "tainted");
            self.take(address, kind, name, instance.get("attributes"), why);
        }
    }

    /// The resources of a module, and of those within it.
    fn of_module(&mut self, module: &Value) {
        for resource in module.get("resources").and_then(Value::as_array).into_iter().flatten() {
            if text(resource, "mode") != "managed" {
                continue;
            }
            let deposed = resource.get("deposed_key").is_some_and(|it| !it.is_null());
            let why = passed_over(deposed, resource.get("tainted") == Some(&Value::Bool(true)));
            let address = text(resource, "address").to_owned();
            self.take(address, text(resource, "type"), text(resource, "name"), resource.get("values"), why);
        }
        let inner = module.get("child_modules").and_then(Value::as_array);
        for module in inner.into_iter().flatten() {
            self.of_module(module);
        }
    }

    fn take(&mut self, address: String, kind: &str, name: &str, attributes: Option<&Value>, why: Option<&str>) {
        if !is_ours(kind) {
            return;
        }
        if let Some(why) = why {
            let at = format!("{address} ({})", self.path);
            self.left.insert(Left { at, why: why.to_owned() });
            return;
        }
        let none = Map::new();
        let given = attributes.and_then(Value::as_object).unwrap_or(&none);
        self.resources.push(Resource {
            address,
            kind: kind.to_owned(),
            name: name.to_owned(),
            place: self.path.to_owned(),
            given: given.iter().map(|(key, value)| (key.clone(), Given::from(value.clone()))).collect(),
        });
    }
}

/// Why an instance is passed over.
const fn passed_over(deposed: bool, tainted: bool) -> Option<&'static str> {
    match (deposed, tainted) {
        (true, _) => Some("it is deposed: Terraform is going to delete it"),
        (false, true) => Some("it is tainted: Terraform is going to replace it"),
        (false, false) => None,
    }
}

/// The index of an instance in its address.
fn index(key: Option<&Value>) -> String {
    match key {
        Some(Value::String(key)) => format!("[{}]", Value::from(key.as_str())),
        Some(Value::Number(number)) => format!("[{number}]"),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => String::new(),
    }
}
