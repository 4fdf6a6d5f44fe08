//! The schema of one row: the values that may follow its name.

use serde_json::{Map, Value, json};

use crate::schema::docs::facts;
use crate::schema::{Field, KindInfo, Literal, Shape, TextRule, Type, Unit, Wire, wire};

/// Where a field has a text from that is not written in the manifest.
pub(super) const FROM: &str = "A field may have it from elsewhere: `{file: PATH}` or `{env: NAME}`.";

/// The schema of a row with hover text, default, example and every way to write a value.
pub(super) fn schema(info: &KindInfo, row: &Field) -> Value {
    let mut ways = if row.is_secret() { secret(info, row) } else { values(row) };
    ways.push(definition("unmanaged"));
    if row.nullable() {
        ways.push(json!({"type": "null"}));
    }
    tell(&mut ways, row);
    let mut schema = described(info, row);
    schema.extend(one_of(&ways));
    schema.into()
}

/// The hover text, default and example of a row.
fn described(info: &KindInfo, row: &Field) -> Map<String, Value> {
    let mut schema = Map::from_iter([("title".to_owned(), row.name.into())]);
    let example = example(info, row);
    // Examples of other values are shown by editors themselves.
    let map = example.as_ref().filter(|(_, value)| value.is_object()).map(|(text, _)| text.as_str());
    let plain = hover(row, map, |label, fact| format!("{label}: {fact}").replace('`', ""));
    schema.insert("description".to_owned(), plain.into());
    schema.insert(
        "markdownDescription".to_owned(),
        hover(row, map, |label, fact| format!("- **{label}:** {fact}")).into(),
    );
    let default = row.default.filter(|default| *default != Literal::Null);
    if let Some(default) = default.map(|default| wire::from_wire(row, &default.to_value())).filter(|it| !is_empty(it)) {
        schema.insert("default".to_owned(), default);
    }
    match example {
        // Editors name an example that is a map "[object Object]".
        Some((text, Value::Object(_))) => {
            schema.insert("defaultSnippets".to_owned(), json!([snippet(&text)]));
        }
        Some((_, example)) => {
            schema.insert("examples".to_owned(), json!([example]));
        }
        None => {}
    }
    if let Some(why) = row.deprecated {
        schema.insert("deprecated".to_owned(), true.into());
        schema.insert("deprecationMessage".to_owned(), why.into());
    }
    schema
}

/// The schema of an item that is written as one value, or with all its fields.
pub(super) fn scalar_item(info: &KindInfo, row: &Field, whole: Value) -> Value {
    let mut ways = if row.is_secret() { secret(info, row) } else { values(row) };
    ways.extend([whole, definition("unmanaged"), json!({"type": "null"})]);
    let mut schema = described(info, row);
    // The title is the name of the row, which nobody writes.
    schema.remove("title");
    schema.insert("anyOf".to_owned(), ways.into());
    schema.into()
}

/// The sentence of a row and the other facts, one line each.
fn hover(row: &Field, example: Option<&str>, line: fn(&str, &str) -> String) -> String {
    let mut facts: Vec<(&str, String)> = vec![("Takes", facts::takes(row))];
    facts.extend(facts::variables(row).map(|names| ("Variables", names)));
    facts.extend(facts::default(row).map(|default| ("Default", default)));
    facts.push(("null", facts::null(row).to_owned()));
    facts.extend(facts::needs(row).map(|need| ("Needs", need)));
    facts.extend(facts::risks(row).map(|risk| ("Risk", risk)));
    facts.extend(row.entitlement.map(|key| ("Plan feature", format!("`{key}`"))));
    facts.extend(row.deprecated.map(|why| ("Instead", why.to_owned())));
    facts.extend(example.map(|text| ("Example", format!("`{text}`"))));
    facts.iter().fold(format!("{}\n", row.doc), |text, (label, fact)| text + "\n" + &line(label, fact))
}

/// Any of the ways. Where two are alike in what yaml-language-server compares, it shows their texts instead of the field's;
/// so of two the second, which stops managing, is told by its key.
fn one_of(ways: &[Value]) -> Map<String, Value> {
    let schema = match ways {
        [way, unmanaged] => {
            json!({"if": {"type": "object", "required": ["unmanaged"]}, "then": unmanaged, "else": way})
        }
        _ => json!({"anyOf": ways}),
    };
    schema.as_object().cloned().unwrap_or_default()
}

