//! One project: its documents and layers found, merged, and made into what is desired.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Documents};
use super::envelope::{Placed, Role};
use super::merge::{Layered, Merged, MergedBody, MergedItem, MergedSettings, merge};
use super::profiles;
use super::usage::Usage;
use super::values::{TextCache, Values};
use super::variables::{Filler, Scope, Undefined};
use super::{Options, Texts};
use crate::diag::{Diagnostic, Diagnostics, Sources, Span, codes::manifest as codes};
use crate::kind::{Registry, Shape};
use crate::model::{DesiredProject, Item, Layer, Origin, Section, SectionBody, Setting, Settings, Spanned};
use crate::schema::check::json;
use crate::secret::SecretUse;
use crate::yaml::Node;

/// What the making of all projects shares.
pub(super) struct Shared<'a, 'n> {
    pub(super) documents: &'a Documents<'n>,
    pub(super) sources: &'a Sources,
    pub(super) texts: &'a dyn Texts,
    pub(super) options: &'a Options,
    pub(super) registry: Registry,
    pub(super) cache: TextCache,
    /// The profiles that any project extends.
    pub(super) reached: BTreeSet<&'n str>,
    pub(super) undefined: Undefined,
    pub(super) usage: Usage<'n>,
}

/// Makes one project of its documents, which are in the order of the files.
pub(super) fn make<'n>(
    shared: &mut Shared<'_, 'n>,
    name: &str,
    documents: &[&Document<'n>],
    out: &mut Diagnostics,
) -> Option<DesiredProject> {
    let main = main_document(name, documents, out)?;
    let before = out.len();
    let layers = layers(shared.documents, main, documents, out);
    let whole = out.len() == before;
    let profiles = layers.iter().filter(|layered| layered.document.role == Role::Profile);
    shared.reached.extend(profiles.map(|layered| layered.document.name));
    let envelopes = || layers.iter().map(|layered| (&layered.layer, &layered.document.envelope));
    let last = |pick: fn(&super::envelope::Envelope<'n>) -> Option<Placed<&'n str>>| {
        envelopes().filter_map(|(layer, envelope)| Some((layer, pick(envelope)?))).next_back()
    };

    let mut scope = Scope::default();
    for (_, envelope) in envelopes() {
        scope.vars.extend(envelope.vars.iter().map(|entry| (entry.key.name.as_str(), *entry)));
        scope.labels.extend(envelope.labels.iter().map(|(name, value)| (*name, value.value)));
    }
    let reference = main.envelope.reference.as_ref().map(|found| Spanned {
        value: found.value.clone(),
        origin: Origin { span: found.span, layer: Layer::Document },
    });
    scope.reference = reference.as_ref().map(|found| found.value.to_string());
    let organization = last(|envelope| envelope.organization)
        .map(|(layer, found)| Spanned { value: found.value.to_owned(), origin: origin(found.span, layer) });
    let region = envelopes().filter_map(|(layer, envelope)| Some((layer, envelope.region?))).next_back();

    // The name first, because other texts may ask for it.
    let mut filler = Filler {
        project: name,
        scope: &scope,
        sources: shared.sources,
        undefined: &mut shared.undefined,
        out,
        via: vec![],
        used: BTreeSet::new(),
    };
    let live_name = main.envelope.name.and_then(|node| fill(&mut filler, &Layer::Document, node));
    drop(filler);
    scope.name = Some(live_name.as_ref().map_or(name, |name| &name.value).to_owned());

    let merged = merge(&layers, out);
    let filler = Filler {
        project: name,
        scope: &scope,
        sources: shared.sources,
        undefined: &mut shared.undefined,
        out,
        via: vec![],
        used: BTreeSet::new(),
    };
    let mut values = Values { filler, texts: shared.texts, cache: &mut shared.cache, options: shared.options };
    let region = region.and_then(|(layer, node)| fill(&mut values.filler, layer, node));
    let mut sections = BTreeMap::new();
    for section in merged {
        sections.insert(section.kind.name, values.section(section));
    }
    let used = std::mem::take(&mut values.filler.used);
    shared.usage.project(main, &layers, &scope, &used, out);
    for kind in shared.registry {
        if let Some(section) = sections.get(kind.info().name) {
            kind.check(section, out);
        }
    }

    let create = envelopes().filter_map(|(layer, envelope)| Some((layer, envelope.create?))).next_back();
    let project = DesiredProject {
        document: name.to_owned(),
        span: main.name_span,
        reference,
        organization,
        name: live_name,
        region,
        protected: protected(&layers, out),
        create: create.map(|(layer, found)| Spanned { value: found.value, origin: origin(found.span, layer) }),
        labels: scope.labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        sections,
    };
    // A `ref` or a profile that cannot be used has been told already.
    if whole && !main.envelope.keys.iter().any(|key| key.name == "ref" && project.reference.is_none()) {
        findable(&project, out);
    }
    Some(project)
}

/// The one document with an envelope; the others hold sections only, each section in one (R3).
fn main_document<'d, 'n>(
    name: &str,
    documents: &[&'d Document<'n>],
    out: &mut Diagnostics,
) -> Option<&'d Document<'n>> {
    let mut enveloped = documents.iter().copied().filter(|document| !document.envelope.keys.is_empty());
    let main = enveloped.next().or_else(|| documents.first().copied())?;
    for other in enveloped {
        let second = other.envelope.keys.first().map_or(other.name_span, |key| key.span);
        out.push(
            Diagnostic::error(codes::SECOND_ENVELOPE, second, format!("`{name}` is described in two places"))
                .label(main.name_span, "the first is here")
                .hint("A second document of a project holds sections only; or give it another name."),
        );
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for section in documents.iter().flat_map(|document| &document.sections) {
        if let Some(first) = seen.insert(section.kind.name, section.key) {
            let message = format!("`{}` of `{name}` is written in two places", section.kind.name);
            out.push(Diagnostic::error(codes::SECOND_SECTION, section.key, message).label(first, "the first is here"));
        }
    }
    Some(main)
}

/// From weak to strong: profiles, what is common to the file, the documents.
fn layers<'d, 'n>(
    all: &'d Documents<'n>,
    main: &'d Document<'n>,
    documents: &[&'d Document<'n>],
    out: &mut Diagnostics,
) -> Vec<Layered<'d, 'n>> {
    let mut commons: Vec<usize> = documents.iter().filter_map(|document| document.common).collect();
    commons.dedup();
    let commons: Vec<&Document<'n>> = commons.into_iter().filter_map(|at| all.commons.get(at)).collect();
    let extends = commons.iter().flat_map(|common| &common.envelope.extends).chain(&main.envelope.extends);
    let mut layers = profiles::layers(all, extends, out);
    layers.extend(commons.into_iter().map(|document| Layered { layer: Layer::Common, document }));
    layers.extend(documents.iter().map(|&document| Layered { layer: Layer::Document, document }));
    layers
}

/// Protection can be raised by a stronger layer, never lowered (R4).
fn protected(layers: &[Layered<'_, '_>], out: &mut Diagnostics) -> bool {
    let mut raised: Option<Span> = None;
    for said in layers.iter().filter_map(|layered| layered.document.envelope.protected) {
        match raised {
            Some(at) if !said.value => out.push(
                Diagnostic::error(codes::PROTECTED_LOWERED, said.span, "protection is taken away")
                    .label(at, "it was raised here")
                    .hint("Remove this line, or the one that raises it."),
            ),
            None if said.value => raised = Some(said.span),
            _ => {}
        }
    }
    raised.is_some()
}

/// Refuses what can neither be found nor created (R25).
fn findable(project: &DesiredProject, out: &mut Diagnostics) {
    if let Some(create) = project.create.as_ref().filter(|create| create.value) {
        let lacks = [("organization", project.organization.is_none()), ("region", project.region.is_none())];
        for (key, _) in lacks.iter().filter(|(_, lacks)| *lacks) {
            let message = format!("`{}` cannot be created without `{key}`", project.document);
            out.push(Diagnostic::error(codes::CREATE_NEEDS, create.origin.span, message));
        }
    } else if project.reference.is_none() && project.organization.is_none() {
        let message = format!("`{}` has neither `ref` nor `organization`, so it cannot be found", project.document);
        out.push(
            Diagnostic::error(codes::NOT_FINDABLE, project.span, message)
                .hint("Write `ref:`, or `organization:` and, if it differs, the project's `name:` at Supabase."),
        );
    }
}

fn origin(span: Span, layer: &Layer) -> Origin {
    Origin { span, layer: layer.clone() }
}

fn fill(filler: &mut Filler<'_, '_>, layer: &Layer, node: &Node) -> Option<Spanned<String>> {
    let value = filler.text(node.as_text()?, node.span)?;
    Some(Spanned { value, origin: origin(node.span, layer) })
}

impl Values<'_, '_> {
    fn section(&mut self, merged: Merged<'_>) -> Section {
        let body = match merged.body {
            MergedBody::Settings(settings) => SectionBody::Settings(self.settings(&settings, None)),
            MergedBody::Items(items) => {
                let plain = matches!(merged.kind.shape, Shape::Collection { scalar: Some(_), .. });
                let made = items.into_iter().map(|(name, item)| {
                    let item = match item {
                        MergedItem::Absent(origin) => Item::Absent(origin),
                        MergedItem::Unmanaged(origin) => Item::Unmanaged(origin),
                        MergedItem::Present(settings, origin) => {
                            Item::Present(self.settings(&settings, plain.then_some(name)), origin)
                        }
                    };
                    (name.to_owned(), item)
                });
                SectionBody::Items(made.collect())
            }
        };
        Section { origin: merged.origin, policy: merged.policy, body }
    }

    /// `item`: the name of the item whose one value this is.
    fn settings(&mut self, merged: &MergedSettings<'_>, item: Option<&str>) -> Settings {
        let mut settings = Settings::default();
        settings.fields.reserve(merged.fields.len());
        for written in merged.fields.values() {
            if let Some(value) = self.datum(written.field, &written.node, item) {
                let origin = origin(written.node.span, &written.layer);
                let over = written.over.clone();
                settings.fields.insert(written.field.name, Setting { field: written.field, value, origin, over });
            }
        }
        for (name, (entry, layer)) in &merged.extra {
            if let Some(value) = json(name, &entry.value, self.filler.out) {
                settings.extra.insert((*name).to_owned(), value);
                settings.extra_origins.insert((*name).to_owned(), origin(entry.key.span, layer));
            }
        }
        for (name, (entry, layer)) in &merged.extra_secrets {
            if let Some(source) = self.source(name, &entry.value, false) {
                let secret = (SecretUse::one(source), origin(entry.value.span, layer));
                settings.extra_secrets.insert((*name).to_owned(), secret);
            }
        }
        settings
    }
}
