//! The JSON Schemas held against the checker: a manifest is accepted by both or by neither, apart from rules that a schema
//! cannot say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use supaform::diag::Severity;
use supaform::kind::{KindInfo, Shape, infos};
use supaform::kinds::KINDS;
use supaform::manifest::{NoTexts, Options, build};
use supaform::schema::{Field, json_schema};

/// Codes that are beyond a schema for some manifests only: with a text that they hold, and why.
const BEYOND_WITH: &[(&str, &str, &str)] = &[
    ("E0204", "\"version\"", "the schema does not know the name of the file"),
    ("E0204", "\"manifests\"", "the schema does not know the name of the file"),
    ("E0240", "unmanaged", "a free value may have any member, also one that is half a marker"),
    ("E0243", "prune", "whether there is a section to prune is in other layers"),
    ("E0303", "3600.0", "JSON Schema takes `3600.0` for a whole number"),
    ("E0304", "\"1", "the meaning of an amount is beyond a pattern"),
    ("E0304", "m\"", "the meaning of an amount is beyond a pattern"),
    ("E0308", "0m\"", "whether an amount comes out whole is beyond a pattern"),
    ("E0308", "8s\"", "whether an amount comes out whole is beyond a pattern"),
    ("E0305", "${", "what a text holds is known when it is filled in"),
    ("E0306", "${", "what a text holds is known when it is filled in"),
];

/// What the checker knows and a schema of one file cannot say, and why.
const BEYOND: &[(&str, &str)] = &[
    ("E0395", "the folder of migrations may come from a profile, and its files are other files"),
    ("E0216", "organization and region may come from a profile"),
    ("E0217", "organization and region may come from a profile"),
    ("E0220", "profiles are other files"),
    ("E0230", "variables and labels may come from a profile"),
    ("E0231", "variables and labels may come from a profile"),
    ("E0232", "what uses a variable may be in another file"),
    ("E0233", "only the checker takes `${…}` apart"),
    ("E0241", "the inherited list is in another file"),
    ("E0242", "the inherited list is in another file"),
    ("E0244", "a section that is let go may stand in a stronger layer"),
    ("E0245", "a rule of the kind"),
    ("E0247", "the names of all fields would stand in the schema once more"),
    ("E0250", "whether a file may be read is known when it is"),
    ("E0301", "JSON cannot tell `key:` from `key: null`"),
    ("E0312", "JSON Schema has numbers of any size"),
    ("E0335", "which hosts are private is more than a pattern can say"),
    ("E0350", "a rule across fields"),
    ("E0351", "a rule across fields"),
    ("E0352", "a rule of the kind"),
    ("E0353", "a rule of the kind"),
    ("E0354", "a rule of the kind"),
    ("E0355", "a rule across fields"),
    ("E0360", "a rule across fields"),
    ("E0361", "a rule of the kind"),
    ("E0362", "a rule across fields"),
    ("E0370", "a rule of the kind"),
    ("E0371", "a rule across fields"),
    ("E0372", "a rule across items"),
    ("E0373", "a rule of the kind"),
    ("E0374", "a rule of the kind"),
    ("E0380", "a rule across fields"),
    ("E0402", "what looks like a secret is told by its looks"),
    ("E0404", "the names of credentials are a list of the checker"),
    ("E0405", "a flag may allow the variable"),
    ("E0406", "`env(NAME)` is a text like others"),
    ("E0418", "whether a file may be read is known when it is"),
];

/// The codes of the errors that the checker has for a manifest.
fn checker(manifest: &Value) -> BTreeSet<&'static str> {
    let files = vec![
        ("supaform.yaml".to_owned(), "version: 1\n".to_owned()),
        // JSON is YAML.
        ("acme.yaml".to_owned(), manifest.to_string()),
        ("other.yaml".to_owned(), "project: other\nref: oooooooooooooooooooo\n".to_owned()),
    ];
    let built = build(files, &NoTexts, KINDS, &Options::default());
    let errors = built.diagnostics.sorted().into_iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code.id()).collect()
}

