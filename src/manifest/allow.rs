//! `allow:` of `supaform.yaml`: what may be done again and again without being allowed each time, by selector. The rules of
//! the base revision count.

use std::cell::OnceCell;

use super::rules::Rules;
use super::select::{self, MOST_TERMS, Selection};
use crate::diag::{Diagnostic, Diagnostics, Sources, codes::manifest as codes};
use crate::kind::Registry;
use crate::model::{AllowRule, Desired};
use crate::schema::Impact;
use crate::yaml::Node;

/// The key of `supaform.yaml`.
pub(super) const KEY: &str = "allow";

const RULES: Rules = Rules {
    key: KEY,
    members: &["classes", "select", "reason"],
    code: codes::BAD_ALLOW,
    form: "A rule is `{classes: [restart], select: env=dev, reason: …}`.",
};

/// Reads the rules of a `supaform.yaml`; of the working tree, or of another revision.
pub(super) fn read(marker: &Node, sources: &Sources, out: &mut Diagnostics) -> Vec<AllowRule> {
    let mut many = 0;
    let mut rules = vec![];
    for item in RULES.of(marker, out) {
        let Some(rule) = rule(item, sources, out) else { continue };
        many += rule.select.iter().map(|selector| select::terms(selector).count()).sum::<usize>();
        if many > MOST_TERMS {
            let message = format!("the selectors of `{KEY}` have more than {MOST_TERMS} terms");
            let found = Diagnostic::error(RULES.code, item.span, message);
            out.push(found.hint("Name several projects by a label, or by `*`."));
            break;
        }
        rules.push(rule);
    }
    rules
}

fn rule(item: &Node, sources: &Sources, out: &mut Diagnostics) -> Option<AllowRule> {
    let before = out.len();
    RULES.check(item, out);
    let classes = item.get("classes").map(|node| each(node, "classes", out, class));
    let select = item.get("select").map(|node| {
        each(node, "select", out, |text, node, out| {
            let read = Selection::read(&[text.to_owned()]);
            if read.is_err() {
                let message = format!("`{text}` is not a selector");
                let found = Diagnostic::error(RULES.code, node.span, message);
                out.push(found.hint(
                    "Write `LABEL=VALUE`, `PROJECT` or `PROJECT/SECTION`; a comma means `and`, `!` means `not`.",
                ));
            }
            read.is_ok().then(|| text.to_owned())
        })
    });
    let reason = RULES.text(item, "reason", out);
    let (classes, select, (reason, _)) = (classes?, select?, reason?);
    let span = item.span;
    (out.len() == before).then(|| AllowRule {
        classes,
        select,
        reason: reason.to_owned(),
        span,
        at: sources.position(span),
    })
}

/// A text, or a list of texts that is not empty.
fn each<T>(
    node: &Node,
    name: &str,
    out: &mut Diagnostics,
    mut read: impl FnMut(&str, &Node, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    if items.is_empty() {
        out.push(Diagnostic::error(RULES.code, node.span, format!("`{name}` of a rule is empty")).hint(RULES.form));
    }
    let mut all = vec![];
    for item in items {
        if let Some(text) = RULES.line(item, name, out) {
            all.extend(read(text, item, out));
        }
    }
    all
}

fn class(text: &str, node: &Node, out: &mut Diagnostics) -> Option<Impact> {
    let found = Impact::named(text);
    if found.is_none() {
        let message = format!("there is no class `{text}`");
        let found = Diagnostic::error(RULES.code, node.span, message);
        let found = if out.may_guess() { found.did_you_mean(text, Impact::ALL.map(Impact::word)) } else { found };
        out.push(found.hint(format!("The classes are {}.", Impact::words())));
    }
    found
}

/// Reports the rules whose selector matches no project: most likely a typo.
pub(super) fn idle(rules: &[AllowRule], desired: &Desired, registry: Registry, out: &mut Diagnostics) {
    let names = OnceCell::new();
    for rule in rules {
        let Ok(selection) = Selection::read(&rule.select) else { continue };
        let idle = selection.idle(&rule.select, desired);
        if idle.is_empty() {
            continue;
        }
        let message = format!("the rule for `{}` matches no project", rule.select.join("`, `"));
        let mut found = Diagnostic::warning(codes::IDLE_ALLOW, rule.span, message);
        for selector in idle {
            let names = names.get_or_init(|| select::names_of(desired, registry));
            found = select::meant(found, selector, names, desired, out);
        }
        out.push(found);
    }
}
