//! The inputs of an apply, and the events that it reports.

use std::sync::Arc;
use std::time::Duration;

use super::{Outcome, Turn};
use crate::api::Writer;
use crate::clock::Clock;
use crate::kind::Registry;
use crate::model::{Desired, Live, Step};
use crate::secret::Vault;

/// An event, for progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step begins.
    Started(&'a Step),
    /// A step waits; the text says for what.
    Waiting(&'a Step, &'a str),
    /// A project waits; the text says for what.
    ProjectWaiting(&'a str, &'a str),
    /// A step ended.
    Ended(&'a Step, &'a Outcome),
}

/// Everything that an apply needs.
#[derive(Clone)]
pub struct Context<'a> {
    /// The kinds.
    pub registry: Registry,
    /// The client that may write.
    pub writer: Writer,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The desired state, as planned.
    pub desired: &'a Desired,
    /// The live state when the plan was made.
    pub live: &'a Live,
    /// The values of secrets.
    pub vault: &'a Vault,
    /// How many projects are at work at once.
    pub turn: Turn,
    /// How long a run waits for what is done outside, where somebody wants it otherwise than the plan says.
    pub outside: Option<Duration>,
    /// Who is told what happens.
    pub events: &'a (dyn Fn(Event<'_>) + Sync),
}
