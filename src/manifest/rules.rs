//! Lists of rules in `supaform.yaml`: `ignore:` and `allow:`. A rule is a map of texts, none of which may be missing.

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::yaml::Node;

/// The most rules of a key: each is tried against everything that is managed.
const MOST: usize = 500;

/// The form of the rules of a key.
pub(super) struct Rules {
    pub(super) key: &'static str,
    pub(super) members: &'static [&'static str],
    pub(super) code: Code,
    /// A rule as it is written: a sentence.
    pub(super) form: &'static str,
}

impl Rules {
    /// The rules that the file has.
    pub(super) fn of<'n>(&self, marker: &'n Node, out: &mut Diagnostics) -> &'n [Node] {
        let Some(node) = marker.get(self.key) else { return &[] };
        let rules = node.as_list().unwrap_or_else(|| {
            let message = format!("`{}` must be a list of rules, not {}", self.key, node.what());
            out.push(Diagnostic::error(self.code, node.span, message).hint(self.form));
            &[]
        });
        let (rules, more) = rules.split_at(rules.len().min(MOST));
        if let Some(first) = more.first() {
            let message = format!("`{}` has more than {MOST} rules", self.key);
            let found = Diagnostic::error(self.code, first.span, message);
            out.push(found.hint("Combine several into one, with `*` in its address or selector."));
        }
        rules
    }

    /// Reports unknown and missing members of a rule.
    pub(super) fn check(&self, item: &Node, out: &mut Diagnostics) {
        let Self { key, members, code, form } = *self;
        let Some(entries) = item.as_map() else {
            let message = format!("a rule of `{key}` is a map, not {}", item.what());
            out.push(Diagnostic::error(code, item.span, message).hint(form));
            return;
        };
        let before = out.len();
        for entry in entries.iter().filter(|entry| !members.contains(&entry.key.name.as_str())) {
            let message = format!("a rule of `{key}` has no `{}`", entry.key.name);
            let found = Diagnostic::error(code, entry.key.span, message);
            out.push_guessing(found, &entry.key.name, members.iter().copied());
        }
        let missing = members.iter().filter(|name| item.get(name).is_none()).map(|name| format!("`{name}`"));
        let missing: Vec<String> = missing.collect();
        // A misspelt member is reported already.
        if !missing.is_empty() && out.len() == before {
            let start = Span { end: item.span.start.saturating_add(1).min(item.span.end), ..item.span };
            let message = format!("a rule of `{key}` without {}", missing.join(", "));
            out.push(Diagnostic::error(code, start, message).hint(form));
        }
    }

    /// A member of a rule: a text of one line that is not empty.
    pub(super) fn text<'n>(&self, item: &'n Node, name: &str, out: &mut Diagnostics) -> Option<(&'n str, Span)> {
        let node = item.get(name)?;
        self.line(node, name, out).map(|text| (text, node.span))
    }

    /// A text of one line that is not empty.
    pub(super) fn line<'n>(&self, node: &'n Node, name: &str, out: &mut Diagnostics) -> Option<&'n str> {
        let text = node.as_text().filter(|text| !text.trim().is_empty() && !text.chars().any(char::is_control));
        if text.is_none() {
            let message = format!("`{name}` of a rule must be a text of one line that is not empty");
            out.push(Diagnostic::error(self.code, node.span, message));
        }
        text
    }
}
