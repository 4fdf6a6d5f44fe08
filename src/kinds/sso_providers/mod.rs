//! SAML identity providers of companies.
//!
//! The API identifies a provider by an id; a manifest finds it by its values. The list has all of them but the XML.

mod rules;
mod table;
mod xml;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use table::{INFO, LIST, ONE, domains_of, wanted};

use crate::kind::prelude::*;
use crate::kind::{text, what_goes, written};
use crate::model::ProjectRef;

/// `sso_providers`.
pub struct SsoProviders;

const MATCH_BY: &[MatchBy] = &[
    MatchBy {
        by: "`metadata_url`",
        written: |settings| written(settings, "metadata_url").map(str::to_owned).into_iter().collect(),
        live: |live| text(live, "metadata_url"),
    },
    MatchBy {
        by: "the entity id",
        written: |settings| written(settings, "metadata_xml").and_then(xml::entity_id).into_iter().collect(),
        live: |live| text(live, "entity_id"),
    },
    MatchBy {
        by: "a domain",
        // A provider never gets another entity id, so written metadata that has not been found is of a new one.
        written: |settings| match written(settings, "metadata_xml") {
            Some(_) => vec![],
            None => domains_of(wanted(settings, "domains")),
        },
        live: |live| domains_of(live.get("domains")),
    },
];

/// A provider with the members of its `saml` part beside the others, and domains in the manifest's form.
fn flat(index: usize, provider: &Value) -> Result<(String, Map<String, Value>), UnexpectedShape> {
    let unexpected = |key: &str, expected: &str| UnexpectedShape {
        pointer: format!("/items/{index}{key}"),
        expected: expected.to_owned(),
    };
    let mut item = provider.as_object().cloned().ok_or_else(|| unexpected("", "an object"))?;
    let id = item.get("id").and_then(Value::as_str).ok_or_else(|| unexpected("/id", "a text"))?.to_owned();
    if let Some(Value::Object(saml)) = item.remove("saml") {
        item.extend(saml.into_iter().filter(|(name, _)| name != "id"));
        item.insert("type".to_owned(), "saml".into());
    }
    // The list has no metadata.
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

    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let unexpected =
            || UnexpectedShape { pointer: "/items".to_owned(), expected: "a list of providers".to_owned() };
        let answer = answers.first().ok_or_else(unexpected)?;
        let says_off = answer.body.get("message").and_then(Value::as_str).is_some_and(|said| said.contains("SAML"));
        if answer.status == 404 && says_off {
            return Ok(LiveKind::Items(BTreeMap::new()));
        }
        let list = answer.body.get("items").and_then(Value::as_array).ok_or_else(unexpected)?;
        let items = list.iter().enumerate().map(|(index, provider)| flat(index, provider));
        items.collect::<Result<_, _>>().map(LiveKind::Items)
    }

    fn match_by(&self) -> &'static [MatchBy] {
        MATCH_BY
    }

    /// The values by which a live provider is looked for, in their order.
    fn known_by(&self, settings: &Settings) -> Vec<(usize, String)> {
        let xml = written(settings, "metadata_xml");
        let text = |name| written(settings, name).map(str::to_owned);
        let sure = [text("id"), text("metadata_url"), xml.and_then(xml::entity_id)];
        let sure = sure.into_iter().enumerate().filter_map(|(rank, known)| Some((rank, known?)));
        let domains = if xml.is_some() { vec![] } else { domains_of(wanted(settings, "domains")) };
        sure.chain(domains.into_iter().map(|domain| (3, domain))).collect()
    }

    /// Reads the XML of each provider whose XML is in the manifest; without a manifest, of each that has no address of it.
    fn detail_reads(
        &self,
        section: Option<&Section>,
        reference: &ProjectRef,
        live: &LiveKind,
    ) -> Vec<(String, ReadCall)> {
        let LiveKind::Items(live) = live else { return vec![] };
        let items =
            section.map(|section| if let SectionBody::Items(items) = &section.body { Some(items) } else { None });
        let by_xml = |(name, item): &(&String, &Map<String, Value>)| match items {
            None => text(item, "metadata_url").is_empty(),
            Some(items) => match items.and_then(|items| items.get(*name)) {
                Some(Item::Present(settings, _)) => written(settings, "metadata_xml").is_some(),
                Some(Item::Absent(_) | Item::Unmanaged(_)) | None => false,
            },
        };
        let read = |(name, item): (&String, &Map<String, Value>)| {
            let read = ReadCall::get(ONE).param("ref", reference.as_str());
            Some((name.clone(), read.param("provider_id", item.get("id")?.as_str()?)))
        };
        live.iter().filter(by_xml).filter_map(read).collect()
    }

    fn name_of(&self, item: &Map<String, Value>) -> Option<String> {
        let known = [domains_of(item.get("domains")), text(item, "entity_id")];
        known.into_iter().flatten().next()
    }

    /// The address has the XML, too.
    fn not_imported(&self, live: &Map<String, Value>) -> &'static [&'static str] {
        if text(live, "metadata_url").is_empty() { &[] } else { &["metadata_xml"] }
    }

    fn merge_detail(
        &self,
        _: Option<&Section>,
        _: &str,
        item: &mut Map<String, Value>,
        answer: &Answer,
    ) -> Result<(), UnexpectedShape> {
        let unexpected =
            || UnexpectedShape { pointer: "/saml".to_owned(), expected: "the provider's metadata".to_owned() };
        let saml = answer.body.get("saml").and_then(Value::as_object).ok_or_else(unexpected)?;
        item.extend(saml.get("metadata_xml").map(|xml| ("metadata_xml".to_owned(), xml.clone())));
        Ok(())
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        rules::check(section, out);
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        rules::validate(job, out);
    }

    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        for change in changes {
            match change.action {
                Action::Delete => change.fields = what_goes(&INFO, sides.before, change, &["domains"]).into(),
                Action::Update => {
                    rules::tell_lost_domains(sides.after, change);
                    rules::tell_new_domains(change);
                }
                Action::Create => rules::tell_new_domains(change),
            }
        }
    }

    fn order(&self, job: &KindChanges<'_>) -> Option<Vec<usize>> {
        Some(rules::order(job).0)
    }
}
