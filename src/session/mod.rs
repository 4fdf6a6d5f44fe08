//! A workspace and its API, without a command line: load → observe → plan → apply → accept.
//!
//! ```text
//!   Options ──▶ Session ──load──▶ Workspace ──plan──▶ Planned ──clear──▶ Cleared ──apply──▶ Report
//!                  │                  └──────accept──────▶ Accepted ──write──▶ files of the workspace
//!               Observer: what is worth knowing on the way
//! ```
//!
//! Nothing is printed and nobody is asked: methods return values, and an error is a [`Failure`] that has the exit code of a
//! process. A [`Lifetime`] limits the time of a run, and stops it.

mod accept;
mod apply;
mod approval;
mod attribution;
mod base;
mod branch;
mod drift;
mod format;
mod import;
pub mod inputs;
mod lifetime;
mod load;
mod lock;
mod look;
mod memory;
mod narrow;
mod observer;
mod options;
mod peer;
mod pin;
mod plan;
mod replan;
mod requests;
mod rewrite;
pub mod saved;
mod secrets;
mod start;
mod words;
mod workspace;

pub use accept::{Acceptance, Accepted};
pub use apply::Cleared;
pub use approval::Words;
pub use base::Base;
pub use branch::{BranchAction, BranchAtWork, BranchChanges};
pub use drift::Drifted;
pub use format::Formatted;
pub use import::{
    CopiedWorld, Elsewhere, Factored, Import, ImportFiles, Imported, ImportedFiles, ImportedProject, SecretsFound,
    Which, write_imported,
};
pub use lifetime::Lifetime;
pub use look::unread;
pub use observer::{Nobody, Observer};
pub use options::{Api, Options, Peer, SecretOptions, Target};
pub use pin::Pinned;
pub use plan::{Against, Planned};
pub use rewrite::{Changed, write};
pub use start::Session;
pub use workspace::Workspace;

pub use crate::failure::Failure;
