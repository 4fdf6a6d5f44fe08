//! `${…}`: finds the variables of a text and replaces them, once and without nesting.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::envelope::Envelope;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span, codes::manifest as codes};
use crate::model::ProjectRef;
use crate::yaml::{Content, Entry, Node, Style};

/// The longest text after replacing; no manifest needs a longer one, so it is an attack.
const MOST_BYTES: usize = 256 * 1024;
/// The most mistakes of one text that are reported.
const MOST_FAULTS: usize = 20;

/// The variable of the project's name in the dashboard.
const NAME: &str = "project.name";

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Variable(&'t str),
    Label(&'t str),
    Reference,
    Name,
    Document,
}

/// Splits a text into its parts.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, &str> {
    let mut pieces = vec![];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            pieces.extend([Piece::Text(before), Piece::Text("${")]);
            rest = after;
            continue;
        }
        pieces.push(Piece::Text(before));
        let (inner, after) = after.split_once('}').ok_or(after)?;
        pieces.push(match inner.split_once('.') {
            Some(("var", name)) if super::name_is_valid(name) => Piece::Variable(name),
            Some(("label", name)) if super::name_is_valid(name) => Piece::Label(name),
            Some(("project", "ref")) => Piece::Reference,
            Some(("project", "name")) => Piece::Name,
            None if inner == "document" => Piece::Document,
            _ => return Err(inner),
        });
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    Ok(pieces)
}

/// The variables that the texts of a node use.
pub(super) fn uses<'n>(node: &'n Node, into: &mut BTreeSet<&'n str>) {
    match &node.content {
        Content::Text { text, .. } if text.contains("${") => uses_of_text(text, into),
        Content::List(items) => items.iter().for_each(|item| uses(item, into)),
        Content::Map(entries) => entries.iter().for_each(|entry| uses(&entry.value, into)),
        Content::Null { .. } | Content::Bool(_) | Content::Int(_) | Content::Float(_) | Content::Text { .. } => {}
    }
}

fn uses_of_text<'t>(text: &'t str, into: &mut BTreeSet<&'t str>) {
    // Also in a text that cannot be read for another reason, so that one mistake causes one finding.
    let names = text.split("${var.").skip(1).filter_map(|rest| rest.split_once('}'));
    into.extend(names.map(|(name, _)| name));
}

/// The value of `${project.name}`.
#[derive(Debug, Default)]
pub(super) enum LiveName {
    /// The name itself is being filled in.
    #[default]
    Within,
    /// `name:` was written and refused.
    Refused,
    /// No `name:` is written.
    Absent,
    Is(String),
}

/// The values that the texts of a project can use.
#[derive(Debug, Default)]
pub(super) struct Scope<'n> {
    pub(super) vars: BTreeMap<&'n str, &'n Entry>,
    pub(super) labels: BTreeMap<&'n str, &'n str>,
    /// Variables that a profile requires: a missing one is reported at the project.
    pub(super) required: BTreeSet<&'n str>,
    /// Variables and labels whose definitions were refused.
    pub(super) refused: BTreeSet<&'n str>,
    pub(super) reference: Option<String>,
    /// The project's name in the dashboard.
    pub(super) name: LiveName,
}

impl<'n> Scope<'n> {
    /// Adds the definitions of a stronger document.
    pub(super) fn take(&mut self, envelope: &Envelope<'n>) {
        self.vars.extend(envelope.vars.iter().map(|entry| (entry.key.name.as_str(), *entry)));
        self.labels.extend(envelope.labels.iter().map(|(name, value)| (*name, value.value)));
        self.required.extend(envelope.requires.iter().map(|wanted| wanted.value));
        self.refused.extend(envelope.refused.iter().copied());
    }
}

/// Names that were used and not found, with the projects that lack them: one finding for all projects.
#[derive(Debug, Default)]
pub(super) struct Undefined {
    missing: BTreeMap<(Span, String), Missing>,
    noted: usize,
}

#[derive(Debug, Default)]
struct Missing {
    projects: Vec<String>,
    near: Option<String>,
}

