//! Blocks of less weight as lists, for formats without a form of their own for each.

use super::document::{
    Against, Among, AmongField, Beside, Block, Cause, Class, Ignored, Listing, ListingOf, Obstacle, Phrase, Risk,
    Sides, State, States, Tone, Way,
};
use crate::record::Place;

/// A list with a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// How good the listed facts are.
    pub(super) tone: Tone,
    /// The heading, if there is one.
    pub(super) head: Option<Phrase>,
    /// The entries.
    pub(super) rows: Vec<(Phrase, Option<Place>)>,
}

/// A block as a list; `None` where the block needs a form of its own.
pub(super) fn list(block: &Block) -> Option<List> {
    let plain = |phrase: Phrase| (phrase, None);
    let (tone, head, rows) = match block {
        Block::Review(all) => {
            let row = |(project, what): &(Option<String>, String)| {
                let who =
                    project.as_ref().map_or_else(Phrase::default, |project| Phrase::default().name(project).then(" "));
                plain(who.sentence(what))
            };
            (Tone::Doubtful, None, all.iter().map(row).collect())
        }
        Block::Against(Against { revision, commit, counts, released }) => {
            let head = Phrase::words("Against ").name(revision).then(" (").name(commit).then(format!("): {counts}"));
            let rows = released.iter().map(|it| {
                let place = Phrase::default().name(&it.place).then(" is no longer managed");
                let stays = it.stays.iter().fold(place, |phrase, stays| phrase.then(", stays ").name(stays));
                plain(stays.then(" in ").sentence(it.projects.text(true)))
            });
            (Tone::Idle, Some(head), rows.collect())
        }
        Block::Risks(risks) => {
            let of_class = |class: &Class| -> Vec<_> {
                let of_risk = |risk: &Risk| {
                    let row = |cause: &Cause| {
                        let start = Phrase::default().sentence(format!("{}: ", class.impact.heading()));
                        plain(cause_phrase(cause, start).then(risk.joint()).sentence(&risk.why))
                    };
                    risk.causes.iter().map(row).collect::<Vec<_>>()
                };
                class.risks.iter().flat_map(of_risk).collect()
            };
            (Tone::Doubtful, None, risks.classes.iter().flat_map(of_class).collect())
        }
        Block::Obstacles(all) => {
            let row = |it: &Obstacle| {
                let start =
                    Phrase::words(format!("{} ", it.label.word())).name(&it.code).then(": ").sentence(&it.message);
                let who = start.then(" · ").sentence(it.projects.text(true));
                let hints = it.hints.iter().fold(who, |phrase, hint| phrase.then(" ").sentence(hint));
                (it.words.iter().fold(hints, |phrase, word| phrase.then(" ").name(word)), it.at.clone())
            };
            (Tone::Bad, None, all.iter().map(row).collect())
        }
        Block::SentAlong(all) => {
            let rows = all.iter().map(|(section, names)| {
                plain(Phrase::default().name(section).then(" also sends ").name(names.join(", ")))
            });
            (Tone::Idle, None, rows.collect())
        }
        Block::Ignored(rules) => {
            let rows = rules.iter().map(|Ignored { rule, at, all }| {
                let what = all.iter().enumerate().fold(Phrase::default(), |phrase, (index, (address, _, field))| {
                    let phrase = if index == 0 { phrase } else { phrase.then(", ") };
                    phrase.name(field.as_ref().map_or(address.clone(), |field| format!("{address}/{}", field.name)))
                });
                (what.then(": ").sentence(rule), at.clone())
            });
            (Tone::Idle, Some(Phrase::words("Ignored by rules")), rows.collect())
        }
        Block::Sides(Sides { section, names, both, only, unknown }) => {
            let says = |Beside { name, one, other, lines: _ }: &Beside| {
                let start = Phrase::default().name(name).then(": ");
                plain([one, other].iter().zip(names).enumerate().fold(start, |phrase, (index, (side, who))| {
                    let phrase = if index == 0 { phrase } else { phrase.then(", ") };
                    phrase.name(who).then(" ").name(side.says.join(", "))
                }))
            };
            let alone = names.iter().zip(only).flat_map(|(who, all)| {
                all.iter().map(move |it| {
                    let start = Phrase::default().name(&it.name).then(": only ").name(who);
                    (it.facts.iter().fold(start, |phrase, fact| phrase.then(" ").name(fact)), it.at.clone())
                })
            });
            let unknown = unknown.iter();
            let unknown =
                unknown.map(|it| (Phrase::default().name(&it.name).then(": cannot be compared"), it.at.clone()));
            let rows = both.iter().map(says).chain(alone).chain(unknown);
            (Tone::Neutral, Some(Phrase::default().name(section)), rows.collect())
        }
        Block::Among(Among { section, fields, unknown }) => {
            let row = |AmongField { name, values }: &AmongField| {
                let start = Phrase::default().name(name).then(": ");
                plain(values.iter().enumerate().fold(start, |phrase, (index, (side, projects))| {
                    let phrase = phrase.then(if index == 0 { "" } else { "; " }).name(side.says.join(", "));
                    phrase.then(" in ").sentence(projects.text(true))
                }))
            };
            let unknown = unknown.iter().map(|name| plain(Phrase::default().name(name).then(": cannot be compared")));
            (Tone::Neutral, Some(Phrase::default().name(section)), fields.iter().map(row).chain(unknown).collect())
        }
        Block::States(States { projects, .. }) => {
            let row = |State { name, health: (_, health), compared, .. }: &State| {
                let differs = compared.map_or(String::new(), |[differs, ..]| format!(", {differs} differ"));
                plain(Phrase::default().name(name).then(format!(": {health}{differs}")))
            };
            (Tone::Neutral, None, projects.iter().map(row).collect())
        }
        Block::Listing(Listing { of, sum, items }) => {
            let head = match of {
                ListingOf::NotManaged | ListingOf::NotManagedHere => "Not managed: ",
                ListingOf::NotCompared => "Not compared: ",
                ListingOf::WithoutDocument => "Projects without a document: ",
            };
            let row = |it: &super::document::Listed| {
                (Phrase::default().name(&it.name).then(": ").sentence(it.facts.join(", ")), it.at.clone())
            };
            (Tone::Idle, Some(Phrase::words(head).sentence(sum)), items.iter().map(row).collect())
        }
        Block::Ways(all) => {
            let row = |way: &Way| match way {
                Way::Command(head, command) => plain(Phrase::words(format!("{head}: ")).name(command)),
                Way::Words(head, words) => plain(Phrase::default().sentence(format!("{head}: {words}"))),
            };
            (Tone::Idle, None, all.iter().map(row).collect())
        }
        Block::Headline(..)
        | Block::Deviations(_)
        | Block::Shared(_)
        | Block::ByProject(_)
        | Block::Section(_)
        | Block::Changes(_)
        | Block::Points(_)
        | Block::Steps(_)
        | Block::Run(_) => return None,
    };
    Some(List { tone, head, rows })
}

/// Fields or items with their changes, and their projects.
fn cause_phrase(cause: &Cause, start: Phrase) -> Phrase {
    let what = cause.what.iter().enumerate().fold(start, |phrase, (index, (name, change))| {
        let phrase = phrase.then(if index == 0 { "" } else { ", " }).name(name);
        change.iter().fold(phrase, |phrase, change| phrase.then(" ").name(change))
    });
    what.then(" in ").sentence(cause.projects.text(true))
}
