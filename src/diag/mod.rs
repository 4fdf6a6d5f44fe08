//! Findings about people's input: a [`Diagnostic`] has a code, places and a way to mend it.
//!
//! Diagnostics are collected in [`Diagnostics`], never thrown one at a time. They carry no text of a secret field.

use std::collections::BTreeMap;

pub mod chars;
pub mod codes;
mod redact;
pub mod render;
mod source;

pub use codes::Code;
pub use source::{Position, Source, SourceId, Sources, Span};

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is written before the error is mended.
    Error,
    /// Worth a look; the run goes on.
    Warning,
}

/// A place, and a remark about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words under the caret; may be empty.
    pub text: String,
}

/// A change of text that mends the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding; `supaform explain CODE` explains it.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, names in back quotes.
    pub message: String,
    /// Where; the first is the main place, the others explain it.
    pub labels: Vec<Label>,
    /// What to do: sentences.
    pub hints: Vec<String>,
    /// A mechanical way out, if there is one.
    pub fix: Option<Fix>,
    /// Whether the lines at its places hold a secret: then only the places are shown, never the lines.
    pub private: bool,
    /// Places that are masked wherever the lines around them are shown, such as a secret that was written literally.
    pub concealed: Vec<Span>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message).label(span, "")
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message).label(span, "")
    }

    /// A finding without a place, such as an empty workspace.
    #[must_use]
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: vec![],
            hints: vec![],
            fix: None,
            private: false,
            concealed: vec![],
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says something under the caret of the main place.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    /// Adds "did you mean" where one of `known` is near `given`.
    #[must_use]
    pub fn did_you_mean<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let plain: String = given.chars().map(|letter| chars::looks_like(letter).unwrap_or(letter)).collect();
        let Some(name) = nearest(&plain, known) else { return self };
        match given.chars().find(|letter| chars::looks_like(*letter).is_some()) {
            Some(odd) if plain == name => {
                let code = chars::name(odd);
                self.hint(format!("Did you mean `{name}`? The `{odd}` is {code}, which only looks like the letter."))
            }
            _ => self.hint(format!("Did you mean `{name}`?")),
        }
    }

    /// The lines at its places may hold a secret: they are never shown.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self.fix = None;
        self
    }

    /// Hides a place wherever the lines around it are shown, by this finding or another of the same run.
    #[must_use]
    pub fn conceal(mut self, span: Span) -> Self {
        self.concealed.push(span);
        self
    }

    /// Adds the text that would mend it.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }
}

/// The longest name, in characters, for which another name is suggested.
const LONGEST_NAME: usize = 64;
/// How many names are guessed among the findings of one run: comparing takes time, and so many mistakes have another cause.
pub const MOST_GUESSES: usize = 20;

/// The name nearest to `given`, if it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // No known name is that long, and comparing takes time.
    if given.len() > LONGEST_NAME * 4 || given.chars().count() > LONGEST_NAME {
        return None;
    }
    let known: Vec<&str> = known.into_iter().collect();
    // A word that a known name has too is spelled right, so it is meant: `external_github_url` is not about GitLab.
    let said = |word: &&str| word.len() >= 4 && known.iter().any(|name| words(name).any(|other| other == *word));
    let right: Vec<&str> = words(given).filter(said).collect();
    let keeps = |name: &&str| {
        right.iter().all(|word| words(name).any(|other| other == *word))
            && !is_opposite(given, name)
            && !says_another(given, name)
    };
    known
        .iter()
        .copied()
        .filter(keeps)
        .map(|name| (likeness(given, name), name))
        .filter(|(score, _)| *score > 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name)
}

/// Pairs of words that reverse a meaning.
const OPPOSITES: &[(&str, &str)] = &[
    ("enable", "disable"),
    ("enabled", "disabled"),
    ("allow", "deny"),
    ("allow", "disable"),
    ("allowed", "denied"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("required", "optional"),
    ("enroll", "unenroll"),
    ("enrolled", "unenrolled"),
    ("linked", "unlinked"),
    ("managed", "unmanaged"),
    ("ipv4", "ipv6"),
    ("public", "private"),
];

/// Whether two names mean the opposite of each other.
fn is_opposite(given: &str, name: &str) -> bool {
    let has = |text: &str, word: &str| words(text).any(|other| other.eq_ignore_ascii_case(word));
    let only = |text: &str, one: &str, other: &str| has(text, one) && !has(text, other);
    OPPOSITES.iter().any(|(one, other)| {
        only(given, one, other) && only(name, other, one) || only(given, other, one) && only(name, one, other)
    })
}

/// Whether the words that two names do not share are different words instead of misspelt ones: `external_github_url` and
/// `external_github_enabled` begin alike and are different questions. Names of projects are free: `Acme Quickstart` became
/// `Acme Start`.
fn says_another(given: &str, name: &str) -> bool {
    let own = |text: &str, other: &str| -> String {
        words(text).filter(|word| !words(other).any(|shared| shared == *word)).collect()
    };
    let (theirs, ours) = (own(given, name), own(name, given));
    let alike = || strsim::jaro_winkler(&theirs, &ours) > 0.7 || strsim::damerau_levenshtein(&theirs, &ours) == 1;
    let free = given.contains(' ') || name.contains(' ');
    !free && !theirs.is_empty() && !ours.is_empty() && !alike()
}

/// The words of a name.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.', '/', ':', ' ']).filter(|word| !word.is_empty())
}

