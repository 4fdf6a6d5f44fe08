//! All facts of one project: as its manifests say, or live.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Fact, Identity, Place, Raw, Side, StatedValue, subject};
use crate::diff;
use crate::kind::KindInfo;
use crate::model::{
    DesiredProject, DesiredValue, DisplayValue, Item, LiveKind, Origin, Section, SectionBody, Setting, Settings,
    Subject,
};
use crate::schema::{FieldPath, wire};

impl Side {
    /// The facts of a project's manifests.
    #[must_use]
    pub fn rendered(project: &DesiredProject, registry: crate::kind::Registry, identity: Identity) -> Self {
        let mut side = Self::default();
        side.envelope(project, identity);
        for (name, section) in &project.sections {
            if let Some(kind) = crate::kind::find(registry, name) {
                side.section(kind.info(), section);
            }
        }
        side
    }

    /// The live facts of a project, as far as they were read; `project` has the places where a manifest manages them.
    #[must_use]
    pub fn live(
        kinds: &BTreeMap<&'static str, LiveKind>,
        registry: crate::kind::Registry,
        project: &DesiredProject,
    ) -> Self {
        let mut side = Self::default();
        let written = Self::rendered(project, registry, Identity::Without);
        for (name, live) in kinds {
            let Some(kind) = crate::kind::find(registry, name) else { continue };
            match &kind.as_read(live.clone()) {
                LiveKind::Settings(seen) => side.seen(kind.info(), None, seen),
                LiveKind::Items(items) => {
                    for (item, seen) in items {
                        side.seen(kind.info(), Some(item), seen);
                    }
                }
                LiveKind::NotYet => {}
            }
        }
        for (place, fact) in &mut side.facts {
            fact.origin = written.facts.get(place).and_then(|fact| fact.origin.clone());
        }
        side
    }

