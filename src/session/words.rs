//! Permissions for what a plan refuses: trailers of reviewed commits, and merged rules.

use std::collections::BTreeSet;

use super::base;
use super::plan::Planned;
use super::start::Session;
use crate::diag::codes::{run as codes, trust};
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::git::trailers;
use crate::manifest::{MARKER, Selection};
use crate::model::AllowRule;
use crate::plan::guard::{self, TRAILER, Word};
use crate::schema::Impact;

impl Session {
    /// Adds the refusals that options ask for, and lifts those for which there is permission: by `rules`; by trailers since
    /// a revision, and by the rules of `allow:` of that revision.
    pub fn take_words(
        &self,
        planned: &mut Planned,
        demanded: &BTreeSet<Impact>,
        rules: &[AllowRule],
        since: Option<&str>,
    ) -> Result<(), Failure> {
        guard::demand(&mut planned.plan, demanded);
        by_rules(planned, rules);
        let Some(revision) = since else { return Ok(()) };
        // Anybody who can write a commit can write a trailer.
        self.require_trust("allowed anything by their own commits")?;
        let root = &planned.workspace.root;
        let (words, rules) = (words(root, revision)?, base::allow(root, revision)?);
        by_rules(planned, &rules);
        let mut idle: Vec<&Word> = words.iter().collect();
        guard::lift(&mut planned.plan, |refusal, impact| {
            let word = words.iter().find(|word| word.lifts(refusal, impact))?;
            idle.retain(|other| *other != word);
            Some(word.by.clone())
        });
        let mut found = Diagnostics::new();
        for word in idle {
            let class = word.class.map_or(String::new(), |class| format!("{}:", class.word()));
            let message = format!("`{TRAILER}: {class}{}` of {} allows nothing here", escape(&word.at), word.by);
            found.push(Diagnostic::new(codes::UNUSED_ALLOW, Severity::Warning, message));
        }
        self.observer.warn(&found, &Sources::new());
        Ok(())
    }
}

/// Lifts what rules allow.
fn by_rules(planned: &mut Planned, rules: &[AllowRule]) {
    let selected = |rule: &AllowRule| Selection::read(&rule.select).ok();
    let rules: Vec<_> = rules.iter().filter_map(|rule| Some((selected(rule)?, rule))).collect();
    let projects = &planned.workspace.desired.projects;
    guard::lift(&mut planned.plan, |refusal, impact| {
        let project = projects.get(&refusal.at.project)?;
        let holds = |(selection, rule): &&(Selection, &AllowRule)| {
            rule.classes.contains(&impact)
                && refusal.at.subject.kind().is_some_and(|kind| selection.kind(project, kind))
        };
        let (_, rule) = rules.iter().find(holds)?;
        Some(format!("the rule for `{}` ({}, {MARKER}:{})", rule.select.join("`, `"), rule.reason, rule.at.line))
    });
}

/// The trailers of the commits since a revision, the newest first.
fn words(root: &Root, revision: &str) -> Result<Vec<Word>, Failure> {
    let mut words = vec![];
    for (id, texts) in trailers(root, revision, TRAILER)? {
        let by = format!("commit {}", id.get(..8).unwrap_or(&id));
        for text in texts {
            words.push(Word::parse(&text, &by).map_err(|class| {
                let message = format!("{by}: there is no class `{}`", escape(&class));
                let hint = format!("Write `{TRAILER}: CLASS:ADDRESS`; the classes are {}.", Impact::words());
                Failure::with_hint(Exit::Invalid, trust::BAD_WORD, message, hint)
            })?);
        }
    }
    Ok(words)
}