/// Says where the two disagree.
fn disagreement(schema: &Validator, manifest: &Value) -> Option<String> {
    let codes = checker(manifest);
    let text = manifest.to_string();
    let beyond = |code: &str| {
        BEYOND.iter().any(|(beyond, _)| *beyond == code)
            || BEYOND_WITH.iter().any(|(beyond, part, _)| *beyond == code && text.contains(part))
    };
    let within: Vec<_> = codes.iter().filter(|code| !beyond(code)).collect();
    match (schema.is_valid(manifest), within.is_empty(), codes.is_empty()) {
        (true, false, _) => Some(format!("{manifest}: the schema accepts it, the checker says {within:?}")),
        (false, _, true) => Some(format!("{manifest}: the schema refuses it, and the checker has nothing to say")),
        _ => None,
    }
}

/// Values of every sort: some of them every row takes, some of them none.
fn candidates(row: &Field) -> Vec<Value> {
    let texts = [
        "",
        "a",
        "a b",
        " a",
        "a,b",
        "a\nb",
        "12",
        "12a",
        "true",
        "none",
        "null",
        "https://example.com",
        "nobody",
        "name@example.com",
        "1h",
        "1h30m",
        "90m",
        "1.5h",
        "1 h",
        "50MiB",
        "50MB",
        "8s",
        "64MB",
        "-1",
        "1d",
        "1w2d",
        "2027-01-31T12:00:00Z",
        "203.0.113.0/24",
        "2001:db8::/32",
        "${var.x}",
        "a ${var.x} b",
        "$${x}",
        "${project.name}",
        "${document}",
        "env(NAME)",
        "public",
        "5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f",
    ];
    let mut values: Vec<Value> = texts.into_iter().map(Value::from).collect();
    values.extend([
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(5),
        json!(1.5),
        json!(3600.0),
        json!(604_801),
        json!(2_147_483_648_i64),
        json!(i64::MAX),
        json!(1e30),
        json!([]),
        json!(["a"]),
        json!(["a", "b"]),
        json!([1]),
        json!([null]),
        json!([["a"]]),
        json!([{"secret": "A"}]),
        json!(["a,b"]),
        json!([""]),
        json!([" a"]),
        json!(["a b"]),
        json!(["${var.x}"]),
        json!(["a\nb"]),
        json!({}),
        json!({"a": "b"}),
        json!({"1": "2"}),
        json!({"1": 2}),
        json!({"1=2": "3"}),
        json!({"1": ""}),
        json!({"unmanaged": true}),
        json!({"unmanaged": false}),
        json!({"unmanaged": true, "a": 1}),
        json!({"append": ["a"]}),
        json!({"remove": ["a"], "append": []}),
        json!({"append": "a"}),
        json!({"append": []}),
        json!({"append": ["a"], "b": 1}),
        json!({"append": "${var.x}"}),
        json!({"secret": "NAME"}),
        json!({"secret": ""}),
        json!({"secret": "a-b"}),
        json!({"secret": "1A"}),
        json!({"secret": "A${var.x}"}),
        json!({"secret": 1}),
        json!({"secret": "A", "env": "B"}),
        json!({"env": "NAME"}),
        json!({"env": "a b"}),
        json!({"env": null}),
        json!({"file": "a.txt"}),
        json!({"file": ""}),
        json!({"file": "a.txt", "fill": true}),
        json!({"file": "a.txt", "fill": "yes"}),
        json!({"file": "a.txt", "b": 1}),
        json!({"exec": ["a", "b"]}),
        json!({"exec": []}),
        json!({"exec": "a"}),
        json!({"exec": [""]}),
        json!({"exec": [1]}),
        json!({"plain": "a"}),
        json!({"plain": ""}),
        json!({"plain": 1}),
        json!({"value": {"secret": "A"}}),
        json!({"value": {"plain": "a"}}),
        json!({"value": "a"}),
        json!({"value": null}),
    ]);
    if let supaform::schema::Type::Int { min, max } = row.ty {
        let around = [min.checked_sub(1), Some(min), Some(max), max.checked_add(1)];
        values.extend(around.into_iter().flatten().map(Value::from));
    }
    if let supaform::schema::Type::Number { min, max } = row.ty {
        values.extend([min - 0.5, min, max, max + 0.5].map(Value::from));
    }
    if let supaform::schema::Type::Choice(words) = row.ty {
        values.extend(words.iter().map(|word| Value::from(*word)));
        values.extend(row.aliases.iter().map(|(word, _)| Value::from(*word)));
    }
    values
}

fn with(info: &KindInfo, row: &Field, value: &Value) -> Value {
    let section = match info.shape {
        Shape::Settings { .. } => json!({row.name: value}),
        Shape::Collection { scalar: Some(_), .. } => json!({"item": value}),
        Shape::Collection { .. } => json!({"item": {row.name: value}}),
    };
    json!({"project": "acme", "ref": "aaaaaaaaaaaaaaaaaaaa", "name": "Acme", info.name: section})
}

