//! A document as Markdown: within a limit, risks first.
//!
//! What does not fit is shown with less detail, rung by rung ([`RUNGS`]); what destroys, locks out or endangers is shown on
//! each rung.

use super::blocks;
use super::changes::{self, Rung};
use super::escape::{code, prose};
use super::sets::Sets;
use super::{drift, obstacles, states};
use crate::schema::Impact;
use crate::view::Detail;
use crate::view::document::{Block, Document, Links, Listing, ListingOf, Section, Topic};

/// A comment that cannot be made short enough without hiding a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("needs at least {needs} characters, and {limit} are allowed")]
pub struct TooLong {
    /// The characters of the shortest form.
    pub needs: usize,
    /// The characters allowed.
    pub limit: usize,
}

/// Text that fits the limit, and whether it leaves something out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// The text.
    pub text: String,
    /// Whether the text has the values of all changes, so that its reader knows what would be done.
    pub is_whole: bool,
    /// Whether the text lacks the value of a risky change.
    pub hides_risk: bool,
}

/// From all to as little as there may be.
const RUNGS: [Rung; 7] =
    [Rung::Whole, Rung::Unplaced, Rung::Folded, Rung::Counts, Rung::Resources, Rung::Projects, Rung::Sets];

/// The most projects that are open at first.
const OPEN: usize = 3;

/// Room that is not worth trying to fill.
const LITTLE: usize = 120;

/// A document as Markdown of at most `limit` characters.
///
/// # Errors
/// When even the verdict, the refusals and the risks exceed the limit.
pub fn markdown(document: &Document, detail: Detail, limit: usize) -> Result<Fitting, TooLong> {
    if document.topic == Topic::Findings {
        return Ok(Fitting { text: blocks::findings_markdown(document, limit), is_whole: true, hides_risk: false });
    }
    let from = if detail.brief { Rung::Resources } else { Rung::Whole };
    let mut needs = 0;
    for rung in RUNGS.into_iter().filter(|rung| *rung >= from) {
        let most = if rung == Rung::Sets { usize::MAX } else { limit };
        let Some(mut page) = Page::fill(document, rung, detail, most) else { continue };
        needs = page.length();
        if needs <= limit {
            page.enrich(from, limit);
            return Ok(page.fitting());
        }
    }
    Err(TooLong { needs, limit })
}

fn sections(document: &Document) -> impl Iterator<Item = &Section> {
    document.blocks.iter().filter_map(|block| if let Block::Section(section) = block { Some(section) } else { None })
}

/// Whether a block has a change that destroys, locks out or weakens.
fn endangers(block: &Block) -> bool {
    let grave = |impact| matches!(impact, Impact::Destructive | Impact::LockOut | Impact::Security);
    match block {
        Block::Shared(shared) => shared.fields.iter().flat_map(|field| &field.risks).any(|harm| grave(harm.impact)),
        Block::ByProject(block) => block.risks.iter().any(|harm| grave(harm.impact)),
        Block::Section(section) => section.blocks.iter().any(endangers),
        Block::Changes(resources) => {
            let fields = resources.iter().flat_map(|resource| &resource.fields);
            fields.flat_map(|field| &field.risks).any(|harm| grave(harm.impact))
        }
        Block::Deviations(all) => all.iter().flat_map(|it| &it.risks).any(|harm| grave(harm.impact)),
        Block::Headline(..)
        | Block::Sides(_)
        | Block::Among(_)
        | Block::States(_)
        | Block::Steps(_)
        | Block::Ways(_)
        | Block::Review(_)
        | Block::Obstacles(_)
        | Block::Against(_)
        | Block::Risks(_)
        | Block::SentAlong(_)
        | Block::Points(_)
        | Block::Ignored(_)
        | Block::Listing(_)
        | Block::Run(_) => false,
    }
}

/// A block of the document as it is shown.
struct Part<'d> {
    block: &'d Block,
    rung: Rung,
    text: String,
    length: usize,
}

/// The parts of a page that show changes, and what is around them.
struct Page<'d> {
    document: &'d Document,
    detail: Detail,
    sets: Sets<'d>,
    /// Whether the folds of projects are open at first.
    open: bool,
    parts: Vec<Part<'d>>,
    /// The last rung, on which projects of which the same is said share a line.
    lines: String,
}

