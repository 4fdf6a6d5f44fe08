//! A document as text for a terminal: the verdict is last, where the eye is when the command ends.

use super::changes::{self, place};
use super::styled::{Line, Role, StyledText};
use super::{drift, obstacles, sides};
use crate::view::Detail;
use crate::view::document::{
    Against, Block, Document, Happens, Ignored, Inline, Label, Listing, ListingOf, Point, Projects, Run, Section, Tone,
    Topic, Verdict,
};

/// A document as text.
pub fn text(document: &Document, detail: Detail) -> StyledText {
    let Document { topic, stack: _, links: _, title, verdict, blocks } = document;
    let mut out = StyledText::new();
    // What has nothing to show is told in one line.
    if let Some(title) = title.as_ref().filter(|_| blocks.iter().any(|block| !matches!(block, Block::Listing(_)))) {
        let line = Line::of(Role::Heading, &title.what);
        out.push(line.at(Some(format!("Target: {}", title.target)).filter(|_| !title.target.is_empty())));
    }
    if *topic == Topic::Findings && blocks.iter().any(|block| !block.is_empty()) {
        out.push(Line::new());
    }
    let mut was_listing = false;
    // Of drift, each consequence stands with its change; what went wrong in a run is told at its end, as errors are.
    let is_shown = |block: &&Block| match topic {
        Topic::Drift => !matches!(block, Block::Risks(_)),
        Topic::Report => !matches!(block, Block::Obstacles(_)),
        Topic::Plan | Topic::Findings | Topic::Comparison | Topic::Revisions | Topic::Status => true,
    };
    for block in blocks.iter().filter(is_shown) {
        let is_listing = matches!(block, Block::Listing(_));
        if is_listing && !was_listing {
            out.gap();
        }
        was_listing = is_listing;
        push(block, detail, &mut out);
    }
    // Findings end with their number instead of a verdict.
    if *topic != Topic::Findings {
        out.gap();
        out.push(verdict_line(verdict));
    }
    out
}

fn push(block: &Block, detail: Detail, out: &mut StyledText) {
    match block {
        Block::Headline(head, rest) => out.push(Line::of(Role::Heading, head).plain(rest)),
        Block::Sides(sides) => sides::sides(sides, detail, out),
        Block::Among(among) => sides::among(among, detail, out),
        // The terminal has a table of its own for states; calls are told while they are made.
        Block::States(_) | Block::Steps(_) => {}
        Block::Deviations(all) => drift::deviations(all, detail, out),
        Block::Ways(all) => drift::ways(all, out),
        Block::Review(all) => {
            out.gap();
            review(all, " ", out);
        }
        Block::Against(against) => self::against(against, detail, out),
        Block::Obstacles(all) => obstacles::obstacles(all, detail, out),
        Block::Risks(risks) => obstacles::risks(risks, detail, out),
        Block::Shared(shared) => changes::shared(shared, detail, out),
        Block::ByProject(block) => changes::by_project(block, detail, out),
        Block::Section(section) => self::section(section, detail, out),
        Block::Changes(resources) => changes::resources(resources, detail, out),
        Block::SentAlong(all) => {
            for (section, names) in all {
                out.push(Line::of(Role::Dim, format!("       {section} also sends: {}", names.join(", "))));
            }
        }
        Block::Points(all) => points(all, "", detail, out),
        Block::Ignored(all) => ignored(all, detail, out),
        Block::Listing(listing) => self::listing(listing, detail, out),
        Block::Run(run) => steps(run, out),
    }
}

/// The verdict as a line, with the facts of less weight behind it.
pub(in crate::view) fn verdict_line(verdict: &Verdict) -> Line {
    let role = match verdict.tone {
        Tone::Neutral => Role::Heading,
        Tone::Good => Role::Good,
        Tone::Doubtful => Role::Risk,
        Tone::Bad => Role::Bad,
        Tone::Idle => Role::Dim,
    };
    let more = [Inline::Words(" · ".to_owned())];
    let more = more.iter().filter(|_| !verdict.more.0.is_empty()).chain(&verdict.more.0);
    let rest = verdict.rest.0.iter().chain(more);
    rest.fold(Line::of(role, &verdict.head), |line, part| match part {
        Inline::Words(text) | Inline::Name(text) | Inline::Sentence(text) => line.plain(text),
    })
}

fn review(all: &[(Option<String>, String)], indent: &str, out: &mut StyledText) {
    for (project, what) in all {
        let who = project.as_ref().map_or(String::new(), |project| format!("{project} "));
        out.push(Line::of(Role::Risk, format!("{indent}! {who}{what}")));
    }
}

fn against(against: &Against, detail: Detail, out: &mut StyledText) {
    let Against { revision, commit, counts, released } = against;
    out.gap();
    for it in released {
        let stays = it.stays.as_ref().map_or(String::new(), |stays| format!(", stays {}", detail.cut(stays)));
        let who = match &it.projects {
            Projects::Named(names) if names.len() == 1 => names.concat(),
            many @ (Projects::All(_) | Projects::Label(..) | Projects::Named(_)) => many.text(detail.full),
        };
        out.push(Line::of(Role::Dim, format!("  ○ {}  no longer managed{stays} · {who}", it.place)));
    }
    out.push(Line::of(Role::Heading, format!("Against {revision} ({commit}): ")).plain(counts));
}

