//! How the live project of each document is found, for every document of a workspace, selected or not.

use super::ProjectRef;

/// The values that find the live project of a document.
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
    /// The name in the dashboard: `name:`, else the document's.
    pub name: String,
    /// `region:`.
    pub region: Option<String>,
    /// `branch_of:`: the document of the project, and the name of the branch.
    pub branch_of: Option<(String, String)>,
}
