//! Removes from findings the hidden texts at the places that they are about.

use super::{Diagnostic, Diagnostics, Sources, Span};

/// Replaces a hidden text.
pub(super) const MASK: &str = "‹hidden›";

/// Words of the manifest language; they reveal nothing.
const OURS: [&str; 8] = ["secret", "env", "file", "exec", "plain", "append", "remove", "unmanaged"];

/// The shortest hidden text that is searched for: a shorter one occurs in many texts by chance.
const LEAST: usize = 3;

/// The most hidden texts of a line that are searched for. Where a line hides more, its finding says what is wrong and
/// nothing of the line.
const MOST: usize = 100;

impl Diagnostics {
    /// Removes from messages, hints and fixes what is hidden on the lines that a finding is about. Excerpts are masked
    /// where they are made.
    pub fn redact(&mut self, sources: &Sources) {
        for found in &mut self.list {
            let spans = found.labels.iter().map(|label| label.span).chain(found.fix.as_ref().map(|fix| fix.span));
            let hidden = spans.flat_map(|span| sources.hidden_on_lines_of(span)).map(|span| sources.slice(span));
            let hidden: Vec<&str> = hidden.take(MOST + 1).collect();
            if hidden.len() > MOST {
                silence(found);
            } else if !hidden.is_empty() {
                redact(found, &hidden, sources);
            }
        }
    }
}

/// Replaces the message with the code's title.
fn silence(found: &mut Diagnostic) {
    found.code.info().title.clone_into(&mut found.message);
    found.labels.iter_mut().for_each(|label| label.text.clear());
    found.hints =
        vec!["Write each entry on a line of its own: nothing more is shown of a line that hides so much.".to_owned()];
    found.fix = None;
}

fn redact(found: &mut Diagnostic, hidden: &[&str], sources: &Sources) {
    let clean = |text: &mut String| {
        let masked = without(text, hidden);
        if masked != *text {
            *text = masked;
        }
    };
    clean(&mut found.message);
    found.hints.iter_mut().for_each(clean);
    found.labels.iter_mut().for_each(|label| clean(&mut label.text));
    let touches = |span: Span| sources.hidden_on_lines_of(span).any(|it| it.start < span.end && span.start < it.end);
    if found.fix.as_ref().is_some_and(|fix| touches(fix.span) || without(&fix.replacement, hidden) != fix.replacement) {
        found.fix = None;
    }
}

/// The text without what is hidden: as a whole anywhere, and in part where it is quoted.
fn without(text: &str, hidden: &[&str]) -> String {
    let sign = |c: char| !c.is_alphanumeric();
    let mut clean = text.to_owned();
    let odd = |text: &&str| words(text).next().is_some() || text.contains(sign) && text.len() > LEAST;
    for whole in hidden.iter().map(|text| text.trim_matches(sign)).filter(odd) {
        clean = clean.replace(whole, MASK);
    }
    let mut parts = vec![];
    for (index, part) in clean.split('`').enumerate() {
        let quoted = index % 2 == 1;
        let core = part.trim_matches(sign);
        let of_hidden = |text: &&str| text.contains(core) || words(text).any(|word| core.contains(word));
        let secret = quoted && core.len() >= LEAST && !OURS.contains(&core);
        parts.push(if secret && hidden.iter().any(of_hidden) { MASK } else { part });
    }
    parts.join("`")
}

/// The words of a hidden text that are unlikely in any other: with a digit or a capital within, or long.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let odd = |word: &&str| {
        word.len() > LEAST
            && (word.chars().any(|c| c.is_ascii_digit())
                || word.chars().skip(1).any(char::is_uppercase)
                || word.len() > 12)
    };
    text.split(|c: char| !c.is_alphanumeric()).filter(odd)
}