impl<'d> Page<'d> {
    /// Writes a document; `None` where it is longer than that.
    fn fill(document: &'d Document, rung: Rung, detail: Detail, most: usize) -> Option<Self> {
        let told: Vec<&Section> =
            sections(document).filter(|it| !it.outline.is_empty() || it.is_told(detail.full)).collect();
        let open = told.len() <= OPEN;
        let mut page = Self { document, detail, sets: Sets::of(document), open, parts: vec![], lines: String::new() };
        if rung == Rung::Sets {
            page.lines = page.lines(&told);
        }
        let mut length = page.around();
        for block in &document.blocks {
            let part = page.part(block, rung);
            length += part.length;
            if length > most {
                return None;
            }
            page.parts.push(part);
        }
        Some(page)
    }

    /// The lines of projects of which the same is said.
    fn lines(&self, told: &[&Section]) -> String {
        let mut lines = String::new();
        if self.document.topic == Topic::Plan {
            let told = told.iter().map(|section| (section.name.as_str(), section.counts.clone()));
            lines = self.sets.lines(told);
        }
        let done = self.document.blocks.iter().filter_map(|it| if let Block::Run(run) = it { Some(run) } else { None });
        lines + &self.sets.lines(done.map(|run| (run.name.as_str(), blocks::end(run))))
    }

    fn part(&self, block: &'d Block, rung: Rung) -> Part<'d> {
        let text = self.shown(block, rung);
        let length = text.chars().count();
        Part { block, rung, text, length }
    }

    fn shown(&self, block: &Block, rung: Rung) -> String {
        let detail = self.detail;
        match block {
            Block::Review(all) => blocks::review(all),
            Block::Obstacles(all) => obstacles::obstacles(
                all,
                rung,
                (rung == Rung::Sets).then_some(&self.sets),
                self.document.links.as_ref(),
            ),
            Block::Risks(risks) => obstacles::risks(risks, (rung == Rung::Sets).then_some(&self.sets)),
            Block::Against(against) => blocks::against(against, rung),
            Block::Headline(head, rest) => format!("\n{}{rest}\n", code(head)),
            Block::Deviations(all) => drift::deviations(all, rung, detail),
            Block::Ways(all) => drift::ways(all),
            Block::Run(run) if rung < Rung::Sets => blocks::run(run, rung),
            Block::Section(section) if rung == Rung::Projects && self.document.topic == Topic::Plan => {
                if section.outline.is_empty() && !section.is_told(detail.full) {
                    return String::new();
                }
                format!("- {}: {}\n", code(&section.name), section.counts)
            }
            _ if rung >= Rung::Projects => String::new(),
            Block::States(all) if rung < Rung::Resources => states::states(all),
            Block::Sides(_) | Block::Among(_) | Block::States(_) => blocks::listed(block),
            Block::Steps(_) => String::new(),
            Block::Shared(shared) => changes::shared(shared, rung, detail, self.links(rung)),
            Block::ByProject(block) => changes::by_project(block, rung, detail, self.links(rung)),
            Block::Section(section) if section.is_told(detail.full) => {
                blocks::section(section, self.open, rung, detail, self.links(rung))
            }
            Block::Listing(listing) if listing.of != ListingOf::WithoutDocument => blocks::sum(listing, detail),
            _ if rung >= Rung::Resources => String::new(),
            Block::Points(all) => format!("\n{}", blocks::points(all, rung)),
            Block::Ignored(all) => blocks::ignored(all),
            Block::Listing(listing) => blocks::without_document(listing),
            Block::Section(_) | Block::Changes(_) | Block::SentAlong(_) | Block::Run(_) => String::new(),
        }
    }

    /// The pages of the places, where there is room for them.
    fn links(&self, rung: Rung) -> Option<&'d Links> {
        self.document.links.as_ref().filter(|_| rung == Rung::Whole)
    }

    /// The characters of what is around the parts.
    fn around(&self) -> usize {
        // Lists are set off from what is before them.
        blocks::head(self.document).chars().count()
            + self.lines.chars().count()
            + self.tail().chars().count()
            + 2 * MARGIN
    }

    fn length(&self) -> usize {
        self.around() + self.parts.iter().map(|part| part.length).sum::<usize>()
    }

    /// Shows more of the changes while there is room: of those that endanger first, then of those that many projects share.
    fn enrich(&mut self, from: Rung, limit: usize) {
        let mut room = limit.saturating_sub(self.length());
        let mut order: Vec<usize> = (0..self.parts.len()).collect();
        order.sort_by_key(|at| {
            let block = self.parts[*at].block;
            (!endangers(block), !matches!(block, Block::Shared(_)), !matches!(block, Block::Section(_)))
        });
        for at in order {
            if room < LITTLE {
                break;
            }
            for rung in RUNGS.into_iter().filter(|rung| (from..self.parts[at].rung).contains(rung)) {
                let part = self.part(self.parts[at].block, rung);
                if part.length <= room + self.parts[at].length {
                    room = room + self.parts[at].length - part.length;
                    self.parts[at] = part;
                    break;
                }
            }
        }
    }

