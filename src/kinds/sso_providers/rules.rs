//! Rules across providers: SAML is on, a domain leads to one provider, and changes that a live provider does not allow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::table::{INFO, domains_of, wanted};
use super::xml;
use crate::diag::Span;
use crate::diag::codes::{plan, value as codes};
use crate::kind::prelude::*;
use crate::kind::{check_names, live_of, written};
use crate::model::{DisplayValue, Finding, Origin};

/// The desired providers, by name.
fn present(section: &Section) -> impl Iterator<Item = (&String, &Settings, &Origin)> {
    let items = match &section.body {
        SectionBody::Items(items) => Some(items),
        SectionBody::Settings(_) => None,
    };
    items.into_iter().flatten().filter_map(|(name, item)| match item {
        Item::Present(settings, origin) => Some((name, settings, origin)),
        Item::Absent(_) | Item::Unmanaged(_) => None,
    })
}

/// Checks for contradictions, offline.
pub(super) fn check(section: &Section, out: &mut Diagnostics) {
    check_names(section, out);
    let mut owners: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for (name, settings, _) in present(section) {
        if let (Some(url), Some(xml)) = (settings.fields.get("metadata_url"), settings.fields.get("metadata_xml")) {
            let message = format!("`{name}` has both `metadata_url` and `metadata_xml`");
            let found = Diagnostic::error(codes::ONE_SOURCE, xml.origin.span, message);
            out.push(found.label(url.origin.span, "the other is here"));
        }
        let mapping = settings.fields.get("attribute_mapping");
        let keys = wanted(settings, "attribute_mapping").and_then(|it| it.get("keys")).and_then(Value::as_object);
        if let Some(mapping) = mapping.filter(|_| keys.is_none_or(serde_json::Map::is_empty)) {
            let message = format!("the mapping of `{name}` has no `keys`");
            let found = Diagnostic::error(codes::NOT_EMPTIED, mapping.origin.span, message);
            out.push(found.hint("Write `attribute_mapping: {keys: {email: {name: mail}}}`, or remove the line."));
        }
        let Some(setting) = settings.fields.get("domains") else { continue };
        let written = wanted(settings, "domains").and_then(Value::as_array).into_iter().flatten();
        for (index, domain) in written.enumerate() {
            let place = setting.place(index);
            let Some(domain) = domains_of(Some(&Value::from(vec![domain.clone()]))).pop() else { continue };
            let Some((other, first)) = owners.insert(domain.clone(), (name, place)) else { continue };
            if other != name {
                let message = format!("`{domain}` leads to both `{other}` and `{name}`");
                let found = Diagnostic::error(codes::SAID_TWICE, place, message);
                out.push(found.label(first, "the other is here").hint("A domain belongs to one provider."));
            }
        }
    }
}

fn refuse(code: crate::diag::Code, at: Address, message: String, hint: String, origin: Option<Origin>) -> Refusal {
    Refusal { at, finding: Finding { code, message, hints: vec![hint], origin }, allow: None }
}

/// Checks in the plan for what the API would refuse.
pub(super) fn validate(job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
    let project = job.target.project;
    if job.beside.after("auth", "saml_enabled") == Some(false.into())
        && let Some((name, _, origin)) = present(job.section).next()
    {
        let at = Address::item(project, INFO.name, name);
        let message = "SAML is off, so the project cannot have SSO providers".to_owned();
        let hint = "Write `auth: {saml_enabled: true}`.".to_owned();
        out.push(refuse(plan::SAML_OFF, at, message, hint, Some(origin.clone())));
    }
    let SectionBody::Items(items) = &job.section.body else { return };
    for change in job.changes {
        let Some(Item::Present(settings, origin)) = change.at.subject.item().and_then(|name| items.get(name)) else {
            continue;
        };
        let sources = ["metadata_url", "metadata_xml"].map(|name| settings.fields.contains_key(name));
        if change.action == Action::Create && sources == [false, false] {
            let message = "a new provider needs `metadata_url` or `metadata_xml`".to_owned();
            let hint = "If the provider is live already, name it with `id:`.".to_owned();
            out.push(refuse(plan::MISSING_COMPANION, change.at.clone(), message, hint, Some(origin.clone())));
        }
        let live = live_of(job, change).and_then(|live| live.get("entity_id")).and_then(Value::as_str);
        let id = written(settings, "metadata_xml").and_then(xml::entity_id);
        if let (Some(live), Some(id)) = (live, id.filter(|id| live.is_some_and(|live| live != id))) {
            let message = format!("the metadata is of `{id}`, but the live provider is `{live}`, which cannot change");
            let hint = "Remove the provider and create a new one.".to_owned();
            out.push(refuse(plan::CANNOT_BECOME, change.at.clone(), message, hint, Some(origin.clone())));
        }
    }
    out.extend(order(job).1);
}

