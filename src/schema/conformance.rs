//! Compares the API's specification with the rows: names, types, ranges, choices and nulls.
//!
//! A row may allow less than the API if it gives a reason (`stricter_than_spec`), and never more. A name that is ours must
//! name the API field behind it (`api_name`).

mod values;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use values::{difference, is_null, type_on_wire, types_of};

use super::{Field, KindInfo, Shape, Type, Wire, Writes};

/// A difference between a row and the specification.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch {
    /// The kind.
    pub kind: &'static str,
    /// The field, with dots where it is within another; empty for the kind itself.
    pub field: String,
    /// The difference: lower case, no full stop.
    pub what: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind)?;
        if !self.field.is_empty() {
            write!(out, ".{}", self.field)?;
        }
        write!(out, ": {}", self.what)
    }
}

/// All differences between the rows of these kinds and an `OpenAPI` document, by kind and then by row.
pub fn compare(kinds: impl IntoIterator<Item = &'static KindInfo>, openapi: &Value) -> Vec<Mismatch> {
    let mut findings = vec![];
    for info in kinds {
        if let Shape::Settings { path, write: Writes::PutQuery, .. } = info.shape {
            findings.extend(query(info, path, openapi));
            continue;
        }
        if let Shape::Settings { write: Writes::Enable(path), .. } = info.shape {
            findings.extend(enable(info, path, openapi));
            continue;
        }
        // The rows are about the files, and none is sent.
        if let Shape::Settings { write: Writes::Append(_), .. } = info.shape {
            continue;
        }
        // These kinds write whole documents or items.
        let overlay = matches!(
            info.shape,
            Shape::Settings { write: Writes::Overlay, .. } | Shape::Collection { scalar: None, .. }
        );
        let mut conformance = Conformance { openapi, kind: info.name, findings: &mut findings, overlay };
        match conformance.request_of(info) {
            Ok((properties, key)) => {
                let known: Vec<&str> = key.into_iter().chain(info.own_members.iter().copied()).collect();
                let others = info.also_made_by.and_then(|(path, at)| conformance.members_of(path, at));
                let other = |row: &&'static Field| {
                    others.and_then(|others| others.get(row.name)).filter(|_| !properties.contains_key(row.name))
                };
                let rows = info.all_fields().filter(|row| other(row).is_none());
                conformance.rows(rows, properties, &known, "");
                for (row, schema) in info.all_fields().filter_map(|row| Some((row, other(&row)?))) {
                    conformance.row(row, schema, row.name);
                }
            }
            Err(what) => conformance.report("", what),
        }
    }
    findings
}

/// Differences between rows and the parameters of a query. Parameters are texts of any form, so only names can be compared.
fn query(info: &'static KindInfo, path: &str, openapi: &Value) -> Vec<Mismatch> {
    let operation = openapi.get("paths").and_then(|paths| paths.get(path)).and_then(|path| path.get("put"));
    let parameters = operation.and_then(|put| put.get("parameters")).and_then(Value::as_array).into_iter().flatten();
    let in_query = parameters.filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("query"));
    let theirs: BTreeSet<&str> = in_query.filter_map(|parameter| parameter.get("name")?.as_str()).collect();
    let ours: BTreeSet<&str> = info.all_fields().map(|row| row.name).collect();
    let finding = |name: &&str, what: String| Mismatch { kind: info.name, field: (*name).to_owned(), what };
    let missing =
        ours.difference(&theirs).map(|name| finding(name, format!("the query of `PUT {path}` has no `{name}`")));
    missing.chain(theirs.difference(&ours).map(|name| finding(name, "there is no row for it".to_owned()))).collect()
}

/// Whether there is an operation that takes nothing.
fn enable(info: &'static KindInfo, path: &str, openapi: &Value) -> Option<Mismatch> {
    let operation = openapi.get("paths").and_then(|paths| paths.get(path)).and_then(|path| path.get("post"));
    let what = match operation {
        None => format!("the API has no `POST {path}`"),
        Some(post) if post.get("requestBody").is_some_and(|body| !body.is_null()) => {
            format!("`POST {path}` takes a body")
        }
        Some(_) => return None,
    };
    Some(Mismatch { kind: info.name, field: String::new(), what })
}

