//! Reads what is live of some projects, without a plan and with a client that cannot write.

use std::collections::BTreeSet;

use super::start::Session;
use super::workspace::Workspace;
use crate::api::Reader;
use crate::diag::codes::plan as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::{Desired, Layer, Origin, Policy, Section, SectionBody, Settings, Status};
use crate::observe::{Lookup, Observed, Reads, observe};

impl Session {
    /// Finds the live projects of the documents without reading them.
    pub async fn find(&self, workspace: &Workspace) -> Result<Observed, Failure> {
        let mut desired = workspace.desired.clone();
        desired.projects.values_mut().for_each(|project| project.sections.clear());
        self.read(workspace, desired).await
    }

    /// Reads sections of some projects, whether their manifests manage them or not.
    pub async fn look(
        &self,
        workspace: &Workspace,
        names: &[&str],
        kinds: &BTreeSet<&'static str>,
    ) -> Result<Observed, Failure> {
        let mut desired = workspace.desired.clone();
        desired.projects.retain(|name, _| names.contains(&name.as_str()));
        for project in desired.projects.values_mut() {
            project.sections.retain(|kind, _| kinds.contains(kind));
            for kind in kinds {
                project.sections.entry(kind).or_insert_with(|| Section {
                    origin: Origin { span: project.span, layer: Layer::Document },
                    policy: Policy::default(),
                    hands_off: BTreeSet::new(),
                    body: SectionBody::Settings(Settings::default()),
                });
            }
        }
        self.read(workspace, desired).await
    }

    async fn read(&self, workspace: &Workspace, mut desired: Desired) -> Result<Observed, Failure> {
        self.require_trust_to_look()?;
        let (connection, options) = self.connect(workspace)?;
        let reader = Reader::new(options);
        let observed = observe(&reader, KINDS, &mut desired, Lookup::Cheapest, Reads::V1, &self.progress()).await;
        connection.save()?;
        Ok(observed)
    }
}

/// The failure of a project that could not be read, or is not up.
#[must_use]
pub fn unread(name: &str, observed: &Observed, sources: &Sources) -> Option<Failure> {
    let (finding, exit) = match (observed.blocked.get(name), observed.live.projects.get(name)) {
        (Some(blocked), _) => (blocked.finding.diagnostic_of(name), blocked.exit),
        (None, Some(live)) if live.status == Status::Usable => return None,
        (None, _) => {
            let message = format!("{name}: the project is coming up, so it cannot be read yet");
            let hint = "That takes some minutes: run this again then.";
            (Diagnostic::new(codes::PROJECT_BUSY, Severity::Error, message).hint(hint), Exit::Attention)
        }
    };
    let mut findings = Diagnostics::new();
    findings.push(finding);
    Some(Failure { exit, findings, sources: sources.clone() })
}
