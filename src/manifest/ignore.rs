//! `ignore:` of `supaform.yaml`: differences that are known and left alone until a day.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::document::MARKER;
use super::rules::Rules;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span, codes::manifest as codes};
use crate::diff;
use crate::kind::{Registry, infos};
use crate::model::{Address, AddressPattern, Desired, IgnoreRule, Item, SectionBody, Settings};
use crate::yaml::Node;

/// The key of `supaform.yaml`.
pub(super) const KEY: &str = "ignore";

const RULES: Rules = Rules {
    key: KEY,
    members: &["path", "reason", "owner", "until"],
    code: codes::BAD_IGNORE,
    form: "A rule is `{path: PROJECT/SECTION/FIELD, reason: …, owner: …, until: YYYY-MM-DD}`.",
};

/// Reads the rules of a `supaform.yaml`; of the working tree, or of another revision.
pub(super) fn read(marker: &Node, sources: &Sources, registry: Registry, out: &mut Diagnostics) -> Vec<IgnoreRule> {
    RULES.of(marker, out).iter().filter_map(|item| rule(item, sources, registry, out)).collect()
}

fn rule(item: &Node, sources: &Sources, registry: Registry, out: &mut Diagnostics) -> Option<IgnoreRule> {
    let before = out.len();
    RULES.check(item, out);
    let mut text = |name| RULES.text(item, name, out);
    let (path, reason, owner, until) = (text("path"), text("reason"), text("owner"), text("until"));
    let path = path.and_then(|(text, span)| pattern(text, span, registry, out).zip(Some(span)));
    let until = until.and_then(|(text, span)| day(text, span, out));
    let ((path, span), (reason, _), (owner, _), until) = (path?, reason?, owner?, until?);
    let (reason, owner) = (reason.to_owned(), owner.to_owned());
    (out.len() == before).then(|| IgnoreRule { path, reason, owner, until, span, at: sources.position(span) })
}

fn pattern(text: &str, span: Span, registry: Registry, out: &mut Diagnostics) -> Option<AddressPattern> {
    let Some(pattern) = AddressPattern::parse(text) else {
        let message = format!("`{text}` is no address such as `acme-prod/auth/site_url`");
        let hint = "Write PROJECT/SECTION, and FIELD, ITEM or ITEM/FIELD below it; `*` and `?` stand within a part.";
        out.push(Diagnostic::error(codes::BAD_IGNORE, span, message).hint(hint));
        return None;
    };
    let section = pattern.section();
    let names = || infos(registry).map(|info| info.name);
    if !section.contains(['*', '?', '[', '{']) && !names().any(|name| name == section) {
        let message = format!("there is no section `{section}`");
        out.push(Diagnostic::error(codes::BAD_IGNORE, span, message).did_you_mean(section, names()));
        return None;
    }
    Some(pattern)
}

fn day(text: &str, span: Span, out: &mut Diagnostics) -> Option<Date> {
    // jiff takes moments for their days, too.
    let day = text.parse().ok().filter(|_| text.len() == "2027-01-31".len());
    if day.is_none() {
        let message = format!("`{text}` is no day such as `2027-01-31`");
        out.push(Diagnostic::error(codes::BAD_IGNORE, span, message));
    }
    day
}

/// Tells the rules that match nothing that is managed: most likely a typo, or no longer needed.
pub(super) fn idle(rules: &[IgnoreRule], desired: &Desired, out: &mut Diagnostics) {
    for IgnoreRule { path, span, .. } in rules {
        if let Some((message, known)) = unmatched(path, desired) {
            let found = Diagnostic::warning(codes::IDLE_IGNORE, *span, message);
            out.push_guessing(found, path.as_str(), known.iter().map(String::as_str));
        }
    }
}

/// Says so where a pattern matches nothing that is managed, and all that would match.
#[must_use]
pub fn unmatched(path: &AddressPattern, desired: &Desired) -> Option<(String, BTreeSet<String>)> {
    let mut known = BTreeSet::new();
    let message = || format!("`{}` matches nothing that is managed", path.as_str());
    (!matches(path, desired, &mut known)).then(|| (message(), known))
}

/// Whether a pattern matches anything that is managed; else `known` has all addresses.
fn matches(path: &AddressPattern, desired: &Desired, known: &mut BTreeSet<String>) -> bool {
    let mut found = false;
    let mut see = |at: &Address, field: Option<&str>| {
        found |= path.is_match(at, field);
        known.insert(field.map_or_else(|| at.to_string(), |field| format!("{at}/{field}")));
    };
    for (name, project) in &desired.projects {
        for (kind, section) in &project.sections {
            match &section.body {
                SectionBody::Settings(settings) => {
                    let at = Address::section(name, kind);
                    for field in fields(settings) {
                        see(&at, Some(&field));
                    }
                }
                SectionBody::Items(items) => {
                    for (item, body) in items {
                        let at = Address::item(name, kind, item);
                        see(&at, None);
                        if let Item::Present(settings, _) = body {
                            for field in fields(settings) {
                                see(&at, Some(&field));
                            }
                        }
                    }
                    // Whatever is live there is managed.
                    if section.policy.prune && path.is_within(name, kind) {
                        return true;
                    }
                }
            }
        }
    }
    found
}

fn fields(settings: &Settings) -> Vec<String> {
    let rows = settings.fields.values().flat_map(|setting| diff::parts(setting, None, &settings.places));
    let extra = settings.extra.keys().chain(settings.extra_secrets.keys()).cloned();
    rows.map(|(name, ..)| name).chain(extra).collect()
}

/// The rules that hold on a day; the others are told.
#[must_use]
pub fn holding(rules: Vec<IgnoreRule>, today: Date, out: &mut Diagnostics) -> Vec<Arc<IgnoreRule>> {
    let (holding, over): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| today <= rule.until);
    for IgnoreRule { path, reason, owner, until, span, at: _ } in over {
        let message = format!("the rule for `{}` held until {until}: what it ignored counts again", path.as_str());
        let found = Diagnostic::warning(codes::EXPIRED_IGNORE, span, message).here(reason);
        out.push(found.hint(format!(
            "Ask {owner}: set live right, write what is live into the manifest, or give the rule another day in `{MARKER}`."
        )));
    }
    holding.into_iter().map(Arc::new).collect()
}
