//! Downloads that are spared: an item whose list shows the same state as when it was last downloaded has the same files.
//!
//! Not the files are remembered, but a digest of them. Where it is that of the desired ones, these are what is live; otherwise the
//! files are downloaded, because a plan shows what differs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::api::Memory;
use crate::kind::Kind;
use crate::model::{Call, Content, FieldKey, Item, Section, SectionBody};
use crate::secret::hash_of_json;

/// The state of an item with desired files, as its list shows it.
pub(super) struct State<'a> {
    memory: &'a dyn Memory,
    content: &'a Content,
    key: String,
}

impl<'a> State<'a> {
    /// The state before a download; `None` where it says nothing about the files.
    pub(super) fn of(
        memory: Option<&'a dyn Memory>,
        kind: &dyn Kind,
        section: Option<&'a Section>,
        name: &str,
        item: &Map<String, Value>,
        download: &Call,
    ) -> Option<Self> {
        let SectionBody::Items(items) = &section?.body else { return None };
        let Item::Present(settings, _) = items.get(name)? else { return None };
        let (memory, content) = (memory?, settings.content.as_deref()?);
        let key = format!("{}\n{}", download.path(), kind.state_of(item)?);
        Some(Self { memory, content, key })
    }

    /// Puts the desired files into the item, if they are known to be the live ones.
    pub(super) fn recall(&self, item: &mut Map<String, Value>) -> bool {
        let facts = self.content.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let files = self.content.files.iter().map(|(path, content)| (path.clone(), content.shown())).collect();
        let mut seen = item.clone();
        seen.extend(facts);
        seen.insert(member().to_owned(), Value::Object(files));
        let is_known = self.memory.recall(&self.key).is_some_and(|digest| Some(digest) == self.digest(&seen));
        if is_known {
            *item = seen;
        }
        is_known
    }

    /// Notes what was downloaded.
    pub(super) fn note(&self, item: &Map<String, Value>) {
        if let Some(digest) = self.digest(item) {
            self.memory.note(&self.key, &digest);
        }
    }

    /// A digest of the files of an item and of what is said about them; `None` where the API does not show its files.
    fn digest(&self, item: &Map<String, Value>) -> Option<String> {
        let files: BTreeMap<&String, &Value> = item.get(member())?.as_object()?.iter().collect();
        let said = self.content.facts.keys().map(|name| {
            let value = item.get(*name).filter(|value| value.as_str() != Some(""));
            (*name, value.unwrap_or(&Value::Null))
        });
        Some(hash_of_json(&(said.collect::<BTreeMap<_, _>>(), files)))
    }
}

/// The member of an item with its files.
fn member() -> &'static str {
    FieldKey::FILES.trim_end_matches('.')
}
