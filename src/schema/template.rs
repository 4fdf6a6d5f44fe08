//! Texts in the template language of the auth service (Go's): whether they can be read, and which variables they use.
//!
//! The auth service sends its own default in place of a template that it cannot read, and inserts nothing in place of a
//! variable that it does not know: a mail is then sent without its link, and nobody learns of it.

use crate::diag::nearest;

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong: lower case, no full stop.
    pub why: String,
    /// What to do: a sentence; may be empty.
    pub hint: String,
}

/// Keywords that open a block, which `{{ end }}` closes.
const OPENS: &[&str] = &["if", "range", "with", "define", "block"];
/// Blocks within which the dot has another meaning.
const MOVES_DOT: &[&str] = &["range", "with", "define", "block"];
/// Words of the language that stand alone.
const WORDS: &[&str] = &["else", "end", "template", "break", "continue", "true", "false", "nil"];
/// Functions that every template may call.
const FUNCTIONS: &[&str] = &[
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print", "printf",
    "println", "slice", "urlquery",
];

/// What is wrong with a template that has these variables; `None` where it can be used.
#[must_use]
pub fn fault(text: &str, variables: &[&str]) -> Option<Fault> {
    Reader { text, variables, open: vec![] }.run().err()
}

/// A part of the text between two pairs of braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'t> {
    /// A name: a word of the language or a function.
    Name(&'t str),
    /// `.A.B`: the first name, and whether it starts at the root (`$.A`).
    Path(&'t str, bool),
    /// Any other part.
    Other,
}

struct Reader<'t> {
    text: &'t str,
    variables: &'t [&'t str],
    /// The blocks that are open: their word, and where they begin.
    open: Vec<(&'t str, usize)>,
}

impl<'t> Reader<'t> {
    fn run(mut self) -> Result<(), Fault> {
        let mut at = 0;
        while let Some(found) = self.from(at).find("{{") {
            let start = at + found;
            self.plain(at, start)?;
            at = self.action(start)?;
        }
        self.plain(at, self.text.len())?;
        match self.open.pop() {
            None => Ok(()),
            Some((word, at)) => Err(self.fault(at, format!("`{{{{ {word} }}}}` without `{{{{ end }}}}`"), "")),
        }
    }