fn schema() -> Validator {
    jsonschema::draft7::new(&json_schema::manifest(infos(KINDS))).unwrap()
}

/// The ways to write a row, without its texts: rows with the same are one for a judge.
fn ways(info: &KindInfo, row: &Field, schema: &Value) -> String {
    let section = &schema["definitions"][format!("section_{}", info.name)];
    let own = section.pointer(&format!("/properties/{}/anyOf", row.name)).map_or(row.name.to_owned(), Value::to_string);
    format!("{own} {:?} {:?}", row.ty, row.wire)
}

#[test]
fn every_row_takes_the_same_in_schema_and_checker() {
    let (judge, schema) = (schema(), json_schema::manifest(infos(KINDS)));
    let mut rows: BTreeMap<String, (&KindInfo, &'static Field)> = BTreeMap::new();
    for info in infos(KINDS) {
        // What names files is right only where these are there.
        for row in info.all_fields().filter(|row| !row.local) {
            rows.entry(ways(info, row, &schema)).or_insert((info, row));
        }
    }
    let mut wrong = vec![];
    let mut judged = 0;
    for (info, row) in rows.into_values() {
        for value in candidates(row) {
            judged += 1;
            wrong.extend(disagreement(&judge, &with(info, row, &value)));
        }
    }
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged > 2000, "{judged} manifests");
}

