//! A kind of resource: data first ([`KindInfo`]), and functions only where the API is irregular ([`Kind`]).
//!
//! No `async`, no client, no printing here or in `kinds`: every method is a function of its arguments.

mod body;
mod collection;
mod content;
mod matching;
mod needs;
mod settings;
mod work;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use body::settings_body;
pub use collection::{by_action, live_of, what_goes};
pub use content::{FoundSources, SourceFiles};
pub use matching::{MatchBy, Matching, UUID, check_names, text, written};
pub use needs::{check_needs, no_further_fields};
pub use settings::{calls as settings_calls, lacking};
pub use work::{KindChanges, PlanContext, PlannedCall, References, SiblingKinds, Sides, Target, UnexpectedShape};

use crate::diag::Diagnostics;
use crate::model::{
    Answer, Awaited, Call, Change, LiveKind, Operation, Origin, Problem, ProjectRef, ReadCall, Refusal, Section,
    Settings,
};
pub use crate::schema::{Aggregate, Impact, KindInfo, Shape, Writes};

/// The imports of the files of `kinds`.
pub mod prelude {
    pub use super::{
        Kind, KindChanges, KindInfo, MatchBy, Matching, PlanContext, PlannedCall, Shape, SiblingKinds, Sides, Target,
        UnexpectedShape, Writes,
    };
    pub use crate::diag::{Diagnostic, Diagnostics};
    pub use crate::model::{
        Action, Address, Answer, Answers, Awaited, Body, BodyPlace, Call, Change, DesiredValue, FieldKey, Item,
        JsonBody, LiveKind, Method, Operation, Param, ReadCall, Refusal, Repeat, Section, SectionBody, Settings, Wait,
    };
    pub use crate::schema::*;
}

/// A kind of resource. Only `info` is required; override a method only where the API is irregular.
pub trait Kind: Sync {
    /// The description of the kind as data.
    fn info(&self) -> &'static KindInfo;

    /// The requests that reveal the live state of the kind in a project.
    fn reads(&self, reference: &ProjectRef) -> Vec<ReadCall> {
        settings::reads(self.info(), reference.as_str())
    }

