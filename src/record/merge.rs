//! Records of the parts of a fleet become one, as if nobody had split it.

use std::collections::{BTreeMap, BTreeSet};

use super::annotation::Annotation;
use super::drift::DriftRecord;
use super::failure::FailureRecord;
use super::plan::{BaseRecord, PlanRecord, StepRecord};
use super::report::ReportRecord;
use super::saved::Record;
use crate::exit::Exit;
use crate::manifest::Shard;
use crate::plan::plan_id;

/// Why records do not go together: what is wrong with which of them, by its place among those given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The place of the record.
    pub at: usize,
    /// What is wrong with it: "is of another API than the first".
    pub what: String,
}

impl Record {
    fn shard(&self) -> Option<&str> {
        match self {
            Self::Plan(plan) => plan.shard.as_deref(),
            Self::Drift(drift) => drift.shard.as_deref(),
            Self::Report(report) => report.shard.as_deref(),
            Self::Failure(_) => None,
        }
    }

    /// Joins records of disjoint parts of a workspace: plans, what has happened to live, or reports. Where some parts failed, the
    /// others say nothing of the whole: the failures are what is told.
    ///
    /// # Errors
    /// When they are of different sorts, APIs or bases, or when two are about one project.
    pub fn merge(mut records: Vec<Self>) -> Result<Option<Self>, Mismatch> {
        if records.len() < 2 {
            return Ok(records.pop());
        }
        let parts: Vec<Option<String>> = records.iter().map(|it| it.shard().map(str::to_owned)).collect();
        let (mut plans, mut drifts, mut reports, mut failures) = (vec![], vec![], vec![], vec![]);
        for (at, record) in records.into_iter().enumerate() {
            match record {
                Self::Plan(plan) => plans.push((at, plan)),
                Self::Drift(drift) => drifts.push((at, drift)),
                Self::Report(report) => reports.push((at, report)),
                Self::Failure(failure) => failures.push(failure),
            }
        }
        let sorts = [
            ("a plan", plans.first().map(|it| it.0)),
            ("what has happened to live", drifts.first().map(|it| it.0)),
            ("a report", reports.first().map(|it| it.0)),
        ];
        let mut there: Vec<_> = sorts.iter().filter_map(|(what, at)| Some((at.as_ref()?, what))).collect();
        there.sort_unstable();
        if let [(_, first), (&at, other), ..] = there[..] {
            return Err(Mismatch { at, what: format!("is {other}, and the first is {first}") });
        }
        if let Some(failure) = merged_failures(failures) {
            return Ok(Some(Self::Failure(failure)));
        }
        all_parts(parts.iter().map(Option::as_deref))?;
        Ok(match (merged_plans(plans)?, merged_drifts(drifts)?) {
            (Some(plan), _) => Some(Self::Plan(plan)),
            (None, Some(drift)) => Some(Self::Drift(drift)),
            (None, None) => merged_reports(reports)?.map(Self::Report),
        })
    }
}

/// Makes sure that no part of a split fleet is missing.
fn all_parts<'r>(shards: impl Iterator<Item = Option<&'r str>>) -> Result<(), Mismatch> {
    let parts: Vec<Option<(usize, usize)>> = shards.map(|text| Some(text?.parse::<Shard>().ok()?.place())).collect();
    let Some(of) = parts.iter().flatten().map(|(_, of)| *of).next() else { return Ok(()) };
    for (at, part) in parts.iter().enumerate() {
        match part {
            Some((_, others)) if *others == of => {}
            Some((index, others)) => {
                return Err(Mismatch {
                    at,
                    what: format!("is the part {index}/{others}, and others are parts of {of}"),
                });
            }
            None => {
                return Err(Mismatch {
                    at,
                    what: format!("is not of a part of the fleet, and others are of {of} parts"),
                });
            }
        }
    }
    let missing = (1..=of).find(|index| !parts.contains(&Some((*index, of))));
    let why = |index| Mismatch { at: parts.len(), what: format!("the part {index}/{of} is missing") };
    missing.map_or(Ok(()), |index| Err(why(index)))
}

fn merged_plans(plans: Vec<(usize, PlanRecord)>) -> Result<Option<PlanRecord>, Mismatch> {
    let mut seen = Seen::default();
    let mut merged: Option<PlanRecord> = None;
    for (at, plan) in plans {
        seen.take(at, &plan.api, plan.projects.iter().map(|it| it.project.as_str()))?;
        let Some(whole) = &mut merged else {
            merged = Some(plan);
            continue;
        };
        join_bases(at, &mut whole.base, plan.base)?;
        whole.summary = whole.summary + plan.summary;
        whole.projects.extend(plan.projects);
        // By then, ids of two parts would be the same.
        let many = whole.steps.len();
        whole.steps.extend(plan.steps.into_iter().map(|step| renumbered(step, |number| number + many)));
        whole.ignored.extend(plan.ignored);
    }
    let Some(mut whole) = merged else { return Ok(None) };
    whole.shard = None;
    whole.projects.sort_by(|a, b| a.project.cmp(&b.project));
    whole.ignored.sort_by(|a, b| a.address.project.cmp(&b.address.project));
    // The steps of one project follow each other in any plan, and projects stand in the order of their names.
    whole.steps.sort_by(|a, b| a.address.project.cmp(&b.address.project));
    let places: BTreeMap<usize, usize> = whole.steps.iter().map(|step| number(&step.id)).zip(1..).collect();
    let steps = std::mem::take(&mut whole.steps).into_iter();
    whole.steps = steps.map(|step| renumbered(step, |number| places.get(&number).copied().unwrap_or(number))).collect();
    whole.id = plan_id(whole.steps.iter().map(|step| step.hash.as_str()));
    Ok(Some(whole))
}