/// How alike two names are, from 0 to 1. One typo in a short name weighs more than the plain measure says.
fn likeness(given: &str, name: &str) -> f64 {
    let alike = strsim::jaro_winkler(given, name);
    let short = given.len().abs_diff(name.len()) <= 1 && (3..=8).contains(&given.len());
    if alike <= 0.84 && short && strsim::damerau_levenshtein(given, name) == 1 { 0.85 } else { alike }
}

/// All findings of a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[must_use = "findings that nobody reads help nobody"]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    guesses: usize,
}

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Takes in all findings of `other`.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// Whether one more name may be guessed: comparing takes time, and hostile input has as many as it likes.
    pub fn may_guess(&mut self) -> bool {
        self.guesses += 1;
        self.guesses <= MOST_GUESSES
    }

    /// Takes in a finding, with "did you mean" while names may be guessed.
    pub fn push_guessing<'a>(&mut self, found: Diagnostic, given: &str, known: impl IntoIterator<Item = &'a str>) {
        let found = if self.may_guess() { found.did_you_mean(given, known) } else { found };
        self.push(found);
    }

    /// Whether any finding is an error, so that the run must not go on.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|found| found.severity == Severity::Error)
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Hides the lines of every finding that touches the lines of a private one, because a secret there would be shown all
    /// the same.
    pub fn spread_privacy(&mut self, sources: &Sources) {
        let lines = |found: &Diagnostic| -> Vec<(SourceId, usize, usize)> {
            let line = |span: Span| {
                let end = Span { start: span.end.saturating_sub(1).max(span.start), ..span };
                (span.source, sources.position(span).line, sources.position(end).line)
            };
            found.labels.iter().map(|label| line(label.span)).collect()
        };
        let mut hidden: Vec<_> = self.list.iter().filter(|found| found.private).flat_map(&lines).collect();
        if hidden.is_empty() {
            return;
        }
        hidden.sort_unstable();
        // Of each source, ordered lines that neither overlap nor touch, so that one look-up decides.
        let mut ranges: Vec<(SourceId, usize, usize)> = vec![];
        for (source, first, last) in hidden {
            match ranges.last_mut() {
                Some((of, _, end)) if *of == source && first <= *end => *end = last.max(*end),
                _ => ranges.push((source, first, last)),
            }
        }
        for found in self.list.iter_mut().filter(|found| !found.private) {
            // Renderers may also print what lies between two places of a finding.
            let mut own: BTreeMap<SourceId, (usize, usize)> = BTreeMap::new();
            for (source, first, last) in lines(found) {
                let (from, to) = own.entry(source).or_insert((first, last));
                (*from, *to) = (first.min(*from), last.max(*to));
            }
            found.private = own.into_iter().any(|(source, (from, to))| {
                let after = ranges.partition_point(|(of, first, _)| (*of, *first) <= (source, to));
                after > 0 && ranges.get(after - 1).is_some_and(|(of, _, last)| *of == source && from <= *last)
            });
        }
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Drops the findings from the `start`-th on.
    pub fn truncate(&mut self, start: usize) {
        self.list.truncate(start);
    }

    /// The findings from the `start`-th on, so that a caller can add what only it knows.
    pub fn since(&mut self, start: usize) -> &mut [Diagnostic] {
        self.list.get_mut(start..).unwrap_or_default()
    }

    /// All findings, by place, each once.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let place = |found: &Diagnostic| found.labels.first().map(|label| label.span);
        let mut list: Vec<_> = self.list.iter().collect();
        list.sort_by(|a, b| {
            place(a).cmp(&place(b)).then_with(|| a.code.cmp(&b.code)).then_with(|| a.message.cmp(&b.message))
        });
        list.dedup();
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_keeps_the_meaning() {
        let known = [
            "disable_signup",
            "external_gitlab_url",
            "external_github_enabled",
            "external_twitch_enabled",
            "postgres",
            "password_min_length",
            "site_url",
            "smtp_host",
            "ipv4",
            "mfa_totp_enroll_enabled",
            "jwt_exp",
        ];
        let nearest = |given: &str| nearest(given, known);
        for (given, other) in [
            ("enable_signup", "the contrary"),
            ("external_github_url", "another provider, or another question"),
            ("password_max_length", "the contrary"),
            ("mfa_totp_unenroll_enabled", "the contrary"),
            ("ipv6", "another family"),
        ] {
            assert_eq!(nearest(given), None, "{given}: {other}");
        }
        for (given, wanted) in [
            ("disable_singup", "disable_signup"),
            ("external_gihub_enabled", "external_github_enabled"),
            ("site_uri", "site_url"),
            ("jwt_expp", "jwt_exp"),
            ("smtp_hots", "smtp_host"),
            ("postgress", "postgres"),
        ] {
            assert_eq!(nearest(given), Some(wanted), "{given}");
        }
    }

    #[test]
    fn findings_of_one_run_guess_so_many_names_and_no_more() {
        let mut out = Diagnostics::new();
        for number in 0..MOST_GUESSES * 2 {
            let message = format!("no such thing, {number}");
            let found = Diagnostic::new(codes::run::NO_SUCH_TOPIC, Severity::Error, message);
            out.push_guessing(found, "site_uri", ["site_url"]);
        }
        let guessed = out.sorted().iter().filter(|found| !found.hints.is_empty()).count();
        assert_eq!(guessed, MOST_GUESSES);
    }
}