struct Conformance<'a> {
    openapi: &'a Value,
    kind: &'static str,
    findings: &'a mut Vec<Mismatch>,
    /// Whether null leaves a key out.
    overlay: bool,
}

impl<'a> Conformance<'a> {
    fn report(&mut self, field: &str, what: impl Into<String>) {
        self.findings.push(Mismatch { kind: self.kind, field: field.to_owned(), what: what.into() });
    }

    /// The properties of the request that writes the kind, and the property that is an item's name.
    fn request_of(&self, info: &KindInfo) -> Result<(&'a Map<String, Value>, Option<&'static str>), String> {
        if let Some(path) = info.form {
            let operation = self.openapi.get("paths").and_then(|paths| paths.get(path)?.get("post"));
            let operation = operation.ok_or_else(|| format!("the API has no `POST {path}`"))?;
            let form = operation.pointer("/requestBody/content/multipart~1form-data/schema");
            let form = self.resolve(form.ok_or_else(|| format!("`POST {path}` accepts no form"))?).0;
            let metadata = form.pointer("/properties/metadata").map(|metadata| self.resolve(metadata).0);
            let properties = metadata.and_then(|metadata| metadata.get("properties")).and_then(Value::as_object);
            return properties
                .map(|properties| (properties, None))
                .ok_or_else(|| "a form has no `metadata`".to_owned());
        }
        let (method, path, inner, key) = match info.shape {
            Shape::Settings { path, write: Writes::Patch, sent_at, .. } => ("patch", path, sent_at, None),
            Shape::Settings { path, write: Writes::Put | Writes::Overlay | Writes::PutQuery, sent_at, .. } => {
                ("put", path, sent_at, None)
            }
            Shape::Settings {
                write: Writes::Post(path) | Writes::Enable(path) | Writes::Append(path),
                sent_at,
                ..
            } => ("post", path, sent_at, None),
            Shape::Collection { path, key, .. } => ("post", path, None, Some(key)),
        };
        let operation = self.openapi.get("paths").and_then(|paths| paths.get(path)).and_then(|path| path.get(method));
        let operation = operation.ok_or_else(|| format!("the API has no `{} {path}`", method.to_uppercase()))?;
        let body = operation.pointer("/requestBody/content/application~1json/schema");
        let body = body.ok_or_else(|| format!("`{} {path}` accepts no JSON", method.to_uppercase()))?;
        let mut schema = self.resolve(body).0;
        if let Some(items) = schema.get("items") {
            schema = self.resolve(items).0;
        }
        if let Some(inner) = inner {
            let inside = schema.get("properties").and_then(|properties| properties.get(inner));
            schema = self.resolve(inside.ok_or_else(|| format!("a request has no `{inner}`"))?).0;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        properties.map(|properties| (properties, key)).ok_or_else(|| "a request has no properties".to_owned())
    }

    /// The members of the request of another `POST`, at a place in its body.
    fn members_of(&self, path: &str, at: &str) -> Option<&'a Map<String, Value>> {
        let operation = self.openapi.get("paths")?.get(path)?.get("post")?;
        let body = operation.pointer("/requestBody/content/application~1json/schema")?;
        let inner = |schema: &'a Value, name: &str| self.resolve(schema).0.get("properties")?.get(name);
        let members = at.split('/').filter(|name| !name.is_empty()).try_fold(body, inner)?;
        self.resolve(members).0.get("properties")?.as_object()
    }

    /// A schema behind its references, and whether it allows null.
    fn resolve(&self, schema: &'a Value) -> (&'a Value, bool) {
        let mut schema = schema;
        let mut nullable = false;
        // Chains of references and unions of one are short; the limit is for circular documents.
        for _ in 0..16 {
            nullable |= schema.get("nullable") == Some(&Value::Bool(true)) || types_of(schema).contains(&"null");
            let union = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
            let next = if let Some(Value::String(reference)) = schema.get("$ref") {
                reference.strip_prefix('#').and_then(|pointer| self.openapi.pointer(pointer))
            } else if let Some(union) = union {
                nullable |= union.iter().any(is_null);
                let mut others = union.iter().filter(|member| !is_null(member));
                others.next().filter(|_| others.next().is_none())
            } else {
                None
            };
            match next {
                Some(next) => schema = next,
                None => break,
            }
        }
        (schema, nullable)
    }

