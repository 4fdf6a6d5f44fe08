//! The settings of a project.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::bodies;
use super::given::{Given, Resource};
use super::parts::Projects;
use crate::import::leaves::{Leaves, put};
use crate::kind::{Kind, KindInfo, find};
use crate::schema::{Field, Wire};

/// More settings of `auth` than a person writes: the provider has put all of them there.
const DUMP: usize = 40;

impl Projects<'_> {
    fn kind(&self, name: &str) -> Option<&'static dyn Kind> {
        find(self.options.registry, name)
    }

    pub(super) fn settings(&mut self, resource: &Resource, leaves: &mut Leaves) -> Result<(), String> {
        let auth = resource.get("auth");
        let dump = !matches!(auth, Given::Null) && auth.body().is_ok_and(|body| body.len() > DUMP);
        for (attribute, kind) in
            [("api", "data_api"), ("auth", "auth"), ("database", "postgres"), ("storage", "storage")]
        {
            let (given, Some(kind)) = (resource.get(attribute), self.kind(kind)) else { continue };
            if !matches!(given, Given::Null) {
                let body = given.body().map_err(|why| format!("`{attribute}`: {why}"))?;
                self.body(resource, attribute, kind, &body, dump, leaves)?;
            }
        }
        if !matches!(resource.get("network"), Given::Null)
            && let Some(kind) = self.kind("network_restrictions")
        {
            let body = resource.get("network").body().map_err(|why| format!("`network`: {why}"))?;
            let listed = body.get("restrictions").unwrap_or(&Given::Null).known()?;
            let listed: Vec<&str> = listed.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let (v6, v4): (Vec<&str>, Vec<&str>) = listed.into_iter().partition(|network| network.contains(':'));
            let config = json!({"dbAllowedCidrs": v4, "dbAllowedCidrsV6": v6});
            let live = bodies::observed(kind, json!({"config": config, "applied_at": "then"})).unwrap_or_default();
            let implied = kind.not_imported(&live);
            for (path, value) in bodies::settings(kind.info(), &live, false) {
                if !implied.contains(&path.name()) {
                    put(leaves, (kind.info().name, path.name()), value, resource.at("network"));
                }
            }
        }
        match resource.get("ssl_enforcement").known() {
            Ok(Value::Bool(on)) => {
                put(leaves, ("ssl_enforcement", "database"), json!(on), resource.at("ssl_enforcement"));
            }
            Ok(_) => {}
            Err(why) => self.leave(resource, "ssl_enforcement", why),
        }
        if !matches!(resource.get("pooler"), Given::Null) {
            self.leave(resource, "pooler", "the provider ignores it");
        }
        Ok(())
    }

    /// The settings of one kind, which have the API's own names.
    fn body(
        &mut self,
        resource: &Resource,
        attribute: &str,
        kind: &'static dyn Kind,
        body: &IndexMap<String, Given>,
        dump: bool,
        leaves: &mut Leaves,
    ) -> Result<(), String> {
        let info = kind.info();
        let mut live = Map::new();
        for (name, given) in body {
            let place = format!("{attribute}.{name}");
            if info.own_members.contains(&name.as_str()) {
                continue;
            }
            match info.field(name) {
                Some(row) if row.is_secret() => {
                    if let Some((value, told)) = bodies::secret(name, given) {
                        if let Some(why) = told {
                            self.leave(resource, &place, why);
                        }
                        put(leaves, (info.name, row.name), value, resource.at(&place));
                    }
                }
                Some(_) => match (given, given.known()) {
                    (_, Ok(value)) => drop(live.insert(name.clone(), value)),
                    (Given::Variable(_), Err(why)) => self.leave(resource, &place, why),
                    (_, Err(why)) => return Err(format!("`{place}`: {why}")),
                },
                None if dump => {}
                None => self.leave(resource, &place, "no setting of this name is known"),
            }
        }
        join_ids(&mut live);
        let live = bodies::observed(kind, live.into()).unwrap_or_default();
        for (path, value) in bodies::settings(info, &live, dump) {
            // A switch that the API does not have is in a list, which says that it is on.
            let is_written = match path.row().wire {
                Wire::Switch { list, .. } => body.contains_key(list) && value == Value::Bool(false),
                Wire::Plain | Wire::Joined(_) | Wire::Pairs | Wire::Folded(_) | Wire::NumberAsText | Wire::Moment => {
                    body.contains_key(path.top().name)
                }
            };
            if is_written && !is_implied(info, path.row(), &live) {
                let place = format!("{attribute}.{}", path.name());
                put(leaves, (info.name, path.name()), value, resource.at(&place));
            }
        }
        Ok(())
    }

    pub(super) fn secrets(&mut self, resource: &Resource, leaves: &mut Leaves) -> Result<(), String> {
        let given = resource.get("secrets");
        let Given::List(items) = given else { return given.known().map(|_| ()) };
        for item in items {
            let name = item.map().and_then(|item| item.get("name")).unwrap_or(&Given::Null);
            let Some(name) = name.text() else {
                self.leave(resource, "secrets", "a secret has no known name");
                continue;
            };
            let value = item.map().and_then(|item| item.get("value")).unwrap_or(&Given::Null);
            let place = format!("secrets.{name}");
            if let Some((value, told)) = bodies::secret(name, value) {
                if let Some(why) = told {
                    self.leave(resource, &place, why);
                }
                put(leaves, ("secrets", name), value, resource.at(&place));
            }
        }
        Ok(())
    }
}

/// Ids beside the first are in one list with it.
fn join_ids(live: &mut Map<String, Value>) {
    for provider in ["apple", "google"] {
        let [first, more] = ["client_id", "additional_client_ids"].map(|name| format!("external_{provider}_{name}"));
        let more = live.shift_remove(&more);
        if let Some(more) = more.as_ref().and_then(Value::as_str).filter(|more| !more.is_empty()) {
            let own = live.get(&first).and_then(Value::as_str).unwrap_or_default();
            let all = if own.is_empty() { more.to_owned() } else { format!("{own},{more}") };
            live.insert(first, all.into());
        }
    }
}

/// Whether a list is empty because its switch is off.
fn is_implied(info: &KindInfo, row: &Field, live: &Map<String, Value>) -> bool {
    let is_its = |switch: &&Field| matches!(switch.wire, Wire::Switch { list, .. } if list == row.name);
    info.all_fields().find(is_its).is_some_and(|switch| live.get(switch.name) == Some(&Value::Bool(false)))
}
