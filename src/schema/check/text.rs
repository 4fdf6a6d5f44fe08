//! What is wrong with a text, wherever it stands: no value, a secret, a form that it does not have.

use crate::diag::{Diagnostic, Span, codes::secret, codes::value as codes};
use crate::schema::{Field, Form, TextRule, template};
use crate::secret::foreign::{self, env_call};
use crate::secret::tokens::{sniff, sniff_plain};
use crate::yaml::Node;

/// The finding for `key:` with nothing after it.
#[must_use]
pub fn nothing(name: &str, span: Span, nullable: bool) -> Diagnostic {
    let clear = if nullable { "Write `null` to clear it, or" } else { "Write the value, or" };
    Diagnostic::error(codes::NOTHING_WRITTEN, span, format!("`{name}` has no value"))
        .hint(format!("{clear} remove the line to leave the field as it is."))
}

/// The finding for a text where a reference to a secret belongs. Neither the message nor the line shows the text.
#[must_use]
pub fn literal(name: &str, node: &Node) -> Diagnostic {
    let text = node.as_text().unwrap_or_default();
    if let Some(variable) = env_call(text) {
        return Diagnostic::error(secret::ENV_CALL, node.span, format!("`{name}` would be set to the text of a call"))
            .hint(format!("Write `{{env: {variable}}}`."))
            .fix(node.span, format!("{{env: {variable}}}"));
    }
    if crate::secret::looks_like_digest(text) {
        return Diagnostic::error(secret::DIGEST, node.span, format!("`{name}` holds a digest, not a secret"))
            .hint("The API shows secrets as digests; refer to the value itself, with `{secret: NAME}`.")
            .private();
    }
    Diagnostic::error(secret::LITERAL, node.span, format!("`{name}` is a secret, and a manifest never holds its text"))
        .hint("Write a reference: `{secret: NAME}`, `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND]}`.")
        .private()
}

/// The finding for a text that is shown but looks like a secret.
#[must_use]
pub fn revealed(name: &str, text: &str, span: Span) -> Option<Diagnostic> {
    Some(looks_secret(name, sniff(text)?, span))
}

/// The same finding for `{plain: …}` in a field that holds secrets.
#[must_use]
pub fn revealed_plain(name: &str, text: &str, span: Span) -> Option<Diagnostic> {
    Some(looks_secret(name, sniff_plain(text)?, span))
}

fn looks_secret(name: &str, looks: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` holds what looks like {looks}, and everybody may read it here");
    let hint = "If the secret is real, replace it where it was issued, and never write one into a manifest.";
    Diagnostic::error(secret::LOOKS_SECRET, span, message).hint(hint).private()
}

/// The finding for a text that another tool would fill in, and that would go live unfilled.
#[must_use]
pub fn unfilled(name: &str, text: &str, span: Span) -> Option<Diagnostic> {
    let found = foreign::find(text)?;
    if found.env {
        let what =
            env_call(text).map_or("a call of `env(…)`".to_owned(), |variable| format!("the text `env({variable})`"));
        let hint = "Use a variable (`${var.NAME}`), or the environment with `{env: NAME}` and `--allow-env`.";
        let message = format!("`{name}` would be set to {what}");
        return Some(Diagnostic::error(secret::ENV_CALL, span, message).hint(hint));
    }
    let message = format!("`{name}` holds a reference that {} would fill in; here it stays as it is", found.whose);
    let hint = "Write the value, or use `${var.NAME}`; for a secret, write a reference such as `{secret: NAME}`.";
    Some(Diagnostic::error(secret::FOREIGN, span, message).hint(hint))
}

/// The same finding as a warning, where texts are free. Templates fill in their own variables.
#[must_use]
pub fn perhaps_unfilled(name: &str, text: &str, span: Span) -> Option<Diagnostic> {
    if foreign::find(text).is_none_or(|found| found.template) {
        return None;
    }
    let found = unfilled(name, text, span)?;
    // A text that consists of the call alone is a mistake, not prose.
    let severity = if env_call(text).is_some() { found.severity } else { crate::diag::Severity::Warning };
    Some(Diagnostic { severity, ..found })
}

/// Why a text cannot be the value of a field, whether it is written there or read from a file.
#[must_use]
pub fn text_fault(field: &Field, text: &str, rule: TextRule, span: Span) -> Option<Diagnostic> {
    let name = field.name;
    let allowed = |c: char| rule.long && matches!(c, '\n' | '\r' | '\t');
    if let Some(odd) = text.chars().find(|&c| c.is_control() && !allowed(c)) {
        let message = format!("`{name}` holds the control character U+{:04X}", u32::from(odd));
        return Some(Diagnostic::error(codes::CONTROL_CHARACTER, span, message).hint("Remove it."));
    }
    if let Some(most) = rule.max_chars {
        let many = text.chars().count();
        if many > most {
            let message = format!("`{name}` can have at most {most} characters, not {many}");
            return Some(Diagnostic::error(codes::TOO_LONG, span, message));
        }
    }
    if let Some(Form { expected, holds, refuses, .. }) = rule.form {
        if let Some(refused) = refuses.and_then(|refuses| refuses(text)) {
            let message = format!("`{name}` {}", refused.why);
            let found = Diagnostic::error(refused.code, span, message).hint(refused.hint);
            return Some(if refused.code == codes::LOGIN_IN_ADDRESS { found.private() } else { found });
        }
        if !holds(text) {
            let message = format!("`{name}` must be {expected}, not `{}`", shortened(text));
            return Some(Diagnostic::error(codes::BAD_FORM, span, message));
        }
    }
    let template::Fault { line, why, hint } =
        template::fault(text, field.variables).filter(|_| !field.variables.is_empty())?;
    let place = if text.contains('\n') { format!(", line {line}") } else { String::new() };
    let found = Diagnostic::error(codes::BAD_TEMPLATE, span, format!("the template `{name}`{place}: {why}"));
    Some(if hint.is_empty() { found } else { found.hint(hint) })
}

/// The start of a text, for messages.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}