    /// The facts of less weight, in one line.
    fn tail(&self) -> String {
        let Document { title, verdict, blocks, .. } = self.document;
        let target = title.iter().filter(|title| !title.target.is_empty()).map(|title| code(&title.target));
        let more = (!verdict.more.0.is_empty()).then(|| verdict.more.text(code));
        let listings =
            blocks.iter().filter_map(|it| if let Block::Listing(listing) = it { Some(listing) } else { None });
        let sums = listings.filter(|_| !self.detail.full).filter_map(|Listing { of, sum, .. }| match of {
            ListingOf::NotManaged => Some(format!("not managed: {}", prose(sum))),
            ListingOf::NotCompared => Some(format!("not compared: {}", prose(sum))),
            ListingOf::WithoutDocument | ListingOf::NotManagedHere => None,
        });
        let facts: Vec<String> = target.chain(more).chain(sums).collect();
        if facts.is_empty() { String::new() } else { format!("\n{}\n", facts.join(" · ")) }
    }

    fn fitting(self) -> Fitting {
        let (head, tail) = (blocks::head(self.document), self.tail());
        let changing = || self.parts.iter().filter(|part| is_change(part.block));
        let worst = changing().map(|part| part.rung).max().unwrap_or(Rung::Whole);
        let is_whole = worst <= Rung::Folded || !sections(self.document).any(|section| !section.outline.is_empty());
        let hides_risk = changing().any(|part| part.rung >= Rung::Projects && endangers(part.block));
        let mut text = head;
        let mut in_list = false;
        for part in &self.parts {
            if part.text.starts_with("- ") && !in_list {
                text.push('\n');
            }
            in_list = if part.text.is_empty() { in_list } else { part.text.starts_with("- ") };
            text.push_str(&part.text);
        }
        if !self.lines.is_empty() {
            text.push('\n');
            text.push_str(&self.lines);
        }
        if self.document.topic == Topic::Plan {
            text.push_str(worst.leaves_out());
        }
        text.push_str(&tail);
        Fitting { text, is_whole, hides_risk }
    }
}

/// Room for the remark on what is left out.
const MARGIN: usize = 60;

/// Whether a block shows changes, which may be shown with less detail.
const fn is_change(block: &Block) -> bool {
    matches!(block, Block::Shared(_) | Block::ByProject(_) | Block::Section(_) | Block::Deviations(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::document::{Edit, FieldChange, Happens, Phrase, Resource, Tone, Verdict};

    /// A project of which forty fields change, each to a value of its own.
    fn section(at: usize) -> Block {
        let field = |number: usize| FieldChange {
            name: format!("field_{number}"),
            edit: Edit::Swap(Some(format!("{number}")), format!("{at}-{number}")),
            origin: None,
            risks: vec![],
            was_at: None,
            at: None,
        };
        let fields: Vec<_> = (0..40).map(field).collect();
        let outline = vec![("auth".to_owned(), fields.iter().map(|field| field.name.clone()).collect())];
        let happens = Happens::Changed;
        let name = "auth".to_owned();
        let resource = Resource { name, is_item: false, happens, origin: None, risks: vec![], at: None, fields };
        Block::Section(Section {
            name: format!("project-{at}"),
            happens,
            facts: vec![],
            labels: std::collections::BTreeMap::new(),
            counts: "1 to change (40 fields)".to_owned(),
            outline,
            blocks: vec![Block::Changes(vec![resource])],
        })
    }

    #[test]
    fn what_does_not_fit_uses_the_room_that_there_is() {
        let verdict =
            Verdict::of(Tone::Neutral, "Plan", Phrase::words(": 200 to change (8000 fields) in 200 projects"));
        let blocks = (0..200).map(section).collect();
        let document = Document { topic: Topic::Plan, stack: None, links: None, title: None, verdict, blocks };
        for limit in [10_000, 32_768, 65_536] {
            let told = markdown(&document, Detail::default(), limit).unwrap();
            let length = told.text.chars().count();
            assert!(length <= limit && length > limit * 9 / 10, "{length} of {limit}");
            assert!(!told.is_whole);
            let named = (0..200).filter(|at| told.text.contains(&format!("project-{at}"))).count();
            assert_eq!(named, 200, "every project is named");
        }
        let whole = markdown(&document, Detail::default(), 1_000_000).unwrap();
        assert!(whole.is_whole && whole.text.contains("+ field_39: 199-39"));
    }
}
