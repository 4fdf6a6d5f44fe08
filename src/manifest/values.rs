//! The value of a field: references resolved, variables replaced, the result checked against the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::input::{Options, Texts};
use super::listing;
use super::variables::{Filler, fill_file};
use crate::diag::{Diagnostic, Span, codes::manifest as codes, codes::secret, codes::value as value_codes};
use crate::files::{self, Refused};
use crate::model::DesiredValue;
use crate::schema::check::{Checked, check, literal, perhaps_unfilled, revealed, revealed_plain, text_fault, unfilled};
use crate::schema::wire::lines;
use crate::schema::{Field, TextRule, Type, Wire};
use crate::secret::foreign::is_variable;
use crate::secret::variables::is_forbidden;
use crate::secret::{SecretSource, SecretUse};
use crate::yaml::{Content, Entry, Node};

/// Texts that were read, so that a template of a hundred projects is read once.
pub(super) type TextCache = BTreeMap<String, Result<Arc<str>, Refused>>;

/// Files of folders that were read, so that one that many projects use is read once.
pub(super) type ContentCache = BTreeMap<String, Result<Arc<[u8]>, Refused>>;

/// The files that manifests name, by path, each with the first place that does.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Files whose text is shown.
    pub(super) shown: BTreeMap<String, Span>,
    /// Files that hold secrets.
    pub(super) secret: BTreeMap<String, Span>,
}

/// Makes the values of one project.
pub(super) struct Values<'a, 'n> {
    pub(super) filler: Filler<'a, 'n>,
    pub(super) texts: &'a dyn Texts,
    pub(super) cache: &'a mut TextCache,
    pub(super) contents: &'a mut ContentCache,
    pub(super) named: &'a mut Named,
    pub(super) options: &'a Options,
    /// The places of the items or keys of the value that was made last.
    pub(super) parts: Vec<Span>,
}

const REFERENCES: &[&str] = &["secret", "env", "file", "exec", "plain"];
const FORMS: &str = "Write `{secret: NAME}`, `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND, ARGUMENT]}`.";

impl Values<'_, '_> {
    /// The value of a field; `None` after a finding, or where it cannot be known offline. `item`: the name of the item
    /// whose one value this is; such a value may declare itself no secret.
    pub(super) fn datum(&mut self, field: &'static Field, node: &Node, item: Option<&str>) -> Option<DesiredValue> {
        if matches!(node.content, Content::Null { .. }) {
            return check(field, node, self.filler.sources, self.filler.out).map(datum);
        }
        if field.is_secret() {
            return self.secret(field, node, item).map(DesiredValue::Secret);
        }
        if let Type::Text(rule) = field.ty
            && let Some(reference) = reference(node)
        {
            return self.shown(field, rule, node, reference).map(|text| DesiredValue::Value(text.into()));
        }
        self.filler.via.clear();
        let before = self.filler.out.len();
        let filled = self.filler.node(node)?;
        let checked = check(field, &filled, self.filler.sources, self.filler.out).map(datum);
        self.parts = match &filled.content {
            Content::List(items) => items.iter().map(|item| item.span).collect(),
            Content::Map(entries) => entries.iter().map(|entry| entry.key.span).collect(),
            Content::Null { .. } | Content::Bool(_) | Content::Int(_) | Content::Float(_) | Content::Text { .. } => {
                vec![]
            }
        };
        if !self.filler.via.is_empty() {
            // The finding is at the field, but the mistake is in the variable, and the text there is not the value.
            for found in self.filler.out.since(before) {
                let at = found.labels.first().map(|label| label.span);
                for (_, given) in self.filler.via.iter().filter(|(put, _)| at == Some(*put)) {
                    found.fix = None;
                    found
                        .labels
                        .push(crate::diag::Label { span: *given, text: "a variable is defined here".to_owned() });
                }
            }
        }
        checked
    }

