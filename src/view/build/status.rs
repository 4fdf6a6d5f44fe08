//! The state of a fleet as a document.

use super::health::{health, short, usual_label};
use super::listings::{awaited, part, without_document};
use super::obstacles::not_compared_at_all;
use super::plan::title;
use super::projects::Labels;
use crate::record::{ComparedRecord, ProjectStatusRecord, StatusRecord};
use crate::text::count;
use crate::view::document::{Block, Document, Phrase, State, States, Tone, Topic, Verdict, Way};

/// The state of each project.
#[must_use]
pub fn status_document(record: &StatusRecord) -> Document {
    let StatusRecord { api, projects, unadopted, .. } = record;
    let labels = Labels::of(projects.iter().map(|it| (it.project.as_str(), &it.labels)));
    let label = usual_label(projects.iter().map(|project| &project.labels));
    let reasons =
        projects.iter().filter_map(|it| Some(([it.project.as_str(), it.name.as_str()], it.blocked.as_ref()?)));
    let states = States {
        label: label.map(str::to_owned),
        projects: projects.iter().map(|project| state(project, label)).collect(),
    };
    let mut blocks = vec![Block::Obstacles(not_compared_at_all(reasons, &labels))];
    blocks.extend((!projects.is_empty()).then_some(Block::States(states)));
    let waits = projects.iter().flat_map(|it| it.awaited.iter().map(|one| awaited(Some(&it.project), one)));
    blocks.push(Block::Points(waits.collect()));
    blocks.extend(without_document(unadopted));
    blocks.push(Block::Ways(ways(record)));
    blocks.retain(|block| !block.is_empty());
    let title = title("Status", api, projects.iter().map(|it| (it.project.as_str(), it.organization.as_str())));
    Document { topic: Topic::Status, stack: None, links: None, title, verdict: verdict(record), blocks }
}

fn state(project: &ProjectStatusRecord, label: Option<&str>) -> State {
    State {
        name: project.project.clone(),
        label: label.and_then(|label| project.labels.get(label)).cloned().unwrap_or_default(),
        health: health(project),
        postgres: project.postgres.as_deref().map(|version| short(version).to_owned()),
        compared: project
            .compared
            .map(|ComparedRecord { differs, weakened, unmanaged }| [differs, weakened, unmanaged]),
        secrets: (project.secrets.at_hand, project.secrets.all),
    }
}

/// How many need somebody, and why.
pub(in crate::view) fn verdict(record: &StatusRecord) -> Verdict {
    let many = |is: &dyn Fn(&ProjectStatusRecord) -> bool| record.projects.iter().filter(|it| is(it)).count();
    let compared = |is: fn(ComparedRecord) -> bool| many(&|it| it.compared.is_some_and(is));
    let parts = [
        (many(&|it| health(it).0 != Tone::Good), "not healthy"),
        (compared(|it| it.weakened > 0), "weakened"),
        (compared(|it| it.differs > 0), "not as the manifests say"),
        (many(&|it| !it.awaited.is_empty()), "waiting for somebody"),
        (many(&|it| it.compared.is_none()), "not compared"),
    ];
    let told = parts.iter().filter(|(many, _)| *many > 0);
    let told: String = told.map(|(many, words)| format!(" · {many} {words}")).collect();
    let tone = if told.is_empty() { Tone::Good } else { Tone::Doubtful };
    let rest = if told.is_empty() { ": all healthy and as the manifests say".to_owned() } else { told };
    let rest = Phrase::words(format!("{rest}{}", part(record.shard.as_deref())));
    Verdict::of(tone, count(record.projects.len(), "project"), rest)
}

fn ways(record: &StatusRecord) -> Vec<Way> {
    let lacks = record.projects.iter().any(|project| project.secrets.at_hand < project.secrets.all);
    let ways = [
        (record.differs(), Way::Command("What differs", "supaform drift".to_owned())),
        (lacks, Way::Command("Secrets that are not at hand", "supaform needs --missing".to_owned())),
    ];
    ways.into_iter().filter_map(|(is, way)| is.then_some(way)).collect()
}
