//! Ten thousand hostile values through every format, each judged by a parser that is not ours: what comes from outside is
//! only ever text, and comes back as it was where the format can carry it.

mod judges;
mod scene;
mod values;

use judges::Ours;
use serde_json::Value;
use supaform::diag::render::{self, escape_json, escape_lines};
use supaform::exit::Exit;
use supaform::model::Action;
use supaform::record::{Annotation, DriftRecord, Events, Happened, PlanRecord, Record, ReportRecord, failed_event};
use supaform::view::build::{
    drift_document, drift_findings, drift_suites, findings_document, findings_suites, plan_document, plan_findings,
    plan_suites, report_document, report_suites,
};
use supaform::view::document::{Document, Links};
use supaform::view::{
    Detail, Fitting, Notification, Sender, findings_markdown, github, html, junit, markdown, sarif, slack, text,
    without_html,
};
use values::Values;

const VALUES: usize = 10_000;

#[test]
fn hostile_values_are_text_in_every_format() {
    let mut values = Values::seeded(0x5eed);
    for round in 0..VALUES.div_ceil(scene::TAKES) {
        let taken: Vec<String> = (0..scene::TAKES).map(|_| values.next()).collect();
        let (plan, report) = (scene::plan(&taken), scene::report(&taken[10..]));
        // What fails is said with what was given.
        let told = std::panic::catch_unwind(|| {
            of_plan(&plan, round);
            // Its parts are those of plans: fewer rounds will do.
            if round.is_multiple_of(4) {
                let drift = scene::drift(&taken);
                of_drift(&drift, round / 4);
                of_findings(&drift_findings(&drift));
            }
            of_report(&report);
            of_findings(&plan_findings(&plan));
            of_findings(&Annotation::of_report(&report));
            of_diagnostics(&taken[20..]);
        });
        assert!(told.is_ok(), "round {round}: {taken:#?}");
    }
}

/// A fleet of two hundred projects with forty fields each is within Slack's limits, and says that there is more.
#[test]
fn a_large_fleet_fits_into_a_message() {
    let mut values = Values::seeded(0xf1ee7);
    let taken: Vec<String> = (0..scene::TAKES).map(|_| values.next()).collect();
    let drift = scene::drift(&taken);
    let mut one = drift.projects[0].clone();
    let field = one.changes[1].fields[0].clone();
    one.blocked = None;
    one.changes[1].fields = vec![field; 40];
    let drift = DriftRecord::new(drift.api, vec![one; 200], vec![], vec![drift.unadopted[0].clone(); 200]);
    let message = slack(Notification::Drift(&drift), Exit::Differences, &Sender::default());
    judges::slack(&message);
    let said = message.to_string();
    assert!(said.contains("drift in 200 projects") && said.contains("and 160 projects more"), "{said}");
}

fn pretty(value: &impl serde::Serialize) -> String {
    escape_json(&serde_json::to_string_pretty(value).expect("JSON")).into_owned()
}

fn of_plan(plan: &PlanRecord, round: usize) {
    let document = plan_document(plan, &std::collections::BTreeSet::new());
    for detail in
        [Detail::default(), Detail { full: true, ..Detail::default() }, Detail { brief: true, ..Detail::default() }]
    {
        judges::lines(&text(&document, detail).render(false, 100), Ours::No);
    }
    // As JSON it comes back whole.
    let json = pretty(&plan.json());
    judges::lines(&json, Ours::No);
    assert_eq!(Record::read(&json), Ok(Record::Plan(plan.clone())));

    let limit = [65_000, 6_000, 3_000, 1_500][round % 4];
    if let Ok(Fitting { text: page, .. }) = markdown(&document, Detail::default(), limit) {
        assert!(page.chars().count() <= limit);
        judges::lines(&page, Ours::No);
        let shown = judges::markdown(&page);
        let tagless = without_html(&page);
        let (written, before) = (tagless.chars().count(), page.chars().count());
        assert!(written <= before, "{written} characters without HTML, {before} with it");
        judges::lines(&tagless, Ours::No);
        let shown_plain = judges::markdown_without_html(&tagless);
        if limit == 65_000 {
            for project in &plan.projects {
                shown.has(&project.project);
                shown_plain.has(&project.project);
                let updates = project.changes.iter().filter(|change| change.action == Action::Update);
                updates.flat_map(|change| &change.fields).for_each(|field| shown.has(&field.name));
            }
        }
    }
    let links = round.is_multiple_of(2).then(|| Links::new("https://code.example/acme/", &plan.projects[0].name, "#L"));
    let page = html(&Document { links, ..document }, Detail::default());
    judges::lines(&page, Ours::No);
    let shown = judges::html(&page);
    plan.projects.iter().for_each(|project| shown.has(&project.project));
    let xml = junit(&plan_suites(plan));
    judges::lines(&xml, Ours::No);
    let names: Vec<&str> = plan.projects.iter().map(|project| project.project.as_str()).collect();
    judges::junit(&xml, &names);
    let begun = Events::begun(plan);
    judges::lines(&begun, Ours::No);
    assert_eq!(judges::ndjson(&begun)["plan"], plan.id.as_str());
}

