//! Places of a manifest that are never shown, whatever is found there. Values within sections are private unless the table
//! knows them to be public, and so are values whose names sound like secrets, with the anchors, aliases and comments beside
//! them.
//!
//! A file that cannot be read has no tree. Only values that follow a key known to be public are shown of its lines.

use super::document::{MARKER_KEYS, ROLES};
use super::index::{Index, KindIndex};
use super::names::is_pattern;
use super::role::Role;
use super::secrecy::sounds_secret;
use super::values::reference;
use crate::diag::{SourceId, Sources, Span};
use crate::kind::Shape;
use crate::schema::{Field, Type};
use crate::secret::foreign::{env_call, is_variable};
use crate::secret::tokens::sniff_plain;
use crate::yaml::{Content, Entry, Node};

/// Keys outside of the sections whose values are maps of documents or of names.
const MAPS: [&str; 5] = ["projects", "common", "vars", "labels", "manage"];

/// The private places of a file, by its tree where it has one.
pub(super) fn places(sources: &Sources, id: SourceId, node: Option<&Node>, index: &Index) -> Vec<Span> {
    let text = &sources.get(id).text;
    let all = |signs: &[char]| text.match_indices(signs).map(|(at, _)| at).collect();
    let (ends, comments, marks) = (all(&['\n']), all(&['#']), all(&['#', '&', '*', '!']));
    let mut hider = Hider { id, text, index, ends, comments, marks, found: vec![] };
    match node {
        Some(node) => hider.document(node),
        None => hider.lines(),
    }
    let mut found = hider.found;
    found.sort_unstable();
    found
}

struct Hider<'a> {
    id: SourceId,
    text: &'a str,
    index: &'a Index,
    /// The ends of lines, in order; kept because a line may have as many entries as a file.
    ends: Vec<usize>,
    /// The places where a comment may begin.
    comments: Vec<usize>,
    /// The places where a comment, an anchor, an alias or a tag may begin.
    marks: Vec<usize>,
    found: Vec<Span>,
}

