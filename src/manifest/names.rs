//! Names in manifests, and the name of the file that marks a workspace.

use crate::diag::{Diagnostic, Span, codes::manifest as codes};

/// The marker of a workspace's root, which may itself hold a project.
pub const MARKER: &str = "supaform.yaml";

/// Whether a text can name a document, a profile, a variable or a label.
#[must_use]
pub fn name_is_valid(name: &str) -> bool {
    name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_')
}

pub(super) fn bad_name(what: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(codes::BAD_NAME, span, format!("`{name}` cannot be the name of {what}"))
        .hint("Names have letters, digits, `-` and `_`, and at most 64 characters.")
}

/// Whether the name of an item stands for several.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}