    /// The references of a secret field: one, or a list where the API stores several values joined.
    fn secret(&mut self, field: &'static Field, node: &Node, item: Option<&str>) -> Option<SecretUse> {
        let (name, plain) = (item.unwrap_or(field.name), item.is_some());
        match (field.wire, &node.content) {
            (Wire::Joined(between), Content::List(items)) if !items.is_empty() => {
                let parts: Vec<_> = items.iter().map(|part| self.source(name, part, plain)).collect();
                Some(SecretUse { parts: parts.into_iter().collect::<Option<_>>()?, between })
            }
            _ => self.source(name, node, plain).map(SecretUse::one),
        }
    }

    /// One reference to a secret. No finding shows the written text, because it may be the secret.
    pub(super) fn source(&mut self, name: &str, node: &Node, plain: bool) -> Option<SecretSource> {
        if node.as_map().is_none() {
            return self.refuse(literal(name, node));
        }
        let Some(entry) = reference(node).filter(|_| node.as_map().is_some_and(|entries| entries.len() == 1)) else {
            let message = format!("`{name}` is a secret, and this is not a reference to one");
            return self.refuse(Diagnostic::error(secret::BAD_REFERENCE, node.span, message).hint(FORMS).private());
        };
        let value = &entry.value;
        match entry.key.name.as_str() {
            "secret" => Some(SecretSource::Named {
                document: self.filler.project.to_owned(),
                name: self.variable_name(name, value)?,
            }),
            "env" => {
                let variable = self.variable_name(name, value)?;
                if is_forbidden(&variable) {
                    return self.refuse(forbidden(&variable, value.span));
                }
                Some(SecretSource::Env(variable))
            }
            "file" => {
                let path = self.text_of(name, value)?;
                if let Some(found) = unfilled(name, &path, value.span) {
                    return self.refuse(found.private());
                }
                // An absolute path is one below `--secret-dir`; that is checked when the file is read.
                if path.starts_with('/') {
                    return Some(SecretSource::File(path));
                }
                match files::beside(self.file_of(value.span), &path) {
                    Ok(path) => {
                        self.named.secret.entry(path.clone()).or_insert(value.span);
                        Some(SecretSource::File(path))
                    }
                    Err(why) => self.refuse(file_refused(secret::FILE_REFUSED, value.span, &why)),
                }
            }
            "exec" => self.command(name, value),
            _ => self.plain(name, value, plain),
        }
    }

    fn command(&mut self, name: &str, node: &Node) -> Option<SecretSource> {
        let items = node.as_list().filter(|items| !items.is_empty());
        let Some(items) = items else {
            let message = format!("`exec` of `{name}` must be a list of the command and its arguments");
            return self.refuse(Diagnostic::error(secret::BAD_REFERENCE, node.span, message).private());
        };
        let words: Vec<_> = items.iter().map(|item| self.text_of(name, item)).collect();
        let words = words.into_iter().collect::<Option<Vec<_>>>()?;
        if words.iter().any(|word| word.contains('\0')) {
            let message = format!("`exec` of `{name}` holds a NUL, which no command can receive");
            return self.refuse(Diagnostic::error(secret::BAD_REFERENCE, node.span, message).private());
        }
        Some(SecretSource::Exec(words))
    }

    fn plain(&mut self, name: &str, node: &Node, allowed: bool) -> Option<SecretSource> {
        if !allowed {
            let message = format!("`{name}` is always a secret");
            return self.refuse(Diagnostic::error(secret::PLAIN_REFUSED, node.span, message).hint(FORMS).private());
        }
        let Some(text) = node.as_text() else {
            let message = format!("`plain` must be a text, not {}", node.what());
            let quoted = format!("\"{}\"", self.filler.sources.slice(node.span));
            let found = Diagnostic::error(secret::BAD_REFERENCE, node.span, message);
            let scalar = matches!(node.content, Content::Int(_) | Content::Float(_) | Content::Bool(_));
            return self.refuse(if scalar { found.hint("Put it into quotes.").fix(node.span, quoted) } else { found });
        };
        let text = self.filler.text(text, node.span)?;
        if let Some(found) =
            revealed_plain(name, &text, node.span).or_else(|| unfilled(name, &text, node.span).map(Diagnostic::private))
        {
            return self.refuse(found);
        }
        if text.is_empty() {
            let found = Diagnostic::error(secret::EMPTY, node.span, "the plain value is empty");
            return self.refuse(found.hint("To make the item absent, write `null`."));
        }
        Some(SecretSource::Plain(text))
    }

