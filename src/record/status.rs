//! The state of each project of a fleet, as a record.

use std::collections::BTreeMap;

use serde::Serialize;

use super::done::Named;
use super::drift::{DriftProjectRecord, DriftRecord, Happened};
use super::plan::{AwaitedRecord, UnadoptedRecord};
use super::problem::ProblemRecord;
use crate::model::Listed;

/// How many of some are at hand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AtHand {
    /// Those that are.
    pub at_hand: usize,
    /// All.
    pub all: usize,
}

/// The state of each project.
#[derive(Debug, Serialize)]
pub struct StatusRecord {
    /// The API's origin.
    pub api: String,
    /// The part of the fleet that it is about, with `--shard`.
    pub shard: Option<String>,
    /// The projects, by name.
    pub projects: Vec<ProjectStatusRecord>,
    /// Projects that no document adopts.
    pub unadopted: Vec<UnadoptedRecord>,
}

/// The state of a project.
#[derive(Debug, Serialize)]
pub struct ProjectStatusRecord {
    /// The name of its document.
    pub project: String,
    /// Its ref, where it exists.
    pub r#ref: Option<String>,
    /// Its name at Supabase.
    pub name: String,
    /// Its organization, where known.
    pub organization: String,
    /// Its region, where known.
    pub region: String,
    /// Whether it is protected.
    pub protected: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its status in the API's word; none where it is not among the token's projects.
    pub status: Option<String>,
    /// The version of its Postgres, where the API tells it.
    pub postgres: Option<String>,
    /// How it compares with its manifest; nothing where it could not be compared.
    pub compared: Option<ComparedRecord>,
    /// Secrets that its manifest refers to, and how many of their values are at hand.
    pub secrets: AtHand,
    /// What waits for somebody outside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<AwaitedRecord>,
    /// Why it could not be compared.
    pub blocked: Option<ProblemRecord>,
}

/// A project compared with its manifest, in numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ComparedRecord {
    /// Fields that differ, and items that are there or not there otherwise than the manifest says.
    pub differs: usize,
    /// Fields whose difference makes the project easier to attack.
    pub weakened: usize,
    /// Fields that no manifest manages, with another value than on an untouched project.
    pub unmanaged: usize,
}

impl StatusRecord {
    /// The record, of drift, the projects as they were listed, and how many of their secrets are at hand.
    #[must_use]
    pub fn of(drift: DriftRecord, listed: &BTreeMap<String, Listed>, secrets: &BTreeMap<String, AtHand>) -> Self {
        let DriftRecord { api, projects, unadopted, shard, .. } = drift;
        let project = |it: DriftProjectRecord| {
            let compared = it.blocked.is_none().then(|| compared(&it));
            let DriftProjectRecord {
                project,
                r#ref,
                name,
                organization,
                region,
                protected,
                labels,
                awaited,
                blocked,
                ..
            } = it;
            let listed = listed.get(&project);
            let or = |written: String, live: fn(&Listed) -> &String| listed.map_or(written, |it| live(it).clone());
            ProjectStatusRecord {
                status: listed.map(|listed| listed.status.clone()),
                postgres: listed.and_then(|listed| listed.postgres.clone()),
                r#ref: r#ref.or_else(|| listed.map(|listed| listed.reference.to_string())),
                secrets: secrets.get(&project).copied().unwrap_or_default(),
                name: or(name, |it| &it.name),
                organization: or(organization, |it| &it.organization),
                region: or(region, |it| &it.region),
                project,
                protected,
                labels,
                compared,
                awaited,
                blocked,
            }
        };
        Self { api, shard, projects: projects.into_iter().map(project).collect(), unadopted }
    }

    /// Whether a project differs from its manifest.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.projects.iter().filter_map(|project| project.compared).any(|compared| compared.differs > 0)
    }
}

fn compared(project: &DriftProjectRecord) -> ComparedRecord {
    let differs = project.changes.iter().map(|change| match change.happened {
        Happened::Changed => change.fields.len(),
        Happened::Added | Happened::Removed => 1,
    });
    let fields = project.changes.iter().flat_map(|change| &change.fields);
    ComparedRecord {
        differs: differs.sum(),
        weakened: fields.filter(|field| field.weakens()).count(),
        unmanaged: project.unmanaged.touched.len(),
    }
}

impl Named for StatusRecord {
    const FORMAT: &'static str = "supaform.status";
}
