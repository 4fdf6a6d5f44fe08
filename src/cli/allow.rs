//! Words that are given in CI: trailers on reviewed commits.

use super::base::{self, git};
use super::connect::Planned;
use super::{Failure, Run};
use crate::diag::codes::{run as codes, trust};
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::files::Root;
use crate::manifest::{MARKER, Selection};
use crate::model::AllowRule;
use crate::plan::guard::{self, TRAILER, Word};
use crate::schema::Impact;

/// What needs somebody's word, and where words are looked for.
#[derive(Debug, clap::Args)]
pub(super) struct AllowArgs {
    /// Takes words from trailers `Supaform-Allow: CLASS:ADDRESS` of the commits since REV, and the rules of `allow:` as
    /// `supaform.yaml` of REV has them
    #[arg(long, value_name = "REV")]
    allow_from: Option<String>,
    /// Refuses these, too, until a word is given for their section: restart, security, access, billed
    #[arg(long, value_delimiter = ',', value_name = "CLASSES", value_parser = class)]
    require_allow: Vec<Impact>,
}

fn class(text: &str) -> Result<Impact, String> {
    Impact::named(text).ok_or_else(|| format!("the classes are {}", Impact::words()))
}

impl AllowArgs {
    /// The revision whose rules count, and whose protections.
    pub(super) fn base(&self) -> Option<&str> {
        self.allow_from.as_deref()
    }

    /// Adds what is asked for to the plan's refusals, and lifts those for which a word was given: by trailers since a revision, by
    /// itself `since`; and by rules of `allow:`, as that revision has them, or by `rules`.
    pub(super) fn apply(
        &self,
        run: &Run,
        planned: &mut Planned<'_>,
        since: Option<&str>,
        rules: &[AllowRule],
    ) -> Result<(), Failure> {
        guard::demand(&mut planned.plan, &self.require_allow.iter().copied().collect());
        by_rules(planned, rules);
        let Some(revision) = self.allow_from.as_deref().or(since) else { return Ok(()) };
        // Whoever may write a commit may write a trailer.
        run.require_trust("given words by their own commits")?;
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
        run.show(&found.sorted(), &Sources::new());
        Ok(())
    }
}

/// Lifts what rules allow.
fn by_rules(planned: &mut Planned<'_>, rules: &[AllowRule]) {
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
    let since = base::commit(root, revision)?;
    let format = format!("--format=%H%x1f%(trailers:key={TRAILER},valueonly,separator=%x1f)%x1e");
    let range = format!("{since}..HEAD");
    let told = git(root.path(), &["log", &format, "--end-of-options", &range], None);
    let told = told.map_err(|why| Failure::new(Exit::Failed, codes::NO_BASE, why.message()))?;
    let told = String::from_utf8_lossy(&told).into_owned();
    let mut words = vec![];
    for commit in told.split('\u{1e}') {
        let mut parts = commit.trim().split('\u{1f}');
        let id = parts.next().unwrap_or_default();
        let by = format!("commit {}", id.get(..8).unwrap_or(id));
        for text in parts.filter(|text| !text.trim().is_empty()) {
            words.push(Word::parse(text, &by).map_err(|class| {
                let message = format!("{by}: there is no class `{}`", escape(&class));
                let hint = format!("Write `{TRAILER}: CLASS:ADDRESS`; the classes are {}.", Impact::words());
                Failure::with_hint(Exit::Invalid, trust::BAD_WORD, message, hint)
            })?);
        }
    }
    Ok(words)
}