impl Hider<'_> {
    fn document(&mut self, node: &Node) {
        let Some(entries) = node.as_map() else { return self.whole(node) };
        for entry in entries {
            let (name, node) = (entry.key.name.as_str(), &entry.value);
            match name {
                "projects" => match node.as_map() {
                    Some(documents) => documents.iter().for_each(|document| self.inner(document, Self::document)),
                    None => self.entry(entry, true),
                },
                "common" => self.inner(entry, Self::document),
                "vars" | "labels" => match node.as_map() {
                    Some(named) => named.iter().for_each(|named| self.named(named)),
                    None => self.entry(entry, true),
                },
                "database_password" => self.secret(entry, false),
                _ if ROLES.contains(&name) || MARKER_KEYS.contains(&name) => self.beside(entry),
                _ if Role::Project.keys().chain(Role::Profile.keys()).any(|key| key == name) => self.beside(entry),
                _ => match self.index.kind(name) {
                    Some(kind) => self.section(kind, entry),
                    None => self.entry(entry, !is_word(node)),
                },
            }
        }
    }

    /// Walks through what is below an entry, without the value itself.
    fn inner(&mut self, entry: &Entry, walk: impl FnOnce(&mut Self, &Node)) {
        match entry.value.content {
            Content::Map(_) => walk(self, &entry.value),
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::Text { .. }
            | Content::List(_) => self.entry(entry, !is_word(&entry.value)),
        }
    }

    /// A key of the envelope or of `supaform.yaml`, whose value is public by its nature.
    fn beside(&mut self, entry: &Entry) {
        if sounds_secret(&entry.key.name) || has_secret(&entry.value) {
            self.entry(entry, true);
        }
    }

    /// A variable or a label.
    fn named(&mut self, entry: &Entry) {
        let doubtful = sounds_secret(&entry.key.name) || has_secret(&entry.value);
        if doubtful || matches!(entry.value.content, Content::Map(_)) {
            self.entry(entry, !is_word(&entry.value));
        }
    }

    fn section(&mut self, kind: &KindIndex, entry: &Entry) {
        let Some(entries) = entry.value.as_map() else { return self.entry(entry, !is_word(&entry.value)) };
        match kind.info.shape {
            Shape::Settings { .. } => self.fields(kind, entries),
            Shape::Collection { scalar, .. } => {
                for item in entries {
                    if kind.info.patterns && is_pattern(&item.key.name) {
                        self.inner(item, Self::document);
                        continue;
                    }
                    let short = scalar.filter(|name| item.value.get(name).is_none()).and_then(|name| kind.row(name));
                    match (short, item.value.as_map()) {
                        (Some(row), _) if row.field.is_secret() => self.secret(item, true),
                        (Some(row), _) => self.field(row.field, item),
                        (None, Some(entries)) => self.fields(kind, entries),
                        (None, None) => self.entry(item, !is_word(&item.value)),
                    }
                }
            }
        }
    }

    fn fields(&mut self, kind: &KindIndex, entries: &[Entry]) {
        for entry in entries {
            match (kind.row(&entry.key.name), entry.key.name.as_str(), entry.value.as_map()) {
                (Some(row), ..) if row.field.is_secret() => self.secret(entry, false),
                (Some(row), ..) => self.field(row.field, entry),
                (None, "extra_secrets", Some(secrets)) => secrets.iter().for_each(|it| self.secret(it, false)),
                (None, "extra", Some(all)) => all.iter().for_each(|it| self.entry(it, !is_word(&it.value))),
                (None, ..) => self.entry(entry, !is_word(&entry.value)),
            }
        }
    }

    /// A field that is shown in plans.
    fn field(&mut self, field: &'static Field, entry: &Entry) {
        let node = &entry.value;
        let holds_maps = matches!(field.ty, Type::Map(_) | Type::Any | Type::Object(_));
        let strange = match node.as_map() {
            Some([only]) if only.key.name == "unmanaged" => !is_word(&only.value),
            Some(entries) if matches!(field.ty, Type::List(..)) => {
                entries.iter().any(|entry| !["append", "remove"].contains(&entry.key.name.as_str()))
            }
            Some(_) if !holds_maps => !reference(node).is_some_and(|found| {
                let fine = found.key.name == "file" || found.key.name == "env" && names_a_variable(&found.value);
                fine && found.value.as_text().is_some()
            }),
            _ => false,
        };
        if strange || has_secret(node) {
            self.entry(entry, true);
        }
    }

    /// A field that holds a secret: only the name in a reference is shown.
    fn secret(&mut self, entry: &Entry, may_be_plain: bool) {
        let nodes = entry.value.as_list().unwrap_or(std::slice::from_ref(&entry.value));
        if !nodes.iter().all(|node| {
            is_word(node)
                || node.as_text().is_some_and(|text| env_call(text).is_some())
                || is_reference(node, may_be_plain)
        }) {
            return self.entry(entry, true);
        }
        self.entry(entry, false);
        for node in nodes {
            let command =
                reference(node).filter(|found| found.key.name == "exec").and_then(|found| found.value.as_list());
            for argument in command.unwrap_or_default().iter().skip(1) {
                self.whole(argument);
            }
        }
    }

    fn whole(&mut self, node: &Node) {
        self.hide(node.span.start as usize, node.span.end as usize);
    }

    /// Hides what is beside the value of an entry: an anchor, an alias, a comment; and, if asked, the value itself.
    fn entry(&mut self, entry: &Entry, value: bool) {
        let key = entry.key.span.end as usize;
        let (start, end) = (entry.value.span.start as usize, entry.value.span.end as usize);
        let after = self.text.get(key..).unwrap_or_default();
        let colon = key + after.find(':').map_or(0, |at| at + 1);
        let line = self.line_end(colon);
        if start < colon {
            // The value is missing, or comes from an anchor elsewhere.
            if value && start != entry.key.span.start as usize {
                self.whole(&entry.value);
            }
            let rest = self.text.get(colon..line).unwrap_or_default();
            self.hide(colon, colon + rest.find([',', '}']).unwrap_or(rest.len()));
            return;
        }
        self.hide(colon, if value { end } else { start });
        if self.text.get(..end).is_some_and(|before| !before.ends_with('\n')) {
            let line = self.line_end(end);
            let signs = if value { &self.marks } else { &self.comments };
            if let Some(comment) = next(signs, end).filter(|at| *at < line) {
                self.hide(comment, line);
            }
        }
    }

    fn line_end(&self, at: usize) -> usize {
        next(&self.ends, at).unwrap_or(self.text.len())
    }

    fn hide(&mut self, start: usize, end: usize) {
        let Some(inner) = self.text.get(start..end.max(start)) else { return };
        let blanks = inner.len() - inner.trim_start().len();
        let end = start + inner.trim_end().len();
        if start + blanks < end {
            self.found.push(Span::new(self.id, start + blanks, end));
        }
    }

    /// Hides the private places of a file without a tree, line by line.
    fn lines(&mut self) {
        // A line without a key continues the value of the line before.
        let mut public = false;
        // Text before the first key belongs to no key.
        let mut first = true;
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let keys = keys(content);
            if let Some(leading) = keys.first() {
                first = false;
                for (place, key) in keys.iter().enumerate() {
                    public = self.is_public(key.name);
                    let end = keys.get(place + 1).map_or(content.len(), |next| next.start);
                    if !public {
                        self.hide_words(at + key.end, at + end);
                    }
                }
                let before = content.get(..leading.start).unwrap_or_default();
                if before.contains(['#', '&', '*', '!']) {
                    self.hide_words(at, at + leading.start);
                }
            } else if !public && (!first || !content.starts_with('#') || sounds_secret(content)) {
                self.hide_words(at, at + content.len());
            }
            at += line.len();
        }
    }

    /// Hides a stretch, except for the punctuation of lists and maps around it.
    fn hide_words(&mut self, start: usize, end: usize) {
        let Some(inner) = self.text.get(start..end) else { return };
        let sign = |c: char| c.is_whitespace() || "{}[],-".contains(c);
        let blanks = inner.len() - inner.trim_start_matches(sign).len();
        self.hide(start + blanks, start + inner.trim_end_matches(sign).len());
    }

    /// Whether the value of a key is shown: a field that is public in every kind that has it, or a key of documents.
    fn is_public(&self, name: &str) -> bool {
        if sounds_secret(name) || MAPS.contains(&name) {
            return false;
        }
        let fields = self.index.kinds_with(name);
        let field =
            !fields.is_empty() && fields.iter().all(|kind| kind.row(name).is_some_and(|row| !row.field.is_secret()));
        let documents = Role::Project.keys().chain(Role::Profile.keys()).chain(ROLES).chain(["version"]);
        field || documents.into_iter().any(|key| key == name)
    }
}

