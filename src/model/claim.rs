//! Which live project a document means, of every document of a workspace: what a run leaves out counts, too.

use super::{DesiredProject, LiveProject, ProjectRef, Spanned};

/// What finds the live project of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The name of the document.
    pub document: String,
    /// Where it is written: `projects/acme.yaml:3:10`.
    pub place: String,
    /// `ref:`.
    pub reference: Option<ProjectRef>,
    /// `organization:`.
    pub organization: Option<String>,
    /// The name at Supabase: `name:`, else the document's.
    pub name: String,
    /// `region:`.
    pub region: Option<String>,
}

impl Claim {
    /// What finds a project, and where that is written.
    #[must_use]
    pub fn of(project: &DesiredProject, place: String) -> Self {
        let text = |written: &Option<Spanned<String>>| written.as_ref().map(|it| it.value.clone());
        Self {
            document: project.document.clone(),
            place,
            reference: project.reference.as_ref().map(|it| it.value.clone()),
            organization: text(&project.organization),
            name: project.live_name().to_owned(),
            region: text(&project.region),
        }
    }

    /// Whether a live project is meant: by its ref, else by organization and name.
    #[must_use]
    pub fn means(&self, live: &LiveProject) -> bool {
        match &self.reference {
            Some(reference) => live.reference.as_ref() == Some(reference),
            None => self.is_named(&live.organization, &live.name),
        }
    }

    /// Whether it has no `ref:`, and this organization and name.
    #[must_use]
    pub fn is_named(&self, organization: &str, name: &str) -> bool {
        self.reference.is_none() && self.organization.as_deref() == Some(organization) && self.name == name
    }
}