    /// A reference in a text field that is shown: `{file: …}`, or `{env: …}` where a flag allows it.
    fn shown(&mut self, field: &'static Field, rule: TextRule, node: &Node, entry: &Entry) -> Option<String> {
        let (name, value) = (field.name, &entry.value);
        let (text, whence) = match entry.key.name.as_str() {
            "file" => (self.file(name, node, value)?, "the file's text"),
            "env" => (self.allowed_variable(name, value)?, "the variable's value"),
            other => {
                let message = format!("`{name}` is shown in plans, so it cannot be a `{other}`");
                let hint = "Write the text itself, or `{file: PATH}` for a long one.";
                return self.refuse(Diagnostic::error(secret::BAD_REFERENCE, node.span, message).hint(hint).private());
            }
        };
        let foreign = if field.is_free_text() { perhaps_unfilled } else { unfilled };
        let foreign = foreign(name, &text, value.span);
        let (foreign, doubt): (Vec<_>, Vec<_>) =
            foreign.into_iter().partition(|found| found.severity == crate::diag::Severity::Error);
        let refused = revealed(name, &text, value.span).or_else(|| foreign.into_iter().next());
        match refused.or_else(|| text_fault(field, &text, rule, value.span)) {
            // Text that does not fit the field may come from the wrong file, so it is not quoted.
            Some(found) if found.code == value_codes::BAD_FORM => {
                let expected = rule.form.map_or("another form", |form| form.expected);
                let message = format!("`{name}` must be {expected}, and {whence} is not");
                self.refuse(Diagnostic { message, ..found }.private())
            }
            Some(found) => self.refuse(found),
            None => {
                for found in doubt {
                    self.filler.out.push(found);
                }
                Some(text)
            }
        }
    }

    fn file(&mut self, name: &str, node: &Node, value: &Node) -> Option<String> {
        let fill = match node.get("fill").map(|fill| &fill.content) {
            None => false,
            Some(Content::Bool(fill)) => *fill,
            Some(_) => {
                let message = "`fill` must be `true` or `false`";
                let span = node.get("fill").map_or(node.span, |fill| fill.span);
                return self.refuse(Diagnostic::error(codes::BAD_MARKER, span, message));
            }
        };
        let known = |entry: &Entry| entry.key.name == "file" || entry.key.name == "fill";
        if let Some(other) = node.as_map().and_then(|entries| entries.iter().find(|entry| !known(entry))) {
            let message = format!("`{}` beside `file`", other.key.name);
            return self.refuse(Diagnostic::error(codes::BAD_MARKER, other.key.span, message).private());
        }
        let written = self.text_of(name, value)?;
        let path = match files::beside(self.file_of(value.span), &written) {
            Ok(path) => path,
            Err(why) => return self.refuse(file_refused(codes::FILE_REFUSED, value.span, &why)),
        };
        if let Some(why) = listing::never_shown(&path) {
            return self.refuse(file_refused(codes::FILE_REFUSED, value.span, &why));
        }
        self.named.shown.entry(path.clone()).or_insert(value.span);
        if !self.cache.contains_key(&path) {
            let read = self.texts.read(&path);
            self.cache.insert(path.clone(), read);
        }
        match self.cache.get(&path) {
            Some(Ok(text)) if fill => {
                let text = lines(text);
                fill_file(&mut self.filler, &text, value.span)
            }
            // Line ends are the same on every system, so that plans are the same.
            Some(Ok(text)) => Some(lines(text)),
            Some(Err(why)) => {
                let found = file_refused(codes::FILE_REFUSED, value.span, why);
                self.refuse(found.hint(format!("The path is `{path}` from the root of the workspace.")))
            }
            None => None,
        }
    }

