//! What Terraform's provider for Supabase manages, as a draft: from its state, or from its files.
//!
//! A state holds secrets in plain text. None of them is copied: the draft has references, and what is left tells their names.

mod bodies;
mod evaluate;
mod given;
mod hcl;
mod items;
mod options;
mod parts;
mod resources;
mod settings;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use options::{Imported, Options};

use super::leaves::assemble;
use crate::diag::codes::import as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Sources, Span};
use crate::yaml::limits;

/// Manifests of what Terraform manages.
///
/// # Errors
/// When a file cannot be read, or none has anything of the provider.
pub fn draft(options: &Options<'_>) -> Result<Imported, (Diagnostics, Sources)> {
    let (mut sources, mut out, mut left) = (Sources::new(), Diagnostics::new(), BTreeSet::new());
    let (mut states, mut texts): (Vec<SourceId>, Vec<SourceId>) = (vec![], vec![]);
    for (path, text) in options.files {
        let id = sources.add(path.as_str(), text.as_str());
        if state::is_json(text) {
            states.push(id);
        } else if text.len() > limits::FILE_BYTES {
            let message = format!("the file is larger than {} bytes", limits::FILE_BYTES);
            out.push(Diagnostic::error(codes::UNREADABLE, Span::new(id, 0, 0), message));
        } else {
            texts.push(id);
        }
    }
    let mut resources = vec![];
    for id in states {
        match state::read(&sources, id, &mut left) {
            Ok(found) => resources.extend(found),
            Err(found) => out.push(found),
        }
    }
    resources.extend(hcl::read(options, &sources, &texts, &mut left, &mut out));
    if out.has_errors() {
        return Err((out, sources));
    }
    let (parts, left, addresses) = parts::parts(options, &resources, left);
    if parts.is_empty() {
        let message = "nothing of the provider `supabase` can be imported";
        let mut found = Diagnostic::new(codes::NO_PROJECT, Severity::Error, message);
        for left in left.iter().take(20) {
            found = found.hint(format!("{}: {}.", left.at, left.why));
        }
        out.push(found.private());
        return Err((out, sources));
    }
    Ok(Imported { draft: assemble(parts, left, options.registry), addresses })
}