impl Undefined {
    fn note(&mut self, at: Span, what: String, project: &str, near: Option<&str>) {
        self.noted += 1;
        let missing = self.missing.entry((at, what)).or_default();
        missing.projects.push(project.to_owned());
        missing.near = missing.near.take().or_else(|| near.map(str::to_owned));
    }

    /// Reports them.
    pub(super) fn report(self, out: &mut Diagnostics) {
        for ((span, what), Missing { mut projects, near }) in self.missing {
            projects.dedup();
            let more = projects.len().saturating_sub(3);
            projects.truncate(3);
            let named = projects.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let code = if what == NAME { codes::NO_LIVE_NAME } else { codes::UNKNOWN_VARIABLE };
            let mut found = Diagnostic::error(code, span, format!("`{what}` is not defined for {named}{more}"));
            found = match near {
                _ if what == NAME => {
                    found.hint("Write `name:`, the name in the dashboard; `${document}` is the name of the document.")
                }
                Some(near) => found.hint(format!("Did you mean `{near}`?")),
                None if what.starts_with("label.") => found.hint("Define it under `labels:`."),
                None => found.hint("Define it under `vars:` of the project or of a profile."),
            };
            out.push(found);
        }
    }
}

/// Replaces the variables in the texts of one project.
pub(super) struct Filler<'a, 'n> {
    pub(super) project: &'a str,
    pub(super) scope: Scope<'n>,
    pub(super) sources: &'a Sources,
    pub(super) undefined: &'a mut Undefined,
    pub(super) out: &'a mut Diagnostics,
    /// Since this was last cleared: where a variable was used, and where it is defined.
    pub(super) via: Vec<(Span, Span)>,
    /// All variables that texts from files have used.
    pub(super) used: BTreeSet<String>,
    /// Whether unknown items of a list are left out instead of failing the list.
    pub(super) lenient: bool,
    /// Whether a ref that is not known yet is an error: what is needed to find the project cannot wait for its ref.
    pub(super) at_once: bool,
}

