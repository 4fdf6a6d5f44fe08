//! Drift as a document: the verdict, what weakens first, and the ways to go on.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::{between, shown};
use super::listings::{
    Notes, awaited, ignored_by_rule, not_compared, not_managed, not_managed_here, part, without_document,
};
use super::obstacles::not_compared_at_all;
use super::plan::title;
use super::projects::{Labels, TOGETHER, called, one_place};
use super::risks::{Told, few_words, risks};
use crate::diag::render::escape;
use crate::record::{
    DriftChangeRecord, DriftCounts, DriftFieldRecord, DriftIgnoredRecord, DriftProjectRecord, DriftRecord, Happened,
    RecordedValue, RiskRecord, SecretRecord,
};
use crate::schema::Impact;
use crate::text::count;
use crate::view::document::{
    Block, Deviation, Document, Edit, FieldChange, Happens, Harm, Phrase, Risks, SecretEdit, Section, Tone, Topic,
    Verdict, Way,
};

/// The most projects that are named in the ways to go on.
const NAMED: usize = 3;

/// What has happened.
#[must_use]
pub fn drift_document(drift: &DriftRecord) -> Document {
    let labels = Labels::of(drift.projects.iter().map(|it| (it.project.as_str(), &it.labels)));
    let deviations = deviations(drift);
    let ways = ways(&deviations, drift.projects.len());
    let mut blocks = vec![];
    let reasons = drift.projects.iter();
    let reasons = reasons.filter_map(|it| Some(([it.project.as_str(), it.name.as_str()], it.blocked.as_ref()?)));
    blocks.push(Block::Obstacles(not_compared_at_all(reasons, &labels)));
    blocks.push(Block::Risks(told(drift, &labels)));
    blocks.push(Block::Deviations(deviations));
    let notes = drift.projects.iter().flat_map(|it| it.notes.iter().map(|note| (it.project.as_str(), note)));
    let waits = drift.projects.iter().flat_map(|it| it.awaited.iter().map(|one| awaited(Some(&it.project), one)));
    blocks.push(Block::Points(waits.chain(Notes::shared(notes, 1).points(&labels)).collect()));
    blocks.extend(drift.projects.iter().filter_map(unmanaged).map(Block::Section));
    let all = drift.ignored.iter().map(|DriftIgnoredRecord { address, happened, field, rule }| {
        let would_be = match happened {
            Happened::Added => Happens::Removed,
            Happened::Changed => Happens::Changed,
            Happened::Removed => Happens::Added,
        };
        (rule, (address.to_string(), would_be, field.as_ref().map(change)))
    });
    blocks.push(Block::Ignored(ignored_by_rule(all)));
    blocks.extend(without_document(&drift.unadopted));
    blocks.extend(not_managed(drift.projects.iter().map(|it| (it.project.as_str(), &it.unmanaged))));
    blocks.extend(not_compared(drift.projects.iter().map(|it| it.not_compared.as_slice())));
    blocks.push(Block::Ways(ways));
    blocks.retain(|block| !block.is_empty());
    let title =
        title("Drift", &drift.api, drift.projects.iter().map(|it| (it.project.as_str(), it.organization.as_str())));
    Document { topic: Topic::Drift, stack: None, links: None, title, verdict: verdict(drift), blocks }
}

/// What no manifest of a project manages, shown with `--full`.
fn unmanaged(project: &DriftProjectRecord) -> Option<Section> {
    if project.unmanaged.items.is_empty() && project.unmanaged.touched.is_empty() {
        return None;
    }
    let facts = project.r#ref.iter().cloned().chain((!project.region.is_empty()).then(|| project.region.clone()));
    Some(Section {
        name: project.project.clone(),
        happens: Happens::Changed,
        facts: facts.collect(),
        labels: project.labels.clone(),
        counts: "not managed".to_owned(),
        outline: vec![],
        blocks: not_managed_here(&project.unmanaged).map(Block::Listing).into_iter().collect(),
    })
}

/// The drift, what weakens first. The same change in many projects is shown once.
pub(in crate::view) fn deviations(drift: &DriftRecord) -> Vec<Deviation> {
    let labels = Labels::of(drift.projects.iter().map(|it| (it.project.as_str(), &it.labels)));
    let mut alike: BTreeMap<(String, Happened, String), Vec<Found<'_>>> = BTreeMap::new();
    for project in &drift.projects {
        for change in &project.changes {
            let local = change.address.local();
            let found = |fields| Found { project: &project.project, change, fields };
            if change.happened == Happened::Changed {
                for field in &change.fields {
                    let one = std::slice::from_ref(field);
                    let key = (format!("{local}.{}", field.name), change.happened, said(one));
                    alike.entry(key).or_default().push(found(one));
                }
            } else {
                let key = (local, change.happened, said(&change.fields));
                alike.entry(key).or_default().push(found(&change.fields));
            }
        }
    }
    let mut deviations = vec![];
    for ((name, happened, _), found) in alike {
        let many = if found.len() < TOGETHER { 1 } else { found.len() };
        deviations.extend(found.chunks(many).filter_map(|some| deviation(&name, happened, some, &labels)));
    }
    // Within a rank by project, and then by name.
    deviations.sort_by(|a, b| (rank(a), &a.named).cmp(&(rank(b), &b.named)));
    deviations
}

