//! What reading a file of settings needs beside its text.

use std::collections::BTreeMap;

use crate::kind::Registry;
use crate::manifest::Texts;
use crate::model::ProjectRef;

/// What is needed beside the text of the file.
pub struct Options<'a> {
    /// The path of the file from the project's folder: `supabase/config.toml`, or `config.json` there.
    pub path: &'a str,
    /// The folder of the file from the root of the workspace; `None` where it is outside.
    pub folder: Option<String>,
    /// The live project that the file is for, where a person names it.
    pub reference: Option<ProjectRef>,
    /// The variables for `env(NAME)`.
    pub environment: &'a BTreeMap<String, String>,
    /// The texts of mails and the sources of functions, by path from the project's folder.
    pub texts: &'a dyn Texts,
    /// The kinds of this build.
    pub registry: Registry,
}
