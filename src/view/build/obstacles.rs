//! What is refused or could not be done, each once with its projects, and the words that allow it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::projects::{Labels, called, one_place};
use crate::diag::codes::{plan as codes, run, trust};
use crate::record::{Place, ProblemRecord, ProjectRecord, RefusalRecord, ReportRecord};
use crate::view::document::{Label, Obstacle};

/// An obstacle of one project.
#[derive(Debug)]
struct Found<'a> {
    project: &'a str,
    message: String,
    at: Option<&'a Place>,
    word: Option<String>,
    /// The address for `--allow`.
    allow: Option<&'a str>,
    /// Hints of this project alone.
    hints: &'a [String],
}

/// What obstacles of several projects have in common: their label, code and sentence but for the project's own name, and how
/// they are allowed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Same {
    label: Label,
    code: String,
    message: String,
    way: Way,
}

/// How a change is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// Not at all, or in the way of its hints.
    Hints,
    /// By `--allow` or by a word.
    Either,
    /// By a word.
    Word,
    /// By a word that was reviewed.
    Reviewed,
}

/// The obstacles of a plan; `allowed` are the addresses that the person has allowed.
pub(super) fn obstacles<'p>(
    projects: impl Iterator<Item = &'p ProjectRecord>,
    allowed: &BTreeSet<String>,
    labels: &Labels<'_>,
) -> Vec<Obstacle> {
    let mut alike: IndexMap<Same, Vec<Found<'_>>> = IndexMap::new();
    for project in projects {
        let name = project.project.as_str();
        let names = [name, &project.name];
        if let Some(blocked) = &project.blocked {
            alike.entry(of_blocked(blocked).without(names)).or_default().push(Found::blocked(name, blocked));
        }
        for refusal in &project.refusals {
            let same = of_refusal(refusal, allowed);
            let found = Found {
                project: name,
                message: same.message.clone(),
                at: refusal.at.as_ref(),
                word: refusal.word().filter(|_| same.label == Label::Refused),
                allow: refusal.allow.as_deref(),
                hints: &refusal.hints,
            };
            alike.entry(same.without(names)).or_default().push(found);
        }
    }
    let mut all: Vec<Obstacle> = alike.into_iter().map(|(same, found)| obstacle(same, found, labels)).collect();
    all.sort_by_key(|it| it.label);
    all
}

/// Why projects could not be compared.
pub(super) fn not_compared_at_all<'b>(
    all: impl Iterator<Item = ([&'b str; 2], &'b ProblemRecord)>,
    labels: &Labels<'_>,
) -> Vec<Obstacle> {
    let mut alike: IndexMap<Same, Vec<Found<'_>>> = IndexMap::new();
    for (names @ [project, _], blocked) in all {
        let same = Same { label: Label::NotCompared, ..of_blocked(blocked) };
        alike.entry(same.without(names)).or_default().push(Found::blocked(project, blocked));
    }
    alike.into_iter().map(|(same, found)| obstacle(same, found, labels)).collect()
}

/// What went wrong in a run, the same failure once with the projects that have it.
pub(super) fn failures(report: &ReportRecord) -> Vec<Obstacle> {
    let mut alike: IndexMap<Same, Vec<Found<'_>>> = IndexMap::new();
    for project in &report.projects {
        let name = project.project.as_str();
        let steps = project.steps.iter();
        let steps = steps.filter_map(|step| Some((Some(step.address.local()), step.problem.as_ref()?)));
        for (subject, problem) in steps.chain(project.problem.iter().map(|problem| (None, problem))) {
            let same = of_failure(subject, problem);
            let found = Found { message: same.message.clone(), ..Found::blocked(name, problem) };
            alike.entry(same.without([name, ""])).or_default().push(found);
        }
    }
    // Of the projects of a report no labels are known.
    let labels = Labels::of(report.projects.iter().map(|it| (it.project.as_str(), &NO_LABELS)));
    let mut all: Vec<Obstacle> = alike.into_iter().map(|(same, found)| obstacle(same, found, &labels)).collect();
    all.sort_by_key(|it| it.label);
    all
}

static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();