/// The rank of a change: what weakens comes first, then what has other consequences, then the rest.
fn rank(deviation: &Deviation) -> u8 {
    if deviation.weakens() {
        return 0;
    }
    let missing = deviation.happens == Happens::Removed && deviation.name == "project";
    u8::from(deviation.risks.is_empty() && !missing) + 1
}

/// A change of a project, or one field of it.
#[derive(Clone, Copy)]
struct Found<'a> {
    project: &'a str,
    change: &'a DriftChangeRecord,
    fields: &'a [DriftFieldRecord],
}

fn deviation(name: &str, happened: Happened, found: &[Found<'_>], labels: &Labels<'_>) -> Option<Deviation> {
    let fields = found.first()?.fields;
    let projects: Vec<&str> = found.iter().map(|it| it.project).collect();
    let place = |it: &Found<'_>| match it.fields {
        [field] => field.at.clone().or_else(|| it.change.at.clone()),
        _ => it.change.at.clone(),
    };
    let places: Vec<_> = found.iter().map(place).collect();
    let mut risks: Vec<Harm> = fields.iter().flat_map(|field| &field.risks).map(harm).collect();
    risks.sort_by_key(|harm| (harm.impact != Impact::Security, harm.why.clone()));
    risks.dedup();
    Some(Deviation {
        projects: (projects.len() > 1).then(|| called(labels, &projects)),
        labels: projects.iter().map(|project| labels.of_project(project)).collect(),
        named: projects.into_iter().map(str::to_owned).collect(),
        name: name.to_owned(),
        happens: happened.into(),
        fields: fields
            .iter()
            .map(|field| if happened == Happened::Added { new(field) } else { change(field) })
            .collect(),
        risks,
        at: one_place(places.iter().map(Option::as_ref)),
    })
}

impl From<Happened> for Happens {
    fn from(happened: Happened) -> Self {
        match happened {
            Happened::Added => Self::Added,
            Happened::Changed => Self::Changed,
            Happened::Removed => Self::Removed,
        }
    }
}

/// The text of fields, for comparing.
fn said(fields: &[DriftFieldRecord]) -> String {
    let sides: Vec<_> = fields.iter().map(|field| (&field.name, &field.wanted, &field.live)).collect();
    serde_json::to_string(&sides).unwrap_or_default()
}

/// A consequence; a change that weakens says so in its words.
fn harm(risk: &RiskRecord) -> Harm {
    Harm { impact: risk.impact, why: reason(risk) }
}

pub(super) fn reason(risk: &RiskRecord) -> String {
    if risk.impact == Impact::Security { format!("weakened: {}", risk.why) } else { risk.why.clone() }
}

/// A field: from the desired value to the live one.
fn change(field: &DriftFieldRecord) -> FieldChange {
    field_change(field, edit(field))
}

/// A field of an item that is live and not desired.
fn new(field: &DriftFieldRecord) -> FieldChange {
    field_change(field, Edit::New(shown(field.row.0, field.live.as_ref())))
}

fn field_change(field: &DriftFieldRecord, edit: Edit) -> FieldChange {
    let risks = field.risks.iter().map(harm).collect();
    FieldChange { name: field.name.clone(), edit, origin: None, risks, was_at: None, at: field.at.clone() }
}

/// From the desired value to the live one.
pub(super) fn edit(field: &DriftFieldRecord) -> Edit {
    let row = field.row.0;
    let source = |secret: &SecretRecord| match secret {
        SecretRecord::From(source) => escape(&source.to_string()).into_owned(),
        SecretRecord::IsSet(_) => "live".to_owned(),
    };
    match (&field.wanted, &field.live) {
        (Some(RecordedValue::Secret(secret)), None) => Edit::Secret(SecretEdit::Missing(source(secret))),
        (Some(RecordedValue::Secret(secret)), Some(_)) => Edit::Secret(SecretEdit::Other(source(secret))),
        (None, Some(RecordedValue::Secret(_))) => Edit::Secret(SecretEdit::Unwanted),
        (Some(wanted @ RecordedValue::Value(_)), Some(RecordedValue::Secret(_))) => {
            Edit::Swap(Some(shown(row, Some(wanted))), "(another value)".to_owned())
        }
        (None, live) => match between(row, None, live.as_ref()) {
            Edit::Swap(None, live) => Edit::Swap(Some(shown(row, None)), live),
            other @ (Edit::New(_)
            | Edit::Gone(_)
            | Edit::Swap(..)
            | Edit::Secret(_)
            | Edit::Items(_)
            | Edit::Lines(_)) => other,
        },
        (wanted, live) => between(row, wanted.as_ref(), live.as_ref()),
    }
}

