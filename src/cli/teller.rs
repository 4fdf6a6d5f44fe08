//! Reports on an apply while it runs, and its results.

use std::sync::Mutex;

use super::args::global::Format;
use super::progress::Progress;
use super::run::Run;
use crate::apply::{Event, Report};
use crate::diag::render::escape;
use crate::failure::Failure;
use crate::record::{Events, PlanRecord, ReportRecord};
use crate::session::Planned;

/// Reports events and results: progress on stderr, and on stdout what the format has for them.
pub(super) struct Teller<'a> {
    run: &'a Run,
    planned: &'a Planned,
    progress: Progress,
    events: Option<Mutex<Events>>,
}

impl<'a> Teller<'a> {
    /// The reporter of an apply of this plan.
    pub(super) fn new(run: &'a Run, planned: &'a Planned) -> Self {
        let events = (run.global.format == Format::Ndjson).then(|| {
            run.terminal.out(&Events::begun(&PlanRecord::of(&planned.plan, &planned.workspace.sources)));
            Mutex::default()
        });
        Self { run, planned, progress: Progress::new(run.terminal), events }
    }

    /// Reports an event.
    pub(super) fn on(&self, event: &Event<'_>) {
        self.progress.on(event);
        if let Some(Ok(mut events)) = self.events.as_ref().map(Mutex::lock) {
            let line = events.line(event, &self.planned.workspace.sources);
            self.run.terminal.out(&line.unwrap_or_default());
        }
    }

    /// Reports the results.
    pub(super) fn end(&self, report: &Report, limit: usize) -> Result<(), Failure> {
        self.progress.finish();
        let sources = &self.planned.workspace.sources;
        let mut record = ReportRecord::of(report, sources);
        record.shard = self.run.session.shard();
        record.requests.clone_from(&self.planned.requests);
        match self.run.global.format {
            Format::Ndjson => self.run.terminal.out(&Events::finished(&record)),
            Format::Text => {
                self.run.terminal.out("\n");
                self.run.report(&record, limit)?;
                pins(self.run, self.planned, report);
                self.run.show(&report.problems().sorted(), sources);
            }
            Format::Json
            | Format::Markdown
            | Format::Short
            | Format::Github
            | Format::Gitlab
            | Format::Junit
            | Format::Sarif
            | Format::Html => self.run.report(&record, limit)?,
        }
        Ok(())
    }
}

/// Shows how to pin a project that was created.
fn pins(run: &Run, planned: &Planned, report: &Report) {
    for (name, project) in &report.projects {
        let (Some(reference), Some(desired)) = (&project.created, planned.workspace.desired.projects.get(name)) else {
            continue;
        };
        let place = planned.workspace.sources.locate(desired.span);
        let line =
            format!("Pin {}: write `ref: {reference}` at {}, or run `supaform pin`", escape(name), escape(&place));
        run.terminal.out(&format!("{line}\n"));
    }
}
