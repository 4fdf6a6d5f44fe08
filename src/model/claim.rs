//! Which live project a document means, of every document of a workspace: what a run leaves out counts, too.

use super::ProjectRef;

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
