//! Matches live items with those of the manifest, for kinds whose items the API identifies by an id of its own.
//!
//! An item that is absent or unmanaged has no settings to match by, so its name is the id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::diag::codes::{plan as codes, value as values};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::exit::Exit;
use crate::model::{Address, DesiredValue, Finding, Item, Origin, Problem, Section, SectionBody, Settings};
use crate::schema::{Form, KindInfo};

type LiveItem = Map<String, Value>;

/// A way in which an item of the manifest can match a live one.
pub struct MatchBy {
    /// The shared value, for errors: "`metadata_url`".
    pub by: &'static str,
    /// The values of an item of the manifest.
    pub written: fn(&Settings) -> Vec<String>,
    /// The values of a live item.
    pub live: fn(&LiveItem) -> Vec<String>,
}

/// The items to match, and the ways.
pub struct Matching<'a> {
    /// The name of the document.
    pub project: &'a str,
    /// The kind.
    pub info: &'static KindInfo,
    /// The section of the manifest.
    pub section: &'a Section,
    /// The ways, the surest first. A written `id` comes before all of them.
    pub ways: &'static [MatchBy],
}

const BY_ID: MatchBy = MatchBy {
    by: "`id`",
    written: |settings| written(settings, "id").map(str::to_owned).into_iter().collect(),
    live: |live| text(live, "id"),
};

/// The live value of a field that is a text.
#[must_use]
pub fn text(live: &LiveItem, field: &str) -> Vec<String> {
    live.get(field).and_then(Value::as_str).map(str::to_owned).into_iter().collect()
}

impl Matching<'_> {
    /// Renames live items from their ids to the names of the matching items of the manifest.
    ///
    /// # Errors
    /// When several live items match, when two items of the manifest match the same one, and when a written id is not live.
    pub fn run(&self, live: BTreeMap<String, LiveItem>) -> Result<BTreeMap<String, LiveItem>, Box<Problem>> {
        let SectionBody::Items(items) = &self.section.body else { return Ok(live) };
        let mut open: BTreeSet<&str> = live.keys().map(String::as_str).collect();
        let mut unmet: Vec<(&str, &Settings, &Origin)> = vec![];
        for (name, item) in items {
            match item {
                Item::Present(settings, origin) => unmet.push((name, settings, origin)),
                // An item named by its id matches nothing else.
                Item::Absent(_) | Item::Unmanaged(_) => _ = open.remove(name.as_str()),
            }
        }
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for way in std::iter::once(&BY_ID).chain(self.ways) {
            let mut met: BTreeMap<&str, &str> = BTreeMap::new();
            let mut found_by: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for id in &open {
                for key in (way.live)(&live[*id]) {
                    found_by.entry(key).or_default().insert(id);
                }
            }
            for (name, settings, origin) in &unmet {
                let keys = (way.written)(settings);
                let candidates: BTreeSet<&str> =
                    keys.iter().filter_map(|key| found_by.get(key)).flatten().copied().collect();
                let candidates: Vec<&str> = candidates.into_iter().collect();
                let unclear = match candidates.as_slice() {
                    [] => continue,
                    [one] => match met.insert(one, name) {
                        None => continue,
                        Some(other) => format!("`{other}` and `{name}` both mean {one}, by {}", way.by),
                    },
                    several => format!("`{name}` can mean {}: each has {}", several.join(" or "), way.by),
                };
                let hint = match self.info.field("id") {
                    Some(_) => "Say with `id:` which one is which.",
                    None => "Remove one that is too many, by its id: `ID: null`.",
                };
                return Err(self.blocked(codes::UNCLEAR_ITEM, Exit::Attention, &unclear, hint, origin));
            }
            let found: BTreeSet<&str> = met.values().copied().collect();
            unmet.retain(|(name, ..)| !found.contains(name));
            open.retain(|id| !met.contains_key(id));
            names.extend(met.into_iter().map(|(id, name)| (id.to_owned(), name)));
            let gone = unmet.iter().find_map(|(name, settings, origin)| Some((name, written(settings, "id")?, origin)));
            if let Some((name, id, origin)) = gone {
                let message = format!("`{name}` has the id {id}, and there is none");
                let hint = "Correct `id:`, or take it out to make a new one.";
                return Err(self.blocked(codes::ITEM_GONE, Exit::Failed, &message, hint, origin));
            }
        }
        Ok(live.into_iter().map(|(id, item)| (names.get(&id).map_or(id, |name| (*name).to_owned()), item)).collect())
    }

    #[expect(clippy::unnecessary_box_returns, reason = "it goes into a result, which it would make large")]
    fn blocked(&self, code: Code, exit: Exit, message: &str, hint: &str, origin: &Origin) -> Box<Problem> {
        let message = format!("{}: {message}", Address::section(self.project, self.info.name));
        Box::new(Problem {
            finding: Finding { code, message, hints: vec![hint.to_owned()], origin: Some(origin.clone()) },
            exit,
        })
    }
}

/// The text that is written for a field.
#[must_use]
pub fn written<'a>(settings: &'a Settings, field: &str) -> Option<&'a str> {
    match settings.fields.get(field).map(|setting| &setting.value) {
        Some(DesiredValue::Value(value)) => value.as_str(),
        _ => None,
    }
}

/// Refuses unusable names: an item without values must be named by its id, and other items must not.
pub fn check_names(section: &Section, out: &mut Diagnostics) {
    let SectionBody::Items(items) = &section.body else { return };
    for (name, item) in items {
        let (origin, message, hint) = match item {
            Item::Present(_, origin) if (UUID.holds)(name) => {
                (origin, format!("`{name}` is an id, not a name"), "Choose a name; the id goes below it, as `id:`.")
            }
            Item::Absent(origin) | Item::Unmanaged(origin) if !(UUID.holds)(name) => (
                origin,
                format!("the API does not know which one `{name}` is"),
                "Write its id instead of the name: `supaform plan --full` lists the ids of what is not managed.",
            ),
            Item::Present(..) | Item::Absent(_) | Item::Unmanaged(_) => continue,
        };
        out.push(Diagnostic::error(values::NAMED_BY_ID, origin.span, message).hint(hint));
    }
}

/// The form of the API's ids.
pub static UUID: Form = Form {
    expected: "an id such as `8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b`",
    pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    holds: |text| {
        let is_part = |(part, digits): (&str, usize)| {
            part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        text.split('-').count() == 5 && text.split('-').zip([8, 4, 4, 4, 12]).all(is_part)
    },
    refuses: None,
};
