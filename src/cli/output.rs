//! Results in the format that was asked for: plans, reports and findings, each to its formatter.

use std::collections::BTreeSet;

use clap::ValueEnum as _;
use serde_json::Value;

use super::args::detail::DetailArgs;
use super::args::global::Format;
use super::run::Run;
use crate::ci::Ci;
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Sources, render};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::git;
use crate::record::{Annotation, DriftRecord, FailureRecord, PlanRecord, Record, ReportRecord, failed_event};
use crate::view::build::{
    drift_document, drift_findings, drift_suites, findings_document, findings_suites, plan_document, plan_findings,
    plan_suites, report_document, report_suites,
};
use crate::view::document::{Document, Links};
use crate::view::{
    Detail, Line, Role, StyledText, TooLong, findings_markdown, github, html, junit, markdown, sarif, text,
};

/// The length of a comment that fits on every host; for commands without a `--limit`.
const COMMENT: usize = 65_000;

impl Run {
    /// Prints a plan, which is gone then; `allowed` are the addresses that the person has allowed.
    pub(super) fn plan(&self, plan: PlanRecord, args: DetailArgs, allowed: &BTreeSet<String>) -> Result<(), Failure> {
        let text = match self.global.format {
            Format::Text => {
                let document = plan_document(&plan, allowed);
                drop(plan);
                self.text(document, args.into());
                return Ok(());
            }
            Format::Markdown => {
                markdown(&plan_document(&plan, &BTreeSet::new()), args.into(), args.limit).map_err(too_long)?.text
            }
            Format::Html => html(&self.linked(plan_document(&plan, allowed)), args.into()),
            Format::Junit => junit(&plan_suites(&plan)),
            Format::Github | Format::Sarif => {
                self.for_lines(plan_findings(&plan));
                return Ok(());
            }
            Format::Json | Format::Ndjson | Format::Short | Format::Gitlab => {
                self.terminal.json(&plan.sealed());
                return Ok(());
            }
        };
        self.terminal.out(&text);
        Ok(())
    }

    /// Prints drift.
    pub(super) fn drift(&self, drift: &DriftRecord, args: DetailArgs) -> Result<(), Failure> {
        let text = match self.global.format {
            Format::Text => {
                self.text(drift_document(drift), args.into());
                return Ok(());
            }
            Format::Markdown => markdown(&drift_document(drift), args.into(), args.limit).map_err(too_long)?.text,
            Format::Html => html(&self.linked(drift_document(drift)), args.into()),
            Format::Junit => junit(&drift_suites(drift)),
            Format::Github | Format::Sarif => {
                self.for_lines(drift_findings(drift));
                return Ok(());
            }
            Format::Json | Format::Ndjson | Format::Short | Format::Gitlab => {
                self.json(&drift.json());
                return Ok(());
            }
        };
        self.terminal.out(&text);
        Ok(())
    }

    /// Prints why there is no plan, as it was saved.
    pub(super) fn failure(&self, failure: &FailureRecord) {
        let text = match self.global.format {
            Format::Text => {
                let mut head = StyledText::new();
                let ended = format!(": {}, exit {}", render::escape(&failure.command), failure.exit);
                head.push(Line::of(Role::Heading, "Failed").plain(ended));
                self.terminal.page(head);
                return self.text(findings_document(&failure.findings), Detail::default());
            }
            Format::Short | Format::Markdown | Format::Ndjson | Format::Gitlab => {
                findings_markdown(&findings_document(&failure.findings), COMMENT)
            }
            Format::Html => html(&findings_document(&failure.findings), Detail::default()),
            Format::Junit => junit(&findings_suites(&failure.findings)),
            Format::Github | Format::Sarif => return self.for_lines(failure.findings.clone()),
            Format::Json => return self.json(&Record::Failure(failure.clone()).json()),
        };
        self.terminal.out(&text);
    }

    /// Prints a report.
    pub(super) fn report(&self, report: &ReportRecord, limit: usize) -> Result<(), Failure> {
        let text = match self.global.format {
            Format::Text => {
                self.text(report_document(report), Detail::default());
                return Ok(());
            }
            Format::Markdown => markdown(&report_document(report), Detail::default(), limit).map_err(too_long)?.text,
            Format::Html => html(&self.linked(report_document(report)), Detail::default()),
            Format::Junit => junit(&report_suites(report)),
            Format::Github | Format::Sarif => {
                self.for_lines(Annotation::of_report(report));
                return Ok(());
            }
            Format::Json | Format::Ndjson | Format::Short | Format::Gitlab => {
                self.json(&report.json());
                return Ok(());
            }
        };
        self.terminal.out(&text);
        Ok(())
    }

