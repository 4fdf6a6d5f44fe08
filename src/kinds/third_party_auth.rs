//! Issuers of tokens, other than the project's own, that the project trusts.
//!
//! The API creates and deletes issuers and never changes one: another address means another issuer.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diag::codes::{plan, value as codes};
use crate::kind::prelude::*;
use crate::kind::{check_names, what_goes, written};
use crate::model::{Finding, Origin};

/// `third_party_auth`.
pub struct ThirdPartyAuth;

const LIST: &str = "/v1/projects/{ref}/config/auth/third-party-auth";
const ONE: &str = "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}";

/// The fields with an issuer's address, of which an issuer has exactly one.
const ADDRESSES: [&str; 2] = ["oidc_issuer_url", "jwks_url"];

const TRUST: &[Risk] = &[Risk {
    when: When::Changed,
    impact: Impact::Security,
    why: "whoever signs tokens there can act as anybody of the project",
}];

static INFO: KindInfo = KindInfo {
    name: "third_party_auth",
    doc: "Issuers of tokens that the project trusts beside its own auth service; the names are yours.",
    shape: Shape::Collection {
        path: LIST,
        key: "id",
        scalar: None,
        reserved: None,
        bad_name: |name| name.is_empty().then(|| "an issuer needs a name".to_owned()),
        delete_risk: "whoever uses its tokens is locked out at once",
        items: Some(Items::Each { path: ONE, id: ("tpa_id", "id"), named: false, made_with: &[], update: None }),
    },
    fields: &[&[
        text("oidc_issuer_url")
            .form(&address::CALLED)
            .stricter_than_spec("keys are fetched over https only")
            .risks(TRUST)
            .example("https://acme.eu.auth0.com")
            .doc("The issuer, whose keys are found by discovery; another address means another issuer, and the old one stays."),
        text("jwks_url")
            .form(&address::CALLED)
            .stricter_than_spec("keys are fetched over https only")
            .risks(TRUST)
            .example("https://acme.example.com/.well-known/jwks.json")
            .doc("Where the keys are, for an issuer without discovery."),
        any("custom_jwks")
            .example("{keys: []}")
            .harmless("it is refused in any case")
            .deprecated("publish the keys and write `jwks_url`; the API stores these and never uses them")
            .doc("The keys themselves, which are refused because no token would ever be trusted."),
    ]],
    after: &["auth"],
    example: "third_party_auth:\n  auth0: {oidc_issuer_url: \"https://acme.eu.auth0.com\"}",
    services: &["auth"],
    dropped: &["resolved_jwks"],
    read_back: ReadBack::Together,
    ..KindInfo::PLAIN
};

/// An address, of which sort it is included.
fn called(name: &str, url: &str) -> String {
    format!("{name} {url}")
}

const MATCH_BY: &[MatchBy] = &[MatchBy {
    by: "its address",
    written: |settings| ADDRESSES.iter().filter_map(|name| Some(called(name, written(settings, name)?))).collect(),
    live: |live| ADDRESSES.iter().filter_map(|name| Some(called(name, live.get(*name)?.as_str()?))).collect(),
}];

impl Kind for ThirdPartyAuth {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn match_by(&self) -> &'static [MatchBy] {
        MATCH_BY
    }

    fn known_by(&self, settings: &Settings) -> Vec<(usize, String)> {
        let known = |(rank, name)| Some((rank, written(settings, name)?.to_owned()));
        ADDRESSES.into_iter().enumerate().filter_map(known).collect()
    }

    fn name_of(&self, item: &Map<String, Value>) -> Option<String> {
        ADDRESSES.iter().find_map(|name| item.get(*name)?.as_str()).map(str::to_owned)
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        check_names(section, out);
        let SectionBody::Items(items) = &section.body else { return };
        let mut owners: BTreeMap<&str, (&str, &Origin)> = BTreeMap::new();
        for (name, item) in items {
            let Item::Present(settings, origin) = item else { continue };
            if let Some(keys) = settings.fields.get("custom_jwks") {
                let message = format!("the keys of `{name}` would be stored and never used");
                let found = Diagnostic::error(codes::NEVER_RESOLVES, keys.origin.span, message);
                out.push(found.hint("Publish them at an https address, and write that as `jwks_url`."));
                continue;
            }
            let ([Some(one), None] | [None, Some(one)]) = ADDRESSES.map(|address| settings.fields.get(address)) else {
                let message = format!("`{name}` must have exactly one of `oidc_issuer_url` and `jwks_url`");
                out.push(Diagnostic::error(codes::ONE_SOURCE, origin.span, message));
                continue;
            };
            let DesiredValue::Value(Value::String(url)) = &one.value else { continue };
            if let Some((other, first)) = owners.insert(url, (name, &one.origin)) {
                let message = format!("`{other}` and `{name}` are the same issuer");
                let found = Diagnostic::error(codes::SAID_TWICE, one.origin.span, message);
                out.push(found.label(first.span, "the other is here"));
            }
        }
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        // An issuer is found by its address, so only `extra` can differ.
        for change in job.changes.iter().filter(|change| change.action == Action::Update) {
            out.push(Refusal {
                at: change.at.clone(),
                finding: Finding {
                    code: plan::CANNOT_BECOME,
                    message: "the API cannot change a live issuer".to_owned(),
                    hints: vec!["Remove the issuer, apply, and create it anew.".to_owned()],
                    origin: change.origin.clone(),
                },
                allow: None,
            });
        }
    }

    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        for change in changes.iter_mut().filter(|change| change.action == Action::Delete) {
            change.fields = what_goes(&INFO, sides.before, change, &ADDRESSES).into();
        }
    }
}