    fn allowed_variable(&mut self, name: &str, value: &Node) -> Option<String> {
        let variable = self.variable_name(name, value)?;
        if is_forbidden(&variable) {
            return self.refuse(forbidden(&variable, value.span));
        }
        if !self.options.allow_env.contains(&variable) {
            let message = format!("`{name}` is shown in plans, and `{variable}` may be a secret");
            let hint = format!("Use `${{var.…}}`, or allow it with `--allow-env {variable}`.");
            return self.refuse(Diagnostic::error(secret::ENV_REFUSED, value.span, message).hint(hint));
        }
        // Without an environment, as when validating, the value is unknown.
        let found = self.options.environment.as_ref()?.get(&variable).cloned();
        if found.as_ref().is_none_or(|text| text.trim().is_empty()) {
            let message = format!("the variable `{variable}` is not set, or is empty");
            return self.refuse(Diagnostic::error(secret::EMPTY, value.span, message));
        }
        found
    }

    /// A text of a reference, with its variables replaced.
    fn text_of(&mut self, name: &str, node: &Node) -> Option<String> {
        match node.as_text() {
            Some(text) if !text.is_empty() => self.filler.at_once(|filler| filler.text(text, node.span)),
            _ => {
                let message =
                    format!("the reference of `{name}` must be a text that is not empty, not {}", node.what());
                self.refuse(Diagnostic::error(secret::BAD_REFERENCE, node.span, message).private())
            }
        }
    }

    fn variable_name(&mut self, name: &str, node: &Node) -> Option<String> {
        let text = self.text_of(name, node)?;
        if is_variable(&text) {
            return Some(text);
        }
        let message = format!("the reference of `{name}` must be a name of letters, digits and `_`");
        // Somebody may have written the secret itself, and the line would show it.
        self.refuse(Diagnostic::error(secret::BAD_REFERENCE, node.span, message).hint(FORMS).private())
    }

    /// The path of the file that a place is in.
    fn file_of(&self, span: Span) -> &str {
        &self.filler.sources.get(span.source).path
    }

    fn refuse<T>(&mut self, found: Diagnostic) -> Option<T> {
        self.filler.out.push(found);
        None
    }
}

fn datum(checked: Checked) -> DesiredValue {
    match checked {
        Checked::Value(value) => DesiredValue::Value(value),
        Checked::Clear => DesiredValue::Clear,
    }
}

/// The first entry of a map that is a reference.
pub(super) fn reference(node: &Node) -> Option<&Entry> {
    node.as_map()?.iter().find(|entry| REFERENCES.contains(&entry.key.name.as_str()))
}

fn forbidden(variable: &str, span: Span) -> Diagnostic {
    Diagnostic::error(secret::FORBIDDEN_VARIABLE, span, format!("no manifest may read `{variable}`"))
        .hint("Give the value under a name of its own.")
}

pub(super) fn file_refused(code: crate::diag::Code, span: Span, why: &Refused) -> Diagnostic {
    let found = Diagnostic::error(code, span, format!("the file is not read: {why}"));
    match why {
        Refused::Absolute | Refused::Outside => {
            found.hint("Paths are relative to the file that names them, and must stay below the root of the workspace.")
        }
        Refused::Link => found.hint("Replace the link by the file itself."),
        Refused::Hidden | Refused::Package | Refused::Ignored { .. } => {
            found.hint("Put a text that everybody may read into a file of its own that git tracks.")
        }
        Refused::Uncommitted => found.hint("Untrusted manifests can use committed files only, as they were committed."),
        Refused::Irregular
        | Refused::TooLarge { .. }
        | Refused::TooMany { .. }
        | Refused::Missing
        | Refused::NotText { .. }
        | Refused::Swapped
        | Refused::System(_) => found,
    }
}
