//! Builds one project: finds its documents and layers, merges them, and makes the desired state of them.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Documents};
use super::envelope::Placed;
use super::input::{Options, Texts};
use super::merge::{Layered, Merged, MergedBody, MergedItem, MergedSettings, merge};
use super::profiles;
use super::role::Role;
use super::usage::Usage;
use super::values::{ContentCache, Named, TextCache, Values};
use super::variables::{Filler, LiveName, Scope, Undefined};
use serde_json::{Map, Value};

use crate::diag::codes::{manifest as codes, value as value_codes};
use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::kind::{Kind, KindInfo, Registry, Shape, check_needs, infos};
use crate::model::{
    BranchOf, DesiredProject, DesiredValue, Item, Layer, Origin, Preview, Section, SectionBody, Setting, Settings,
    Spanned,
};
use crate::schema::check::json;
use crate::schema::members::{members, untouched};
use crate::secret::SecretUse;
use crate::yaml::Node;

/// State that the building of all projects shares.
pub(super) struct Shared<'a, 'n> {
    pub(super) documents: &'a Documents<'n>,
    pub(super) sources: &'a Sources,
    pub(super) texts: &'a dyn Texts,
    pub(super) options: &'a Options,
    pub(super) registry: Registry,
    pub(super) cache: TextCache,
    pub(super) contents: ContentCache,
    pub(super) named: Named,
    /// The profiles that any project extends.
    pub(super) reached: BTreeSet<&'n str>,
    /// The documents of projects that could not be merged.
    pub(super) torn: Vec<&'a Document<'n>>,
    /// The places of values of profiles and `common` that some project uses.
    pub(super) checked: BTreeSet<Span>,
    pub(super) undefined: Undefined,
    pub(super) usage: Usage<'n>,
    pub(super) previews: Vec<Preview>,
}

