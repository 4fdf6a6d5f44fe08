//! SSO providers: a thin layer over the auth service's own administration, as its source shows it.

use serde_json::{Map, Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::ids::{timestamp, uuid};
use crate::sandbox::state::Project;
use crate::sandbox::stored::SsoProvider;
use crate::sandbox::validate::{expected, object, one_of, optional_text, text};
use crate::sandbox::visit::{RequestContext, id};

const FORMATS: &[&str] = &[
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
];

/// The project, if the organization's plan includes SAML; whether SAML must be on is a switch, because recorded answers
/// come without it.
fn enabled<'a>(visit: &'a mut RequestContext<'_>) -> Result<&'a mut Project, Answer> {
    let needs_saml = visit.switches.sso_needs_saml;
    let (project, plan) = visit.project_and_plan()?;
    let on = !needs_saml || project.auth.get("saml_enabled") == Some(&true.into());
    if on && catalogue::includes(&plan, "auth.saml_2") {
        Ok(project)
    } else {
        Err(refuse(404, "SAML 2.0 support is not enabled for this project"))
    }
}

fn unknown() -> Answer {
    refuse(404, "SSO Identity Provider not found")
}

fn shown(id: &str, provider: &SsoProvider) -> Value {
    let mapping = Some(&provider.attribute_mapping).filter(|keys| !keys.is_empty());
    let (created, updated) = (timestamp(provider.created_ms), timestamp(provider.updated_ms));
    // Nested ids and times are not recorded, but some clients know them from the specification.
    let mut saml = json!({
        "id": uuid(&format!("{id}/saml")),
        "created_at": created,
        "updated_at": updated,
        "entity_id": provider.entity_id,
        "metadata_xml": provider.metadata_xml,
        "attribute_mapping": mapping.map_or_else(|| json!({}), |keys| json!({"keys": keys})),
    });
    // Members that are not set are left out.
    for (name, value) in [("metadata_url", &provider.metadata_url), ("name_id_format", &provider.name_id_format)] {
        if let Some(value) = value {
            saml[name] = value.as_str().into();
        }
    }
    let domain = |domain: &String| {
        json!({
            "id": uuid(&format!("{id}/{domain}")), "domain": domain, "created_at": created, "updated_at": updated,
        })
    };
    json!({
        "id": id,
        "disabled": null,
        "saml": saml,
        "domains": provider.domains.iter().map(domain).collect::<Vec<_>>(),
        "created_at": created,
        "updated_at": updated,
    })
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let providers = enabled(visit)?.sso_providers.iter().map(|(id, provider)| {
        let mut shown = shown(id, provider);
        shown["saml"]["metadata_xml"] = "".into();
        shown
    });
    answer(json!({"items": providers.collect::<Vec<_>>()}))
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let id = id(visit, "provider_id")?;
    let provider = enabled(visit)?.sso_providers.get(&id).ok_or_else(unknown)?;
    answer(shown(&id, provider))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let id = id(visit, "provider_id")?;
    let gone = enabled(visit)?.sso_providers.remove(&id).ok_or_else(unknown)?;
    answer(shown(&id, &gone))
}

/// The checked contents of a body.
struct Asked {
    metadata: Option<Metadata>,
    domains: Option<Vec<String>>,
    keys: Map<String, Value>,
    name_id_format: Option<String>,
}

struct Metadata {
    url: Option<String>,
    xml: String,
    entity_id: String,
}

fn asked(members: &Map<String, Value>) -> Result<Asked, Answer> {
    let [xml, url, format] = [
        optional_text(members, "metadata_xml")?,
        optional_text(members, "metadata_url")?,
        optional_text(members, "name_id_format")?,
    ];
    if let Some(format) = format {
        one_of("name_id_format", format, FORMATS)?;
    }
    let domains = members.get("domains").map(|given| texts("domains", given)).transpose()?;
    let keys = match members.get("attribute_mapping") {
        None => Map::new(),
        Some(Value::Object(mapping)) => match mapping.get("keys") {
            Some(Value::Object(keys)) => {
                keys.iter().map(|(claim, from)| said(claim, from)).collect::<Result<_, _>>()?
            }
            other => return Err(expected("attribute_mapping.keys", "object", other)),
        },
        other => return Err(expected("attribute_mapping", "object", other)),
    };
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let metadata = match (filled(xml), filled(url)) {
        (Some(_), Some(_)) => return Err(refuse(400, "Only one of metadata_xml or metadata_url needs to be set")),
        (Some(xml), None) => Some((None, xml)),
        (None, Some(url)) => Some((Some(url.clone()), fetched(&url)?)),
        (None, None) => None,
    };
    let metadata = metadata.map(|(url, xml)| {
        let entity_id = entity_id(&xml).map_err(|is| refuse(400, is))?;
        Ok(Metadata { url, xml, entity_id })
    });
    Ok(Asked { metadata: metadata.transpose()?, domains, keys, name_id_format: format.map(str::to_owned) })
}

fn texts(name: &str, given: &Value) -> Result<Vec<String>, Answer> {
    let items = given.as_array().ok_or_else(|| expected(name, "array", Some(given)))?;
    let text = |(index, item): (usize, &Value)| {
        item.as_str().map(str::to_owned).ok_or_else(|| expected(&format!("{name}.{index}"), "string", Some(item)))
    };
    items.iter().enumerate().map(text).collect()
}

/// A claim as it is stored: empty members are left out.
fn said(claim: &str, from: &Value) -> Result<(String, Value), Answer> {
    let at = format!("attribute_mapping.keys.{claim}");
    let members = from.as_object().ok_or_else(|| expected(&at, "object", Some(from)))?;
    let mut kept = Map::new();
    for (name, value) in members {
        let fits = match name.as_str() {
            "name" => value.is_string(),
            "names" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
            "array" => value.is_boolean(),
            "default" => true,
            _ => continue,
        };
        if !fits {
            return Err(refuse(400, format!("{at}.{name}: Invalid input")));
        }
        if ![json!(""), json!([]), json!(false), json!(null)].contains(value) {
            kept.insert(name.clone(), value.clone());
        }
    }
    Ok((claim.to_owned(), kept.into()))
}

/// The metadata of an address: nothing is fetched, so the entity id is made of the address.
fn fetched(url: &str) -> Result<String, Answer> {
    let parsed = url::Url::parse(url).map_err(|_| refuse(400, "metadata_url is not a valid URL"))?;
    if parsed.scheme() != "https" {
        return Err(refuse(400, "metadata_url is not a HTTPS URL"));
    }
    let name = url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    Ok(format!("<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{name}\"/>"))
}

/// The entity id of metadata, or what is wrong with it. Metadata without any descriptor is accepted, so that samples can be
/// short; otherwise one must be of an identity provider.
fn entity_id(xml: &str) -> Result<String, String> {
    let broken = |why: &dyn std::fmt::Display| format!("SAML Metadata could not be parsed: {why}");
    let document = roxmltree::Document::parse(xml.trim()).map_err(|why| broken(&why))?;
    let named = |node: &roxmltree::Node<'_, '_>, name: &str| node.tag_name().name() == name;
    let root = document.root_element();
    let is_provider = |node: &roxmltree::Node<'_, '_>| node.children().any(|child| named(&child, "IDPSSODescriptor"));
    let entity = match root.tag_name().name() {
        "EntityDescriptor" => root,
        "EntitiesDescriptor" => root
            .children()
            .find(|child| named(child, "EntityDescriptor") && is_provider(child))
            .ok_or("no entity found with IDPSSODescriptor")?,
        other => return Err(broken(&format!("expected EntityDescriptor, found {other}"))),
    };
    let id = entity.attribute("entityID").filter(|id| !id.is_empty());
    let id = id.ok_or("SAML Metadata does not contain an EntityID")?;
    let descriptors = |name: &str| entity.children().filter(|child| child.tag_name().name().ends_with(name)).count();
    match (descriptors("IDPSSODescriptor"), descriptors("Descriptor")) {
        (0, 1..) => Err("SAML Metadata does not contain any IDPSSODescriptor".to_owned()),
        (2.., _) => Err("SAML Metadata contains multiple IDPSSODescriptors".to_owned()),
        _ => Ok(id.to_owned()),
    }
}

/// A domain leads to one provider, ignoring case.
fn domains_are_free(project: &Project, own: &str, domains: &[String]) -> Result<(), Answer> {
    for domain in domains {
        let has = |provider: &SsoProvider| provider.domains.iter().any(|other| other.eq_ignore_ascii_case(domain));
        if let Some((other, _)) = project.sso_providers.iter().find(|(id, provider)| *id != own && has(provider)) {
            let said = format!("SSO Domain '{domain}' is already assigned to an SSO identity provider ({other})");
            return Err(refuse(400, said));
        }
    }
    Ok(())
}

pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    one_of("type", text(members, "type")?, &["saml"])?;
    let Asked { metadata, domains, keys, name_id_format } = asked(members)?;
    let project = enabled(visit)?;
    let Metadata { url, xml, entity_id } =
        metadata.ok_or_else(|| refuse(400, "Either metadata_xml or metadata_url must be set"))?;
    if project.sso_providers.values().any(|provider| provider.entity_id == entity_id) {
        return Err(refuse(422, format!("SAML Identity Provider with this EntityID ({entity_id}) already exists")));
    }
    let domains = domains.unwrap_or_default();
    domains_are_free(project, "", &domains)?;
    let id = project.next_id();
    let provider = SsoProvider {
        entity_id,
        metadata_url: url,
        metadata_xml: xml,
        domains,
        attribute_mapping: keys,
        name_id_format,
        created_ms: now,
        updated_ms: now,
    };
    let shown = shown(&id, &provider);
    project.sso_providers.insert(id, provider);
    Ok(ok(201, shown))
}

/// Missing members stay, except for the name format, which is reset.
pub(super) fn update(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (id, body, now) = (id(visit, "provider_id")?, visit.body.take(), visit.now);
    let Asked { metadata, domains, keys, name_id_format } = asked(object(body.as_ref())?)?;
    let project = enabled(visit)?;
    domains_are_free(project, &id, domains.as_deref().unwrap_or_default())?;
    let provider = project.sso_providers.get_mut(&id).ok_or_else(unknown)?;
    if let Some(Metadata { url, xml, entity_id }) = metadata {
        if provider.entity_id != entity_id {
            let own = &provider.entity_id;
            let said = format!(
                "SAML Metadata can be updated only if the EntityID matches for the provider; expected '{own}' but got '{entity_id}'"
            );
            return Err(refuse(400, said));
        }
        provider.metadata_url = url.or_else(|| provider.metadata_url.take());
        provider.metadata_xml = xml;
    }
    provider.domains = domains.unwrap_or_else(|| std::mem::take(&mut provider.domains));
    if !keys.is_empty() {
        provider.attribute_mapping = keys;
    }
    provider.name_id_format = name_id_format;
    provider.updated_ms = now;
    answer(shown(&id, provider))
}