fn of_drift(drift: &DriftRecord, round: usize) {
    let document = drift_document(drift);
    for detail in
        [Detail::default(), Detail { full: true, ..Detail::default() }, Detail { brief: true, ..Detail::default() }]
    {
        judges::lines(&text(&document, detail).render(false, 100), Ours::No);
    }
    let json = pretty(&drift.json());
    judges::lines(&json, Ours::No);
    assert_eq!(Record::read(&json), Ok(Record::Drift(drift.clone())));
    let limit = [65_000, 6_000, 3_000, 1_500][round % 4];
    if let Ok(Fitting { text: page, .. }) = markdown(&document, Detail::default(), limit) {
        assert!(page.chars().count() <= limit);
        judges::lines(&page, Ours::No);
        let shown = judges::markdown(&page);
        judges::lines(&without_html(&page), Ours::No);
        if limit == 65_000 {
            for project in &drift.projects {
                shown.has(&project.project);
                let changed = project.changes.iter().filter(|change| change.happened == Happened::Changed);
                changed.flat_map(|change| &change.fields).for_each(|field| shown.has(&field.name));
            }
        }
    }
    let page = html(&document, Detail::default());
    judges::lines(&page, Ours::No);
    let shown = judges::html(&page);
    drift.projects.iter().filter(|it| !it.changes.is_empty()).for_each(|project| shown.has(&project.project));
    let xml = junit(&drift_suites(drift));
    judges::lines(&xml, Ours::No);
    let names: Vec<&str> = drift.projects.iter().map(|project| project.project.as_str()).collect();
    judges::junit(&xml, &names);
    judges::slack(&slack(Notification::Drift(drift), Exit::Differences, &Sender::default()));
}

fn of_report(report: &ReportRecord) {
    let document = report_document(report);
    judges::lines(&text(&document, Detail::default()).render(false, 100), Ours::No);
    let problems = findings_document(&Annotation::of_report(report));
    judges::lines(&text(&problems, Detail::default()).render(false, 100), Ours::No);
    let json = pretty(&report.json());
    judges::lines(&json, Ours::No);
    assert_eq!(Record::read(&json), Ok(Record::Report(report.clone())));
    let markdown = markdown(&document, Detail::default(), 65_000).expect("short enough").text;
    judges::lines(&markdown, Ours::No);
    judges::markdown_without_html(&without_html(&markdown));
    let shown = judges::markdown(&markdown);
    report.projects.iter().for_each(|project| shown.has(&project.project));
    let page = html(&document, Detail::default());
    judges::lines(&page, Ours::No);
    let shown = judges::html(&page);
    report.projects.iter().for_each(|project| shown.has(&project.project));
    let xml = junit(&report_suites(report));
    judges::lines(&xml, Ours::No);
    let names: Vec<&str> = report.projects.iter().map(|project| project.project.as_str()).collect();
    judges::junit(&xml, &names);
    let finished = Events::finished(report);
    judges::lines(&finished, Ours::No);
    let problem = &judges::ndjson(&finished)["problems"][0];
    assert_eq!(problem["problem"]["message"], report.projects[0].problem.as_ref().expect("a problem").message.as_str());
}

fn of_findings(findings: &[Annotation]) {
    judges::slack(&slack(Notification::Failed(findings), Exit::Failed, &Sender::default()));
    let annotations = github(findings);
    judges::lines(&annotations, Ours::Annotations);
    let read = judges::annotations(&annotations);
    let log = pretty(&sarif(findings));
    judges::lines(&log, Ours::No);
    let results = judges::sarif(&log);
    assert_eq!((read.len(), results.len()), (findings.len(), findings.len()));
    for ((finding, annotation), result) in findings.iter().zip(read).zip(results) {
        let text = [std::slice::from_ref(&finding.message), &finding.hints].concat().join("\n");
        assert_eq!(annotation.message, escape_lines(&text));
        assert_eq!(judges::without_escaped_links(&result.message), judges::without_escaped_links(&text));
        if let Some(at) = &finding.at {
            assert_eq!(annotation.properties["file"], render::escape(&at.file));
            assert_eq!(result.file, at.file);
        }
    }
    let page = html(&findings_document(findings), Detail::default());
    judges::lines(&page, Ours::No);
    let shown = judges::html(&page);
    for finding in findings {
        shown.has(&finding.code);
    }
    let xml = junit(&findings_suites(findings));
    judges::lines(&xml, Ours::No);
    judges::junit(&xml, &["manifests"]);
    let markdown = findings_markdown(&findings_document(findings), 65_000);
    judges::lines(&markdown, Ours::No);
    judges::markdown(&markdown);
    judges::markdown_without_html(&without_html(&markdown));
}

fn of_diagnostics(values: &[String]) {
    let (found, sources) = scene::diagnostics(values);
    let found = found.sorted();
    judges::lines(&render::human(&found, &sources, false, 120), Ours::No);
    judges::lines(&render::short(&found, &sources), Ours::No);
    let json = pretty(&render::json(&found, &sources));
    judges::lines(&json, Ours::No);
    let read: Value = serde_json::from_str(&json).expect("JSON");
    assert!(found.iter().enumerate().all(|(index, one)| read[index]["message"] == one.message.as_str()));
    let event = failed_event(&found, &sources, Exit::Invalid);
    judges::lines(&event, Ours::No);
    assert_eq!(judges::ndjson(&event)["diagnostics"], read);
    of_findings(&Annotation::of_diagnostics(&found, &sources));
}