/// Builds one project from its documents, which are in the order of the files.
pub(super) fn make<'a, 'n>(
    shared: &mut Shared<'a, 'n>,
    name: &str,
    documents: &[&'a Document<'n>],
    out: &mut Diagnostics,
) -> Option<DesiredProject> {
    let before = out.len();
    let main = main_document(name, documents, out)?;
    let layers = layers(shared.documents, main, documents, out);
    let profiles = layers.iter().filter(|layered| layered.document.role == Role::Profile);
    shared.reached.extend(profiles.map(|layered| layered.document.name));
    if out.len() > before || !layers.iter().all(|layered| layered.document.whole) {
        // The intended project is unknown, and so is what is missing or contradictory.
        shared.torn.extend(documents);
        return None;
    }
    let envelopes = || layers.iter().map(|layered| (&layered.layer, &layered.document.envelope));
    let last = |pick: fn(&super::envelope::Envelope<'n>) -> Option<Placed<&'n str>>| {
        envelopes().filter_map(|(layer, envelope)| Some((layer, pick(envelope)?))).next_back()
    };

    let mut scope = Scope::default();
    for (_, envelope) in envelopes() {
        scope.take(envelope);
    }
    let reference = main.envelope.reference.as_ref().map(|found| Spanned {
        value: found.value.clone(),
        origin: Origin { span: found.span, layer: Layer::Document },
    });
    scope.reference = reference.as_ref().map(|found| found.value.to_string());
    let branch_of = main.envelope.branch_of.as_ref().map(|found| BranchOf {
        project: found.value.0.to_owned(),
        branch: found.value.1.to_owned(),
        origin: Origin { span: found.span, layer: Layer::Document },
    });
    // A branch is found by its project; what profiles say of that is about the project.
    let is_branch = branch_of.is_some() || main.role == Role::Preview;
    let organization = last(|envelope| envelope.organization)
        .filter(|_| !is_branch)
        .map(|(layer, found)| Spanned { value: found.value.to_owned(), origin: origin(found.span, layer) });
    let region = envelopes().filter_map(|(layer, envelope)| Some((layer, envelope.region?))).next_back();
    let region = region.filter(|_| !is_branch);

    let mut merged = merge(&layers, out);
    if is_branch {
        super::lineage::own_branches(name, &merged, out);
        merged.retain(|section| !section.kind.patterns);
    }
    let filler = Filler {
        project: name,
        scope,
        sources: shared.sources,
        undefined: &mut shared.undefined,
        out,
        via: vec![],
        used: BTreeSet::new(),
        lenient: false,
        at_once: true,
    };
    let mut values = Values {
        filler,
        texts: shared.texts,
        cache: &mut shared.cache,
        contents: &mut shared.contents,
        named: &mut shared.named,
        options: shared.options,
        parts: vec![],
    };
    // The name comes first, because other texts may use it.
    let live_name = main.envelope.name.and_then(|node| fill(&mut values.filler, &Layer::Document, node));
    values.filler.scope.name = match (&live_name, main.envelope.name) {
        (None, None) if branch_of.is_some() => {
            LiveName::Is(branch_of.as_ref().map_or_else(String::new, |of| of.branch.clone()))
        }
        (Some(name), _) => LiveName::Is(name.value.clone()),
        (None, Some(_)) => LiveName::Refused,
        (None, None) => LiveName::Absent,
    };
    let region = region.and_then(|(layer, node)| fill(&mut values.filler, layer, node));
    let password = envelopes().filter_map(|(layer, envelope)| Some((layer, envelope.database_password?))).next_back();
    let database_password = password.and_then(|(layer, node)| {
        let source = values.source("database_password", node, false)?;
        Some(Spanned { value: SecretUse::one(source), origin: origin(node.span, layer) })
    });
    values.filler.at_once = false;
    let mut sections = BTreeMap::new();
    for merged in merged {
        shared.checked.extend(merged.places().filter(|(layer, _)| **layer != Layer::Document).map(|(_, span)| span));
        let (kind, whole, before) = (merged.kind.name, merged.whole, values.filler.findings());
        let mut section = values.section(merged);
        // A field whose value was refused is not missing, so rules across fields are not checked.
        if whole
            && values.filler.findings() == before
            && let Some(kind) = shared.registry.iter().find(|other| other.info().name == kind)
        {
            load(*kind, &mut section, &mut values);
            check_needs(&section, values.filler.out);
            kind.check(&section, values.filler.out);
        }
        sections.insert(kind, section);
    }
    exclusive(shared.registry, &sections, values.filler.out);
    let Filler { scope, used, .. } = values.filler;
    shared.usage.project(main, &layers, &scope, &used, out);

    let create = envelopes().filter_map(|(layer, envelope)| Some((layer, envelope.create?))).next_back();
    let create = create.filter(|_| !is_branch);
    let project = DesiredProject {
        document: name.to_owned(),
        span: main.name_span,
        reference,
        branch_of,
        organization,
        name: live_name.filter(|_| !is_branch),
        region,
        protected: protected(&layers, out),
        create: create.map(|(layer, found)| Spanned { value: found.value, origin: origin(found.span, layer) }),
        database_password: database_password.filter(|_| !is_branch),
        labels: scope.labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        sections,
    };
    if is_branch {
        super::lineage::only_a_branch(main, out);
    } else {
        previews(shared, &project, &layers, out);
    }
    findable(
        &project,
        is_branch,
        |wanted| envelopes().any(|(_, envelope)| envelope.keys.iter().any(|key| key.name == wanted)),
        out,
    );
    Some(project)
}

/// Refuses two sections of which a project can have one.
fn exclusive(registry: Registry, sections: &BTreeMap<&'static str, Section>, out: &mut Diagnostics) {
    // The first field of such a section is what it is about; cleared, the project is not to have it.
    let place = |kind: &KindInfo| match &sections.get(kind.name)?.body {
        SectionBody::Settings(settings) => {
            let setting = kind.all_fields().next().and_then(|field| settings.fields.get(field.name))?;
            (setting.value != DesiredValue::Clear).then_some(setting.origin.span)
        }
        SectionBody::Items(_) => None,
    };
    for info in infos(registry) {
        let others = infos(registry).filter(|other| info.excludes.contains(&other.name));
        for (other, at, first) in others.filter_map(|other| Some((other, place(info)?, place(other)?))) {
            let message = format!("a project has `{}` or `{}`, not both", other.name, info.name);
            let found = Diagnostic::error(value_codes::NOT_BOTH, at, message).label(first, "the other is here");
            out.push(found.hint("Remove one of them; written with `null`, it is taken away first."));
        }
    }
}

/// Reads the files that a section is about.
fn load(kind: &dyn Kind, section: &mut Section, files: &mut Values<'_, '_>) {
    let origin = section.origin.clone();
    match &mut section.body {
        SectionBody::Settings(settings) => kind.load(None, settings, &origin, files),
        SectionBody::Items(items) => {
            for (name, item) in items {
                if let Item::Present(settings, origin) = item {
                    kind.load(Some(name), settings, origin, files);
                }
            }
        }
    }
    kind.spread(section);
}

/// What a project wants of the branches that no document describes: the strongest layer's, for each pattern.
fn previews<'a, 'n>(
    shared: &mut Shared<'a, 'n>,
    project: &DesiredProject,
    layers: &[Layered<'a, 'n>],
    out: &mut Diagnostics,
) {
    if !project
        .sections
        .keys()
        .any(|kind| shared.registry.iter().any(|it| it.info().name == *kind && it.info().patterns))
    {
        return;
    }
    let mut by_pattern: BTreeMap<&str, &'a Document<'n>> = BTreeMap::new();
    for layered in layers {
        by_pattern.extend(layered.document.previews.iter().map(|preview| (preview.name, preview)));
    }
    let name = Preview::secrets(&project.document);
    for (pattern, document) in by_pattern {
        if let Some(wanted) = make(shared, &name, &[document], out) {
            let (parent, pattern) = (project.document.clone(), pattern.to_owned());
            shared.previews.push(Preview { parent, pattern, origin: wanted.origin(), wanted });
        }
    }
}

/// The one document with an envelope; the others hold sections only, each section in one.
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
            let message = format!("`{}` of `{name}` is in two documents", section.kind.name);
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

/// Whether a project is protected; a stronger layer can add protection, never remove it.
fn protected(layers: &[Layered<'_, '_>], out: &mut Diagnostics) -> bool {
    let mut raised: Option<Span> = None;
    for said in layers.iter().filter_map(|layered| layered.document.envelope.protected) {
        match raised {
            Some(at) if !said.value => out.push(
                Diagnostic::error(codes::PROTECTED_LOWERED, said.span, "the document removes protection")
                    .label(at, "protection is set here")
                    .hint("Remove this line, or the one that sets it."),
            ),
            None if said.value => raised = Some(said.span),
            _ => {}
        }
    }
    raised.is_some()
}

/// Refuses a project that can neither be found nor created.
fn findable(project: &DesiredProject, is_branch: bool, is_written: impl Fn(&str) -> bool, out: &mut Diagnostics) {
    if let Some(create) = project.create.as_ref().filter(|_| project.creates()) {
        for key in ["organization", "region", "database_password"].into_iter().filter(|key| !is_written(key)) {
            let message = format!("`{}` cannot be created without `{key}`", project.document);
            let found = Diagnostic::error(codes::CREATE_NEEDS, create.origin.span, message);
            out.push(match key {
                "database_password" => {
                    found.hint("Write `database_password: {secret: NAME}`; it is used once, at creation.")
                }
                _ => found.hint(format!("Write `{key}:` here or in a profile.")),
            });
        }
    } else if project.reference.is_none() && project.organization.is_none() && !is_branch {
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

/// Adds the fields that are not written with the values of an untouched project: `rest: default`.
fn fill_up(settings: &mut Settings, kind: &KindInfo, hands_off: &BTreeSet<&str>, origin: &Origin) {
    for field in kind.all_fields() {
        if hands_off.contains(field.name) {
            continue;
        }
        let Some(default) = untouched(field) else { continue };
        match settings.fields.get_mut(field.name) {
            None => {
                let value = if default.is_null() { DesiredValue::Clear } else { DesiredValue::Value(default) };
                let setting = Setting { field, value, origin: origin.clone(), parts: vec![], over: vec![] };
                settings.fields.insert(field.name, setting);
            }
            // Of an object whose members are fields of their own, only the members that are not written.
            Some(Setting { value: DesiredValue::Value(Value::Object(written)), .. }) if members(field).is_some() => {
                let mut all = default;
                merge_over(&mut all, written);
                if let Value::Object(all) = all {
                    note_places(field.name, &all, written, origin, &mut settings.places);
                    *written = all;
                }
            }
            Some(_) => {}
        }
    }
    // In the order of the table, as settings always are.
    let mut filled = std::mem::take(&mut settings.fields);
    let ordered = kind.all_fields().filter_map(|field| filled.swap_remove_entry(field.name));
    settings.fields = ordered.collect();
}

/// Puts written members over the defaults.
fn merge_over(below: &mut Value, above: &Map<String, Value>) {
    let Value::Object(members) = below else { return };
    for (name, value) in above {
        match (members.get_mut(name), value) {
            (Some(inner @ Value::Object(_)), Value::Object(written)) => merge_over(inner, written),
            _ => drop(members.insert(name.clone(), value.clone())),
        }
    }
}

/// Records where the members that are not written come from.
fn note_places(
    way: &str,
    all: &Map<String, Value>,
    written: &Map<String, Value>,
    origin: &Origin,
    out: &mut BTreeMap<String, Origin>,
) {
    for (name, value) in all {
        let way = format!("{way}.{name}");
        match (value, written.get(name)) {
            (Value::Object(all), Some(Value::Object(written))) => note_places(&way, all, written, origin, out),
            (Value::Object(all), None) => {
                note_places(&way, all, &Map::new(), origin, out);
                out.insert(way, origin.clone());
            }
            (_, None) => drop(out.insert(way, origin.clone())),
            (_, Some(_)) => {}
        }
    }
}

impl Values<'_, '_> {
    pub(super) fn section(&mut self, merged: Merged<'_>) -> Section {
        let hands_off = match &merged.body {
            MergedBody::Settings(written) => written.released.clone(),
            MergedBody::Items(_) => BTreeSet::new(),
        };
        let body = match merged.body {
            MergedBody::Settings(written) => {
                let mut settings = self.settings(&written, None);
                if let Some(origin) = &merged.rest {
                    fill_up(&mut settings, merged.kind, &hands_off, origin);
                }
                SectionBody::Settings(settings)
            }
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
        Section { origin: merged.origin, policy: merged.policy, hands_off, body }
    }

    /// `item`: the name of the item whose one value this is.
    fn settings(&mut self, merged: &MergedSettings<'_>, item: Option<&str>) -> Settings {
        let mut settings = Settings::default();
        settings.fields.reserve(merged.fields.len());
        for written in merged.fields.values() {
            if let Some(value) = self.datum(written.field, &written.node, item) {
                let origin = origin(written.node.span, &written.layer);
                let parts = std::mem::take(&mut self.parts);
                let over = written.over.clone();
                settings
                    .fields
                    .insert(written.field.name, Setting { field: written.field, value, origin, parts, over });
                let members = written.members.iter().map(|(name, origin)| (name.clone(), origin.clone()));
                settings.places.extend(members);
            }
        }
        for (name, (entry, layer)) in &merged.extra {
            if let Some(value) = json(name, &entry.value, self.filler.out) {
                settings.extra.insert((*name).to_owned(), value);
                settings.places.insert((*name).to_owned(), origin(entry.key.span, layer));
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
