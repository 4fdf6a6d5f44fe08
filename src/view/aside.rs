//! What stands beside a plan, for people: what rules leave alone, and projects that no document adopts.

use std::collections::BTreeMap;

use super::plan::place;
use super::value::change;
use super::{Detail, Line, Page, Role};
use crate::diag::render::escape;
use crate::model::Action;
use crate::record::{IgnoreRuleRecord, IgnoredRecord, PlanRecord, UnadoptedRecord};
use crate::text::count;

/// What rules leave alone, below each rule.
pub(super) fn ignored(plan: &PlanRecord, detail: Detail, page: &mut Page) {
    for (rule, all) in by_rule(plan) {
        page.gap();
        let head = Line::of(Role::Dim, "Ignored: ").plain(escape(&rule_told(rule)));
        page.push(head.at(place(rule.at.as_ref(), None)));
        for IgnoredRecord { address, action, field, rule: _ } in all {
            let start = Line::new().plain(format!("  {}  ", escape(&address.to_string())));
            let Some(field) = field else {
                let does = if *action == Action::Create { "is not live" } else { "is live" };
                page.push(start.plain(does));
                continue;
            };
            let mut start = start.plain(format!("{}  ", escape(&field.name)));
            for line in change(field, detail) {
                let width = start.width();
                page.push(start.append(line));
                start = Line::new().pad_to(width);
            }
        }
    }
}

/// What is ignored, by the rules in their order.
pub(super) fn by_rule(plan: &PlanRecord) -> Vec<(&IgnoreRuleRecord, Vec<&IgnoredRecord>)> {
    let mut rules: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ignored in &plan.ignored {
        rules.entry((&ignored.rule.at, &ignored.rule)).or_default().push(ignored);
    }
    rules.into_iter().map(|((_, rule), all)| (rule, all)).collect()
}

/// A rule: `moved by support (@acme/platform, until 2027-01-31)`.
pub(super) fn rule_told(rule: &IgnoreRuleRecord) -> String {
    let IgnoreRuleRecord { path: _, reason, owner, until, at: _ } = rule;
    format!("{reason} ({owner}, until {until})")
}

/// The secrets that were not compared, as one line of the run: `7 secrets in 25 projects (values not at hand)`.
pub(super) fn not_compared_count(plan: &PlanRecord) -> Option<String> {
    let of: Vec<usize> = plan.projects.iter().map(|it| it.not_compared.len()).filter(|many| *many > 0).collect();
    let secrets = count(of.iter().sum(), "secret");
    (!of.is_empty()).then(|| format!("{secrets} in {} (values not at hand)", count(of.len(), "project")))
}

/// That line, and the names where all is asked for.
pub(super) fn not_compared(plan: &PlanRecord, detail: Detail, page: &mut Page) {
    let Some(many) = not_compared_count(plan) else { return };
    page.gap();
    page.push(Line::of(Role::Dim, format!("Not compared: {many}")));
    for secret in plan.projects.iter().flat_map(|project| &project.not_compared).filter(|_| detail.full) {
        let name = match &secret.address.item {
            Some(_) => secret.address.to_string(),
            None => format!("{}.{}", secret.address, secret.field),
        };
        let line = Line::of(Role::Dim, format!("  {}", escape(&name))).plain(format!("  {}", escape(&secret.secret)));
        page.push(line.at(place(secret.at.as_ref(), None)));
    }
}

/// Projects that no document adopts, below their organization.
pub(super) fn unadopted(plan: &PlanRecord, page: &mut Page) {
    for (organization, projects) in by_organization(plan) {
        page.gap();
        page.push(Line::of(Role::Heading, "Without a document").plain(format!(", in {}:", escape(organization))));
        for UnadoptedRecord { r#ref, name, region, status, organization: _ } in projects {
            let start = Line::new().plain(format!("  {}", escape(name))).pad(30);
            page.push(start.plain(format!("{}  {}  {}", escape(r#ref), escape(region), escape(status))));
        }
    }
}

/// Projects that no document adopts, by organization.
pub(super) fn by_organization(plan: &PlanRecord) -> BTreeMap<&str, Vec<&UnadoptedRecord>> {
    let mut all: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for project in &plan.unadopted {
        all.entry(&project.organization).or_default().push(project);
    }
    all
}

/// ` · 2 projects without a document`, if there are any.
pub(super) fn unadopted_count(plan: &PlanRecord) -> String {
    match plan.unadopted.len() {
        0 => String::new(),
        many => format!(" · {} without a document", count(many, "project")),
    }
}