    fn rows(
        &mut self,
        rows: impl IntoIterator<Item = &'static Field>,
        properties: &'a Map<String, Value>,
        known: &[&str],
        prefix: &str,
    ) {
        let mut known: BTreeSet<&str> = known.iter().copied().collect();
        for row in rows.into_iter().filter(|row| !row.identity && !row.local) {
            let name = row.api_name.unwrap_or(row.name);
            known.insert(name);
            let at = format!("{prefix}{}", row.name);
            match properties.get(name) {
                None => self.report(&at, format!("the API has no `{name}`")),
                // The value of such a field has a form of our own, so only its existence is compared.
                Some(_) if row.api_name.is_some() => {}
                Some(schema) => self.row(row, schema, &at),
            }
        }
        for name in properties.keys().filter(|name| !known.contains(name.as_str())) {
            self.report(&format!("{prefix}{name}"), "there is no row for it");
        }
    }

    fn row(&mut self, row: &'static Field, schema: &'a Value, at: &str) {
        let (schema, nullable) = self.resolve(schema);
        match (row.nullable(), nullable) {
            // A null that is never sent need not be allowed by the API.
            (true, false) if self.overlay => {}
            (true, false) => self.report(at, "the row allows null, the API does not"),
            (false, true) => self.report(at, "the API allows null, the row does not"),
            (true, true) | (false, false) => {}
        }
        let types: Vec<&str> = types_of(schema).into_iter().filter(|word| *word != "null").collect();
        let expected = type_on_wire(row);
        if expected.is_some_and(|expected| types != [expected]) {
            let expected = expected.unwrap_or_default();
            return self.report(at, format!("the row sends {expected}, the API accepts {}", or_nothing(&types)));
        }
        if let (Wire::Plain, Type::Object(fields)) = (row.wire, &row.ty) {
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                self.rows(*fields, properties, &[], &format!("{at}."));
            }
            return;
        }
        let difference = difference(row, schema);
        for wider in difference.wider {
            self.report(at, wider);
        }
        match row.stricter_than_spec {
            None => difference.stricter.into_iter().for_each(|what| self.report(at, what)),
            Some(_) if difference.stricter.is_empty() => {
                self.report(at, "the row gives a reason to allow less than the API, but does not");
            }
            Some(_) => {}
        }
    }
}

