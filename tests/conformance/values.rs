//! Values for each field, by its row.

use serde_json::Value;
use supaform::schema::{Digest, Field, Literal, Type, Wire};

/// What is in a file that an example names: it is a mail and metadata alike.
pub(super) const FILE: &str = "<EntityDescriptor entityID=\"urn:x\"><p>{{ .Email }}</p></EntityDescriptor>\n";

/// A value that is not the default, as YAML, and what the request must carry; nothing for a secret.
pub(super) fn sample(field: &Field) -> (String, Option<Value>) {
    if field.is_secret() {
        let name = match field.ty {
            _ if field.secret == Some(Digest::JwkThumbprint) => "JWK",
            Type::Text(rule) if rule.form.is_some() => "SIGNING",
            _ => "CANARY",
        };
        return (format!("{{env: {name}}}"), None);
    }
    let written = matches!(
        field.ty,
        Type::Text(_) | Type::List(..) | Type::Map(_) | Type::Object(_) | Type::Any | Type::Choice(_)
    );
    if let Some(example) = field.example.filter(|_| written) {
        return (example.to_owned(), None);
    }
    match &field.ty {
        Type::Bool => {
            let on = field.default != Some(Literal::Bool(true));
            (on.to_string(), Some(on.into()))
        }
        Type::Int { min, max } => {
            let wanted =
                [*min, *min + 1, *max].into_iter().find(|it| field.default != Some(Literal::Int(*it))).unwrap();
            let wire = if field.wire == Wire::NumberAsText { wanted.to_string().into() } else { wanted.into() };
            (wanted.to_string(), Some(wire))
        }
        Type::Number { min, .. } => ((min + 1.5).to_string(), Some((min + 1.5).into())),
        Type::Choice(words) => {
            let word =
                words.iter().find(|word| field.default != Some(Literal::Text(word)) && !word.is_empty()).unwrap();
            (Value::from(*word).to_string(), Some((*word).into()))
        }
        Type::Text(_) => {
            ("\"https://conformance.example.com\"".to_owned(), Some("https://conformance.example.com".into()))
        }
        Type::List(..) | Type::Map(_) | Type::Object(_) | Type::Any => panic!("{}: give an example", field.name),
    }
}

/// Another value than the sample, where the type alone tells one.
pub(super) fn another(field: &Field, first: &str) -> Option<String> {
    if field.is_secret() || !field.aliases.is_empty() {
        return None;
    }
    let other = |known: String| (known != first).then_some(known);
    match &field.ty {
        Type::Bool => other("true".to_owned()).or_else(|| other("false".to_owned())),
        Type::Int { min, max } => (*min..=*max).take(4).map(|it| it.to_string()).find(|it| it != first),
        Type::Number { min, max } => other((min + 2.5).min(*max).to_string()),
        Type::Choice(words) => words
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| Value::from(*word).to_string())
            .find(|it| it != first && it.trim_matches('"') != first),
        Type::Text(rule) if rule.form.is_none() => other("another".to_owned()),
        Type::Text(_) | Type::List(..) | Type::Map(_) | Type::Object(_) | Type::Any => None,
    }
}

/// A value at the end of a name with dots, as YAML.
pub(super) fn nested(name: &str, within: &str, value: &str) -> String {
    let Some(inner) = name.strip_suffix(within) else { panic!("{name} does not end in {within}") };
    let outer: Vec<&str> = inner.split('.').filter(|it| !it.is_empty()).collect();
    let open: String = outer.iter().skip(1).map(|name| format!("{{{name}: ")).collect();
    match outer.first() {
        None => format!("{name}: {value}"),
        Some(first) => format!("{first}: {open}{{{within}: {value}}}{}", "}".repeat(outer.len() - 1)),
    }
}

/// Another value than the sample.
pub(super) fn otherwise(field: &Field) -> String {
    let first = sample(field).0;
    match another(field, &first) {
        Some(other) => other,
        None if field.is_secret() => "{env: SIGNING}".to_owned(),
        None => format!("x{first}"),
    }
}
