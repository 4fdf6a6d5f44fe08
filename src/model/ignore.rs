//! Rules of the workspace: differences that are known and left alone for a while, and what is allowed for good.

use std::sync::Arc;

use wildmatch::WildMatch;

use super::{Action, Address, FieldChange};
use crate::diag::{Position, Span};
use crate::schema::Impact;

/// A rule of `ignore:`.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    /// What it is about.
    pub path: AddressPattern,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub until: jiff::civil::Date,
    /// Where it was written, in the texts that it was read from.
    pub span: Span,
    /// The same for people: those texts may be of another revision.
    pub at: Position,
}

/// A rule of `allow:`.
#[derive(Debug, Clone)]
pub struct AllowRule {
    /// The kinds of harm that it takes upon itself.
    pub classes: Vec<Impact>,
    /// Of which projects and sections, as `--select` takes it.
    pub select: Vec<String>,
    /// Why.
    pub reason: String,
    /// Where it was written, in the texts that it was read from.
    pub span: Span,
    /// The same for people: those texts may be of another revision.
    pub at: Position,
}

/// A difference that a rule leaves alone.
#[derive(Debug, Clone)]
pub struct Ignored {
    /// The section or item that differs.
    pub at: Address,
    /// What would happen to it.
    pub action: Action,
    /// The field that differs; nothing where a whole item would be made or removed.
    pub field: Option<FieldChange>,
    /// The rule.
    pub rule: Arc<IgnoreRule>,
}

/// Addresses by their parts, each with `*` and `?`: `acme-*/auth/site_url`. It stands for what lies below, too.
#[derive(Debug, Clone)]
pub struct AddressPattern {
    text: String,
    parts: Vec<WildMatch>,
}

impl AddressPattern {
    /// Reads a pattern of a section, an item or a field; nothing where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(5, '/').collect();
        let is_one = (2..=4).contains(&parts.len()) && parts.iter().all(|part| !part.is_empty());
        is_one.then(|| Self { text: text.to_owned(), parts: parts.into_iter().map(WildMatch::new).collect() })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The section that it names.
    #[must_use]
    pub fn section(&self) -> &str {
        self.text.split('/').nth(1).unwrap_or_default()
    }

    /// Whether it may stand for something in a section.
    #[must_use]
    pub fn is_within(&self, project: &str, section: &str) -> bool {
        self.parts.iter().zip([project, section]).all(|(part, name)| part.matches(name))
    }

    /// Whether it stands for a section or an item, or for a field of one. A field within an object has its name with dots,
    /// and the object's name stands for it, too.
    #[must_use]
    pub fn is_match(&self, at: &Address, field: Option<&str>) -> bool {
        let item = at.subject.item().map(|item| (item, false));
        let below: Vec<(&str, bool)> = item.into_iter().chain(field.map(|field| (field, true))).collect();
        let rest = self.parts.get(2..).unwrap_or_default();
        let matches = |part: &WildMatch, (name, is_field): (&str, bool)| {
            let outer = name.match_indices('.').filter_map(|(at, _)| name.get(..at));
            part.matches(name) || is_field && outer.into_iter().any(|outer| part.matches(outer))
        };
        self.is_within(&at.project, at.subject.kind().unwrap_or_default())
            && rest.len() <= below.len()
            && rest.iter().zip(below).all(|(part, name)| matches(part, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_what_lies_below_and_nothing_beside() {
        let pattern = |text: &str| AddressPattern::parse(text).unwrap();
        let auth = Address::section("acme-prod", "auth");
        let storage = Address::section("acme-prod", "storage");
        let okta = Address::item("acme-prod", "sso_providers", "okta");
        for (text, at, field, expected) in [
            ("acme-prod/auth/site_url", &auth, Some("site_url"), true),
            ("acme-*/*/site_?rl", &auth, Some("site_url"), true),
            ("acme-prod/auth", &auth, Some("site_url"), true),
            ("acme-prod/auth/site", &auth, Some("site_url"), false),
            ("acme-prod/auth/site_url/x", &auth, Some("site_url"), false),
            ("acme-dev/auth/site_url", &auth, Some("site_url"), false),
            ("acme-prod/aut/site_url", &auth, Some("site_url"), false),
            ("*/storage/features", &storage, Some("features.images.enabled"), true),
            ("*/storage/features.images", &storage, Some("features.images.enabled"), true),
            ("*/storage/feat", &storage, Some("features.images.enabled"), false),
            ("*/sso_providers/okta/domains", &okta, Some("domains"), true),
            ("*/sso_providers/okta/domains", &okta, Some("metadata_url"), false),
            // A rule of a field does not let a whole item come or go.
            ("*/sso_providers/okta/domains", &okta, None, false),
            ("*/sso_providers/okta", &okta, None, true),
            ("*/sso_providers/okta", &okta, Some("domains"), true),
            ("*/sso_providers/domains", &okta, Some("domains"), false),
            ("*/*", &okta, None, true),
        ] {
            assert_eq!(pattern(text).is_match(at, field), expected, "{text}: {at} {field:?}");
        }
        for text in ["", "acme", "acme/", "/auth", "a/b/c/d/e"] {
            assert!(AddressPattern::parse(text).is_none(), "{text}");
        }
    }
}
