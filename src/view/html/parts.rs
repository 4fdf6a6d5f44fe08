//! The parts of a page: blocks that follow each other, under one heading.

use super::blocks::Blocks;
use super::context::Context;
use crate::view::document::{Block, Document, Label, Topic};

/// Blocks under a heading.
pub(super) struct Part<'a> {
    /// Its id within the page; empty where another part has it.
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    /// Whether it has what is searched.
    pub(super) is_searched: bool,
    /// Whether the search of the page stands before it.
    pub(super) starts_search: bool,
    pub(super) blocks: Blocks<'a>,
}

/// The parts, in the order of the blocks.
pub(super) fn parts<'a>(document: &'a Document, context: Context<'a>) -> Vec<Part<'a>> {
    let place = |block: &Block| place(document.topic, block);
    let mut parts: Vec<Part<'a>> = vec![];
    for run in document.blocks.chunk_by(|one, next| place(one) == place(next)) {
        let Some((id, heading)) = run.first().map(place) else { continue };
        let blocks = Blocks::of(run, context);
        if !blocks.has_any() {
            continue;
        }
        let is_searched = run.iter().any(is_searched);
        let starts_search = is_searched && context.index.is_searched() && !parts.iter().any(|part| part.is_searched);
        let id = if parts.iter().any(|part| part.id == id) { "" } else { id };
        parts.push(Part { id, heading, is_searched, starts_search, blocks });
    }
    parts
}

/// Whether a block has changes.
const fn is_searched(block: &Block) -> bool {
    matches!(
        block,
        Block::Shared(_)
            | Block::ByProject(_)
            | Block::Section(_)
            | Block::Deviations(_)
            | Block::Changes(_)
            | Block::Run(_)
            | Block::Sides(_)
    )
}

/// The id and the heading of the part that a block belongs to.
fn place(topic: Topic, block: &Block) -> (&'static str, &'static str) {
    match block {
        Block::Headline(..) => ("about", ""),
        Block::Risks(_) => ("risks", "Risks"),
        Block::Review(_) => ("review", "Changes of what is allowed"),
        Block::Against(_) => ("base", "Compared with the base"),
        Block::Shared(_) | Block::ByProject(_) => ("together", "In several projects"),
        Block::Section(_) | Block::Changes(_) | Block::SentAlong(_) => ("projects", "By project"),
        Block::Deviations(_) => ("changes", "What has changed"),
        Block::Run(_) => ("runs", "What was done"),
        Block::States(_) => ("states", "Projects"),
        Block::Steps(_) => ("steps", "Calls, and what waits for what"),
        Block::Among(_) if topic == Topic::Status => ("sides", "Values"),
        Block::Sides(_) | Block::Among(_) => ("sides", "Side by side"),
        Block::Obstacles(_) => ("refused", "Refused, or not done"),
        Block::Points(_) if topic == Topic::Findings => ("findings", "Findings"),
        Block::Points(points) if points.iter().all(|it| it.label == Label::Note) => ("notes", "Notes"),
        Block::Points(_) => ("points", "To look at"),
        Block::Ways(_) => ("ways", "What now"),
        Block::Ignored(_) | Block::Listing(_) => ("rest", "Left out"),
    }
}