impl<'n> Filler<'_, 'n> {
    /// How many findings there are so far, including those that are reported at the end.
    pub(super) fn findings(&self) -> usize {
        self.out.len() + self.undefined.noted
    }

    /// Replaces variables in what cannot wait until the ref is known.
    pub(super) fn at_once<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.at_once, true);
        let done = work(self);
        self.at_once = before;
        done
    }

    /// Replaces variables in all texts of a node.
    pub(super) fn node<'x>(&mut self, node: &'x Node) -> Option<Cow<'x, Node>> {
        if !asks(node) {
            return Some(Cow::Borrowed(node));
        }
        let content = match &node.content {
            Content::Text { text, style } => return self.whole(node, text, *style).map(Cow::Owned),
            Content::List(items) => {
                let mut filled = Vec::with_capacity(items.len());
                for item in items {
                    let was = item.as_text().is_some();
                    match self.node(item).map(Cow::into_owned) {
                        // A list inside a list is flattened.
                        Some(Node { content: Content::List(inner), .. }) if was => filled.extend(inner),
                        Some(other) => filled.push(other),
                        None if self.lenient => {}
                        None => return None,
                    }
                }
                Content::List(filled)
            }
            Content::Map(entries) => {
                let mut filled = Vec::with_capacity(entries.len());
                for entry in entries {
                    filled.push(Entry { key: entry.key.clone(), value: self.node(&entry.value)?.into_owned() });
                }
                Content::Map(filled)
            }
            other @ (Content::Null { .. } | Content::Bool(_) | Content::Int(_) | Content::Float(_)) => other.clone(),
        };
        Some(Cow::Owned(Node { span: node.span, content }))
    }

    /// Replaces variables in a text; a text that is only a variable gets the variable's type.
    fn whole(&mut self, node: &Node, text: &str, style: Style) -> Option<Node> {
        if let Ok([Piece::Variable(name)]) = pieces(text).as_deref() {
            let value = self.variable(name, node.span)?;
            return Some(moved(value, node.span));
        }
        let text = self.text(text, node.span)?;
        Some(Node { span: node.span, content: Content::Text { text, style } })
    }

    /// Replaces variables in a text that stays a text.
    pub(super) fn text(&mut self, text: &str, span: Span) -> Option<String> {
        let pieces = match pieces(text) {
            Ok(pieces) => pieces,
            Err(inner) => {
                self.unreadable(inner, span);
                return None;
            }
        };
        let mut filled = String::with_capacity(text.len());
        let mut faults = 0;
        for piece in pieces {
            match self.piece(piece, span) {
                Some(part) => filled.push_str(&part),
                None => faults += 1,
            }
            if filled.len() > MOST_BYTES {
                let message = format!("the text grows beyond {MOST_BYTES} bytes when its variables are replaced");
                self.out.push(Diagnostic::error(codes::BAD_INTERPOLATION, span, message));
                return None;
            }
            // The first mistakes of a text are enough.
            if faults == MOST_FAULTS {
                return None;
            }
        }
        (faults == 0).then_some(filled)
    }

    fn piece<'p>(&mut self, piece: Piece<'p>, span: Span) -> Option<Cow<'p, str>> {
        match piece {
            Piece::Text(text) => Some(text.into()),
            Piece::Variable(name) => {
                let value = self.variable(name, span)?;
                match &value.content {
                    Content::Text { text, .. } => Some(text.clone().into()),
                    Content::Int(it) => Some(it.to_string().into()),
                    Content::Bool(it) => Some(it.to_string().into()),
                    // As it was written: in a text, `1.10` must not become `1.1`.
                    Content::Float(_) => Some(self.sources.slice(value.span).to_owned().into()),
                    Content::Null { .. } | Content::List(_) | Content::Map(_) => {
                        let message = format!("`var.{name}` is {}, which cannot be inserted into a text", value.what());
                        let found = Diagnostic::error(codes::NOT_SCALAR, self.within(name, span), message);
                        self.out.push(found.label(value.span, "the variable is defined here"));
                        None
                    }
                }
            }
            Piece::Label(name) => match self.scope.labels.get(name) {
                Some(value) if !self.scope.refused.contains(name) => Some((*value).to_owned().into()),
                _ => {
                    self.missing("label", name, span);
                    None
                }
            },
            Piece::Reference => {
                if self.scope.reference.is_none() && !self.at_once {
                    return Some(ProjectRef::STAND_IN.into());
                }
                if self.scope.reference.is_none() {
                    let message = format!("`${{project.ref}}` is not known yet for `{}`", self.project);
                    let hint = "Write the project's `ref:`; `supaform pin` does so for projects that exist.";
                    self.out.push(
                        Diagnostic::error(codes::KNOWN_LATER, self.within("project.ref", span), message).hint(hint),
                    );
                }
                self.scope.reference.clone().map(Cow::Owned)
            }
            Piece::Name => {
                match &self.scope.name {
                    LiveName::Is(name) => return Some(name.clone().into()),
                    LiveName::Within => {
                        let found = "`${project.name}` within the name itself";
                        let found = Diagnostic::error(codes::BAD_INTERPOLATION, span, found);
                        self.out.push(found.hint("`${document}` is the name of the document."));
                    }
                    LiveName::Absent => {
                        self.undefined.note(self.within(NAME, span), NAME.to_owned(), self.project, None);
                    }
                    LiveName::Refused => self.undefined.noted += 1,
                }
                None
            }
            Piece::Document => Some(self.project.to_owned().into()),
        }
    }

    fn variable(&mut self, name: &str, span: Span) -> Option<&'n Node> {
        match self.scope.vars.get(name) {
            Some(entry) if !self.scope.refused.contains(name) => {
                self.via.push((span, entry.value.span));
                return Some(&entry.value);
            }
            _ => {}
        }
        self.missing("var", name, span);
        None
    }

    /// Records a variable or label that is not defined, unless another finding reports it.
    fn missing(&mut self, what: &str, name: &str, span: Span) {
        let known: Vec<&str> = match what {
            "var" => self.scope.vars.keys().copied().collect(),
            _ => self.scope.labels.keys().copied().collect(),
        };
        let elsewhere = self.scope.refused.contains(name) || what == "var" && self.scope.required.contains(name);
        if elsewhere {
            self.undefined.noted += 1;
            return;
        }
        let known = if self.out.may_guess() { known } else { vec![] };
        let near = crate::diag::nearest(name, known).map(|near| format!("{what}.{near}"));
        self.undefined.note(self.within(name, span), format!("{what}.{name}"), self.project, near.as_deref());
    }

    fn unreadable(&mut self, inner: &str, span: Span) {
        let shown: String = inner.chars().take_while(|c| !c.is_whitespace()).take(40).collect();
        let found =
            Diagnostic::error(codes::BAD_INTERPOLATION, span, format!("`${{{shown}}}` is not a known variable"));
        let known = "Known are `${var.NAME}`, `${label.NAME}`, `${document}`, `${project.ref}` and `${project.name}`; a literal `${` is written `$${`.";
        let bare = shown.strip_prefix("env:").unwrap_or(&shown);
        let found = if self.scope.vars.contains_key(bare) {
            found.hint(format!("Did you mean `${{var.{bare}}}`?"))
        } else if ["document.name", "project.document", "project"].contains(&bare) {
            found.hint("Did you mean `${document}`?")
        } else {
            found
        };
        self.out.push(found.hint(known));
    }

    /// The place of a name within a text, where the text is written exactly as it is read.
    fn within(&self, name: &str, span: Span) -> Span {
        let written = self.sources.slice(span);
        let Some(at) = written.find(name) else { return span };
        Span::new(span.source, span.start as usize + at, span.start as usize + at + name.len())
    }
}

