//! A workspace that is valid, mutants of it, and what `validate` makes of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use supaform::diag::{Severity, render};
use supaform::kinds::KINDS;
use supaform::manifest::{Built, Options, build};

/// The files of a workspace by path.
pub(crate) type Files = BTreeMap<String, String>;

/// A mutant: one rule broken, and the places and codes of what is to be said of it.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    /// The rule that is broken, in words.
    pub(crate) rule: String,
    /// The codes, one for each marked place in the order of paths and places; one without a place comes last.
    pub(crate) codes: Vec<&'static str>,
    /// What is changed: a file, a text that it holds once (or nothing: all of the file) and what comes instead.
    /// `«…»` marks the place of a finding and is taken out.
    pub(crate) edits: Vec<(String, String, String)>,
    /// What a hint must say.
    pub(crate) hint: Option<String>,
    /// Why a warning is enough.
    pub(crate) warns: bool,
}

/// One change of one file of the base.
pub(crate) fn breaks(rule: &str, code: &'static str, file: &str, old: &str, new: &str) -> Mutant {
    let edits = vec![(file.to_owned(), old.to_owned(), new.to_owned())];
    Mutant { rule: rule.to_owned(), codes: vec![code], edits, hint: None, warns: false }
}

/// A file beside those of the base, or in place of one.
pub(crate) fn file(rule: &str, code: &'static str, file: &str, text: &str) -> Mutant {
    breaks(rule, code, file, "", text)
}

impl Mutant {
    /// A further change, which may have the marked place.
    pub(crate) fn and(mut self, file: &str, old: &str, new: &str) -> Self {
        self.edits.push((file.to_owned(), old.to_owned(), new.to_owned()));
        self
    }

    /// A second finding, for a reason that the table says.
    pub(crate) fn also(mut self, code: &'static str) -> Self {
        self.codes.push(code);
        self
    }

    /// The hint that helps.
    pub(crate) fn hint(mut self, part: &str) -> Self {
        self.hint = Some(part.to_owned());
        self
    }

    /// A warning is enough.
    pub(crate) fn warns(mut self) -> Self {
        self.warns = true;
        self
    }

    /// Says what is not as it should be when the mutant of `base` is validated.
    pub(crate) fn judge(&self, base: &Files, codes: &mut Vec<&'static str>) -> Result<(), String> {
        let (files, marked) = self.files(base)?;
        let built = validate(files.clone());
        let found: Vec<_> = built.diagnostics.sorted();
        let mut said: Vec<(&str, String)> = vec![];
        for finding in &found {
            let place = finding.labels.first().map_or_else(String::new, |label| {
                let path = &built.sources.get(label.span.source).path;
                place(path, &files[path], label.span.start as usize, label.span.end as usize)
            });
            said.push((finding.code.id(), place));
            codes.push(finding.code.id());
        }
        let mut wanted: Vec<(&str, String)> = vec![];
        for (index, code) in self.codes.iter().enumerate() {
            let at = marked.get(index).map(|(path, start, end)| place(path, &files[path], *start, *end));
            wanted.push((*code, at.unwrap_or_default()));
        }
        // What has no place is sorted before what has one.
        wanted.sort_by_key(|(_, place)| !place.is_empty());
        let mut wrong = String::new();
        if said != wanted {
            writeln!(wrong, "  wanted {wanted:?}\n  said   {said:?}").unwrap();
        }
        if !self.warns && found.iter().any(|finding| finding.severity == Severity::Warning) {
            writeln!(wrong, "  a warning is not enough").unwrap();
        }
        if let Some(part) = &self.hint
            && !found.iter().any(|finding| finding.hints.iter().any(|hint| hint.contains(part.as_str())))
        {
            writeln!(wrong, "  no hint says {part:?}").unwrap();
        }
        let shown = || render::human(&found, &built.sources, false, 100);
        if self.edits.iter().any(|(_, _, new)| new.contains("hunter2")) && shown().contains("hunter2") {
            writeln!(wrong, "  a secret is shown").unwrap();
        }
        if wrong.is_empty() { Ok(()) } else { Err(format!("{} {:?}\n{wrong}{}", self.rule, self.edits, shown())) }
    }

    /// The mutated files, and the marked places in their order.
    #[expect(clippy::type_complexity, reason = "files, and places as path, start and end")]
    fn files(&self, base: &Files) -> Result<(Files, Vec<(String, usize, usize)>), String> {
        let mut files = base.clone();
        for (path, old, new) in &self.edits {
            let text = files.entry(path.clone()).or_default();
            if old.is_empty() {
                text.clone_from(new);
            } else if text.replace(['«', '»'], "").matches(old.as_str()).count() == 1 {
                *text = text.replacen(old.as_str(), new, 1);
            } else {
                return Err(format!("{}: `{old}` is not once in {path}", self.rule));
            }
        }
        let mut marked = vec![];
        for (path, text) in &mut files {
            while let Some(start) = text.find('«') {
                text.replace_range(start..start + '«'.len_utf8(), "");
                let end = text.find('»').ok_or_else(|| format!("{}: `«` without `»`", self.rule))?;
                text.replace_range(end..end + '»'.len_utf8(), "");
                marked.push((path.clone(), start, end));
            }
        }
        Ok((files, marked))
    }
}

/// `path:line:column`, and the text there: its first line.
fn place(path: &str, text: &str, start: usize, end: usize) -> String {
    let (before, marked) = (text.split_at(start).0, text.split_at(end).0.split_at(start).1);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{path}:{line}:{column} {:?}", marked.lines().next().unwrap_or_default())
}

/// What `validate` does, but for reading the files.
pub(crate) fn validate(files: Files) -> Built {
    let yaml = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "yaml");
    let (manifests, texts): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| yaml(path));
    build(manifests, &texts.into_iter().collect::<Files>(), KINDS, &Options::default())
}

/// The workspace of `tests/mutants/base`.
pub(crate) fn base() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/base");
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
