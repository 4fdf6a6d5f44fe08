//! `supaform.yaml`: marks the root, declares the version, and may limit which files are read.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::listing::NOT_OURS;
use super::names::MARKER;
use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Sources, Span, codes::manifest as codes};
use crate::yaml::{Content, Node};

/// The files that `manifests:` names; all where it is not written.
#[derive(Debug, Default)]
pub struct Limits {
    files: Option<GlobSet>,
    /// The folders before the first wildcard of each pattern.
    starts: Vec<String>,
}

impl Limits {
    /// The limits in the text of a `supaform.yaml`; none where it cannot be read, which is reported when the file is read
    /// as a manifest.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut sources = Sources::new();
        let id = sources.add(MARKER, text);
        let Some(node) = crate::yaml::read(&sources, id, &mut Diagnostics::new()) else { return Self::default() };
        let Some(items) = node.get("manifests").and_then(Node::as_list) else { return Self::default() };
        Self::all(items.iter().filter_map(|item| Pattern::parse(item.as_text()?).ok().flatten()))
    }

    fn all(patterns: impl Iterator<Item = Pattern>) -> Self {
        let (mut files, mut starts) = (GlobSetBuilder::new(), vec![]);
        for Pattern { globs, start } in patterns {
            for glob in globs {
                files.add(glob);
            }
            starts.push(start);
        }
        Self { files: files.build().ok(), starts }
    }

    /// Whether a file may be read.
    #[must_use]
    pub fn allow(&self, path: &str) -> bool {
        path == MARKER || self.files.as_ref().is_none_or(|set| set.is_match(path))
    }

    /// Whether a folder may hold a file that may be read.
    #[must_use]
    pub fn reach(&self, folder: &str) -> bool {
        let within = |inner: &str, outer: &str| {
            outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.files.is_none() || self.starts.iter().any(|start| within(start, folder) || within(folder, start))
    }
}

/// An entry of `manifests:`: a folder or a pattern.
struct Pattern {
    globs: [Glob; 2],
    start: String,
}

impl Pattern {
    /// `None` where the entry is no path below the root.
    fn parse(text: &str) -> Result<Option<Self>, (String, globset::Error)> {
        let text = text.trim_start_matches("./").trim_end_matches('/');
        if text.is_empty() || text.starts_with('/') || text.contains("..") {
            return Ok(None);
        }
        let glob = |pattern: &str| GlobBuilder::new(pattern).literal_separator(true).build();
        let globs = glob(text).and_then(|own| Ok([own, glob(&format!("{text}/**"))?]));
        let globs = globs.map_err(|error| (text.to_owned(), error))?;
        let plain: Vec<&str> = text.split('/').take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).collect();
        Ok(Some(Self { globs, start: plain.join("/") }))
    }
}

/// Whether a file would mark a root within the root.
pub(super) fn is_nested(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, name)| name == MARKER)
}

/// Reads the settings of the workspace from `supaform.yaml` at the root.
pub(super) fn read(sources: &Sources, files: &[SourceId], nodes: &[(bool, Node)], out: &mut Diagnostics) -> Limits {
    // A file that is not a map is reported elsewhere.
    let marker = nodes.iter().find(|(marker, node)| *marker && node.as_map().is_some()).map(|(_, node)| node);
    let limits = marker.and_then(|node| node.get("manifests"));
    let limits = limits.map_or_else(Limits::default, |manifests| limits_of(sources, files, manifests, out));
    for (_, node) in nodes.iter().filter(|(marker, _)| !marker) {
        let path = &sources.get(node.span.source).path;
        if is_nested(path) && limits.allow(path) {
            let span = Span { end: node.span.start.saturating_add(1), ..node.span };
            out.push(
                Diagnostic::error(codes::NESTED_WORKSPACE, span, "a workspace within this workspace").hint(NOT_OURS),
            );
        }
    }
    if let Some(node) = marker {
        version(node, out);
    }
    limits
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
            let message = format!("`{MARKER}` does not declare its version");
            out.push(Diagnostic::error(codes::BAD_VERSION, span, message).hint("Write `version: 1`."));
        }
    }
}

fn limits_of(sources: &Sources, files: &[SourceId], manifests: &Node, out: &mut Diagnostics) -> Limits {
    let Some(items) = manifests.as_list() else {
        let message = format!("`manifests` must be a list of folders or patterns, not {}", manifests.what());
        out.push(Diagnostic::error(codes::BAD_ENVELOPE, manifests.span, message));
        return Limits::default();
    };
    let mut all = vec![];
    for item in items {
        let pattern = match item.as_text().map(Pattern::parse) {
            Some(Ok(Some(pattern))) => pattern,
            Some(Ok(None)) | None => {
                let message = "an entry of `manifests` is a folder or a pattern below the root";
                out.push(Diagnostic::error(codes::BAD_ENVELOPE, item.span, message));
                continue;
            }
            Some(Err((text, error))) => {
                let message = format!("`{text}` is not a pattern: {}", error.kind());
                out.push(Diagnostic::error(codes::BAD_ENVELOPE, item.span, message));
                continue;
            }
        };
        let own = pattern.globs.clone().map(|glob| glob.compile_matcher());
        let mut paths = files.iter().map(|id| &sources.get(*id).path).filter(|path| *path != MARKER);
        if !paths.any(|path| own.iter().any(|glob| glob.is_match(path))) {
            let text = item.as_text().unwrap_or_default();
            let message = format!("`{text}` matches no YAML file");
            let found = Diagnostic::new(codes::NOTHING_MATCHES, Severity::Error, message).label(item.span, "");
            out.push(found.hint("Patterns are relative to the root; `**` stands for any folders."));
        }
        all.push(pattern);
    }
    Limits::all(all.into_iter())
}