    /// Prints findings: as text on stderr, in every other format on stdout, where nothing else is printed then.
    pub(super) fn findings(&self, found: &[&Diagnostic], sources: &Sources, exit: Exit) {
        let findings = || Annotation::of_diagnostics(found, sources);
        let text = match self.global.format {
            Format::Text | Format::Gitlab => return self.show(found, sources),
            Format::Short => render::short(found, sources),
            Format::Markdown => findings_markdown(&findings_document(&findings()), COMMENT),
            Format::Ndjson => failed_event(found, sources, exit),
            Format::Html => html(&findings_document(&findings()), Detail::default()),
            Format::Junit => junit(&findings_suites(&findings())),
            Format::Github | Format::Sarif => return self.for_lines(findings()),
            Format::Json => return self.json(&FailureRecord::json(&self.command, found, sources, exit)),
        };
        self.terminal.out(&text);
    }

    /// Prints a JSON document on stdout.
    pub(super) fn json(&self, document: &Value) {
        self.terminal.json(document);
    }

    /// Prints a result: for programs, or as a document in the format that was asked for.
    pub(super) fn result(
        &self,
        detail: Detail,
        json: impl FnOnce() -> Value,
        document: impl Fn() -> Document,
    ) -> Result<(), Failure> {
        self.result_with(detail, json, &document, || text(&document(), detail))
    }

    /// Prints a result whose text is a page of its own.
    pub(super) fn result_with(
        &self,
        detail: Detail,
        json: impl FnOnce() -> Value,
        document: impl FnOnce() -> Document,
        page: impl FnOnce() -> StyledText,
    ) -> Result<(), Failure> {
        let text = match self.global.format {
            Format::Html => html(&self.linked(document()), detail),
            Format::Markdown => markdown(&document(), detail, COMMENT).map_err(too_long)?.text,
            Format::Json => {
                self.json(&json());
                return Ok(());
            }
            Format::Text
            | Format::Short
            | Format::Ndjson
            | Format::Github
            | Format::Gitlab
            | Format::Junit
            | Format::Sarif => {
                self.terminal.page(page());
                return Ok(());
            }
        };
        self.terminal.out(&text);
        Ok(())
    }

    /// Prints a document as text; of a fleet's plan, each of the forms that it takes on the way is large.
    fn text(&self, document: Document, detail: Detail) {
        let page = text(&document, detail);
        drop(document);
        self.terminal.page(page);
    }

    /// Reports which formats the command has.
    pub(super) fn refuse_format(&mut self, formats: &[Format]) -> Exit {
        let name = |format: &Format| format.to_possible_value().map_or(String::new(), |it| it.get_name().to_owned());
        let message = format!("this command has no format `{}`", name(&self.global.format));
        let names: Vec<String> = formats.iter().map(name).collect();
        let hint = format!("Its formats are {}.", names.join(", "));
        self.global.format = Format::Text;
        self.fail(Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, hint))
    }

    /// Prints findings for tools that show them at lines of a repository, with paths from its top.
    fn for_lines(&self, findings: Vec<Annotation>) {
        let findings = self.placed(findings);
        if self.global.format == Format::Sarif {
            self.terminal.json(&sarif(&findings));
        } else {
            self.terminal.out(&github(&findings));
        }
    }

    /// The findings with paths from the top of the repository.
    pub(super) fn placed(&self, mut findings: Vec<Annotation>) -> Vec<Annotation> {
        if let Some(below) = self.place_in_repository() {
            for at in findings.iter_mut().filter_map(|finding| finding.at.as_mut()) {
                at.file = format!("{below}/{}", at.file);
            }
        }
        findings
    }

    /// A document whose places lead to the files, where the CI system says where these are looked at.
    fn linked(&self, document: Document) -> Document {
        Document { links: self.links(&Ci::of(&self.environment)), ..document }
    }

    /// The pages that show the workspace's files at the commit of the run, where the CI system names them.
    pub(super) fn links(&self, ci: &Ci) -> Option<Links> {
        let (before, between) = ci.files.as_ref()?;
        // Nothing in the address may end the link that it is written in.
        let is_plain = before.chars().all(|c| c.is_ascii_graphic() && !"()<>[]`\"'|".contains(c));
        let is_page = before.starts_with("https://") || before.starts_with("http://");
        let below = self.place_in_repository().map_or(String::new(), |below| format!("{below}/"));
        (is_plain && is_page).then(|| Links::new(before, &below, between))
    }

    /// The place of the workspace in its repository, whatever the working folder; outside of a repository, the place of
    /// `--root` below the working folder. `None` where that is the top.
    pub(super) fn place_in_repository(&self) -> Option<String> {
        let root = self.session.root().map(|root| root.path().to_owned());
        let root = root.ok().or_else(|| self.global.root.clone())?;
        let below = git::place(&Root::new(&root)).or_else(|| {
            let (root, here) = (root.canonicalize().ok()?, std::env::current_dir().ok()?.canonicalize().ok()?);
            Some(root.strip_prefix(here).ok()?.to_string_lossy().replace('\\', "/"))
        })?;
        (!below.is_empty()).then_some(below)
    }
}

fn too_long(why: TooLong) -> Failure {
    let message = format!("the comment {why}");
    let hint = "Use `--format text` or a greater `--limit`; risks are never left out.";
    Failure::with_hint(Exit::Refused, codes::TOO_LONG, message, hint)
}
