//! What reading Terraform needs, and what comes out of it beside manifests.

use crate::import::draft::Draft;
use crate::kind::Registry;
use crate::manifest::Texts;
use crate::model::ProjectRef;

/// What is read.
pub struct Options<'a> {
    /// The files of one folder, each with its path from there: a state, the output of `terraform show -json`, or `*.tf` and
    /// `*.tfvars`.
    pub files: &'a [(String, String)],
    /// The live project of what does not say one.
    pub reference: Option<ProjectRef>,
    /// Texts that `file("…")` names, by path from the folder.
    pub texts: &'a dyn Texts,
    /// The kinds of this build.
    pub registry: Registry,
}

/// What was read.
#[derive(Debug)]
pub struct Imported {
    /// The manifests.
    pub draft: Draft,
    /// The addresses of what is in them, which Terraform must let go of: two writers of one project undo each other's work.
    pub addresses: Vec<String>,
}