/// Whether any text of a node uses a variable.
fn asks(node: &Node) -> bool {
    match &node.content {
        Content::Text { text, .. } => text.contains("${"),
        Content::List(items) => items.iter().any(asks),
        Content::Map(entries) => entries.iter().any(|entry| asks(&entry.value)),
        Content::Null { .. } | Content::Bool(_) | Content::Int(_) | Content::Float(_) => false,
    }
}

/// The value of a variable, as if it were written where it is used.
fn moved(node: &Node, span: Span) -> Node {
    let content = match &node.content {
        Content::List(items) => Content::List(items.iter().map(|item| moved(item, span)).collect()),
        other @ (Content::Null { .. }
        | Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::Map(_)) => other.clone(),
    };
    Node { span, content }
}

/// Replaces the variables in a text that was read from a file, and records which it used.
pub(super) fn fill_file(filler: &mut Filler<'_, '_>, text: &str, span: Span) -> Option<String> {
    let mut names = BTreeSet::new();
    uses_of_text(text, &mut names);
    filler.used.extend(names.into_iter().map(str::to_owned));
    filler.text(text, span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_split_once() {
        use Piece::{Label, Name, Reference, Text, Variable};
        assert_eq!(pieces("a${var.b}c"), Ok(vec![Text("a"), Variable("b"), Text("c")]));
        assert_eq!(pieces("${label.env}${project.ref}${project.name}"), Ok(vec![Label("env"), Reference, Name]));
        assert_eq!(pieces("${document}-${document.x}"), Err("document.x"));
        assert_eq!(pieces("${document}"), Ok(vec![Piece::Document]));
        assert_eq!(pieces("$${var.b}"), Ok(vec![Text("${"), Text("var.b}")]));
        assert_eq!(pieces("a $ b {c} $"), Ok(vec![Text("a $ b {c} $")]));
        assert_eq!(pieces("${env:X}"), Err("env:X"));
        assert_eq!(pieces("${var.${var.x}}"), Err("var.${var.x"));
        assert_eq!(pieces("${var.x"), Err("var.x"));
        assert_eq!(pieces("${}"), Err(""));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[$a-c{}.\\PC]{0,40}") {
            let asks = text.contains("${");
            prop_assert!(asks || pieces(&text).is_ok());
        }

        #[test]
        fn an_escaped_text_comes_back(text in "[a-z${}. ]{0,40}") {
            prop_assume!(!text.contains("$${") && !text.ends_with('$'));
            let escaped = text.replace("${", "$${");
            let back: String = pieces(&escaped)
                .unwrap()
                .into_iter()
                .map(|piece| if let Piece::Text(text) = piece { text.to_owned() } else { "?".to_owned() })
                .collect();
            prop_assert_eq!(back, text);
        }
    }
}