/// The domains that a provider has live, and those that it will have.
fn before_and_after(job: &KindChanges<'_>, change: &Change) -> (Vec<String>, Vec<String>) {
    let before = domains_of(live_of(job, change).and_then(|live| live.get("domains")));
    let written = match (&job.section.body, change.at.subject.item()) {
        (SectionBody::Items(items), Some(name)) => items.get(name),
        _ => None,
    };
    let after = match written {
        Some(Item::Present(settings, _)) => match wanted(settings, "domains") {
            Some(wanted) => domains_of(Some(wanted)),
            None => before.clone(),
        },
        _ => vec![],
    };
    (before, after)
}

/// The changes in an order in which a domain is always given up before another provider gets it, deletions first; and the
/// refusals of changes without such an order.
pub(super) fn order(job: &KindChanges<'_>) -> (Vec<usize>, Vec<Refusal>) {
    let mut refusals = vec![];
    let mut refuse_at = |index: usize, message: String, hint: &str| {
        let Change { at, origin, .. } = &job.changes[index];
        refusals.push(refuse(plan::DOMAIN_TAKEN, at.clone(), message, hint.to_owned(), origin.clone()));
    };
    let held: Vec<_> = job.changes.iter().map(|change| before_and_after(job, change)).collect();
    // By change: the changes that give up a domain which it gets.
    let mut waits: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); held.len()];
    for (index, (before, after)) in held.iter().enumerate() {
        for domain in after.iter().filter(|domain| !before.contains(domain)) {
            let LiveKind::Items(live) = job.live else { continue };
            let has = |item: &serde_json::Map<String, Value>| domains_of(item.get("domains")).contains(domain);
            let Some(owner) = live.iter().find_map(|(name, item)| has(item).then_some(name)) else { continue };
            let owners = |change: &Change| change.at.subject.item() == Some(owner);
            match job.changes.iter().position(owners).filter(|&other| !held[other].1.contains(domain)) {
                Some(other) => _ = waits[index].insert(other),
                None => refuse_at(
                    index,
                    format!("`{domain}` belongs to the provider `{owner}`"),
                    "Remove the domain from that provider, or remove the provider, in the same change.",
                ),
            }
        }
    }
    let is_kept = |index: &usize| job.changes[*index].action != Action::Delete;
    let mut left: Vec<usize> = (0..held.len()).collect();
    left.sort_by_key(is_kept);
    let mut ordered = vec![];
    while !left.is_empty() {
        let free = left.iter().position(|index| waits[*index].iter().all(|other| ordered.contains(other)));
        if free.is_none() {
            let message = "providers exchange domains in a circle, so none can give its domain up first".to_owned();
            refuse_at(left[0], message, "Remove the domain from one provider, apply, and then add it to the other.");
        }
        ordered.push(left.remove(free.unwrap_or_default()));
    }
    (ordered, refusals)
}

/// Adds the risk of domains whose people will sign in through a provider.
pub(super) fn tell_new_domains(change: &mut Change) {
    let Some(diff) = change.fields.iter_mut().find(|diff| diff.name() == "domains") else { return };
    let before = shown_domains(&diff.before);
    if shown_domains(&diff.after).iter().any(|domain| !before.contains(domain)) {
        diff.risks
            .push((Impact::Security, "people of the domain sign in through this provider, which decides who they are"));
    }
}

fn shown_domains(shown: &DisplayValue) -> Vec<String> {
    match shown {
        DisplayValue::Value(value) => domains_of(Some(value)),
        DisplayValue::Absent | DisplayValue::SecretSet | DisplayValue::Secret(_) => vec![],
    }
}

/// Adds the risk of domains that no longer lead to a provider: to none, or to another.
pub(super) fn tell_lost_domains(after: &LiveKind, change: &mut Change) {
    let items = if let LiveKind::Items(items) = after { Some(items) } else { None };
    let kept: BTreeSet<String> =
        items.into_iter().flatten().flat_map(|(_, item)| domains_of(item.get("domains"))).collect();
    let Some(diff) = change.fields.iter_mut().find(|diff| diff.name() == "domains") else { return };
    let after = shown_domains(&diff.after);
    let lost: Vec<String> = shown_domains(&diff.before).into_iter().filter(|domain| !after.contains(domain)).collect();
    if lost.iter().any(|domain| !kept.contains(domain)) {
        diff.risks.push((Impact::LockOut, "people of a removed domain can no longer sign in with SSO"));
    } else if !lost.is_empty() {
        diff.risks.push((Impact::Access, "people of a moved domain sign in through another provider"));
    }
}
