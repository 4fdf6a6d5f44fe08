//! A document as Markdown: within a limit, risks first.
//!
//! What does not fit is shown with less detail, rung by rung ([`RUNGS`]); what destroys, locks out or endangers is shown on
//! each rung.

use super::changes::{self, Rung};
use super::drift;
use super::escape::{code, fence, fold, html_code, opening, prose};
use super::sets::Sets;
use crate::record::Place;
use crate::schema::Impact;
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{
    Against, Block, Document, Ignored, Inline, Label, Listed, Listing, ListingOf, Phrase, Point, Projects, Risks, Run,
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
const RUNGS: [Rung; 6] = [Rung::Whole, Rung::Folded, Rung::Counts, Rung::Resources, Rung::Projects, Rung::Sets];

/// The most projects that are open at first.
const OPEN: usize = 3;

/// A document as Markdown of at most `limit` characters.
///
/// # Errors
/// When even the risks exceed the limit.
pub fn markdown(document: &Document, detail: Detail, limit: usize) -> Result<Fitting, TooLong> {
    if document.topic == Topic::Findings {
        return Ok(Fitting { text: findings_markdown(document, limit), is_whole: true, hides_risk: false });
    }
    let from = if detail.brief { Rung::Resources } else { Rung::Whole };
    let mut needs = 0;
    for rung in RUNGS.into_iter().filter(|rung| *rung >= from) {
        let mut page =
            Page { text: String::new(), length: 0, most: if rung == Rung::Sets { usize::MAX } else { limit } };
        page.fill(document, rung, detail);
        needs = page.length;
        if needs <= limit {
            let is_whole = rung <= Rung::Folded || !changes_something(document);
            let hides_risk = rung >= Rung::Projects && endangers(&document.blocks);
            return Ok(Fitting { text: page.text, is_whole, hides_risk });
        }
    }
    Err(TooLong { needs, limit })
}

fn sections(document: &Document) -> impl Iterator<Item = &Section> {
    document.blocks.iter().filter_map(|block| if let Block::Section(section) = block { Some(section) } else { None })
}

fn changes_something(document: &Document) -> bool {
    sections(document).any(|section| !section.outline.is_empty())
}

/// Whether a change of these blocks destroys, locks out or weakens.
fn endangers(blocks: &[Block]) -> bool {
    let grave = |impact| matches!(impact, Impact::Destructive | Impact::LockOut | Impact::Security);
    blocks.iter().any(|block| match block {
        Block::Shared(shared) => shared.fields.iter().flat_map(|field| &field.risks).any(|harm| grave(harm.impact)),
        Block::ByProject(block) => block.risks.iter().any(|harm| grave(harm.impact)),
        Block::Section(section) => endangers(&section.blocks),
        Block::Changes(resources) => {
            let fields = resources.iter().flat_map(|resource| &resource.fields);
            fields.flat_map(|field| &field.risks).any(|harm| grave(harm.impact))
        }
        Block::Deviations(all) => all.iter().flat_map(|it| &it.risks).any(|harm| grave(harm.impact)),
        Block::Headline(..)
        | Block::Sides(_)
        | Block::Ways(_)
        | Block::Review(_)
        | Block::Against(_)
        | Block::Risks(_)
        | Block::SentAlong(_)
        | Block::Points(_)
        | Block::Ignored(_)
        | Block::Listing(_)
        | Block::Run(_) => false,
    })
}

/// The marker by which comments are found, and the verdict.
fn head(document: &Document) -> String {
    let Document { topic, verdict, blocks: _ } = document;
    format!("<!-- supaform:{} -->\n**{}**{}\n", topic.name(), verdict.head, verdict.rest.text(code))
}

/// A page that is written until it is too long.
struct Page {
    text: String,
    /// Its characters.
    length: usize,
    /// Where it is too long.
    most: usize,
}

impl Page {
    fn push(&mut self, text: &str) {
        self.length += text.chars().count();
        self.text.push_str(text);
    }

    /// Writes a document; what is too long is not written to its end.
    fn fill(&mut self, document: &Document, rung: Rung, detail: Detail) {
        self.push(&head(document));
        let told: Vec<&Section> =
            sections(document).filter(|it| !it.outline.is_empty() || it.is_told(detail.full)).collect();
        let open = told.len() <= OPEN;
        let sets = Sets::of(document);
        for block in &document.blocks {
            if self.length > self.most {
                return;
            }
            self.push(&match block {
                Block::Review(all) => review(all),
                Block::Against(against) => self::against(against, rung),
                Block::Headline(head, rest) if document.topic == Topic::Comparison => {
                    format!("\n{}{rest}\n", code(head))
                }
                Block::Headline(..) => String::new(),
                Block::Risks(risks) => self::risks(risks, (rung == Rung::Sets).then_some(&sets)),
                Block::Deviations(all) => drift::deviations(all, rung, detail),
                Block::Ways(all) => drift::ways(all),
                Block::Run(run) if rung < Rung::Sets || !is_plain(run) => self::run(run, rung),
                _ if rung >= Rung::Projects => String::new(),
                Block::Sides(_) => listed(block),
                Block::Shared(shared) => changes::shared(shared, rung, detail),
                Block::ByProject(block) => changes::by_project(block, rung, detail),
                Block::Section(section) if section.is_told(detail.full) => self::section(section, open, rung, detail),
                Block::Listing(listing) if listing.of != ListingOf::WithoutDocument => sum(listing, detail),
                _ if rung >= Rung::Resources => String::new(),
                Block::Points(all) => format!("\n{}", points(all, rung)),
                Block::Ignored(all) => ignored(all),
                Block::Listing(listing) => without_document(listing),
                Block::Section(_) | Block::Changes(_) | Block::SentAlong(_) | Block::Run(_) => String::new(),
            });
        }
        if document.topic == Topic::Plan {
            let lines = told.into_iter().map(|section| (section.name.as_str(), line(section)));
            match rung {
                Rung::Projects => self.push(&format!(
                    "\n{}",
                    lines.map(|(name, does)| format!("- {}: {does}\n", code(name))).collect::<String>()
                )),
                Rung::Sets => self.push(&format!("\n{}", sets.lines(lines))),
                Rung::Whole | Rung::Folded | Rung::Counts | Rung::Resources => {}
            }
            self.push(rung.leaves_out());
        }
        if rung == Rung::Sets {
            let done = document.blocks.iter().filter_map(|it| if let Block::Run(run) = it { Some(run) } else { None });
            let plain = done.filter(|run| is_plain(run)).map(|run| (run.name.as_str(), end(run)));
            let lines = sets.lines(plain);
            self.push(&if lines.is_empty() { lines } else { format!("\n{lines}") });
        }
    }
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
    format!("\n> [!CAUTION]\n{}", all.iter().map(line).collect::<String>())
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

/// One line for each kind of harm and reason, with all that causes it: on every rung.
fn risks(risks: &Risks, sets: Option<&Sets<'_>>) -> String {
    let grave = risks.risks.iter().any(|risk| matches!(risk.impact, Impact::Destructive | Impact::LockOut));
    let mut text = format!("\n> [!{}]\n", if grave { "CAUTION" } else { "WARNING" });
    let list = |names: &[String]| match (names.len(), sets) {
        (many, _) if many > OPEN && many == risks.of => format!("all {many} projects"),
        (_, Some(sets)) => sets.called(&names.iter().map(String::as_str).collect::<Vec<_>>()),
        (_, None) => names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", "),
    };
    for risk in &risks.risks {
        let places = risk.causes.iter().map(|(what, projects)| format!("{} in {}", code(what), list(projects)));
        text.push_str(&format!("> - {}: {}\n", opening(&risk.why), places.collect::<Vec<_>>().join("; ")));
    }
    text
}

/// The refusal or failure that stops a project, if there is one.
fn obstacle(section: &Section) -> Option<&Point> {
    section.points().find(|point| matches!(point.label, Label::HeldBack | Label::NotPlanned))
}

/// What there is to say of a project in a few words.
fn line(section: &Section) -> String {
    let refused = match section.points().filter(|point| matches!(point.label, Label::Refused | Label::Allowed)).count()
    {
        0 => String::new(),
        many => format!("; {many} refused"),
    };
    let does = match obstacle(section) {
        Some(it) => format!("{}, {}", it.label.word().to_lowercase(), code(it.code.as_deref().unwrap_or_default())),
        None => section.counts.clone(),
    };
    format!("{does}{refused}")
}

/// The section of one project.
fn section(section: &Section, open: bool, rung: Rung, detail: Detail) -> String {
    let facts: Vec<String> = section.facts.iter().map(|fact| html_code(fact)).collect();
    let does = if obstacle(section).is_some() { "not planned" } else { &section.counts };
    let (mut text, mut items) = (String::new(), String::new());
    for block in &section.blocks {
        match block {
            Block::Review(all) => text.push_str(&review(all)),
            Block::Changes(resources) => text.push_str(&changes::resources(resources, rung, detail)),
            Block::SentAlong(all) if rung < Rung::Resources => {
                for (section, names) in all {
                    let names: Vec<String> = names.iter().map(|name| code(name)).collect();
                    items.push_str(&format!("- {} also sends {}\n", code(section), names.join(", ")));
                }
            }
            Block::Points(all) => items.push_str(&points(all, rung)),
            Block::Headline(..)
            | Block::Sides(_)
            | Block::Deviations(_)
            | Block::Ways(_)
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
    fold(open, &format!("{}{facts}: {does}", html_code(&section.name)), &text)
}

/// The summary, and with `--full` the entries in a fold.
fn sum(listing: &Listing, detail: Detail) -> String {
    let (head, point): (_, fn(&Listed) -> String) = match listing.of {
        ListingOf::NotManaged => ("Not managed", |it| prose(&it.facts.join(", "))),
        ListingOf::NotCompared => ("Not compared", |it| it.facts.iter().map(|fact| code(fact)).collect()),
        ListingOf::WithoutDocument | ListingOf::NotManagedHere => return String::new(),
    };
    if !detail.full {
        return format!("\n{head}: {}\n", prose(&listing.sum));
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
        Rung::Whole | Rung::Folded | Rung::Counts => true,
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
