//! The inputs and the results of a kind's methods.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{
    Answers, Call, Change, DesiredValue, FieldKey, LiveKind, Policy, ProjectRef, Section, SectionBody, Wait,
};

/// A project that a kind is read and written in.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The name of the document.
    pub project: &'a str,
    /// The ref; `None` where the same run creates the project.
    pub reference: Option<&'a ProjectRef>,
}

impl Target<'_> {
    /// The ref as a parameter of a path, even where it is known only after creation.
    #[must_use]
    pub fn param(&self) -> crate::model::Param {
        match self.reference {
            Some(known) => crate::model::Param::Known(known.as_str().to_owned()),
            None => crate::model::Param::Later(crate::model::Reference::RefOf(self.project.to_owned())),
        }
    }
}

/// The inputs of [`Kind::calls`](super::Kind::calls): all changes of one kind in one project.
#[derive(Debug)]
pub struct KindChanges<'a> {
    /// The project.
    pub target: Target<'a>,
    /// The changes.
    pub changes: &'a [Change],
    /// The whole desired section.
    pub section: &'a Section,
    /// The live state.
    pub live: &'a LiveKind,
    /// The policy of `manage:`.
    pub policy: Policy,
    /// The other kinds of the project.
    pub beside: SiblingKinds<'a>,
}

/// The desired and the live state of the other kinds of a project.
#[derive(Debug, Clone, Copy)]
pub struct SiblingKinds<'a> {
    /// The managed sections, by kind.
    pub desired: &'a BTreeMap<&'static str, Section>,
    /// The live state, by kind.
    pub live: &'a BTreeMap<&'static str, LiveKind>,
}

impl SiblingKinds<'_> {
    /// The value of another kind's setting once everything is applied; `None` where it is unknown.
    #[must_use]
    pub fn after(&self, kind: &str, field: &str) -> Option<Value> {
        let desired = self.desired.get(kind).and_then(|section| match &section.body {
            SectionBody::Settings(settings) => settings.fields.get(field),
            SectionBody::Items(_) => None,
        });
        match desired.map(|setting| (setting.field, &setting.value)) {
            Some((_, DesiredValue::Value(value))) => Some(value.clone()),
            Some((row, DesiredValue::Clear)) => row.default.map(crate::schema::Literal::to_value),
            Some((_, DesiredValue::Secret(_))) => None,
            None => match self.live.get(kind) {
                Some(LiveKind::Settings(live)) => live.get(field).cloned(),
                _ => None,
            },
        }
    }
}

/// A planned call, before it has an id and a place in the order.
#[derive(Debug, Clone)]
pub struct PlannedCall {
    /// The request.
    pub call: Call,
    /// The changes that it settles, by index.
    pub settles: Vec<usize>,
    /// What to wait for afterwards.
    pub wait: Option<Wait>,
    /// Fields sent along unchanged.
    pub sent_along: Vec<FieldKey>,
    /// What its answer means beyond success and failure.
    pub answers: Answers,
}

impl PlannedCall {
    /// A call that settles these changes and waits for nothing.
    #[must_use]
    pub const fn of(call: Call, settles: Vec<usize>) -> Self {
        let answers = Answers { not_yet: None, shows: None, advice: None };
        Self { call, settles, wait: None, sent_along: vec![], answers }
    }
}

/// Items of other kinds that changed settings refer to, each by its kind and its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Those that they refer to afterwards: these are written before.
    pub uses: Vec<(&'static str, String)>,
    /// Those that they no longer refer to: these are removed after.
    pub frees: Vec<(&'static str, String)>,
}

/// A section before and after its changes, in the API's form; a desired secret is `true`. A plan changes live into desired;
/// drift is the opposite direction.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// Before.
    pub before: &'a LiveKind,
    /// After.
    pub after: &'a LiveKind,
    /// The policy of `manage:`.
    pub policy: Policy,
}

/// Desired over live, for rules across fields. Values are in the API's form; a desired secret is `true`.
#[derive(Debug)]
pub struct PlanContext<'a> {
    /// The project.
    pub target: Target<'a>,
    /// The desired section.
    pub section: &'a Section,
    /// The live document.
    pub live: &'a Map<String, Value>,
    /// Live overlaid with desired.
    pub overlaid: &'a Map<String, Value>,
    /// The changes.
    pub changes: &'a [Change],
}

/// An answer in an unexpected form: what was expected, and where in the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected} at `{pointer}` of the answer")]
pub struct UnexpectedShape {
    /// A JSON pointer; empty for the whole answer.
    pub pointer: String,
    /// What was expected: "a list of secrets".
    pub expected: String,
}

pub(super) fn unexpected(pointer: &str, expected: &str) -> UnexpectedShape {
    UnexpectedShape { pointer: pointer.to_owned(), expected: expected.to_owned() }
}