/// What an editor shows of each row: what it is, what it takes, an example, and its words.
#[test]
fn every_row_has_hover_texts_an_example_and_its_choices() {
    let mut wrong = vec![];
    for info in infos(KINDS) {
        let schema = json_schema::manifest(infos(KINDS));
        let section = &schema["definitions"][format!("section_{}", info.name)];
        let of_item =
            || section.pointer("/additionalProperties/anyOf")?.as_array()?.iter().find_map(|it| it.get("properties"));
        let rows = section.get("properties").or_else(of_item);
        for row in info.all_fields() {
            let shown = &rows.unwrap()[row.name];
            let hover =
                |key: &str| shown[key].as_str().is_some_and(|text| text.starts_with(row.doc) && text.contains("Takes"));
            let words = if let supaform::schema::Type::Choice(words) = row.ty { words } else { &[] };
            let choices = shown["anyOf"].to_string();
            let listed = words.iter().all(|word| choices.contains(&Value::from(*word).to_string()));
            let example = ["examples", "defaultSnippets"]
                .iter()
                .any(|key| shown[key].as_array().is_some_and(|it| !it.is_empty()));
            if !(hover("description") && hover("markdownDescription") && listed && example) {
                wrong.push(format!("{}.{}: {shown}", info.name, row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// A document of one sort, with envelope keys of right and wrong values, and sections with a row or two.
fn documents() -> impl Strategy<Value = Value> {
    let keys: &[(&str, &[&str])] = &[
        (
            "ref",
            &[
                "\"aaaaaaaaaaaaaaaaaaaa\"",
                "\"AAAAAAAAAAAAAAAAAAAA\"",
                "\"a\"",
                "\"aaaaaaaaaaaaaaaaaaaa\\n\"",
                "1",
                "null",
            ],
        ),
        ("organization", &["\"acme-inc\"", "\"Acme Inc\"", "\"\"", "1", "null"]),
        ("name", &["\"Acme Prod\"", "\"Acme ${label.env}\"", "\"\"", "\" \"", "\"a\\nb\"", "[]", "null"]),
        ("region", &["\"eu-central-1\"", "\"${var.x}\"", "\"\"", "true", "null"]),
        ("extends", &["[]", "[\"base\"]", "[\"a b\"]", "[1]", "\"base\"", "[\"a\", \"b\"]", "null"]),
        ("requires", &["[]", "[\"domain\"]", "[\"a.b\"]", "\"domain\"", "[null]"]),
        (
            "vars",
            &[
                "{}",
                "{\"a\": \"b\"}",
                "{\"a\": [1, \"b\", true]}",
                "{\"a\": null}",
                "{\"a\": {\"b\": 1}}",
                "{\"a b\": 1}",
                "{\"a\": \"${var.x}\"}",
                "{\"a\": [{}]}",
                "[]",
            ],
        ),
        (
            "labels",
            &[
                "{}",
                "{\"env\": \"prod\"}",
                "{\"env\": 1}",
                "{\"env\": \"\"}",
                "{\"a b\": \"c\"}",
                "{\"env\": \"${var.x}\"}",
                "{\"env\": \"a\\nb\"}",
                "[]",
            ],
        ),
        ("protected", &["true", "false", "\"yes\"", "null"]),
        ("create", &["true", "false", "1"]),
        (
            "manage",
            &[
                "{}",
                "{\"auth\": false}",
                "{\"auth\": true}",
                "{\"auth\": {}}",
                "{\"auth\": null}",
                "{\"auht\": false}",
                "{\"secrets\": {\"prune\": true}, \"auth\": true}",
                "{\"secrets\": {\"prune\": false}}",
                "{\"secrets\": {\"prune\": 1}}",
                "{\"auth\": {\"prune\": true}}",
                "{\"postgres\": {\"restart\": \"later\"}}",
                "{\"postgres\": {\"restart\": \"now\"}}",
                "{\"postgres\": {\"restart\": \"soon\"}}",
                "{\"auth\": {\"restart\": \"later\"}}",
                "[]",
            ],
        ),
        (
            "auth",
            &[
                "{}",
                "{\"jwt_exp\": 600}",
                "{\"jwt_expiry\": 600}",
                "{\"jwt_exp\": {\"unmanaged\": true}}",
                "{\"extra\": {\"new\": [1, {\"a\": null}]}}",
                "{\"extra\": {\"jwt_exp\": 1}}",
                "{\"extra\": []}",
                "{\"extra_secrets\": {\"new\": {\"secret\": \"A\"}}}",
                "{\"extra_secrets\": {\"new\": \"a\"}}",
                "{\"extra_secrets\": {\"smtp_pass\": {\"env\": \"A\"}}}",
                "null",
                "[]",
                "true",
            ],
        ),
        (
            "secrets",
            &[
                "{}",
                "{\"A\": {\"secret\": \"A\"}}",
                "{\"A\": null, \"B\": {\"unmanaged\": true}}",
                "{\"A\": {\"value\": {\"env\": \"A\"}}}",
                "{\"SUPABASE_A\": {\"env\": \"A\"}}",
                "{\"\": {\"env\": \"A\"}}",
                "{\"A\": {\"value\": {\"env\": \"A\"}, \"b\": 1}}",
                "{\"A\": \"a\"}",
                "{\"A\": [{\"env\": \"A\"}]}",
                "null",
            ],
        ),
        (
            "pooler",
            &[
                "{\"default_pool_size\": null}",
                "{\"default_pool_size\": 20, \"pool_mode\": \"session\"}",
                "{\"pool_mode\": null}",
                "{\"auth\": {}}",
            ],
        ),
        ("auht", &["{}"]),
        ("jwt_exp", &["600"]),
        ("version", &["1"]),
        ("manifests", &["[]"]),
    ];
    let parsed = keys.iter().map(|(key, values)| {
        let values: Vec<Value> = values.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        // The first is right; the others come now and then.
        let right = Just(Some(values[0].clone()));
        let any = prop::sample::select(values).prop_map(Some);
        let wanted: BoxedStrategy<Option<Value>> = prop_oneof![8 => Just(None), 2 => right, 2 => any].boxed();
        wanted.prop_map(move |value| value.map(|value| ((*key).to_owned(), value)))
    });
    let members = parsed.collect::<Vec<_>>().prop_map(|members| members.into_iter().flatten().collect::<Value>());
    (members.clone(), members, 0..5_u8, any::<bool>()).prop_map(|(mut own, other, sort, identified)| {
        let members = own.as_object_mut().unwrap();
        if identified && sort != 2 {
            members.insert("ref".to_owned(), "aaaaaaaaaaaaaaaaaaaa".into());
        }
        match sort {
            0 | 1 => {
                members.insert("project".to_owned(), "acme".into());
            }
            2 => {
                members.insert("profile".to_owned(), "acme".into());
            }
            3 => return json!({"projects": {"acme": own}}),
            _ => return json!({"projects": {"acme": own}, "common": other}),
        }
        own
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_documents_are_the_same_to_schema_and_checker(document in documents()) {
        thread_local!(static JUDGE: Validator = schema());
        let said = JUDGE.with(|judge| disagreement(judge, &document));
        prop_assert!(said.is_none(), "{}", said.unwrap());
    }
}