fn or_nothing(types: &[&str]) -> String {
    if types.is_empty() { "something else".to_owned() } else { types.join(" or ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{ListAs, Literal, TextRule, choice, flag, int, list, number, text};

    const ANY_TEXT: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });

    static INFO: KindInfo = KindInfo {
        name: "sample",
        doc: "A sample.",
        shape: Shape::Settings { path: "/sample", write: Writes::Patch, seen_at: None, sent_at: Some("wanted") },
        fields: &[&[
            flag("on").cleared_as(&[Literal::Null]),
            int("count", 1, 10),
            number("share", 0.0, 1.0).stricter_than_spec("shares are at most one"),
            text("name").max_chars(8),
            choice("size", &["small", "large"]),
            list("tags", &ANY_TEXT, ListAs::Set).wire(Wire::Joined(",")),
            int("port", 1, 65_535).wire(Wire::NumberAsText).stricter_than_spec("a port is a number"),
            flag("ours").api_name("theirs"),
        ]],
        example: "sample: {on: true}",
        ..KindInfo::PLAIN
    };

    fn spec(edit: impl FnOnce(&mut Value)) -> Value {
        let mut properties = json!({
            "on": {"$ref": "#/components/schemas/Switch"},
            "count": {"type": "integer", "minimum": 1, "maximum": 10},
            "share": {"type": "number", "minimum": 0},
            "name": {"type": "string", "maxLength": 8},
            "size": {"type": "string", "enum": ["large", "small"]},
            "tags": {"type": "string"},
            "port": {"type": "string"},
            "theirs": {"type": "array"},
        });
        edit(&mut properties);
        json!({
            "paths": {"/sample": {"patch": {"requestBody": {"content": {"application/json": {"schema":
                {"properties": {"wanted": {"anyOf": [{"properties": properties}, {"type": "null"}]}}}}}}}}},
            "components": {"schemas": {"Switch": {"type": "boolean", "nullable": true}}},
        })
    }

    fn found(edit: impl FnOnce(&mut Value)) -> String {
        compare([&INFO], &spec(edit)).iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn rows_that_agree_say_nothing() {
        assert_eq!(found(|_| {}), "");
    }

    #[test]
    fn every_disagreement_is_found() {
        let cases: &[(&str, Value, &str)] = &[
            ("on", json!({"type": "boolean"}), "sample.on: the row allows null, the API does not"),
            ("on", json!({"type": ["string", "null"]}), "sample.on: the row sends boolean, the API accepts string"),
            (
                "count",
                json!({"type": "integer", "minimum": 2, "maximum": 10}),
                "sample.count: minimum 1 in the row, 2 at the API",
            ),
            ("count", json!({"type": "integer", "minimum": 1}), "sample.count: maximum 10 in the row, none at the API"),
            (
                "count",
                json!({"type": ["integer", "null"], "minimum": 1, "maximum": 10}),
                "sample.count: the API allows null, the row does not",
            ),
            (
                "share",
                json!({"type": "number", "minimum": 0, "maximum": 1}),
                "sample.share: the row gives a reason to allow less than the API, but does not",
            ),
            ("share", json!({"type": "number", "minimum": 0.5}), "sample.share: minimum 0 in the row, 0.5 at the API"),
            (
                "name",
                json!({"type": "string", "maxLength": 4}),
                "sample.name: greatest length 8 in the row, 4 at the API",
            ),
            (
                "name",
                json!({"type": "string", "maxLength": 8, "pattern": "^a"}),
                "sample.name: the API requires `^a`, the row allows any text",
            ),
            (
                "name",
                json!({"type": "string", "maxLength": 8, "enum": ["a"]}),
                "sample.name: the API has a choice of values, the row allows any",
            ),
            ("size", json!({"type": "string", "enum": ["small"]}), "sample.size: the API does not accept \"large\""),
            (
                "size",
                json!({"type": "string", "enum": ["small", "large", "huge"]}),
                "sample.size: the API also accepts \"huge\"",
            ),
            ("tags", json!({"type": "array"}), "sample.tags: the row sends string, the API accepts array"),
            (
                "tags",
                json!({"type": "string", "pattern": "^a"}),
                "sample.tags: the API requires `^a`, the row allows any text",
            ),
            ("new", json!({"type": "string"}), "sample.new: there is no row for it"),
        ];
        for (name, schema, expected) in cases {
            assert_eq!(found(|properties| properties[*name] = schema.clone()), *expected);
        }
        for (gone, expected) in
            [("port", "sample.port: the API has no `port`"), ("theirs", "sample.ours: the API has no `theirs`")]
        {
            let without = |properties: &mut Value| drop(properties.as_object_mut().unwrap().remove(gone));
            assert_eq!(found(without), expected);
        }
    }

    #[test]
    fn a_query_is_compared_by_names() {
        static INFO: KindInfo = KindInfo {
            name: "switch",
            doc: "A switch.",
            shape: Shape::Settings { path: "/switch", write: Writes::PutQuery, seen_at: None, sent_at: None },
            fields: &[&[flag("on")]],
            example: "switch: {on: true}",
            ..KindInfo::PLAIN
        };
        let said = |names: &[&str]| {
            let mut parameters = vec![json!({"in": "path", "name": "ref"})];
            parameters.extend(names.iter().map(|name| json!({"in": "query", "name": name})));
            let found = compare([&INFO], &json!({"paths": {"/switch": {"put": {"parameters": parameters}}}}));
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(said(&["on"]), [""; 0]);
        assert_eq!(
            said(&["enabled"]),
            ["switch.on: the query of `PUT /switch` has no `on`", "switch.enabled: there is no row for it"]
        );
    }

    #[test]
    fn a_missing_operation_is_found_and_a_circle_ends() {
        let said = |openapi| compare([&INFO], &openapi)[0].to_string();
        assert_eq!(said(json!({})), "sample: the API has no `PATCH /sample`");
        let mut circle = spec(|properties| properties["on"] = json!({"$ref": "#/components/schemas/Loop"}));
        circle["components"]["schemas"]["Loop"] = json!({"$ref": "#/components/schemas/Loop"});
        assert_eq!(said(circle), "sample.on: the row allows null, the API does not");
    }
}