/// The consequences of all changes, what weakens first.
fn told(drift: &DriftRecord, labels: &Labels<'_>) -> Risks {
    fn of<'a>(it: &'a DriftFieldRecord, name: &str, project: &'a str) -> Vec<Told<'a>> {
        let change = few_words(&edit(it));
        let told = |risk: &'a RiskRecord| Told {
            impact: risk.impact,
            why: &risk.why,
            what: name.to_owned(),
            change: change.clone(),
            project,
        };
        it.risks.iter().map(told).collect()
    }
    let all = drift.projects.iter().flat_map(|project| project.changes.iter().map(move |it| (&project.project, it)));
    let all = all.flat_map(|(project, change)| {
        let local = change.address.local();
        change.fields.iter().flat_map(move |field| {
            let name =
                if change.happened == Happened::Changed { format!("{local}.{}", field.name) } else { local.clone() };
            of(field, &name, project)
        })
    });
    let mut risks = risks(all, labels);
    risks.classes.sort_by_key(|class| (class.impact != Impact::Security, class.impact));
    risks
}

/// The ways to go on.
pub(in crate::view) fn ways(deviations: &[Deviation], all: usize) -> Vec<Way> {
    if deviations.is_empty() {
        return vec![];
    }
    let projects: BTreeSet<&String> = deviations.iter().flat_map(|it| &it.named).collect();
    let select = if projects.len() == all && all > 1 {
        String::new()
    } else if projects.len() > NAMED {
        " --select PROJECT".to_owned()
    } else {
        projects.into_iter().map(|name| format!(" --select {name}")).collect()
    };
    let mut ways = vec![Way::Command("Put it back", format!("supaform apply{select}"))];
    let address = deviations.iter().find_map(Deviation::address);
    ways.extend(address.map(|at| Way::Command("It was right", format!("supaform accept {at}"))));
    ways.push(Way::Words("For a while", "a rule of `ignore:`"));
    ways
}

/// `3 fields and 1 item in 2 projects are not as the manifests say`.
fn headline(drift: &DriftRecord) -> String {
    let DriftCounts { added, fields, removed, .. } = drift.summary;
    let changes = drift.projects.iter().flat_map(|project| &project.changes);
    let missing =
        changes.filter(|change| change.address.kind.is_empty() && change.happened == Happened::Removed).count();
    let items = added + removed - missing;
    let differs = drift.projects.iter().filter(|project| !project.changes.is_empty()).count();
    let parts = [(fields, "field"), (items, "item"), (missing, "whole project")];
    let parts: Vec<String> =
        parts.iter().filter(|(many, _)| *many > 0).map(|(many, noun)| count(*many, noun)).collect();
    let verb = if fields + items + missing == 1 { "is" } else { "are" };
    let parts = match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    };
    let within = if fields + items == 0 { String::new() } else { format!(" in {}", count(differs, "project")) };
    format!("{parts}{within} {verb} not as the manifests say")
}

/// The verdict: what has changed, and how much of it weakens.
pub(in crate::view) fn verdict(drift: &DriftRecord) -> Verdict {
    let DriftCounts { added, changed, fields: _, removed, weakened, blocked } = drift.summary;
    let mut more = String::new();
    if blocked > 0 {
        more.push_str(&format!(" · {} not compared", count(blocked, "project")));
    }
    if !drift.ignored.is_empty() {
        more.push_str(&format!(" · {} ignored by rules", count(drift.ignored.len(), "difference")));
    }
    if !drift.unadopted.is_empty() {
        more.push_str(&format!(" · {} without a document", count(drift.unadopted.len(), "project")));
    }
    let unmanaged = [
        (drift.projects.iter().map(|it| it.unmanaged.touched.len()).sum::<usize>(), "setting"),
        (drift.projects.iter().flat_map(|it| it.unmanaged.items.values()).map(Vec::len).sum(), "item"),
    ];
    let unmanaged: Vec<String> =
        unmanaged.into_iter().filter(|(many, _)| *many > 0).map(|(many, noun)| count(many, noun)).collect();
    if !unmanaged.is_empty() {
        more.push_str(&format!(" · unmanaged: {}", unmanaged.join(", ")));
    }
    more.push_str(&part(drift.shard.as_deref()));
    let of = |tone, head: &str, rest: String| Verdict::of(tone, head, Phrase::words(rest));
    if added + changed + removed == 0 {
        let clean = drift.projects.len() - blocked;
        if clean == 0 && blocked > 0 {
            return of(Tone::Bad, "Nothing compared", more.replacen(" · ", ": ", 1));
        }
        let head = if blocked > 0 { "Not all compared" } else { "No drift" };
        let tone = if blocked > 0 { Tone::Bad } else { Tone::Neutral };
        return of(tone, head, format!(": {} as the manifests say{more}", count(clean, "project")));
    }
    let (tone, weakened) = match weakened {
        0 => (Tone::Neutral, String::new()),
        many => (Tone::Bad, format!(" · {} weakened", count(many, "field"))),
    };
    of(tone, "Drift", format!(": {}{weakened}{more}", headline(drift)))
}