fn of_failure(subject: Option<String>, problem: &ProblemRecord) -> Same {
    let same = of_blocked(problem);
    let label = if same.label == Label::HeldBack {
        Label::HeldBack
    } else if same.code == run::AWAITED.id() {
        Label::Awaited
    } else {
        Label::Problem
    };
    let message = match subject.filter(|it| !same.message.starts_with(&format!("`{it}`"))) {
        Some(subject) => format!("`{subject}`: {}", same.message),
        None => same.message,
    };
    Same { label, message, ..same }
}

impl<'a> Found<'a> {
    fn blocked(project: &'a str, blocked: &'a ProblemRecord) -> Self {
        let message = blocked.message.clone();
        Self { project, message, at: blocked.at.as_ref(), word: None, allow: None, hints: &blocked.hints }
    }
}

impl Same {
    /// The same without the project's own names, so that projects with one failure have one sentence.
    fn without(self, names: [&str; 2]) -> Self {
        let without = |message: String, name: &str| message.replace(&format!("`{name}`"), "`…`");
        let message = names.into_iter().filter(|name| !name.is_empty()).fold(self.message, without);
        Self { message, ..self }
    }
}

fn of_blocked(blocked: &ProblemRecord) -> Same {
    let ProblemRecord { code, message, hints: _, exit: _, at: _ } = blocked.clone();
    // A project that could be planned but is held back, because its plan is not approved.
    let is_held = [trust::NOT_APPROVED, codes::HELD_BACK].iter().any(|held| code == held.id());
    let label = if is_held { Label::HeldBack } else { Label::NotPlanned };
    Same { label, code, message, way: Way::Hints }
}

fn of_refusal(refusal: &RefusalRecord, allowed: &BTreeSet<String>) -> Same {
    let RefusalRecord { code, address, message, hints: _, at: _, allow, class } = refusal;
    let subject = address.local();
    // Some messages name their subject themselves.
    let is_named = [subject.as_str(), &format!("`{subject}")].iter().any(|it| message.starts_with(it));
    let way = match (class, allow) {
        (None, _) => Way::Hints,
        (Some(_), None) => Way::Reviewed,
        (Some(_), Some(_)) if *code == codes::NEEDS_WORD.id() => Way::Word,
        (Some(_), Some(_)) => Way::Either,
    };
    Same {
        label: if refusal.is_allowed(allowed) { Label::Allowed } else { Label::Refused },
        code: code.clone(),
        message: if is_named { message.clone() } else { format!("`{subject}`: {message}") },
        way,
    }
}

fn obstacle(same: Same, found: Vec<Found<'_>>, labels: &Labels<'_>) -> Obstacle {
    let Same { label, code, message, way } = same;
    let message = if let [only] = found.as_slice() { only.message.clone() } else { message };
    let names: Vec<&str> = found.iter().map(|it| it.project).collect();
    let at = one_place(found.iter().map(|it| it.at));
    let hint = match (way, found.as_slice()) {
        _ if label == Label::Allowed => None,
        (Way::Hints, _) => None,
        (Way::Word, [_]) => Some("Allow it by this line in the commit's message:".to_owned()),
        (Way::Word, _) => Some("Allow it by these lines in the commit's message:".to_owned()),
        (Way::Reviewed, _) => Some(
            "`protected: true`: only the message of a reviewed commit allows it, where apply has `--allow-from REV` or \
             `--approved-by pr`:"
                .to_owned(),
        ),
        (Way::Either, [Found { allow: Some(address), .. }]) => {
            Some(format!("Allow it with `--allow {address}`, or by this line in the commit's message:"))
        }
        (Way::Either, _) => {
            Some("Allow it with `--allow PROJECT/…`, or by these lines in the commit's message:".to_owned())
        }
    };
    let mut hints: Vec<String> = hint.into_iter().collect();
    if way == Way::Hints {
        for it in found.iter().flat_map(|it| it.hints) {
            if !hints.contains(it) {
                hints.push(it.clone());
            }
        }
    }
    Obstacle {
        label,
        code,
        projects: called(labels, &names),
        message,
        at,
        hints,
        words: found.into_iter().filter_map(|it| it.word).collect(),
    }
}