/// The first of the places from `at` on.
fn next(places: &[usize], at: usize) -> Option<usize> {
    places.get(places.partition_point(|place| *place < at)).copied()
}

/// Whether a value can hold no secret: null, true, false.
fn is_word(node: &Node) -> bool {
    matches!(node.content, Content::Null { .. } | Content::Bool(_))
}

/// Whether a node is a reference of which all may be shown but the arguments of a command.
fn is_reference(node: &Node, may_be_plain: bool) -> bool {
    let Some([only]) = node.as_map() else { return false };
    match only.key.name.as_str() {
        "secret" | "env" => names_a_variable(&only.value),
        "file" => only.value.as_text().is_some_and(|path| sniff_plain(path).is_none()),
        "exec" => only.value.as_list().is_some_and(|words| words.iter().all(|word| word.as_text().is_some())),
        "plain" => {
            may_be_plain && only.value.as_list().is_none() && only.value.as_map().is_none() && !has_secret(&only.value)
        }
        "unmanaged" => is_word(&only.value),
        _ => false,
    }
}

fn names_a_variable(node: &Node) -> bool {
    let name = |text: &str| is_variable(text) || text.contains("${") && text.contains('}');
    node.as_text().is_some_and(|text| name(text) && sniff_plain(text).is_none())
}

/// Whether anything within a value looks like a secret.
fn has_secret(node: &Node) -> bool {
    match &node.content {
        Content::Text { text, .. } => sniff_plain(text).is_some(),
        Content::List(items) => items.iter().any(has_secret),
        Content::Map(entries) => {
            entries.iter().any(|entry| sniff_plain(&entry.key.name).is_some() || has_secret(&entry.value))
        }
        Content::Null { .. } | Content::Bool(_) | Content::Int(_) | Content::Float(_) => false,
    }
}

/// A key on a line, as far as it can be recognised without a tree.
struct Key<'t> {
    name: &'t str,
    /// Where it begins.
    start: usize,
    /// One past its colon.
    end: usize,
}

