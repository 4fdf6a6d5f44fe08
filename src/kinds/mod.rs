//! The kinds: one file or folder each, and one line each here.

pub mod aliases;
pub mod api_keys;
pub mod auth;
pub mod branches;
pub mod coverage;
pub mod custom_hostname;
pub mod data_api;
pub mod database_webhooks;
pub mod functions;
pub mod legacy_api_keys;
pub mod migrations;
pub mod network_restrictions;
pub mod operations;
pub mod pooler;
pub mod postgres;
pub mod project;
pub mod realtime;
pub mod secrets;
pub mod signing_keys;
pub mod ssl_enforcement;
pub mod sso_providers;
pub mod storage;
pub mod third_party_auth;
pub mod vanity_subdomain;

use crate::kind::{Kind, Registry};

/// Every kind, in the order of the documentation.
pub static KINDS: Registry = {
    const ALL: &[&dyn Kind] = &[
        &auth::Auth,
        &sso_providers::SsoProviders,
        &third_party_auth::ThirdPartyAuth,
        &signing_keys::SigningKeys,
        &postgres::Postgres,
        &pooler::Pooler,
        &ssl_enforcement::SslEnforcement,
        &database_webhooks::DatabaseWebhooks,
        &migrations::Migrations,
        &data_api::DataApi,
        &realtime::Realtime,
        &storage::Storage,
        &secrets::Secrets,
        &functions::Functions,
        &api_keys::ApiKeys,
        &legacy_api_keys::LegacyApiKeys,
        &custom_hostname::CustomHostname,
        &vanity_subdomain::VanitySubdomain,
        &network_restrictions::NetworkRestrictions,
        &branches::Branches,
    ];
    ALL
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::KINDS;
    use crate::kind::{find, infos};
    use crate::schema::{Field, KindInfo, Literal, Type, Wire, docs, wire};

    /// Each row of each kind, including rows within rows, with its address for messages.
    fn rows() -> impl Iterator<Item = (String, &'static KindInfo, &'static Field)> {
        fn within(at: &str, row: &'static Field) -> Vec<(String, &'static Field)> {
            let at = format!("{at}.{}", row.name);
            let inner = if let Type::Object(rows) = row.ty { rows } else { &[] };
            let deeper = inner.iter().flat_map(|row| within(&at, row));
            std::iter::once((at.clone(), row)).chain(deeper).collect()
        }
        infos(KINDS).flat_map(|info| {
            info.all_fields().flat_map(move |row| within(info.name, row)).map(move |(at, row)| (at, info, row))
        })
    }

    fn one_sentence(text: &str) -> bool {
        text.len() > 20 && text.ends_with('.') && !text.trim_end_matches('.').contains(". ")
    }

    /// Whether a value, as people write it, is of a type.
    fn fits(ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (Type::Bool, Value::Bool(_)) | (Type::Any, _) => true,
            (Type::Int { min, max }, Value::Number(number)) => {
                number.as_i64().is_some_and(|it| (*min..=*max).contains(&it))
            }
            (Type::Number { min, max }, Value::Number(number)) => {
                number.as_f64().is_some_and(|it| (*min..=*max).contains(&it))
            }
            (Type::Text(rule), Value::String(text)) => {
                rule.form.is_none_or(|form| (form.holds)(text))
                    && rule.max_chars.is_none_or(|most| text.chars().count() <= most)
            }
            (Type::Choice(words), Value::String(text)) => words.contains(&text.as_str()),
            (Type::List(of, _), Value::Array(items)) => items.iter().all(|item| fits(of, item)),
            (Type::Map(of), Value::Object(entries)) => entries.values().all(|value| fits(of, value)),
            (Type::Object(fields), Value::Object(entries)) => entries
                .iter()
                .all(|(name, value)| fields.iter().any(|field| field.name == name && fits(&field.ty, value))),
            _ => false,
        }
    }

    #[test]
    fn kinds_are_unique_and_come_after_kinds() {
        let names: BTreeSet<_> = infos(KINDS).map(|info| info.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for info in infos(KINDS) {
            assert!(one_sentence(info.doc), "{}: {:?} is not one sentence", info.name, info.doc);
            assert!(info.headings.is_empty() || info.headings.len() == info.fields.len(), "{}: headings", info.name);
            let own = crate::kind::ranks(KINDS)[info.name];
            assert!(own < KINDS.len());
        }
    }

    #[test]
    fn names_are_unique_within_a_kind() {
        let mut seen = BTreeSet::new();
        for (at, ..) in rows() {
            assert!(seen.insert(at.clone()), "{at} has two rows");
        }
    }

    #[test]
    fn every_row_says_what_it_is_for() {
        for (at, _, row) in rows() {
            assert!(one_sentence(row.doc), "{at}: {:?} is not one sentence", row.doc);
            let words = row.name.replace('_', " ");
            assert!(
                !row.doc.trim_end_matches('.').eq_ignore_ascii_case(&words),
                "{at}: the sentence is the name again"
            );
            for text in
                row.deprecated.iter().chain(&row.stricter_than_spec).chain(row.risks.iter().map(|risk| &risk.why))
            {
                assert!(!text.ends_with('.') && !text.is_empty(), "{at}: {text:?} is a clause, not a sentence");
            }
        }
    }

    #[test]
    fn every_row_has_risks_or_a_reason_why_it_has_none() {
        let own = crate::kind::Kind::info(&super::project::Project).all_fields().map(|row| (row.name.to_owned(), row));
        let all: Vec<_> = rows().map(|(at, _, row)| (at, row)).chain(own).collect();
        let wholes: Vec<String> = all.iter().filter(|(_, row)| row.atomic).map(|(at, _)| format!("{at}.")).collect();
        // An object that is replaced as a whole is judged as a whole.
        for (at, row) in all.iter().filter(|(at, _)| !wholes.iter().any(|whole| at.starts_with(whole))) {
            // An identity is never sent, and an object is judged by its members.
            let told = row.identity || matches!(row.ty, Type::Object(_)) && !row.atomic;
            let said = !row.risks.is_empty() || row.judged || row.is_secret() || row.harmless.is_some();
            assert!(told || said, "{at}: give the row its risks, or `harmless` with the reason");
            let clause = row.harmless.unwrap_or("a clause");
            assert!(!clause.is_empty() && !clause.ends_with('.'), "{at}: {clause:?} is a clause, not a sentence");
        }
    }

    #[test]
    fn fields_that_change_along_with_a_row_have_rows() {
        for (at, info, row) in rows() {
            for along in row.takes_along {
                assert!(along.sure || !along.why.is_empty(), "{at}: what is lost where it is not sure?");
                for name in along.fields {
                    let known = info.all_fields().any(|row| match name.strip_suffix('*') {
                        Some(start) => row.name.starts_with(start),
                        None => row.name == *name,
                    });
                    assert!(known, "{at} takes {name} along, which has no row");
                }
            }
        }
    }

    #[test]
    fn documentation_does_not_repeat_itself() {
        let mut seen = BTreeSet::new();
        for (at, _, row) in rows() {
            assert!(seen.insert(row.doc), "{at}: {:?} is said of two rows", row.doc);
        }
    }

    #[test]
    fn a_default_is_a_value_of_its_row() {
        for (at, _, row) in rows() {
            assert!(row.default.is_none() || !row.is_secret(), "{at}: a secret has no default");
            let Some(default) = row.default.filter(|lit| *lit != Literal::Null) else { continue };
            // Defaults are in the API's form; an empty text means no list and no value.
            let written = wire::from_wire(row, &default.to_value());
            assert!(fits(&row.ty, &written), "{at}: {written} is no {:?}", row.ty);
            if row.nullable() {
                assert!(row.cleared_as.contains(&default), "{at}: what null resets to is not the default");
            }
        }
    }

    #[test]
    fn needs_name_rows_of_the_same_kind() {
        for (at, info, row) in rows() {
            for name in row.needs.iter().flat_map(|needs| needs.fields) {
                assert!(info.field(name).is_some(), "{at} needs {name}, which has no row");
            }
            if let Wire::Folded(name) = row.wire {
                assert!(info.field(name).is_some(), "{at} is folded with {name}, which has no row");
            }
        }
    }

    #[test]
    fn words_stand_for_choices() {
        for (at, _, row) in rows() {
            let Type::Choice(choices) = row.ty else { continue };
            for (word, value) in row.aliases {
                assert!(choices.contains(value) && !choices.contains(word), "{at}: {word} stands for no choice");
            }
        }
    }

    #[test]
    fn every_example_is_a_section_of_its_kind() {
        for info in infos(KINDS) {
            let example: Value = serde_yaml::from_str(info.example).expect(info.name);
            let section = example.get(info.name).and_then(Value::as_object).expect(info.name);
            if matches!(info.shape, crate::schema::Shape::Settings { .. }) {
                for name in section.keys() {
                    assert!(info.field(name).is_some(), "the example of {} has {name}", info.name);
                }
            }
        }
    }

    #[test]
    fn the_example_of_a_row_is_a_value_of_it() {
        for (at, info, row) in rows() {
            let line = docs::facts::example(info, row);
            let example: Value = serde_yaml::from_str(&line).expect(&line);
            let value = &example[row.name];
            let placeholder = line.contains('…');
            let reference = row.is_secret() || value.get("file").is_some();
            let measured = row.unit.is_some() && value.is_string();
            let one_of_folded = matches!((&row.ty, row.wire), (Type::List(of, _), Wire::Folded(_)) if fits(of, value));
            let word = row.aliases.iter().any(|(word, _)| value == word);
            let takes = placeholder || reference || measured || one_of_folded || word || fits(&row.ty, value);
            assert!(takes, "{at}: {line} is no example of {:?}", row.ty);
        }
    }

    #[test]
    fn a_kind_is_found_by_its_name() {
        assert!(find(KINDS, "auth").is_some() && find(KINDS, "auht").is_none());
    }
}
