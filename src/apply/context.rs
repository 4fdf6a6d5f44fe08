//! What an apply is given, and what it tells on the way.

use std::sync::Arc;

use super::{Outcome, Turn};
use crate::api::Writer;
use crate::clock::Clock;
use crate::kind::Registry;
use crate::model::{Desired, Live, Step};
use crate::secret::Vault;

/// What happens, for progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step begins.
    Started(&'a Step),
    /// A step waits for this.
    Waiting(&'a Step, &'a str),
    /// A project waits for this.
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
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What is desired, as planned.
    pub desired: &'a Desired,
    /// What was live when the plan was made.
    pub live: &'a Live,
    /// The values of secrets.
    pub vault: &'a Vault,
    /// How many projects are at work at once.
    pub turn: Turn,
    /// Who is told what happens.
    pub events: &'a (dyn Fn(Event<'_>) + Sync),
}
