//! The plain data of everything above: addresses, the desired state, the live state, changes, calls and plans.
//!
//! No I/O, no rendering, no decisions. Main types: [`Desired`], [`Live`], [`Change`], [`Call`], [`Plan`].

mod address;
mod body;
mod call;
mod change;
mod claim;
mod desired;
mod finding;
mod ignore;
mod live;
mod plan;
mod reference;

pub use address::{Address, ProjectRef, Subject, slug_is_valid};
pub use body::{BodyPlace, JsonBody, Meant, Part, Unfilled};
pub use call::{Answer, Body, Call, Method, Operation, Param, ReadCall, Repeat};
pub use change::{Action, Certainty, Change, DisplayValue, FieldChange, FieldChanges, FieldKey, Why};
pub use claim::Claim;
pub use desired::{
    BranchOf, Content, Desired, DesiredProject, DesiredValue, FileContent, Item, Layer, Origin, Policy, Preview,
    Section, SectionBody, Setting, Settings, Spanned, each_text,
};
pub use finding::{Finding, Problem};
pub use ignore::{AddressPattern, AllowRule, IgnoreRule, Ignored};
pub use live::{Branch, Listed, Live, LiveKind, LiveProject, Status};
pub use plan::{
    Answers, Awaited, Flag, NotCompared, Note, Plan, ProjectPlan, Refusal, Step, StepId, Touched, Unmanaged, Wait,
};
pub use reference::{Outputs, Piece, Reference};
