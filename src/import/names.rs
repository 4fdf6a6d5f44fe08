//! Names for what had another one elsewhere.

use crate::secret::foreign::is_variable;

/// The name of a document or an item for a name elsewhere: `Acme App` is `acme-app`.
#[must_use]
pub fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    name.chars().take(60).collect::<String>().trim_end_matches('-').to_owned()
}

/// The name under which a secret is looked up: that of its field in capitals.
pub(super) fn secret_name(name: &str) -> String {
    if is_variable(name) && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return name.to_owned();
    }
    let name = slug(name).replace('-', "_").to_ascii_uppercase();
    if is_variable(&name) { name } else { format!("_{name}") }
}

/// The name of the file of a field's text: that of `mailer_templates_magic_link_content` is `magic-link`.
pub(super) fn text_name(field: &str) -> String {
    let name = field.strip_prefix("mailer_templates_").unwrap_or(field);
    name.strip_suffix("_content").unwrap_or(name).replace('_', "-")
}
