//! Diagnostics with their lines and carets.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Origin, Renderer, Snippet};

use super::escape::{escape, escape_lines};
use crate::diag::{Code, Diagnostic, Fix, Label, Severity, Sources, Span};

/// How many characters of a long line are shown before and after the first caret.
const AROUND: usize = 1000;

/// Renders findings for people, with a last line that counts them.
#[must_use]
pub fn human(findings: &[&Diagnostic], sources: &Sources, colour: bool, width: usize) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    let all: Vec<String> = findings.iter().map(|found| one(found, sources, &renderer)).collect();
    format!("{}\n\n{}\n", all.join("\n\n"), count(findings))
}

fn one(found: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut elements: Vec<Element<'_>> = vec![];
    let shown: &[Label] = if found.private { &[] } else { &found.labels };
    for line in lines_of(shown, sources) {
        elements.push(line.into());
    }
    if found.private {
        elements.extend(found.labels.iter().map(|label| place(label.span, sources).into()));
    }
    let hints = found.hints.iter().map(|hint| Level::HELP.message(escape_lines(hint).into_owned()).into());
    elements.extend(hints);
    if let Some(fix) = found.fix.as_ref().filter(|_| !found.private) {
        elements.push(Level::HELP.message(format!("write: {}", escape(&mended(fix, sources)))).into());
    }
    let title = level.primary_title(escape(&found.message).into_owned()).id(found.code.id());
    renderer.render(&[title.elements(elements)])
}

/// A place without its line.
fn place(span: Span, sources: &Sources) -> Origin<'static> {
    let position = sources.position(span);
    let path = escape(&sources.get(span.source).path).into_owned();
    Origin::path(path).line(position.line).char_column(position.column)
}

/// One snippet for each line that labels are on, the main line first.
fn lines_of(labels: &[Label], sources: &Sources) -> Vec<Snippet<'static, Annotation<'static>>> {
    let mut lines: Vec<(Line, Vec<Annotation<'static>>)> = vec![];
    for (index, label) in labels.iter().enumerate() {
        let line = Line::of(label.span, sources);
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotate = |line: &Line| {
            let annotation = kind.span(line.range(label.span));
            if label.text.is_empty() { annotation } else { annotation.label(escape(&label.text).into_owned()) }
        };
        if let Some((known, annotations)) = lines.iter_mut().find(|(known, _)| known.is_same(&line)) {
            annotations.push(annotate(known));
        } else {
            let annotation = annotate(&line);
            lines.push((line, vec![annotation]));
        }
    }
    let snippet = |(line, annotations): (Line, Vec<Annotation<'static>>)| {
        Snippet::source(line.text).path(line.path).line_start(line.number).fold(false).annotations(annotations)
    };
    lines.into_iter().map(snippet).collect()
}

/// A line of a source, made safe and cut around where it matters.
struct Line {
    path: String,
    number: usize,
    text: String,
    /// For each byte of the cut original: where it is in `text`; and one more for its end.
    offsets: Vec<usize>,
    /// The first byte of the original that is shown.
    start: usize,
}

impl Line {
    fn of(span: Span, sources: &Sources) -> Self {
        let source = sources.get(span.source);
        let at = (span.start as usize).min(source.text.len());
        let before = source.text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = source.text.get(start..).unwrap_or_default();
        let whole = rest.lines().next().unwrap_or_default();
        let skip = whole
            .get(..at - start)
            .map_or(0, |head| head.char_indices().rev().nth(AROUND).map_or(0, |(index, _)| index));
        let mut line = Self {
            path: escape(&source.path).into_owned(),
            number: sources.position(span).line,
            text: String::new(),
            offsets: vec![],
            start: start + skip,
        };
        for c in whole.get(skip..).unwrap_or_default().chars().take(2 * AROUND) {
            line.offsets.extend(std::iter::repeat_n(line.text.len(), c.len_utf8()));
            line.text.push_str(&escape(c.encode_utf8(&mut [0; 4])));
        }
        line.offsets.push(line.text.len());
        line
    }

    fn is_same(&self, other: &Self) -> bool {
        self.path == other.path && self.number == other.number
    }

    /// Where a span is in the shown text; at least one column wide.
    fn range(&self, span: Span) -> std::ops::Range<usize> {
        let place = |at: u32| {
            let index = (at as usize).saturating_sub(self.start).min(self.offsets.len() - 1);
            self.offsets[index]
        };
        let (start, end) = (place(span.start), place(span.end));
        start..end.max(start)
    }
}

/// The first line that a fix touches, as it should be.
fn mended(fix: &Fix, sources: &Sources) -> String {
    let text = &sources.get(fix.span.source).text;
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    let before = text.get(..start).unwrap_or_default();
    let head = before.rsplit('\n').next().unwrap_or_default();
    let tail = text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
    format!("{}{}{tail}", head.trim_start(), fix.replacement)
}

fn count(findings: &[&Diagnostic]) -> String {
    let of = |severity| findings.iter().filter(|found| found.severity == severity).count();
    let say =
        |many: usize, noun: &str| (many > 0).then(|| format!("{many} {noun}{}", if many == 1 { "" } else { "s" }));
    let parts = [say(of(Severity::Error), "error"), say(of(Severity::Warning), "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a code means, for `supaform explain`.
#[must_use]
pub fn explain(code: Code) -> String {
    let info = code.info();
    let mut text = format!("{}: {}\n\n{}\n", info.id, info.title, wrap(info.explanation, 96));
    if !info.example.is_empty() {
        text.push_str("\nFor example:\n\n");
        text.extend(info.example.lines().map(|line| format!("    {line}\n")));
    }
    text
}

/// Text in lines of at most `width` characters.
#[must_use]
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a first line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes::plan;

    #[test]
    fn a_zoo_of_diagnostics() {
        let mut sources = Sources::new();
        let id = sources.add("projects/acme.yaml", "project: acme\nauth:\n  jwt_exp: 1h\n  jwt_exp: \u{1b}[2J2h\n");
        let span = |start, end| Span::new(id, start, end);
        let long = sources.add("a\nb.yaml", format!("{}target{}", "x".repeat(3000), "y".repeat(3000)));
        let zoo = [
            Diagnostic::error(plan::NEEDS_ALLOW, span(36, 43), "`jwt_exp` is written twice")
                .label(span(22, 29), "first here")
                .here("and here")
                .hint("Take one of them out."),
            Diagnostic::warning(plan::PROTECTED, span(31, 33), "a fix").fix(span(31, 33), "\"1h\""),
            Diagnostic::error(plan::PROJECT_GONE, span(45, 52), "a secret of \u{202e}somebody").private(),
            Diagnostic::error(plan::PROJECT_GONE, Span::new(long, 3000, 3006), "in a long line").here("this"),
            Diagnostic::new(plan::PROJECT_PAUSED, Severity::Error, "without a place"),
        ];
        let zoo: Vec<&Diagnostic> = zoo.iter().collect();
        insta::assert_snapshot!(human(&zoo, &sources, false, 120));
        assert!(!human(&zoo, &sources, false, 120).contains('\u{1b}'));
    }
}