/// The example of the documentation, as text and value; a placeholder is not an example.
fn example(info: &KindInfo, row: &Field) -> Option<(String, Value)> {
    let line = facts::example(info, row);
    let parsed: Map<String, Value> = serde_yaml::from_str(&line).ok()?;
    let value = parsed.get(row.name).filter(|value| !value.to_string().contains('…')).cloned()?;
    Some((line.trim_start_matches(row.name).trim_start_matches(':').trim().to_owned(), value))
}

/// An empty list or map, which editors offer as an empty line.
fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// What a field takes, as the message where a value is of another type. The type is in a list, because yaml-language-server
/// replaces the message of a single one by names of types.
fn tell(ways: &mut [Value], row: &Field) {
    if let Some(way) = ways.first_mut().and_then(Value::as_object_mut)
        && let Some(Value::String(one)) = way.get("type").cloned()
    {
        way.insert("type".to_owned(), json!([one]));
        way.insert("errorMessage".to_owned(), format!("Takes {}.", facts::takes(row)).into());
    }
}

/// References only: a literal in a secret field is an error.
fn secret(info: &KindInfo, row: &Field) -> Vec<Value> {
    let plain = matches!(info.shape, Shape::Collection { scalar: Some(name), .. } if name == row.name);
    // Within `allOf`: an editor that finds all ways of a value alike shows their texts instead of the field's.
    let one = json!({"allOf": [definition(if plain { "secret_or_plain" } else { "secret" })]});
    match row.wire {
        Wire::Joined(_) => vec![one.clone(), json!({"type": "array", "items": one, "minItems": 1})],
        Wire::Plain | Wire::Pairs | Wire::Folded(_) | Wire::NumberAsText | Wire::Moment | Wire::Switch { .. } => {
            vec![one]
        }
    }
}

fn values(row: &Field) -> Vec<Value> {
    let mut ways = match (&row.ty, row.wire) {
        (Type::List(of, _), Wire::Joined(_)) => list(&any_of(apart(of))),
        (Type::List(of, _), Wire::Folded(_)) => [list(&any_of(apart(of))), apart(of)].concat(),
        (Type::Map(of), Wire::Pairs) => {
            vec![json!({
                "type": "object",
                "propertyNames": {"pattern": APART_PAIRS},
                "additionalProperties": any_of(typed(of, None)),
            })]
        }
        // The row decides whether null is allowed.
        (Type::Any, _) => vec![json!({"not": {"type": "null"}})],
        (Type::Text(_), _) => {
            let mut own = typed(&row.ty, row.unit);
            // As with secrets, where no null is among the ways: otherwise an editor takes all of them for one.
            if let [line] = own.as_mut_slice()
                && *line == definition("line")
                && !row.nullable()
            {
                *line = json!({"allOf": [line.take()]});
            }
            own.push(definition("text_reference"));
            own
        }
        _ => typed(&row.ty, row.unit),
    };
    if !row.aliases.is_empty() {
        let words: Vec<&str> = row.aliases.iter().map(|(word, _)| *word).collect();
        ways.insert(0, json!({"enum": words}));
    }
    // Of several texts that allow an interpolation, the last is enough.
    dedup(ways)
}