    /// Turns the answers of [`Kind::reads`], in their order, into the live state.
    ///
    /// # Errors
    /// When an answer does not have the documented form.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        default_observe(self.info(), answers)
    }

    /// The ways in which items of the manifest match live ones, where the API identifies items by ids: the surest first.
    fn match_by(&self) -> &'static [MatchBy] {
        &[]
    }

    /// Gives live items the names of the manifest, where the API identifies an item by an id. An item that no manifest has
    /// keeps its id.
    ///
    /// # Errors
    /// When it is not clear which live item matches.
    fn align(&self, project: &str, section: &Section, live: LiveKind) -> Result<LiveKind, Box<Problem>> {
        match (live, self.match_by()) {
            (LiveKind::Items(items), ways @ [_, ..]) => {
                Matching { project, info: self.info(), section, ways }.run(items).map(LiveKind::Items)
            }
            (live, _) => Ok(live),
        }
    }

    /// The values by which the API identifies an item whose name is ours, each with its certainty (0 is the surest). Empty
    /// where the name is the API's.
    fn known_by(&self, settings: &Settings) -> Vec<(usize, String)> {
        let _ = settings;
        vec![]
    }

    /// Reads of single items that the list shows incompletely, by the item's name: where `section` needs what it does not
    /// show; without a section, where nothing else says what the item is.
    fn detail_reads(
        &self,
        section: Option<&Section>,
        reference: &ProjectRef,
        live: &LiveKind,
    ) -> Vec<(String, ReadCall)> {
        let _ = (section, reference, live);
        vec![]
    }

    /// Puts the answer of one of [`Kind::detail_reads`] into its item.
    ///
    /// # Errors
    /// When the answer does not have the documented form.
    fn merge_detail(
        &self,
        section: Option<&Section>,
        name: &str,
        item: &mut Map<String, Value>,
        answer: &Answer,
    ) -> Result<(), UnexpectedShape> {
        let _ = (section, name, item, answer);
        Ok(())
    }

    /// The read of one item by its name, where the list of all of them may lag behind, or lack what is there.
    fn item_read(&self, reference: &ProjectRef, name: &str) -> Option<ReadCall> {
        let _ = (reference, name);
        None
    }

    /// A text that changes with the files of a live item, by what the list of all items shows; none where it shows no such thing.
    fn state_of(&self, item: &Map<String, Value>) -> Option<String> {
        let _ = item;
        None
    }

    /// The number of a live item's state, where the API counts them and each upload has a new one; none while it is not in effect.
    fn revision_of(&self, item: &Map<String, Value>) -> Option<u64> {
        let _ = item;
        None
    }

    /// A name for a live item that the API knows by an id alone; it need not be unique.
    fn name_of(&self, item: &Map<String, Value>) -> Option<String> {
        let _ = item;
        None
    }

    /// Whether a live item is nobody's to write down: the platform made it, or it comes and goes by itself. An import leaves it
    /// out.
    fn is_apart(&self, item: &Map<String, Value>) -> bool {
        let _ = item;
        false
    }

    /// The fields of a live document or item that an import leaves out: others say the same, or the platform sets them.
    fn not_imported(&self, live: &Map<String, Value>) -> &'static [&'static str] {
        let _ = live;
        &[]
    }

    /// Reads the files that settings name into [`Settings::content`]: of a section, or of an item by its name, whose place is
    /// `origin`.
    fn load(&self, item: Option<&str>, settings: &mut Settings, origin: &Origin, files: &mut dyn SourceFiles) {
        let _ = (item, settings, origin, files);
    }

    /// Makes items of the files of a section that names a folder, once they are read.
    fn spread(&self, section: &mut Section) {
        let _ = section;
    }

    /// Of a kind whose items are files of a folder: the name of a live item's file, and what is in it.
    ///
    /// # Errors
    /// Why it cannot be written: a clause without a full stop.
    fn file_of(&self, name: &str, item: &Map<String, Value>) -> Result<(String, String), String> {
        let _ = item;
        Err(format!("`{name}` is no file"))
    }

    /// Live items as they were read, before they were aligned with the files of a section.
    fn as_read(&self, live: LiveKind) -> LiveKind {
        live
    }

    /// Where live has gone away from the files of a section, and no request brings it back: a plan refuses it, drift tells it. From
    /// live to desired, as changes are.
    fn strayed(&self, project: &str, section: &Section, live: &LiveKind) -> Vec<Change> {
        let _ = (project, section, live);
        vec![]
    }

    /// The sources of a live item; none where it has none.
    ///
    /// # Errors
    /// Why they cannot be written: a clause without a full stop.
    fn sources_of(&self, name: &str, item: &Map<String, Value>) -> Result<FoundSources, String> {
        let _ = (name, item);
        Ok(FoundSources::default())
    }

    /// The place in the files of a section that a refusal of a call is about.
    fn locate(&self, section: &Section, call: &Call, said: &str) -> Option<String> {
        let _ = (section, call, said);
        None
    }

    /// Rules across fields that can be checked offline: only where the manifest contradicts itself.
    fn check(&self, section: &Section, out: &mut Diagnostics) {
        let _ = (section, out);
    }

    /// Rules across fields, checked in the plan on live overlaid with desired, beyond `needs` of the table.
    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        let _ = (context, out);
    }

    /// The risks of a change beyond those of its rows, where they depend on more than one value. The method does not know
    /// which of the two sides is live.
    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        let _ = (sides, changes);
    }

    /// The risk of making an item: a clause without a full stop.
    fn creation_risk(&self, change: &Change) -> Option<(Impact, String)> {
        let _ = change;
        self.info().creation.map(|(impact, why)| (impact, why.to_owned()))
    }

    /// The operations that it uses, for the documentation.
    fn operations(&self) -> Vec<Operation> {
        match self.info().shape {
            Shape::Settings { path, write, .. } => settings::operations(path, write),
            Shape::Collection { path, items, .. } => collection::operations(path, items),
        }
    }

    /// Notes on the live state that are no differences: sentences without the full stop.
    fn notes(&self, live: &LiveKind) -> Vec<String> {
        let _ = live;
        vec![]
    }

    /// What somebody outside has to do, or what takes its time, before the live section can become the desired one.
    fn awaited(&self, project: &str, section: &Section, live: &LiveKind) -> Vec<Awaited> {
        let _ = (project, section, live);
        vec![]
    }

    /// Rules across the items of a collection, checked in the plan even where nothing differs.
    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        let _ = (job, out);
    }

    /// The requests that make the changes, in order, each with its wait.
    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        match self.info().shape {
            Shape::Settings { .. } => settings::calls(self.info(), job, self.document(job)),
            Shape::Collection { .. } => collection::calls(self.info(), job, self.order(job)),
        }
    }

    /// The document that a request has, where it is more than the fields that change.
    fn document(&self, job: &KindChanges<'_>) -> Option<Value> {
        let _ = job;
        None
    }

    /// The order in which the items of a collection change, by index; `None`: what is written, then what is deleted.
    fn order(&self, job: &KindChanges<'_>) -> Option<Vec<usize>> {
        let _ = job;
        None
    }

    /// Other kinds whose live state the rules of this section read, whether they are managed or not.
    fn leans_on(&self, section: &Section) -> &'static [&'static str] {
        let _ = section;
        self.info().looks_at
    }

    /// The items of other kinds that the changed settings refer to.
    fn references(&self, job: &KindChanges<'_>) -> References {
        let _ = job;
        References::default()
    }

    /// Kinds whose calls must be done before these changes, although they come after this one or anywhere.
    fn yields_to(&self, job: &KindChanges<'_>) -> Vec<&'static str> {
        let _ = job;
        vec![]
    }
}

/// The default of [`Kind::observe`].
///
/// # Errors
/// When an answer is not an object or a list.
pub fn default_observe(info: &KindInfo, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
    let body = answers.first().map_or(&Value::Null, |answer| &answer.body);
    match info.shape {
        Shape::Settings { .. } => settings::observe(info, body),
        Shape::Collection { .. } => collection::observe(info, body),
    }
}

/// All kinds of a build, in the order of the documentation.
pub type Registry = &'static [&'static dyn Kind];

/// The descriptions of all kinds.
pub fn infos(registry: Registry) -> impl Iterator<Item = &'static KindInfo> {
    registry.iter().map(|kind| kind.info())
}

/// The kind of this name.
#[must_use]
pub fn find(registry: Registry, name: &str) -> Option<&'static dyn Kind> {
    registry.iter().copied().find(|kind| kind.info().name == name)
}

/// Kinds by name, each after those that must be settled first.
#[must_use]
pub fn ranks(registry: Registry) -> BTreeMap<&'static str, usize> {
    let mut ranks = BTreeMap::new();
    while ranks.len() < registry.len() {
        let before = ranks.len();
        for kind in registry {
            let info = kind.info();
            let known =
                |name: &&str| ranks.contains_key(*name) || !registry.iter().any(|kind| kind.info().name == *name);
            if !ranks.contains_key(info.name) && info.after.iter().all(known) {
                ranks.insert(info.name, ranks.len());
            }
        }
        assert!(ranks.len() > before, "the `after` of the kinds have a cycle");
    }
    ranks
}