fn section(section: &Section, detail: Detail, out: &mut StyledText) {
    if !section.is_told(detail.full) {
        return;
    }
    out.gap();
    let facts = section.facts.join(" · ");
    out.push(match section.happens {
        Happens::Changed if facts.is_empty() => Line::of(Role::Heading, format!(" {}", section.name)),
        Happens::Changed => Line::of(Role::Heading, format!(" {}", section.name)).then(Role::Dim, format!("  {facts}")),
        happens @ (Happens::Added | Happens::Removed) => {
            let (role, mark) = changes::sign(happens);
            Line::of(role, format!(" {mark} {}", section.name)).plain(format!("  {facts}"))
        }
    });
    for block in &section.blocks {
        match block {
            Block::Review(all) => {
                out.gap();
                review(all, "   ", out);
            }
            Block::Points(all) => points(all, "   ", detail, out),
            other @ (Block::Headline(..)
            | Block::Sides(_)
            | Block::Among(_)
            | Block::States(_)
            | Block::Steps(_)
            | Block::Deviations(_)
            | Block::Ways(_)
            | Block::Obstacles(_)
            | Block::Risks(_)
            | Block::Against(_)
            | Block::Shared(_)
            | Block::ByProject(_)
            | Block::Section(_)
            | Block::Changes(_)
            | Block::SentAlong(_)
            | Block::Ignored(_)
            | Block::Listing(_)
            | Block::Run(_)) => push(other, detail, out),
        }
    }
}

/// Refusals, failures and notes. What forbids something stands alone; notes are together.
pub(super) fn points(all: &[Point], indent: &str, detail: Detail, out: &mut StyledText) {
    let mut last = None;
    for Point { label, code, subject, message, projects, at, hints } in all {
        if *label != Label::Note || last != Some(Label::Note) {
            out.gap();
        }
        last = Some(*label);
        let role = match label {
            Label::Refused
            | Label::HeldBack
            | Label::NotPlanned
            | Label::NotCompared
            | Label::Problem
            | Label::Error => Role::Bad,
            Label::Allowed | Label::Awaited | Label::Warning => Role::Risk,
            Label::Note => Role::Dim,
        };
        let subject = subject.as_ref().map_or(String::new(), |subject| format!("{subject}: "));
        let who = projects.as_ref().map_or(String::new(), |projects| format!(" · {}", projects.text(detail.full)));
        // An allowed change needs no more explanation.
        let explained = *label != Label::Allowed;
        let code = match code {
            Some(code) if matches!(label, Label::Error | Label::Warning) => format!("[{code}]"),
            Some(code) if explained => format!(" [{code}]"),
            _ => String::new(),
        };
        let line = Line::of(role, format!("{indent}{}{code}: ", label.word()));
        let line = line.plain(format!("{subject}{message}{who}"));
        out.push(line.at(place(at.as_ref(), None).filter(|_| explained)));
        for hint in hints.iter().filter(|_| explained) {
            out.push(Line::new().plain(format!("{indent}    {hint}")));
        }
    }
}

/// Differences that rules leave alone, below each rule.
fn ignored(all: &[Ignored], detail: Detail, out: &mut StyledText) {
    for Ignored { rule, at, all } in all.iter().filter(|_| detail.full) {
        out.gap();
        out.push(Line::of(Role::Dim, "Ignored: ").plain(rule).at(place(at.as_ref(), None)));
        for (address, happens, field) in all {
            changes::ignored(address, *happens, field.as_ref(), detail, out);
        }
    }
}

fn listing(listing: &Listing, detail: Detail, out: &mut StyledText) {
    let Listing { of, sum, items } = listing;
    match of {
        ListingOf::WithoutDocument => {
            out.gap();
            out.push(Line::of(Role::Heading, "Without a document").plain(format!(", in {sum}:")));
            for it in items {
                let start = Line::new().plain(format!("  {}", it.name)).pad(30);
                out.push(start.plain(it.facts.join("  ")));
            }
        }
        // With `--full`, this is shown with each project.
        ListingOf::NotManaged if detail.full => {}
        ListingOf::NotManaged => out.push(Line::of(Role::Dim, format!(" Not managed: {sum}"))),
        ListingOf::NotCompared => {
            out.push(Line::of(Role::Dim, format!(" Not compared: {sum}")));
            for it in items.iter().filter(|_| detail.full) {
                let line = Line::of(Role::Dim, format!("   {}", it.name)).plain(format!("  {}", it.facts.join(", ")));
                out.push(line.at(place(it.at.as_ref(), None)));
            }
        }
        ListingOf::NotManagedHere if !detail.full => {}
        ListingOf::NotManagedHere => {
            if !sum.is_empty() {
                out.gap();
                out.push(Line::of(Role::Dim, format!("   Not managed: {sum}")));
            }
            if !items.is_empty() {
                out.push(Line::of(Role::Dim, "   Not managed, and not as on an untouched project:"));
            }
            let width = items.iter().map(|it| it.name.len()).max().unwrap_or_default() + 9;
            for it in items {
                let name = Line::new().plain(format!("       {}", it.name)).pad(width);
                let facts = it.facts.iter().enumerate().map(|(index, fact)| match index {
                    0 => Line::new().plain(detail.cut(fact)),
                    _ => Line::of(Role::Dim, format!("  {}", detail.cut(fact))),
                });
                out.push(facts.fold(name, Line::append));
            }
        }
    }
}

/// The steps of a run.
fn steps(run: &Run, out: &mut StyledText) {
    for step in &run.steps {
        let (mark, role) = match step.tone {
            Tone::Good => ("✓", Role::Good),
            Tone::Idle | Tone::Neutral => ("·", Role::Dim),
            Tone::Bad => ("✗", Role::Bad),
            Tone::Doubtful => ("?", Role::Risk),
        };
        let line = Line::of(role, format!("  {mark} {}", step.outcome)).pad(13);
        out.push(line.plain(&step.subject).pad(48).then(Role::Dim, &step.request));
        for note in &step.notes {
            out.push(Line::new().plain(" ".repeat(13)).then(Role::Dim, note));
        }
    }
}