    fn from(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    fn fault(&self, at: usize, why: impl Into<String>, hint: impl Into<String>) -> Fault {
        let line = self.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        Fault { line, why: why.into(), hint: hint.into() }
    }

    /// Refuses a variable in single braces, which would be sent as it is written.
    fn plain(&self, from: usize, to: usize) -> Result<(), Fault> {
        let text = self.text.get(from..to).unwrap_or_default();
        for (at, _) in text.match_indices('{') {
            let Some((inner, _)) = self.from(from + at + 1).split_once('}') else { break };
            let name = inner.trim().strip_prefix('.').unwrap_or_default();
            if self.variables.contains(&name) {
                let why = format!("`{{ .{name} }}` has single braces, so it would be sent as it is");
                return Err(self.fault(from + at, why, format!("Write `{{{{ .{name} }}}}`.")));
            }
        }
        Ok(())
    }

    /// Reads the action that begins with the two braces at `start`; returns its end.
    fn action(&mut self, start: usize) -> Result<usize, Fault> {
        let mut rest = self.from(start + 2);
        if let Some(trimmed) = rest.strip_prefix('-').filter(|it| it.starts_with(char::is_whitespace)) {
            rest = trimmed;
        }
        let body = rest.trim_start();
        if body.starts_with("/*") {
            let after = body.split_once("*/").map(|(_, after)| after.trim_start());
            let after = after.map(|after| after.strip_prefix('-').unwrap_or(after));
            return match after.and_then(|after| after.strip_prefix("}}")) {
                Some(after) => Ok(self.text.len() - after.len()),
                None => Err(self.fault(start, "a comment that is not closed", "Close it with `*/}}`.")),
            };
        }
        let mut parts = vec![];
        let mut at = self.text.len() - body.len();
        loop {
            let rest = self.from(at);
            let Some(first) = rest.chars().next() else {
                return Err(self.fault(start, "`{{` without `}}`", "Close it with two braces."));
            };
            if rest.starts_with("}}") {
                self.settle(start, &parts)?;
                return Ok(at + 2);
            }
            let length = match first {
                '{' | '}' => {
                    let why = format!("a single `{first}` within `{{{{ … }}}}`");
                    return Err(self.fault(at, why, "Braces come in pairs: `{{ .Name }}`."));
                }
                '"' | '\'' | '`' => self.quoted(at, first)?,
                '.' | '$' | '_' | 'A'..='Z' | 'a'..='z' => {
                    let length = rest.find(|c: char| !is_name(c) && !matches!(c, '.' | '$')).unwrap_or(rest.len());
                    parts.push(part(rest.get(..length).unwrap_or_default()));
                    length
                }
                _ if first.is_whitespace() => first.len_utf8(),
                _ => {
                    parts.push(Part::Other);
                    // A number such as `1.5` or `10m` is not a name.
                    let number = rest.find(|c: char| !is_name(c) && c != '.').unwrap_or(rest.len());
                    if first.is_ascii_digit() { number } else { first.len_utf8() }
                }
            };
            if matches!(first, '"' | '\'' | '`') {
                parts.push(Part::Other);
            }
            at += length;
        }
    }

    /// The length of a quoted text.
    fn quoted(&self, at: usize, quote: char) -> Result<usize, Fault> {
        let mut escaped = false;
        for (offset, letter) in self.from(at).char_indices().skip(1) {
            match letter {
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                '\n' if quote != '`' => break,
                _ if letter == quote => return Ok(offset + 1),
                _ => {}
            }
        }
        Err(self.fault(at, format!("a text in `{quote}` that is not closed"), ""))
    }

    /// Checks one action against the open blocks and the known names.
    fn settle(&mut self, start: usize, parts: &[Part<'t>]) -> Result<(), Fault> {
        let moved = self.open.iter().any(|(word, _)| MOVES_DOT.contains(word));
        let defined = self.open.iter().any(|(word, _)| *word == "define");
        let Some(first) = parts.first() else {
            return Err(self.fault(start, "`{{ }}` with nothing in it", "Name a variable, or remove it."));
        };
        for part in parts {
            match *part {
                Part::Path(name, root) if !name.is_empty() && !defined && (root || !moved) => {
                    self.variable(start, name)?;
                }
                Part::Name(name) if !known(name) => {
                    let meant = self.variables.iter().find(|variable| variable.eq_ignore_ascii_case(name));
                    let hint = meant.map_or_else(String::new, |name| format!("Did you mean `{{{{ .{name} }}}}`?"));
                    return Err(self.fault(start, format!("`{name}` is not a function of templates"), hint));
                }
                Part::Name(_) | Part::Path(..) | Part::Other => {}
            }
        }
        match *first {
            Part::Name("end") if self.open.pop().is_none() => {
                Err(self.fault(start, "`{{ end }}` without a block to end", ""))
            }
            Part::Name("else") if !self.open.iter().any(|(word, _)| matches!(*word, "if" | "range" | "with")) => {
                Err(self.fault(start, "`{{ else }}` outside of a block", ""))
            }
            Part::Name(word) if OPENS.contains(&word) => {
                self.open.push((word, start));
                Ok(())
            }
            Part::Name(_) | Part::Path(..) | Part::Other => Ok(()),
        }
    }

    fn variable(&self, at: usize, name: &str) -> Result<(), Fault> {
        if self.variables.contains(&name) {
            return Ok(());
        }
        let same = self.variables.iter().copied().find(|variable| variable.eq_ignore_ascii_case(name));
        let hint = match same.or_else(|| nearest(name, self.variables.iter().copied())) {
            Some(meant) => format!("Did you mean `{{{{ .{meant} }}}}`?"),
            None => format!("Its variables are {}.", listed(self.variables)),
        };
        Err(self.fault(at, format!("there is no variable `.{name}` here"), hint))
    }
}

/// The variables as people write them: `.Email`, `.Token`.
#[must_use]
pub fn listed(variables: &[&str]) -> String {
    variables.iter().map(|name| format!("`.{name}`")).collect::<Vec<_>>().join(", ")
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn known(name: &str) -> bool {
    [OPENS, WORDS, FUNCTIONS].iter().any(|words| words.contains(&name))
}

/// The part that a run of letters and dots is: `.Data.name`, `$.Email`, `$x.y`, `printf`.
fn part(word: &str) -> Part<'_> {
    let first = |path| str::split(path, '.').next().unwrap_or_default();
    match (word.strip_prefix("$."), word.strip_prefix('.')) {
        (Some(path), _) => Part::Path(first(path), true),
        (None, Some(path)) => Part::Path(first(path), false),
        _ if word.starts_with('$') => Part::Other,
        _ => Part::Name(first(word)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: &[&str] = &["ConfirmationURL", "Data", "Email", "Token"];

    fn said(text: &str) -> String {
        fault(text, KNOWN).map_or_else(String::new, |fault| format!("{}: {} {}", fault.line, fault.why, fault.hint))
    }

    #[test]
    fn templates_that_the_auth_service_can_read_are_allowed() {
        for fine in [
            "",
            "no variable at all",
            "<a href=\"{{ .ConfirmationURL }}\">{{.Email}}</a>",
            "{{- .Token -}}",
            "{{ if .Data.name }}Dear {{ .Data.name }}{{ else if .Email }}you{{ else }}there{{ end }}",
            "{{ with .Data }}{{ .anything }} {{ $.Email }}{{ end }}{{ .Token }}",
            "{{ range $k, $v := .Data }}{{ $k }}={{ $v.x }} {{ .y }}{{ end }}",
            "{{ $mail := .Email }}{{ $mail }}",
            "{{ printf \"%s }} {\" .Email | html }}",
            "{{ index .Data \"name\" }} {{ len `a\nb` }} {{ 'x' }} {{ 1.5 }}",
            "{{/* a comment with }} and .Nothing */}}",
            "{{- /* another */ -}}",
            "<style>@media print { a { color: red }} .Email { margin: 0 }</style>",
            "{{ define \"part\" }}{{ .Foo }}{{ $.Bar }}{{ end }}{{ template \"part\" . }}",
            "{{ eq .Email \"a@example.com\" | not }}",
            "{\"json\": {\"a\": {}}}",
        ] {
            assert_eq!(said(fine), "", "{fine}");
        }
    }

    #[test]
    fn a_broken_template_is_reported_with_its_line() {
        for (text, wanted) in [
            (
                "a\nb {{ .ConfirmationUrl }}",
                "2: there is no variable `.ConfirmationUrl` here Did you mean `{{ .ConfirmationURL }}`?",
            ),
            (
                "{{ .Nonsense }}",
                "1: there is no variable `.Nonsense` here Its variables are `.ConfirmationURL`, `.Data`, `.Email`, `.Token`.",
            ),
            (
                "{{ with .Data }}{{ $.Emial }}{{ end }}",
                "1: there is no variable `.Emial` here Did you mean `{{ .Email }}`?",
            ),
            (
                "{{ ConfirmationURL }}",
                "1: `ConfirmationURL` is not a function of templates Did you mean `{{ .ConfirmationURL }}`?",
            ),
            ("{{ upper .Email }}", "1: `upper` is not a function of templates "),
            ("{{ .Token }", "1: a single `}` within `{{ … }}` Braces come in pairs: `{{ .Name }}`."),
            ("{{ .Token", "1: `{{` without `}}` Close it with two braces."),
            ("{{{ .Token }}}", "1: a single `{` within `{{ … }}` Braces come in pairs: `{{ .Name }}`."),
            ("\n{ .Token }", "2: `{ .Token }` has single braces, so it would be sent as it is Write `{{ .Token }}`."),
            ("{ .Token }}", "1: `{ .Token }` has single braces, so it would be sent as it is Write `{{ .Token }}`."),
            ("{{ if .Email }}", "1: `{{ if }}` without `{{ end }}` "),
            ("{{ end }}", "1: `{{ end }}` without a block to end "),
            ("{{ else }}", "1: `{{ else }}` outside of a block "),
            ("{{ }}", "1: `{{ }}` with nothing in it Name a variable, or remove it."),
            ("{{ \"a }}", "1: a text in `\"` that is not closed "),
            ("{{/* a }}", "1: a comment that is not closed Close it with `*/}}`."),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in r#"([{}]{1,3}|[ .$|"'`/*\\-]|if|end|range|\.Email|\PC|\n){0,40}"#) {
            drop(fault(&text, KNOWN));
        }

        #[test]
        fn a_text_without_braces_is_always_fine(text in r"[^{}]{0,60}") {
            prop_assert_eq!(fault(&text, KNOWN), None);
        }
    }
}