    /// The facts of a field of a section, or of all fields of an item.
    pub fn of<'a>(
        &'a self,
        kind: &'static str,
        item: Option<&'a str>,
        field: Option<&'a str>,
    ) -> Vec<(&'a Place, &'a Fact)> {
        let is = |place: &Place| {
            place.subject.kind() == Some(kind)
                && place.subject.item() == item
                && field.is_none_or(|field| place.field == field)
        };
        self.facts.iter().filter(|(place, _)| is(place)).collect()
    }

    fn envelope(&mut self, project: &DesiredProject, identity: Identity) {
        let text = |value: &str| DisplayValue::Value(value.into());
        let mut row = 0;
        let mut put = |name: String, shown: DisplayValue, origin: Option<Origin>| {
            row += 1;
            let place = Place { subject: Subject::Project, row, field: name };
            self.facts.insert(
                place,
                Fact { field: None, says: StatedValue::DisplayValue(shown), origin, over: vec![], live: None },
            );
        };
        // Every row gets a number, whether it is set or not, so that both sides number alike.
        let reference = project.reference.as_ref().map(|it| (it.value.as_str(), &it.origin));
        let name = project.name.as_ref().map(|it| (it.value.as_str(), &it.origin));
        let organization = project.organization.as_ref().map(|it| (it.value.as_str(), &it.origin));
        let region = project.region.as_ref().map(|it| (it.value.as_str(), &it.origin));
        let whole = identity == Identity::Whole;
        let branch_of = project.branch_of.as_ref().map(|it| (format!("{} of {}", it.branch, it.project), &it.origin));
        let branch_of = branch_of.as_ref().map(|(value, origin)| (value.as_str(), *origin));
        let said = [
            ("branch_of", branch_of.filter(|_| whole)),
            ("ref", reference.filter(|_| whole)),
            ("name", name.filter(|_| whole)),
            ("organization", organization),
            ("region", region),
        ];
        for (key, value) in said {
            let origin = value.map(|(_, origin)| origin.clone());
            put(key.to_owned(), value.map_or(DisplayValue::Absent, |(value, _)| text(value)), origin);
        }
        put("protected".to_owned(), DisplayValue::Value(project.protected.into()), None);
        let create = project.create.as_ref();
        let created = create.is_some_and(|create| create.value);
        put("create".to_owned(), DisplayValue::Value(created.into()), create.map(|it| it.origin.clone()));
        self.facts.retain(|_, fact| fact.says != StatedValue::DisplayValue(DisplayValue::Absent));
        for (name, value) in &project.labels {
            let place = Place { subject: Subject::Project, row: usize::MAX, field: format!("labels.{name}") };
            self.facts.insert(
                place,
                Fact {
                    field: None,
                    says: StatedValue::DisplayValue(text(value)),
                    origin: None,
                    over: vec![],
                    live: None,
                },
            );
        }
    }

    fn section(&mut self, info: &'static KindInfo, section: &Section) {
        let policies = [
            ("prune", Value::from(true), section.policy.prune),
            ("restart", Value::from("later"), section.policy.restart_later),
            ("rest", Value::from("default"), section.policy.rest_default),
        ];
        for (name, value, said) in policies {
            if said {
                let field = format!("manage.{}.{name}", info.name);
                let place = Place { subject: Subject::Project, row: usize::MAX, field };
                let says = StatedValue::DisplayValue(DisplayValue::Value(value));
                self.facts.insert(place, Fact { field: None, says, origin: None, over: vec![], live: None });
            }
        }
        match &section.body {
            SectionBody::Settings(settings) => self.settings(info, None, settings),
            SectionBody::Items(items) => {
                for (name, item) in items {
                    let (says, origin) = match item {
                        Item::Present(settings, origin) => {
                            self.settings(info, Some(name), settings);
                            if !settings.fields.is_empty() || !settings.extra.is_empty() {
                                continue;
                            }
                            (StatedValue::DisplayValue(DisplayValue::Value(Map::new().into())), origin)
                        }
                        Item::Absent(origin) => (StatedValue::Gone, origin),
                        Item::Unmanaged(origin) => (StatedValue::Unmanaged, origin),
                    };
                    let place = Place::of(info, Some(name), None);
                    self.facts.insert(
                        place,
                        Fact { field: None, says, origin: Some(origin.clone()), over: vec![], live: None },
                    );
                }
            }
        }
    }

    fn settings(&mut self, info: &'static KindInfo, item: Option<&str>, settings: &Settings) {
        let place = |row: usize, name: &str| Place { subject: subject(info, item), row, field: name.to_owned() };
        for (row, field) in info.rows().enumerate() {
            let Some(setting) = settings.fields.get(field.name) else { continue };
            for (path, setting, _) in diff::parts(setting, None, &settings.places) {
                let Setting { field, value, origin, over, parts: _ } = setting.into_owned();
                let says = match value {
                    DesiredValue::Value(value) => StatedValue::DisplayValue(DisplayValue::Value(value)),
                    DesiredValue::Secret(secret) => StatedValue::DisplayValue(DisplayValue::Secret(secret)),
                    DesiredValue::Clear => StatedValue::Cleared,
                };
                let fact = Fact { field: Some(field), says, origin: Some(origin), over, live: None };
                self.facts.insert(place(row, path.name()), fact);
            }
        }
        for (name, value) in &settings.extra {
            let says = StatedValue::DisplayValue(DisplayValue::Value(value.clone()));
            let origin = settings.places.get(name).cloned();
            self.facts.insert(place(usize::MAX, name), Fact { field: None, says, origin, over: vec![], live: None });
        }
        if let Some(content) = &settings.content {
            for (name, value) in content.fields() {
                let says = StatedValue::DisplayValue(if value.is_null() {
                    DisplayValue::Absent
                } else {
                    DisplayValue::Value(value)
                });
                let origin = Some(content.origin.clone());
                let fact = Fact { field: None, says, origin, over: vec![], live: None };
                self.facts.insert(place(usize::MAX, &name), fact);
            }
        }
        for (name, (secret, origin)) in &settings.extra_secrets {
            let says = StatedValue::DisplayValue(DisplayValue::Secret(secret.clone()));
            let fact = Fact { field: None, says, origin: Some(origin.clone()), over: vec![], live: None };
            self.facts.insert(place(usize::MAX, name), fact);
        }
    }

    fn seen(&mut self, info: &'static KindInfo, item: Option<&str>, seen: &Map<String, Value>) {
        for (row, field) in info.rows().enumerate() {
            for path in FieldPath::leaves(field) {
                let (field, name) = (path.row(), path.name().to_owned());
                let Some(value) = path.get(seen) else { continue };
                let shown = match value {
                    Value::Null => DisplayValue::Absent,
                    Value::String(text) if text.is_empty() && field.is_secret() => DisplayValue::Absent,
                    _ if field.is_secret() => DisplayValue::SecretSet,
                    value @ (Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_)) => DisplayValue::Value(wire::from_wire(field, value)),
                };
                let says = StatedValue::DisplayValue(shown);
                let fact =
                    Fact { field: Some(field), says, origin: None, over: vec![], live: Some(Raw(value.clone())) };
                self.facts.insert(Place { subject: subject(info, item), row, field: name }, fact);
            }
        }
    }
}
