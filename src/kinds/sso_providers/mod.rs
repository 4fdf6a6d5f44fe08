//! SAML identity providers of companies.
//!
//! The API knows a provider by an id; a manifest finds it by what it says. The list has everything but the XML.

mod calls;
mod rules;
mod xml;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::kind::prelude::*;
use crate::kind::{UUID, what_goes, written};
use crate::model::ProjectRef;

/// `sso_providers`.
pub struct SsoProviders;

const LIST: &str = "/v1/projects/{ref}/config/auth/sso/providers";
const ONE: &str = "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}";

const TEXT: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });

const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// A domain, as people write it after the `@` of an address.
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
    list("names", &TEXT, ListAs::Sequence).doc("Attributes of which the first that is there counts."),
    any("default").doc("What the claim is where the answer has none of them."),
    flag("array").doc("Whether all values of the attribute are taken, as a list."),
]);

const FOREIGN: &[Risk] = &[Risk {
    when: When::Changed,
    impact: Impact::Security,
    why: "whoever holds the keys of this metadata can sign in as anybody of the provider",
}];

static INFO: KindInfo = KindInfo {
    name: "sso_providers",
    doc: "SAML 2.0 identity providers of companies, found by what they say; the names are yours.",
    shape: Shape::Collection {
        path: LIST,
        key: "id",
        scalar: None,
        reserved: None,
        bad_name: |name| name.is_empty().then(|| "a provider needs a name".to_owned()),
        delete_risk: "people who signed in through it lose their way in, and a new provider gives them new users",
        items: None,
    },
    fields: &[&[
        choice("type", &["saml"])
            .default(Lit::Text("saml"))
            .example("saml")
            .harmless("there is only one")
            .doc("The protocol, which is always SAML 2.0 and need not be written."),
        text("metadata_url")
            .form(&address::CALLED)
            .narrower("the platform fetches metadata over https only")
            .entitlement("auth.saml_2")
            .risks(FOREIGN)
            .example("https://acme.okta.com/app/exk1/sso/saml/metadata")
            .doc("Where the provider's metadata is; the platform fetches it once, whenever the address is written."),
        long_text("metadata_xml")
            .form(&METADATA)
            .narrower("text without an entity id is no metadata")
            .canon(xml::canon)
            .entitlement("auth.saml_2")
            .risks(FOREIGN)
            .example("{file: okta.xml}")
            .doc("The provider's metadata itself, instead of `metadata_url`; compared by meaning."),
        list("domains", &Type::Text(TextRule { form: Some(&DOMAIN), max_chars: None, long: false }), ListAs::Set)
            .canon(domains)
            .judged()
            .example("[acme.com]")
            .doc("Mail domains whose people are sent to this provider; each belongs to one provider only."),
        object(
            "attribute_mapping",
            &[map("keys", &CLAIM).doc("Claims by their names, and the attributes that they are taken from.")],
        )
        .whole()
        .canon(mapping)
        .risks(&[Risk {
            when: When::Changed,
            impact: Impact::Security,
            why: "decides which words of the provider make somebody who they are here",
        }])
        .example("{keys: {email: {name: mail}}}")
        .doc("Which attributes of the provider's answer become which claims of a user; replaced as a whole."),
        choice("name_id_format", &[UNSPECIFIED, TRANSIENT, EMAIL_ADDRESS, PERSISTENT])
            .words(&[
                ("unspecified", UNSPECIFIED),
                ("transient", TRANSIENT),
                ("email_address", EMAIL_ADDRESS),
                ("persistent", PERSISTENT),
            ])
            .unset(&[Lit::Null])
            .risks(&[Risk {
                when: When::Changed,
                impact: Impact::Access,
                why: "people whom the provider then calls by another name are new users",
            }])
            .example("persistent")
            .doc("The form of the name by which the provider is asked to call people."),
        text("id")
            .form(&UUID)
            .identity()
            .example("8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b")
            .doc("Which live provider is meant, where its metadata and domains do not tell."),
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
    ..KindInfo::PLAIN
};

/// Domains as a set, in small letters.
fn domains(value: Value) -> Value {
    let Value::Array(items) = &value else { return value };
    let mut small: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    small.sort();
    small.dedup();
    small.into()
}

/// A mapping without the members that the API leaves out because they say nothing.
fn mapping(value: Value) -> Value {
    let silent = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
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

/// In small letters, what a written or live item has for domains.
fn domains_of(value: Option<&Value>) -> Vec<String> {
    match value.cloned().map(domains) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

fn wanted<'a>(settings: &'a Settings, field: &str) -> Option<&'a Value> {
    match settings.fields.get(field).map(|setting| &setting.value) {
        Some(Datum::Value(value)) => Some(value),
        _ => None,
    }
}

fn same(settings: &Settings, field: &str, live: Option<&Value>) -> bool {
    written(settings, field).is_some_and(|written| live.and_then(Value::as_str) == Some(written))
}

const WAYS: &[Way] = &[
    Way { by: "`metadata_url`", means: |settings, live| same(settings, "metadata_url", live.get("metadata_url")) },
    Way {
        by: "the entity id",
        means: |settings, live| {
            let id = written(settings, "metadata_xml").and_then(xml::entity_id);
            id.is_some_and(|id| live.get("entity_id").and_then(Value::as_str) == Some(id.as_str()))
        },
    },
    Way {
        by: "a domain",
        // A provider never gets another entity id, so written metadata that has not been found is of a new one.
        means: |settings, live| {
            let live = domains_of(live.get("domains"));
            written(settings, "metadata_xml").is_none()
                && domains_of(wanted(settings, "domains")).iter().any(|domain| live.contains(domain))
        },
    },
];

/// A provider with the members of its `saml` part beside the others, and domains as they are written.
fn flat(index: usize, provider: &Value) -> Result<(String, Map<String, Value>), Surprise> {
    let surprise =
        |key: &str, expected: &str| Surprise { pointer: format!("/items/{index}{key}"), expected: expected.to_owned() };
    let mut item = provider.as_object().cloned().ok_or_else(|| surprise("", "an object"))?;
    let id = item.get("id").and_then(Value::as_str).ok_or_else(|| surprise("/id", "a text"))?.to_owned();
    if let Some(Value::Object(saml)) = item.remove("saml") {
        item.extend(saml.into_iter().filter(|(name, _)| name != "id"));
        item.insert("type".to_owned(), "saml".into());
    }
    // The list shows no metadata.
    item.remove("metadata_xml");
    let names = item.get("domains").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<Value> = names.filter_map(|domain| domain.get("domain").cloned()).collect();
    item.insert("domains".to_owned(), names.into());
    Ok((id, item))
}

impl Kind for SsoProviders {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn operations(&self) -> Vec<Operation> {
        [(Method::Get, LIST), (Method::Get, ONE), (Method::Post, LIST), (Method::Put, ONE), (Method::Delete, ONE)]
            .map(|(method, template)| Operation { method, template })
            .into()
    }

    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, Surprise> {
        let surprise = || Surprise { pointer: "/items".to_owned(), expected: "a list of providers".to_owned() };
        let answer = answers.first().ok_or_else(surprise)?;
        let says_off = answer.body.get("message").and_then(Value::as_str).is_some_and(|said| said.contains("SAML"));
        if answer.status == 404 && says_off {
            return Ok(LiveKind::Items(BTreeMap::new()));
        }
        let list = answer.body.get("items").and_then(Value::as_array).ok_or_else(surprise)?;
        let items = list.iter().enumerate().map(|(index, provider)| flat(index, provider));
        items.collect::<Result<_, _>>().map(LiveKind::Items)
    }

    fn ways(&self) -> &'static [Way] {
        WAYS
    }

    /// In the order in which a live one is looked for.
    fn known_by(&self, settings: &Settings) -> Vec<(usize, String)> {
        let xml = written(settings, "metadata_xml");
        let text = |name| written(settings, name).map(str::to_owned);
        let sure = [text("id"), text("metadata_url"), xml.and_then(xml::entity_id)];
        let sure = sure.into_iter().enumerate().filter_map(|(rank, known)| Some((rank, known?)));
        let domains = if xml.is_some() { vec![] } else { domains_of(wanted(settings, "domains")) };
        sure.chain(domains.into_iter().map(|domain| (3, domain))).collect()
    }

    /// The XML of providers of which it is written.
    fn more_reads(&self, section: &Section, reference: &ProjectRef, live: &LiveKind) -> Vec<(String, ReadCall)> {
        let (SectionBody::Items(items), LiveKind::Items(live)) = (&section.body, live) else { return vec![] };
        let read = |name: &String| {
            let Item::Present(settings, _) = items.get(name)? else { return None };
            written(settings, "metadata_xml")?;
            let id = live.get(name)?.get("id")?.as_str()?;
            Some((name.clone(), ReadCall::get(ONE).param("ref", reference.as_str()).param("provider_id", id)))
        };
        items.keys().filter_map(read).collect()
    }

    fn complete(&self, item: &mut Map<String, Value>, answer: &Answer) -> Result<(), Surprise> {
        let surprise = || Surprise { pointer: "/saml".to_owned(), expected: "the provider's metadata".to_owned() };
        let saml = answer.body.get("saml").and_then(Value::as_object).ok_or_else(surprise)?;
        item.extend(saml.get("metadata_xml").map(|xml| ("metadata_xml".to_owned(), xml.clone())));
        Ok(())
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        rules::check(section, out);
    }

    fn couple_items(&self, job: &Job<'_>, out: &mut Vec<Refusal>) {
        rules::couple(job, out);
    }

    fn assess(&self, sides: Sides<'_>, changes: &mut [Change]) {
        for change in changes {
            match change.action {
                Action::Delete => change.fields = what_goes(&INFO, sides.before, change, &["domains"]),
                Action::Update => {
                    rules::tell_lost_domains(sides.after, change);
                    rules::tell_new_domains(change);
                }
                Action::Create => rules::tell_new_domains(change),
            }
        }
    }

    fn calls(&self, job: &Job<'_>) -> Vec<PlannedCall> {
        let (order, _) = rules::order(job);
        order.into_iter().filter_map(|index| calls::draft(job, index)).collect()
    }
}