/// Every way to write a value of a type. Ways of our own: units, references to files, interpolation.
fn typed(ty: &Type, unit: Option<Unit>) -> Vec<Value> {
    match ty {
        Type::Bool => vec![json!({"type": "boolean"}), definition("variable")],
        Type::Int { min, max } => {
            let mut number = Map::from_iter([("type".to_owned(), json!("integer"))]);
            number.extend((*min != i64::MIN).then(|| ("minimum".to_owned(), json!(min))));
            number.extend((*max != i64::MAX).then(|| ("maximum".to_owned(), json!(max))));
            [vec![number.into()], units(unit), vec![definition("variable")]].concat()
        }
        Type::Number { min, max } => {
            let mut number = Map::from_iter([("type".to_owned(), json!("number"))]);
            number.extend(min.is_finite().then(|| ("minimum".to_owned(), json!(min))));
            number.extend(max.is_finite().then(|| ("maximum".to_owned(), json!(max))));
            [vec![number.into()], units(unit), vec![definition("variable")]].concat()
        }
        Type::Text(rule) => text(rule),
        Type::Choice(words) => vec![json!({"enum": words}), definition("interpolated")],
        Type::List(of, _) => list(&any_of(typed(of, None))),
        Type::Map(of) => vec![json!({"type": "object", "additionalProperties": any_of(typed(of, None))})],
        Type::Object(fields) => {
            let members = fields.iter().map(|field| {
                let mut ways = values(field);
                ways.push(definition("unmanaged"));
                ways.extend(field.nullable().then(|| json!({"type": "null"})));
                tell(&mut ways, field);
                let mut member = one_of(&ways);
                member.extend([("title".to_owned(), field.name.into()), ("description".to_owned(), field.doc.into())]);
                (field.name.to_owned(), member.into())
            });
            let members: Map<String, Value> = members.collect();
            vec![json!({"type": "object", "properties": members, "additionalProperties": false})]
        }
        Type::Any => vec![json!({})],
    }
}

/// A text that follows its rule, or one with variables, which cannot be checked yet.
fn text(rule: &TextRule) -> Vec<Value> {
    let line = if rule.long {
        json!({"type": ["string"], "errorMessage": format!("Write a text. {FROM}")})
    } else {
        definition("line")
    };
    let mut own = Map::new();
    if let Some(form) = rule.form {
        own.insert("pattern".to_owned(), form.pattern.into());
        own.insert("errorMessage".to_owned(), format!("Takes {}.", form.expected).into());
    }
    own.extend(rule.max_chars.map(|most| ("maxLength".to_owned(), json!(most))));
    if own.is_empty() {
        return vec![line];
    }
    vec![json!({"allOf": [line, own]}), definition("interpolated")]
}

/// Items that the API joins with commas: not empty, without a comma and without blanks at their ends.
const APART: &str = r"^[^\s,]([^,]*[^\s,])?$";
/// Keys of entries that the API joins: not empty, without a comma or `=`, and without blanks at their ends.
const APART_PAIRS: &str = r"^[^\s,=]([^,=]*[^\s,=])?$";

/// The ways to write an item of a joined list.
fn apart(of: &Type) -> Vec<Value> {
    let mut ways = typed(of, None);
    let first = ways.remove(0);
    vec![json!({"allOf": [first, {"pattern": APART}]}), definition("interpolated")]
}

/// A list, a variable that holds one, or an edit of an inherited list.
fn list(item: &Value) -> Vec<Value> {
    let list = json!({"type": "array", "items": item});
    let edit = json!({
        "type": "object",
        "properties": {"append": list, "remove": list},
        "minProperties": 1,
        "additionalProperties": false,
    });
    vec![list, definition("variable"), edit]
}

fn units(unit: Option<Unit>) -> Vec<Value> {
    match unit {
        None => vec![],
        Some(Unit::Seconds | Unit::Hours) => vec![definition("duration")],
        Some(Unit::Bytes) => vec![definition("size")],
    }
}

fn any_of(mut ways: Vec<Value>) -> Value {
    if ways.len() == 1 { ways.remove(0) } else { json!({"anyOf": ways}) }
}

fn dedup(ways: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = vec![];
    for way in ways {
        if !kept.contains(&way) {
            kept.push(way);
        }
    }
    kept
}

pub(super) fn definition(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

/// Members with their hover texts. A reference is within `allOf`, because draft-07 ignores the keywords beside a `$ref`.
pub(super) fn members_of(members: &[(&str, &str, Value)]) -> Map<String, Value> {
    let described = members.iter().map(|(name, description, schema)| {
        let mut schema = if schema.get("$ref").is_some() { json!({"allOf": [schema]}) } else { schema.clone() };
        schema["title"] = (*name).into();
        schema["description"] = (*description).into();
        ((*name).to_owned(), schema)
    });
    described.collect()
}

/// What an editor offers where a value is to be written, in the form that the documentation has.
pub(super) fn snippet(text: &str) -> Value {
    json!({"label": text, "body": text})
}
