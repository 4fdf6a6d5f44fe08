//! Diagnostics for people: the line, carets under the place, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr as _;

use super::excerpt::{Excerpt, line_end};
use super::{escape, escape_lines, printable_lines, printable_path, summary, whole_words};
use crate::diag::{Diagnostic, Fix, Label, Severity, Sources, Span};

/// The most findings that are shown; the rest is counted. Nobody reads further, and the first may cause the rest.
const SHOWN: usize = 100;
/// The most columns before a hint: the line number, its rule and `= help: `.
const HINT_ROOM: usize = 16;
/// The most lines between two places that are shown together.
const NEAR: usize = 2;

/// All findings and how many they are, ready to print.
#[must_use]
pub fn human(found: &[&Diagnostic], sources: &Sources, colour: bool, width: usize) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width.max(40));
    let concealed: Vec<Span> = found.iter().flat_map(|finding| finding.concealed.iter().copied()).collect();
    let pages = found.iter().take(SHOWN).map(|finding| {
        let text = renderer.render(&groups(finding, sources, &concealed, width));
        format!("{}\n\n", without_double_rules(text.trim_end()))
    });
    let more = found.len().checked_sub(SHOWN + 1).map(|rest| format!("and {} more that are not shown\n", rest + 1));
    let summary = summary(found).map(|summary| format!("{summary}\n"));
    pages.chain(more).chain(summary).collect()
}

/// The renderer takes line and column of a snippet from the text that it is given. Our text may be cut and escaped, so the
/// place is printed on its own and the snippet follows in a group without one.
fn groups<'a>(finding: &'a Diagnostic, sources: &'a Sources, concealed: &[Span], width: usize) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    // `error[E0301]: `; what goes on below stands under the message.
    let title = wrapped(&escape(&finding.message), width.saturating_sub(level_width(finding)));
    let title = level.clone().primary_title(title).id(finding.code.id());
    let mut groups = vec![Group::with_title(title)];
    for (index, cluster) in clusters(&finding.labels, sources).into_iter().enumerate() {
        let first = cluster[0].span;
        let place = sources.position(first);
        let path = printable_path(&sources.get(first.source).path);
        let origin = Origin::path(path).line(place.line).char_column(place.column);
        // Each place is a group of its own: the renderer would mark a second place with `:::`, and CI systems heed such
        // lines.
        let head = if index == 0 { groups.pop() } else { None };
        groups.push(head.unwrap_or_else(|| Group::with_level(level.clone())).element(origin));
        if !finding.private {
            groups.push(Group::with_level(level.clone()).element(snippet(&cluster, finding, sources, concealed)));
        }
    }
    let room = width.saturating_sub(HINT_ROOM);
    let hints = finding.hints.iter().map(|hint| Level::HELP.message(wrapped(&printable_lines(hint), room)));
    let last = groups.pop().unwrap_or_else(|| Group::with_level(level));
    groups.push(last.elements(hints));
    groups.extend(finding.fix.as_ref().and_then(|fix| suggestion(fix, sources, concealed)));
    groups
}

/// What stands before the message: `warning[E0301]: `.
fn level_width(finding: &Diagnostic) -> usize {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    word.len() + finding.code.id().len() + "[]: ".len()
}

/// The same text in lines of at most `room` columns, no word broken, nor what stands in back quotes.
fn wrapped(text: &str, room: usize) -> String {
    let line = |line: &str| {
        let (mut out, mut used) = (String::new(), 0);
        for (index, word) in whole_words(line).into_iter().enumerate() {
            let width = word.width();
            let breaks = used > 0 && used + 1 + width > room;
            if index > 0 {
                out.push(if breaks { '\n' } else { ' ' });
            }
            used = if breaks || index == 0 { width } else { used + 1 + width };
            out.push_str(word);
        }
        out
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The labels by source and nearness, the main one's cluster first and the main one first in it.
fn clusters<'a>(labels: &'a [Label], sources: &Sources) -> Vec<Vec<&'a Label>> {
    let mut clusters: Vec<(usize, usize, Vec<&Label>)> = vec![];
    for label in labels {
        let line = sources.position(label.span).line;
        let near = clusters.iter_mut().find(|(first, last, members)| {
            members[0].span.source == label.span.source && line + NEAR >= *first && line <= *last + NEAR
        });
        match near {
            Some((first, last, members)) => {
                (*first, *last) = (line.min(*first), line.max(*last));
                members.push(label);
            }
            None => clusters.push((line, line, vec![label])),
        }
    }
    clusters.into_iter().map(|(_, _, members)| members).collect()
}

fn snippet<'a>(
    cluster: &[&'a Label],
    finding: &Diagnostic,
    sources: &Sources,
    concealed: &[Span],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut spans: Vec<Span> = cluster.iter().map(|label| label.span).collect();
    spans.sort_unstable();
    let focus: Vec<usize> = spans.iter().map(|span| span.start as usize).collect();
    let last = focus.last().copied().unwrap_or_default();
    let excerpt = Excerpt::new(sources, spans[0], last, &focus, concealed);
    let annotations: Vec<_> = cluster
        .iter()
        .map(|label| {
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            // Of a place of several lines only the first line is shown.
            let end = end.min(line_end(&sources.get(label.span.source).text, start));
            let main = finding.labels.first().is_some_and(|first| std::ptr::eq(first, *label));
            let kind = if main { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(excerpt.range(start, end));
            if label.text.is_empty() { annotation } else { annotation.label(escape(&label.text)) }
        })
        .collect();
    Snippet::source(excerpt.text).line_start(excerpt.first_line).annotations(annotations)
}

/// The fix as a change of lines; nothing where the lines cannot be shown as they are.
fn suggestion<'a>(fix: &'a Fix, sources: &Sources, concealed: &[Span]) -> Option<Group<'a>> {
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    let excerpt = Excerpt::new(sources, fix.span, end, &[start], concealed);
    excerpt.faithful.then(|| {
        let patch = Patch::new(excerpt.range(start, end), escape_lines(&fix.replacement));
        let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line).patch(patch);
        Level::HELP.secondary_title("write it like this").element(snippet)
    })
}

/// Groups bring their own margin lines; where two follow each other, one is dropped.
fn without_double_rules(text: &str) -> String {
    let mut kept: Vec<&str> = vec![];
    let mut after_rule = false;
    for line in text.lines() {
        let rule = strip_str(line).to_string().trim() == "|";
        if !(rule && after_rule) {
            kept.push(line);
        }
        after_rule = rule;
    }
    kept.join("\n")
}
