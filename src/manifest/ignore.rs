//! `ignore:` of `supaform.yaml`: known differences that are left alone until a day.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::names::MARKER;
use super::rules::Rules;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span, codes::manifest as codes};
use crate::diff;
use crate::kind::{Registry, infos};
use crate::model::{Address, AddressPattern, Desired, IgnoreRule, Item, Section, SectionBody, Settings};
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
        let message = format!("`{text}` is not an address such as `acme-prod/auth/site_url`");
        let hint =
            "Write PROJECT/SECTION, and FIELD, ITEM or ITEM/FIELD below it; `*` and `?` are wildcards within a part.";
        out.push(Diagnostic::error(codes::BAD_IGNORE, span, message).hint(hint));
        return None;
    };
    let section = pattern.section();
    let names = || infos(registry).map(|info| info.name);
    if !section.contains(['*', '?']) && !names().any(|name| name == section) {
        let message = format!("there is no section `{section}`");
        out.push_guessing(Diagnostic::error(codes::BAD_IGNORE, span, message), section, names());
        return None;
    }
    Some(pattern)
}

fn day(text: &str, span: Span, out: &mut Diagnostics) -> Option<Date> {
    // jiff also parses moments as days.
    let day = text.parse().ok().filter(|_| text.len() == "2027-01-31".len());
    if day.is_none() {
        let message = format!("`{text}` is not a day such as `2027-01-31`");
        out.push(Diagnostic::error(codes::BAD_IGNORE, span, message));
    }
    day
}

/// Reports the rules that match nothing that is managed: most likely a typo, or no longer needed.
pub(super) fn idle(rules: &[IgnoreRule], desired: &Desired, out: &mut Diagnostics) {
    let paths: Vec<&AddressPattern> = rules.iter().map(|rule| &rule.path).collect();
    unmatched(&paths, desired, |index, message, known| {
        let Some(IgnoreRule { path, span, .. }) = rules.get(index) else { return };
        let found = Diagnostic::warning(codes::IDLE_IGNORE, *span, message);
        out.push_guessing(found, path.as_str(), known.iter().map(String::as_str));
    });
}

/// Reports the patterns that match nothing that is managed: the pattern's index, the message, and every address that could
/// match.
pub fn unmatched(paths: &[&AddressPattern], desired: &Desired, mut tell: impl FnMut(usize, String, &BTreeSet<String>)) {
    let mut left: Vec<(usize, &AddressPattern)> = paths.iter().copied().enumerate().collect();
    for (project, kind, section) in sections(desired) {
        let managed = OnceCell::new();
        left.retain(|(_, path)| {
            // In a pruned collection, every live item is managed.
            let matches = || {
                section.policy.prune && matches!(section.body, SectionBody::Items(_))
                    || managed
                        .get_or_init(|| addresses(project, kind, section))
                        .iter()
                        .any(|(at, field)| path.is_match(at, field.as_deref()))
            };
            !(path.is_within(project, kind) && matches())
        });
    }
    let known = OnceCell::new();
    for (index, path) in left {
        let all = || sections(desired).flat_map(|(project, kind, section)| addresses(project, kind, section));
        let text = |(at, field): (Address, Option<String>)| match field {
            Some(field) => format!("{at}/{field}"),
            None => at.to_string(),
        };
        let message = format!("`{}` matches nothing managed", path.as_str());
        tell(index, message, known.get_or_init(|| all().map(text).collect()));
    }
}

fn sections(desired: &Desired) -> impl Iterator<Item = (&str, &'static str, &Section)> {
    desired
        .projects
        .iter()
        .flat_map(|(name, project)| project.sections.iter().map(move |(kind, section)| (name.as_str(), *kind, section)))
}

/// The fields and items of a section.
fn addresses(project: &str, kind: &'static str, section: &Section) -> Vec<(Address, Option<String>)> {
    let mut all = vec![];
    match &section.body {
        SectionBody::Settings(settings) => {
            let at = Address::section(project, kind);
            all.extend(fields(settings).into_iter().map(|field| (at.clone(), Some(field))));
        }
        SectionBody::Items(items) => {
            for (item, body) in items {
                let at = Address::item(project, kind, item);
                all.push((at.clone(), None));
                if let Item::Present(settings, _) = body {
                    all.extend(fields(settings).into_iter().map(|field| (at.clone(), Some(field))));
                }
            }
        }
    }
    all
}

fn fields(settings: &Settings) -> Vec<String> {
    let rows = settings.fields.values().flat_map(|setting| diff::parts(setting, None, &settings.places));
    let extra = settings.extra.keys().chain(settings.extra_secrets.keys()).cloned();
    let files = settings.content.iter().flat_map(|content| content.fields()).map(|(name, _)| name);
    rows.map(|(path, ..)| path.name().to_owned()).chain(extra).chain(files).collect()
}

/// The rules that hold on a day; each expired one is reported.
#[must_use]
pub fn holding(rules: Vec<IgnoreRule>, today: Date, out: &mut Diagnostics) -> Vec<Arc<IgnoreRule>> {
    let (holding, over): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| today <= rule.until);
    for IgnoreRule { path, reason, owner, until, span, at: _ } in over {
        let message = format!("the rule for `{}` expired on {until}; the difference counts again", path.as_str());
        let found = Diagnostic::warning(codes::EXPIRED_IGNORE, span, message).here(reason);
        out.push(found.hint(format!(
            "Ask {owner}: apply the manifest, accept the live value into it, or give the rule a new day in `{MARKER}`."
        )));
    }
    holding.into_iter().map(Arc::new).collect()
}
