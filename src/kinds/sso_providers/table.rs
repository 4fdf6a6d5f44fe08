//! The rows, and how their values are compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::xml;
use crate::kind::UUID;
use crate::kind::prelude::*;

pub(super) const LIST: &str = "/v1/projects/{ref}/config/auth/sso/providers";
pub(super) const ONE: &str = "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}";

const TEXT: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });

const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// A domain, as it is after the `@` of an address.
static DOMAIN: Form = Form {
    expected: "a domain such as `acme.com`, in full: no wildcard, no dot at its ends",
    pattern: r"^[^\s@/:,.*]+(\.[^\s@/:,.*]+)+$",
    holds: |text| {
        text.contains('.')
            && text.split('.').all(|label| !label.is_empty())
            && !text.contains(|letter: char| letter.is_whitespace() || "@/:,*".contains(letter))
    },
    refuses: None,
};

static METADATA: Form = Form {
    expected: "SAML metadata: XML with an `EntityDescriptor` that has an `entityID`",
    pattern: r"EntityDescriptor[\s\S]*entityID",
    holds: |text| xml::entity_id(text).is_some(),
    refuses: None,
};

static CLAIM: Type = Type::Object(&[
    text("name").doc("The attribute of the provider's answer."),
    list("names", &TEXT, ListAs::Sequence).doc("Attributes of which the first that exists counts."),
    any("default").doc("The value of the claim where the answer has none of the attributes."),
    flag("array").doc("Whether the claim is a list of all values of the attribute."),
]);

const FOREIGN: &[Risk] = &[Risk {
    when: When::Changed,
    impact: Impact::Security,
    why: "whoever holds the keys of this metadata can sign in as anybody of the provider",
}];

pub(super) static INFO: KindInfo = KindInfo {
    name: "sso_providers",
    doc: "SAML 2.0 identity providers of companies, found by their values; the names are yours.",
    shape: Shape::Collection {
        path: LIST,
        key: "id",
        scalar: None,
        reserved: None,
        bad_name: |name| name.is_empty().then(|| "a provider needs a name".to_owned()),
        delete_risk: "people who signed in through it can no longer sign in, and a new provider creates new users for them",
        items: Some(Items::Each {
            path: ONE,
            id: ("provider_id", "id"),
            named: false,
            made_with: &[("type", Literal::Text("saml"))],
            update: Some(Update::Put { resets: &["name_id_format"] }),
        }),
    },
    fields: &[&[
        choice("type", &["saml"])
            .default(Literal::Text("saml"))
            .example("saml")
            .harmless("there is only one protocol")
            .fixed()
            .doc("The protocol, which is always SAML 2.0 and need not be written."),
        text("metadata_url")
            .form(&address::CALLED)
            .stricter_than_spec("the platform fetches metadata over https only")
            .entitlement("auth.saml_2")
            .risks(FOREIGN)
            .example("https://acme.okta.com/app/exk1/sso/saml/metadata")
            .doc("Where the provider's metadata is; the platform fetches it once, whenever the address is written."),
        long_text("metadata_xml")
            .form(&METADATA)
            .stricter_than_spec("text without an entity id is not metadata")
            .canonical(xml::canonical)
            .entitlement("auth.saml_2")
            .risks(FOREIGN)
            .example("{file: okta.xml}")
            .doc("The provider's metadata itself, instead of `metadata_url`; compared by meaning."),
        list("domains", &Type::Text(TextRule { form: Some(&DOMAIN), max_chars: None, long: false }), ListAs::Set)
            .canonical(domains)
            .judged()
            .example("[acme.com]")
            .doc("Mail domains whose people are sent to this provider; each belongs to one provider only."),
        object(
            "attribute_mapping",
            &[map("keys", &CLAIM).doc("Claims by their names, and the attributes that they come from.")],
        )
        .atomic()
        .canonical(mapping)
        .risks(&[Risk {
            when: When::Changed,
            impact: Impact::Security,
            why: "decides which attributes of the provider identify a person here",
        }])
        .example("{keys: {email: {name: mail}}}")
        .doc("Which attributes of the provider's answer become which claims of a user; replaced as a whole."),
        choice("name_id_format", &[UNSPECIFIED, TRANSIENT, EMAIL_ADDRESS, PERSISTENT])
            .aliases(&[
                ("unspecified", UNSPECIFIED),
                ("transient", TRANSIENT),
                ("email_address", EMAIL_ADDRESS),
                ("persistent", PERSISTENT),
            ])
            .cleared_as(&[Literal::Null])
            .risks(&[Risk {
                when: When::Changed,
                impact: Impact::Access,
                why: "people whom the provider then identifies differently become new users",
            }])
            .example("persistent")
            .doc("The form of the identifier that the provider is asked to use for people."),
        text("id")
            .form(&UUID)
            .identity()
            .example("8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b")
            .doc("The id of the live provider, where its metadata and domains do not identify it."),
    ]],
    after: &["auth"],
    example: "\
sso_providers:
  okta:
    metadata_url: https://acme.okta.com/app/exk1/sso/saml/metadata
    domains: [acme.com]
    attribute_mapping: {keys: {email: {name: mail}}}",
    services: &["auth"],
    looks_at: &["auth"],
    may_be_missing: true,
    read_back: ReadBack::Together,
    ..KindInfo::PLAIN
};

/// Domains as a set, in lower case.
fn domains(value: Value) -> Value {
    let Value::Array(items) = &value else { return value };
    let mut small: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    small.sort();
    small.dedup();
    small.into()
}

/// A mapping without the empty members that the API leaves out.
fn mapping(value: Value) -> Value {
    let silent = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    let Some(keys) = value.get("keys").and_then(Value::as_object) else { return value };
    let mut keys: Vec<(String, Value)> = keys
        .iter()
        .map(|(claim, from)| {
            let said = from.as_object().into_iter().flatten().filter(|(_, value)| !silent(value));
            let said: BTreeMap<_, _> = said.map(|(name, value)| (name.clone(), value.clone())).collect();
            (claim.clone(), Value::Object(said.into_iter().collect()))
        })
        .collect();
    keys.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(keys.into_iter().collect())
}

/// The domains of a written or live item, in lower case.
pub(super) fn domains_of(value: Option<&Value>) -> Vec<String> {
    match value.cloned().map(domains) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

pub(super) fn wanted<'a>(settings: &'a Settings, field: &str) -> Option<&'a Value> {
    match settings.fields.get(field).map(|setting| &setting.value) {
        Some(DesiredValue::Value(value)) => Some(value),
        _ => None,
    }
}
