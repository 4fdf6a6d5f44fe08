//! Rules of the workspace: known differences that are left alone for a while, and changes that are allowed for good.

use std::sync::Arc;

use wildmatch::WildMatch;

use super::{Action, Address, FieldChange};
use crate::diag::{Position, Span};
use crate::schema::Impact;

/// A rule of `ignore:`.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    /// The addresses.
    pub path: AddressPattern,
    /// Why.
    pub reason: String,
    /// The responsible person.
    pub owner: String,
    /// The last day of the rule.
    pub until: jiff::civil::Date,
    /// Its place in the sources that it was read from.
    pub span: Span,
    /// The same place for people: those sources may be of another revision.
    pub at: Position,
}

/// A rule of `allow:`.
#[derive(Debug, Clone)]
pub struct AllowRule {
    /// The classes of harm that it allows.
    pub classes: Vec<Impact>,
    /// The projects and sections, as selectors of `--select`.
    pub select: Vec<String>,
    /// Why.
    pub reason: String,
    /// Its place in the sources that it was read from.
    pub span: Span,
    /// The same place for people: those sources may be of another revision.
    pub at: Position,
}

/// A difference that a rule leaves alone.
#[derive(Debug, Clone)]
pub struct Ignored {
    /// The section or item that differs.
    pub at: Address,
    /// The action that would happen.
    pub action: Action,
    /// The field that differs; `None` where a whole item would be created or deleted.
    pub field: Option<FieldChange>,
    /// The rule.
    pub rule: Arc<IgnoreRule>,
}

/// A pattern of addresses by their parts, each with `*` and `?`: `acme-*/auth/site_url`. It also matches what is below.
#[derive(Debug, Clone)]
pub struct AddressPattern {
    text: String,
    parts: Vec<WildMatch>,
}

impl AddressPattern {
    /// Parses a pattern of a section, an item or a field; `None` where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_with_projects(text).filter(|pattern| pattern.parts.len() > 1)
    }

    /// Parses such a pattern, or one of projects, which stands for all that is in them.
    #[must_use]
    pub fn parse_with_projects(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(5, '/').collect();
        let is_one = parts.len() <= 4 && parts.iter().all(|part| !part.is_empty());
        is_one.then(|| Self { text: text.to_owned(), parts: parts.into_iter().map(WildMatch::new).collect() })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The section of the pattern.
    #[must_use]
    pub fn section(&self) -> &str {
        self.text.split('/').nth(1).unwrap_or_default()
    }

    /// Whether the pattern may match something in a section.
    #[must_use]
    pub fn is_within(&self, project: &str, section: &str) -> bool {
        self.parts.iter().zip([project, section]).all(|(part, name)| part.matches(name))
    }

    /// Whether the pattern matches a section or an item, or a field of one. A field within an object has a name with dots,
    /// and the object's name matches it, too.
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
            // A rule of a field does not match a whole item.
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
        let projects = |text| AddressPattern::parse_with_projects(text);
        for (text, expected) in [("acme-prod", true), ("acme-*", true), ("*", true), ("acme", false), ("auth", false)] {
            let pattern = projects(text).unwrap();
            assert_eq!(pattern.is_match(&okta, Some("domains")), expected, "{text}");
            assert_eq!(pattern.is_match(&Address::of_project("acme-prod"), Some("name")), expected, "{text}");
            assert_eq!(pattern.is_within("acme-prod", "auth"), expected, "{text}");
        }
        for text in ["", "acme/", "/auth", "a/b/c/d/e"] {
            assert!(projects(text).is_none(), "{text}");
        }
    }
}