/// The keys of a line: words before a colon that blanks, a bracket or the end follow.
fn keys(line: &str) -> Vec<Key<'_>> {
    let bytes = line.as_bytes();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let mut keys = vec![];
    for (colon, _) in line.match_indices(':') {
        let ends = bytes.get(colon + 1).is_none_or(|next| next.is_ascii_whitespace() || b"[{\"'".contains(next));
        let quote = colon.checked_sub(1).map(|at| bytes[at]).filter(|byte| b"\"'".contains(byte));
        let end = if quote.is_some() { colon - 1 } else { colon };
        let start = (0..end).rev().take_while(|&at| is_letter(bytes[at])).last().unwrap_or(end);
        let begin = if quote.is_some() { start.saturating_sub(1) } else { start };
        let begins = begin == 0 || b" \t{,[\"'".contains(&bytes[begin - 1]);
        if ends && begins && start < end {
            keys.push(Key { name: line.get(start..end).unwrap_or_default(), start: begin, end: colon + 1 });
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use crate::diag::render::{human, json, short};
    use crate::kinds::KINDS;
    use crate::manifest::{NoTexts, Options, build};

    const SECRET: &str = "Pa55w0rdX";

    /// Everything that is printed about a document, in every form.
    fn printed(document: &str) -> (usize, String) {
        let files =
            vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("a.yaml".to_owned(), document.to_owned())];
        let built = build(files, &NoTexts, KINDS, &Options::default());
        let found = built.diagnostics.sorted();
        let page = human(&found, &built.sources, false, 100);
        (found.len(), format!("{page}\n{}\n{}", short(&found, &built.sources), json(&found, &built.sources)))
    }

    #[test]
    fn no_text_of_a_secret_is_printed_wherever_and_however_it_is_written() {
        const PLACES: &[&str] = &[
            "auth: {smtp_pass: «»}",
            "auth: {site_url: x, smtp_pass: «», jwt_exp: q}",
            "auth:\n  smtp_pass: «»",
            "auth:\n  jwt_exp: q\n  smtp_pass: «»\n  site_url: 1",
            "auth:\n  smtp_pass: «»\n  smtp_pass: {env: A}",
            "auth:\n  smtp_pass: {env: A}\n  smtp_pass: «»",
            "auth:\n  \"smtp_pass\": «»",
            "auth:\n  smtp_passwd: «»",
            "auth:\n  smtp_pas: «»",
            "auth:\n  something: «»",
            "auth:\n  hook_send_email_secrets: [«»]",
            "auth:\n  hook_send_email_secrets:\n    - «»",
            "auth:\n  extra_secrets: «»",
            "auth:\n  extra_secrets:\n    new: «»",
            "auth: «»",
            "auth: [«»]",
            "auth:\n  - «»",
            "secrets: «»",
            "secrets: [«»]",
            "secrets:\n  - «»",
            "secrets:\n  KEY: «»",
            "secrets: {KEY: «», OTHER: 1}",
            "secrets:\n  KEY: «»\n  KEY: «»",
            "secrets:\n  KEY: {env: A, secret: «»}",
            "api_keys:\n  web_: «»",
            "sso_providers: «»",
            "vars: «»",
            "vars:\n  smtp_pass: «»",
            "vars: {api_token: «»}",
            "labels: «»",
            "labels:\n  api_key: «»",
            "database_password: «»",
            "passwort: «»",
            "something: «»",
        ];
        const FORMS: &[&str] = &[
            "@",
            "*@",
            "*@!",
            "&@",
            "&@ x",
            "#@",
            " #@",
            "!@",
            "!@ x",
            "!!@ x",
            "\"@",
            "'@",
            "\"@\" x",
            "'@' x",
            "\"@\"",
            "`@",
            "%@",
            "@: x",
            "x: @",
            "[@",
            "{@",
            "[@]",
            "[[@]]",
            "{plain: @",
            "{plain: 1@}",
            "{env: \"@!\"}",
            "{env: [@]}",
            "{secret: \"@ \"}",
            "{exec: @}",
            "{exec: [a, @], x: 1}",
            "{file: [@]}",
            "{x: @}",
            "{env: A} # @",
            "{env: A} @",
            "|@",
            ">-@",
            "| @",
            "${@",
            "${@}",
            "a ${@} b",
            "- @",
            "? @",
            "0x@",
            "env(@",
            "<<: @",
            "{<<: *@}",
            "{unmanaged: @}",
            "{unmanaged: true, x: @}",
            "~ #@",
            "1 #@",
            "\t@",
            "@\t",
            "\u{200b}@",
        ];
        let (mut seen, mut leaks) = (0, vec![]);
        for place in PLACES {
            for form in FORMS {
                let text = place.replace("«»", &form.replace('@', SECRET));
                let document = format!("project: a\nref: abcdefghijklmnopqrst\n{text}\n");
                let (found, printed) = printed(&document);
                // A key of a section is a name, and shown.
                let is_name = ["@: x", "{@", "[@"].contains(form);
                // A map of variables whose names sound harmless is what it should be.
                let is_name = is_name || (["vars: «»", "labels: «»"].contains(place) && form.starts_with('{'));
                if !is_name && printed.contains(SECRET) {
                    leaks.push(format!("{document}\n{printed}"));
                }
                seen += usize::from(found > 0);
            }
        }
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
        assert!(seen > PLACES.len() * FORMS.len() / 2, "{seen} of them were found fault with");
    }

    #[test]
    fn what_is_known_to_be_no_secret_is_shown() {
        let (_, page) =
            printed("project: a\nref: abcdefghijklmnopqrst\nauth:\n  site_url: 17 # why\n  jwt_exp: soon\n");
        for line in ["site_url: 17 # why", "jwt_exp: soon"] {
            assert!(page.contains(line), "{page}");
        }
        let (_, page) = printed("project: a\nref: abcdefghijklmnopqrst\nauth:\n  jwt_exp: 0x10\n  site_url: [a\n");
        assert!(page.contains("jwt_exp: 0x10") || page.contains("site_url: [a"), "{page}");
        let (_, page) = printed("project: a\nref: abcdefghijklmnopqrst\nauth: {smtp_pass: env(SMTP_PASS)}\n");
        assert!(page.contains("{env: SMTP_PASS}"), "{page}");
    }
}