/// The number of a step's id: 3 of `s3`.
fn number(id: &str) -> usize {
    id.strip_prefix('s').and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn renumbered(step: StepRecord, place: impl Fn(usize) -> usize) -> StepRecord {
    let of = |id: &String| format!("s{}", place(number(id)));
    StepRecord { id: of(&step.id), after: step.after.iter().map(of).collect(), ..step }
}

fn join_bases(at: usize, whole: &mut Option<Box<BaseRecord>>, part: Option<Box<BaseRecord>>) -> Result<(), Mismatch> {
    let told = |base: &Option<Box<BaseRecord>>| {
        base.as_ref().map(|it| (it.revision.clone(), it.commit.clone(), it.behind, it.merge.clone()))
    };
    if told(whole) != told(&part) {
        return Err(Mismatch { at, what: "was held against another base than the first".to_owned() });
    }
    if let (Some(whole), Some(part)) = (whole, part) {
        // What is about the workspace is in each part.
        let new = part.review.into_iter().filter(|it| it.project.is_some());
        whole.review.extend(new);
        whole.review.sort_by(|a, b| a.project.cmp(&b.project));
        whole.released.extend(part.released);
        whole.released.sort_by(|a, b| a.project.cmp(&b.project));
    }
    Ok(())
}

fn merged_drifts(drifts: Vec<(usize, DriftRecord)>) -> Result<Option<DriftRecord>, Mismatch> {
    let mut seen = Seen::default();
    let (mut projects, mut ignored, mut unadopted) = (vec![], vec![], vec![]);
    for (at, drift) in drifts {
        seen.take(at, &drift.api, drift.projects.iter().map(|it| it.project.as_str()))?;
        projects.extend(drift.projects);
        ignored.extend(drift.ignored);
        unadopted.extend(drift.unadopted);
    }
    projects.sort_by(|a, b| a.project.cmp(&b.project));
    ignored.sort_by(|a, b| a.address.project.cmp(&b.address.project));
    unadopted.sort_by(|a, b| (&a.organization, &a.name, &a.r#ref).cmp(&(&b.organization, &b.name, &b.r#ref)));
    unadopted.dedup();
    Ok(seen.api.map(|api| DriftRecord::new(api, projects, ignored, unadopted)))
}

/// Reports name the plan that they carried out. Those of several plans name what these make together.
fn merged_reports(reports: Vec<(usize, ReportRecord)>) -> Result<Option<ReportRecord>, Mismatch> {
    let mut seen = Seen::default();
    let (mut plans, mut exits, mut projects, mut requests) = (BTreeSet::new(), vec![], vec![], vec![]);
    for (at, report) in reports {
        seen.take(at, &report.api, report.projects.iter().map(|it| it.project.as_str()))?;
        plans.insert(report.plan);
        exits.extend(Exit::of(report.exit));
        projects.extend(report.projects);
        let new: Vec<u64> = report.requests.into_iter().filter(|number| !requests.contains(number)).collect();
        requests.extend(new);
    }
    let Some(api) = seen.api else { return Ok(None) };
    projects.sort_by(|a, b| a.project.cmp(&b.project));
    let whole = match plans.first() {
        Some(plan) if plans.len() == 1 => plan.clone(),
        _ => plan_id(plans.iter().map(String::as_str)),
    };
    let steps = || projects.iter().flat_map(|project| &project.steps);
    let wrote = steps().any(|step| step.outcome.was_sent());
    let exit = Exit::worst(exits, wrote);
    for (step, number) in projects.iter_mut().flat_map(|project| &mut project.steps).zip(1_u32..) {
        step.id = format!("s{number}");
    }
    let mut merged = ReportRecord::new(whole, api, exit, projects);
    merged.requests = requests;
    Ok(Some(merged))
}

/// All that was found, once.
fn merged_failures(failures: Vec<FailureRecord>) -> Option<FailureRecord> {
    let exits: Vec<Exit> = failures.iter().filter_map(|it| Exit::of(it.exit)).collect();
    let mut parts = failures.into_iter();
    let mut whole = parts.next()?;
    let new = |found: &Annotation, all: &[Annotation]| !all.contains(found);
    for found in parts.flat_map(|it| it.findings) {
        if new(&found, &whole.findings) {
            whole.findings.push(found);
        }
    }
    Some(FailureRecord { exit: Exit::worst(exits, false).code(), ..whole })
}

/// What the records so far are about.
#[derive(Default)]
struct Seen {
    api: Option<String>,
    projects: BTreeMap<String, usize>,
}

impl Seen {
    fn take<'a>(&mut self, at: usize, api: &str, projects: impl Iterator<Item = &'a str>) -> Result<(), Mismatch> {
        if self.api.get_or_insert_with(|| api.to_owned()) != api {
            return Err(Mismatch { at, what: format!("is of another API than the first: `{api}`") });
        }
        for project in projects {
            if self.projects.insert(project.to_owned(), at).is_some() {
                return Err(Mismatch { at, what: format!("is about `{project}`, as one before it") });
            }
        }
        Ok(())
    }
}
