//! `supaform.yaml`: marks the root, says the version, and may limit which files are read (R13).

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::document::MARKER;
use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Sources, Span, codes::manifest as codes};
use crate::yaml::{Content, Node};

/// The files that `manifests:` names; all where it is not written.
#[derive(Debug, Default)]
pub(super) struct Limits(Option<GlobSet>);

impl Limits {
    pub(super) fn allow(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|set| set.is_match(path))
    }
}

/// Whether a file would mark a root within the root.
pub(super) fn is_nested(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, name)| name == MARKER)
}

/// Reads what the root's own file says of the workspace.
pub(super) fn read(sources: &Sources, files: &[SourceId], nodes: &[(bool, Node)], out: &mut Diagnostics) -> Limits {
    for (_, node) in nodes.iter().filter(|(marker, _)| !marker) {
        if is_nested(&sources.get(node.span.source).path) {
            let span = Span { end: node.span.start.saturating_add(1), ..node.span };
            out.push(
                Diagnostic::error(codes::NESTED_WORKSPACE, span, "a workspace within this workspace")
                    .hint("Name its folder in `.supaformignore`."),
            );
        }
    }
    // What is no map at all is told elsewhere.
    let Some((_, node)) = nodes.iter().find(|(marker, node)| *marker && node.as_map().is_some()) else {
        return Limits::default();
    };
    version(node, out);
    node.get("manifests").map_or_else(Limits::default, |manifests| limits(sources, files, manifests, out))
}

fn version(node: &Node, out: &mut Diagnostics) {
    match node.get("version") {
        Some(Node { content: Content::Int(1), .. }) => {}
        Some(other) => {
            let message = "the version of the manifest language is `1`";
            out.push(Diagnostic::error(codes::BAD_VERSION, other.span, message).hint("Write `version: 1`."));
        }
        None => {
            let span = Span { end: node.span.start.saturating_add(1).min(node.span.end), ..node.span };
            let message = format!("`{MARKER}` does not say its version");
            out.push(Diagnostic::error(codes::BAD_VERSION, span, message).hint("Write `version: 1`."));
        }
    }
}

fn limits(sources: &Sources, files: &[SourceId], manifests: &Node, out: &mut Diagnostics) -> Limits {
    let Some(items) = manifests.as_list() else {
        let message = format!("`manifests` takes a list of folders or patterns, not {}", manifests.what());
        out.push(Diagnostic::error(codes::BAD_ENVELOPE, manifests.span, message));
        return Limits::default();
    };
    let mut all = GlobSetBuilder::new();
    'items: for item in items {
        let text = item.as_text().map(|text| text.trim_start_matches("./").trim_end_matches('/'));
        let Some(text) = text.filter(|text| !text.is_empty() && !text.starts_with('/') && !text.contains("..")) else {
            let message = "an entry of `manifests` is a folder or a pattern below the root";
            out.push(Diagnostic::error(codes::BAD_ENVELOPE, item.span, message));
            continue;
        };
        let mut own = GlobSetBuilder::new();
        for pattern in [text.to_owned(), format!("{text}/**")] {
            match GlobBuilder::new(&pattern).literal_separator(true).build() {
                Ok(glob) => {
                    own.add(glob.clone());
                    all.add(glob);
                }
                Err(error) => {
                    let message = format!("`{text}` is no pattern: {}", error.kind());
                    out.push(Diagnostic::error(codes::BAD_ENVELOPE, item.span, message));
                    continue 'items;
                }
            }
        }
        let mut paths = files.iter().map(|id| &sources.get(*id).path).filter(|path| *path != MARKER);
        let matches = own.build().is_ok_and(|own| paths.any(|path| own.is_match(path)));
        if !matches {
            let found =
                Diagnostic::new(codes::NOTHING_MATCHES, Severity::Error, format!("`{text}` matches no YAML file"));
            out.push(
                found.label(item.span, "").hint("Patterns are relative to the root; `**` stands for any folders."),
            );
        }
    }
    Limits(all.build().ok())
}
