//! A document as Markdown: within a limit, risks first.
//!
//! What does not fit is shown with less detail, rung by rung ([`RUNGS`]); what destroys, locks out or endangers is shown on
//! each rung.

use super::changes::{self, Rung};
use super::escape::{code, fence, fold, html_code, opening, prose};
use super::sets::Sets;
use super::{drift, obstacles};
use crate::record::Place;
use crate::schema::Impact;
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{
    Against, Block, Document, Ignored, Inline, Label, Links, Listed, Listing, ListingOf, Phrase, Point, Projects, Run,
    Section, Tone, Topic,
};
use crate::view::lists::{List, list};

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
        return Ok(Fitting { text: findings_markdown(document, limit), is_whole: true, hides_risk: false });
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

/// The marker by which comments are found, and the verdict as a heading.
fn head(document: &Document) -> String {
    let Document { topic, stack, verdict, .. } = document;
    let stack = stack.as_ref().map_or(String::new(), |stack| format!("{} · ", code(stack)));
    format!("<!-- supaform:{} -->\n### {stack}{}{}\n", topic.name(), verdict.head, verdict.rest.text(code))
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
        let plain = done.filter(|run| is_plain(run)).map(|run| (run.name.as_str(), end(run)));
        lines + &self.sets.lines(plain)
    }

    fn part(&self, block: &'d Block, rung: Rung) -> Part<'d> {
        let text = self.shown(block, rung);
        let length = text.chars().count();
        Part { block, rung, text, length }
    }

    fn shown(&self, block: &Block, rung: Rung) -> String {
        let detail = self.detail;
        match block {
            Block::Review(all) => review(all),
            Block::Obstacles(all) => obstacles::obstacles(
                all,
                rung,
                (rung == Rung::Sets).then_some(&self.sets),
                self.document.links.as_ref(),
            ),
            Block::Risks(risks) => obstacles::risks(risks, (rung == Rung::Sets).then_some(&self.sets)),
            Block::Against(against) => self::against(against, rung),
            Block::Headline(head, rest) => format!("\n{}{rest}\n", code(head)),
            Block::Deviations(all) => drift::deviations(all, rung, detail),
            Block::Ways(all) => drift::ways(all),
            Block::Run(run) if rung < Rung::Sets || !is_plain(run) => self::run(run, rung),
            Block::Section(section) if rung == Rung::Projects && self.document.topic == Topic::Plan => {
                if section.outline.is_empty() && !section.is_told(detail.full) {
                    return String::new();
                }
                format!("- {}: {}\n", code(&section.name), section.counts)
            }
            _ if rung >= Rung::Projects => String::new(),
            Block::Sides(_) | Block::Among(_) => listed(block),
            Block::Shared(shared) => changes::shared(shared, rung, detail, self.links(rung)),
            Block::ByProject(block) => changes::by_project(block, rung, detail, self.links(rung)),
            Block::Section(section) if section.is_told(detail.full) => {
                self::section(section, self.open, rung, detail, self.links(rung))
            }
            Block::Listing(listing) if listing.of != ListingOf::WithoutDocument => sum(listing, detail),
            _ if rung >= Rung::Resources => String::new(),
            Block::Points(all) => format!("\n{}", points(all, rung)),
            Block::Ignored(all) => ignored(all),
            Block::Listing(listing) => without_document(listing),
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
        head(self.document).chars().count() + self.lines.chars().count() + self.tail().chars().count() + 2 * MARGIN
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
        let (head, tail) = (head(self.document), self.tail());
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

/// A point of a list with its place, and its hints below.
fn item(head: &str, message: &str, at: Option<&Place>, hints: &[String]) -> String {
    let at = at.map_or(String::new(), |at| format!(" ({})", code(&format!("{}:{}", at.file, at.line))));
    let hints: String = hints.iter().map(|hint| format!("  - {}\n", opening(hint))).collect();
    format!("- {head}: {}{at}\n{hints}", prose(message))
}

fn point(point: &Point) -> String {
    let Point { label, code: id, subject, message, projects, at, hints } = point;
    let label = match label {
        Label::Problem => None,
        Label::Note => Some(label.word().to_owned()),
        Label::Refused
        | Label::Allowed
        | Label::HeldBack
        | Label::NotPlanned
        | Label::NotCompared
        | Label::Error
        | Label::Warning => Some(format!("**{}**", label.word())),
    };
    let parts = [label, id.as_deref().map(code), subject.as_deref().map(code)];
    let head = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let who = projects.as_ref().map_or(String::new(), |projects| format!(" · {}", projects.text(true)));
    item(&head, &format!("{message}{who}"), at.as_ref(), hints)
}

/// Points; on low rungs only those that decide something.
fn points(all: &[Point], rung: Rung) -> String {
    all.iter().filter(|it| rung < Rung::Resources || it.label != Label::Note).map(point).collect()
}

fn review(all: &[(Option<String>, String)]) -> String {
    let line = |(project, what): &(Option<String>, String)| {
        let who = project.as_ref().map_or(String::new(), |project| format!("{} ", code(project)));
        format!("> - {who}{}\n", opening(what))
    };
    format!("\n> [!CAUTION]\n> **The rules change**\n{}", all.iter().map(line).collect::<String>())
}

/// What it was held against, and what is no longer managed.
fn against(against: &Against, rung: Rung) -> String {
    let lines = against.released.iter().map(|it| {
        let stays = it.stays.as_ref().map_or(String::new(), |stays| format!(", stays {}", code(stays)));
        let who = match &it.projects {
            Projects::Named(names) if names.len() == 1 => names.concat(),
            many @ (Projects::All(_) | Projects::Label(..) | Projects::Named(_)) => many.text(rung < Rung::Sets),
        };
        format!("- {} is no longer managed{stays}: {}\n", code(&it.place), code(&who))
    });
    let lines: String = lines.collect();
    let lines = if lines.is_empty() { lines } else { format!("\n{lines}") };
    format!("\nAgainst {}: {}\n{lines}", code(&against.revision), against.counts)
}

/// The section of one project.
fn section(section: &Section, open: bool, rung: Rung, detail: Detail, links: Option<&Links>) -> String {
    let facts: Vec<String> = section.facts.iter().map(|fact| html_code(fact)).collect();
    let (mut text, mut items) = (String::new(), String::new());
    for block in &section.blocks {
        match block {
            Block::Review(all) => text.push_str(&review(all)),
            Block::Changes(resources) => text.push_str(&changes::resources(resources, rung, detail, links)),
            Block::SentAlong(all) if rung < Rung::Resources => {
                for (section, names) in all {
                    let names: Vec<String> = names.iter().map(|name| code(name)).collect();
                    items.push_str(&format!("- {} also sends {}\n", code(section), names.join(", ")));
                }
            }
            Block::Points(all) => items.push_str(&points(all, rung)),
            Block::Headline(..)
            | Block::Sides(_)
            | Block::Among(_)
            | Block::Deviations(_)
            | Block::Ways(_)
            | Block::Obstacles(_)
            | Block::Against(_)
            | Block::Risks(_)
            | Block::Shared(_)
            | Block::ByProject(_)
            | Block::Section(_)
            | Block::SentAlong(_)
            | Block::Ignored(_)
            | Block::Listing(_)
            | Block::Run(_) => {}
        }
    }
    if !items.is_empty() {
        text.push_str(&format!("\n{items}"));
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    fold(open, &format!("{}{facts}: {}", html_code(&section.name), section.counts), &text)
}

/// The summary, and with `--full` the entries in a fold.
fn sum(listing: &Listing, detail: Detail) -> String {
    let (head, point): (_, fn(&Listed) -> String) = match listing.of {
        ListingOf::NotManaged => ("Not managed", |it| prose(&it.facts.join(", "))),
        ListingOf::NotCompared => ("Not compared", |it| it.facts.iter().map(|fact| code(fact)).collect()),
        ListingOf::WithoutDocument | ListingOf::NotManagedHere => return String::new(),
    };
    if !detail.full {
        // The last line has it.
        return String::new();
    }
    let points: String = listing.items.iter().map(|it| format!("- {}: {}\n", code(&it.name), point(it))).collect();
    fold(false, &format!("{head}: {}", html_code(&listing.sum)), &format!("\n{points}"))
}

/// A block without a form of its own.
fn listed(block: &Block) -> String {
    let Some(List { tone: _, head, rows }) = list(block) else { return String::new() };
    let phrase = |phrase: &Phrase| -> String {
        let part = |part: &Inline| match part {
            Inline::Words(text) => text.clone(),
            Inline::Name(text) => code(text),
            Inline::Sentence(text) => prose(text),
        };
        phrase.0.iter().map(part).collect()
    };
    let head = head.map_or(String::new(), |head| format!("\n{}\n", phrase(&head)));
    head + "\n" + &rows.iter().map(|(row, _)| format!("- {}\n", phrase(row))).collect::<String>()
}

/// Differences that rules leave alone.
fn ignored(all: &[Ignored]) -> String {
    let rule = |it: &Ignored| {
        let whats = it.all.iter().map(|(address, _, field)| match field {
            Some(field) => code(&format!("{address}/{}", field.name)),
            None => code(address),
        });
        item(&whats.collect::<Vec<_>>().join(", "), &it.rule, it.at.as_ref(), &[])
    };
    fold(false, "Ignored by rules", &format!("\n{}", all.iter().map(rule).collect::<String>()))
}

/// Projects without a document.
fn without_document(listing: &Listing) -> String {
    let point = |it: &Listed| {
        let facts: Vec<String> = it.facts.iter().map(|fact| code(fact)).collect();
        format!("- {} {}\n", code(&it.name), facts.join(", "))
    };
    let points: String = listing.items.iter().map(point).collect();
    format!("\nProjects of {} without a document:\n\n{points}", code(&listing.sum))
}

/// Whether all is said of it in a few words.
fn is_plain(run: &Run) -> bool {
    run.went_well && run.problems.is_empty()
}

/// How much was done in a project.
fn end(run: &Run) -> String {
    let done = run.steps.iter().filter(|step| step.tone == Tone::Good).count();
    format!("{done} of {} done", count(run.steps.len(), "call"))
}

/// What was done in a project: all steps, those that are not done, or none.
fn run(run: &Run, rung: Rung) -> String {
    let is_shown = |tone: Tone| match rung {
        Rung::Whole | Rung::Unplaced | Rung::Folded | Rung::Counts => true,
        Rung::Resources => tone != Tone::Good,
        Rung::Projects | Rung::Sets => false,
    };
    let mut lines = vec![];
    for step in run.steps.iter().filter(|step| is_shown(step.tone)) {
        let sign = match step.tone {
            Tone::Good => '+',
            Tone::Bad => '-',
            Tone::Doubtful | Tone::Idle | Tone::Neutral => '!',
        };
        lines.push(format!("{sign} {:<8} {}  {}", step.outcome, step.subject, step.request));
        lines.extend(step.notes.iter().map(|note| format!("           {note}")));
    }
    let mut text = String::new();
    if !lines.is_empty() {
        text.push_str(&format!("\n{}", fence("diff", &lines)));
    }
    if !run.problems.is_empty() {
        text.push_str(&format!("\n{}", points(&run.problems, rung)));
    }
    fold(!run.went_well, &format!("{}: {}", html_code(&run.name), end(run)), &text)
}

/// Findings as Markdown of at most `limit` characters: as many as fit, and the number of the others.
#[must_use]
pub fn findings_markdown(document: &Document, limit: usize) -> String {
    let more = |left: usize| format!("\nand {left} more\n");
    let mut text = format!("{}\n", head(document));
    let mut length = text.chars().count();
    let all = document.blocks.iter().filter_map(|block| if let Block::Points(all) = block { Some(all) } else { None });
    let all: Vec<&Point> = all.flatten().collect();
    for (index, it) in all.iter().enumerate() {
        let (one, left) = (point(it), all.len() - index);
        length += one.chars().count();
        if length + more(left).chars().count() > limit {
            text.push_str(&more(left));
            break;
        }
        text.push_str(&one);
    }
    text
}
