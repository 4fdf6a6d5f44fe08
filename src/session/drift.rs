//! Checks for drift.

use std::collections::BTreeMap;

use super::start::Session;
use super::workspace::Workspace;
use crate::api::Reader;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::Listed;
use crate::observe::{Lookup, observe};
use crate::plan::drift::{self, Drift};
use crate::plan::{Inputs, ignore};

/// Drift, and the workspace that live was compared with.
pub struct Drifted {
    /// The workspace.
    pub workspace: Workspace,
    /// The drift.
    pub drift: Drift,
    /// The live project of each document, as it was listed.
    pub listed: BTreeMap<String, Listed>,
}

impl Session {
    /// Checks for drift, and for projects that no document adopts, with a client that cannot write.
    pub async fn drift(&self, mut workspace: Workspace) -> Result<Drifted, Failure> {
        self.require_trust_to_look()?;
        let (connection, options) = self.connect(&workspace)?;
        let reader = Reader::new(options).with_memory(self.memory(&connection));
        let reads = self.options.reads;
        let observed = observe(&reader, KINDS, &mut workspace.desired, Lookup::ByList, reads, &self.progress()).await;
        observed.fill_in(&mut workspace.desired);
        let Workspace { desired, vault, ignore: rules, .. } = &mut workspace;
        let ignored = ignore::leave(KINDS, desired, &observed.live, vault, rules);
        let inputs = Inputs {
            registry: KINDS,
            api: connection.peer.origin.as_str(),
            desired: &workspace.desired,
            live: &observed.live,
            blocked: &observed.blocked,
            vault: &workspace.vault,
        };
        let drift = drift::make(inputs, ignored, workspace.unadopted(&observed.listed));
        let listed = observed.meant(&workspace.desired);
        connection.save()?;
        Ok(Drifted { workspace, drift, listed })
    }
}
