//! Generated manifests, each different: valid ones bent, and ones put together of what the language has and of what attackers
//! write. None makes the reader panic, points outside of its text, or takes more than a moment and a little memory.
//!
//! `SUPAFORM_FUZZ=1000000 cargo test --test fuzz` reads more of them than the suite does.

#![expect(clippy::print_stdout, reason = "figures are for whoever asks for them")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use supaform::diag::{Diagnostics, Sources, render};
use supaform::files::Refused;
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::manifest::{Options, Texts, build};
use supaform::record::Annotation;
use supaform::view::{github, sarif};

/// How many the suite reads.
const USUAL: u64 = 1_000;
/// The most of a manifest that takes a moment: nanoseconds of the processor, for code that is not optimised.
const MOMENT: u64 = 2_000_000_000;
/// The most memory that all of them together take beyond what the process has at its start.
const MEMORY: u64 = 64 * 1024 * 1024;

/// What the language has, and what breaks readers.
const PIECES: &[&str] = &[
    "project: a\n",
    "projects:\n",
    "profile: b\n",
    "common:\n",
    "ref: aaaaaaaaaaaaaaaaaaaa\n",
    "organization: acme-inc\n",
    "name: Acme\n",
    "extends: [b]\n",
    "extends: b\n",
    "vars: {x: 1}\n",
    "requires: [x]\n",
    "labels: {env: prod}\n",
    "protected: true\n",
    "create: true\n",
    "manage: {secrets: {prune: true}}\n",
    "version: 1\n",
    "manifests: [projects]\n",
    "ignore: [{path: a/auth/x, reason: r, owner: o, until: 2027-01-31}]\n",
    "allow: [{classes: [restart], select: a, reason: r}]\n",
    "auth:\n",
    "  ",
    "    ",
    "\t",
    "- ",
    "? ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "\n",
    "\r\n",
    "\r",
    "# ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "!include x",
    "|\n",
    ">-\n",
    "|9\n",
    "'",
    "\"",
    "\\",
    "\\u0000",
    "~",
    "null",
    "true",
    "yes",
    "0123",
    "1e309",
    "-0",
    ".nan",
    "0x1F",
    "1_000",
    "1h30m",
    "8s",
    "64MB",
    "2026-01-01",
    "12:30:45",
    "${var.x}",
    "${project.ref}",
    "${label.env}",
    "${",
    "$${",
    "${var.${var.x}}",
    "{secret: X}",
    "{env: X}",
    "{file: a.html}",
    "{file: ../.git/config}",
    "{file: a.html, fill: true}",
    "{exec: [sh, -c, x]}",
    "{plain: x}",
    "{unmanaged: true}",
    "{append: [x], remove: [y]}",
    "env(X)",
    "extra:\n",
    "extra_secrets:\n",
    "日本語",
    "é",
    "e\u{301}",
    "\u{feff}",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "\u{85}",
    "\u{7f}",
    "\u{0}",
    "\u{1f600}",
    "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
    "-----BEGIN PRIVATE KEY-----",
    "https://a:b@c/",
    "javascript:x",
    "0.0.0.0/0",
    "::/0",
    "v1,whsec_AAAA",
    "a: 1\na: 2\n",
    "x",
    " ",
];

/// `SplitMix64`: the same seed gives the same manifests.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (most.max(1) as u64)).expect("small")
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

struct Generator {
    draw: Draw,
    names: Vec<&'static str>,
    /// A workspace without a fault: paths and texts.
    valid: Vec<(&'static str, String)>,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let fields = infos(KINDS).flat_map(|info| info.all_fields().map(|field| field.name));
        let names = infos(KINDS).map(|info| info.name).chain(fields).collect();
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/base");
        let read = |name: &str| fs::read_to_string(base.join(name)).expect("the base of the mutants");
        let valid = [
            "profiles/base.yaml",
            "profiles/strict.yaml",
            "projects/acme.yaml",
            "projects/prod-auth.yaml",
            "projects/prod.yaml",
        ];
        Self { draw: Draw(seed), names, valid: valid.map(|name| (name, read(name))).into() }
    }

    /// A name of the table, often with a slip of the finger.
    fn name(&mut self) -> String {
        let mut name = self.draw.of(&self.names.clone()).to_owned();
        if self.draw.below(3) == 0 {
            let at = self.draw.below(name.len());
            name.remove(at);
        }
        name
    }

    fn piece(&mut self) -> String {
        match self.draw.below(8) {
            0 => self.name() + ": ",
            1 => char::from_u32(u32::try_from(self.draw.below(0x11_0000)).expect("small"))
                .map(String::from)
                .unwrap_or_default(),
            2 => self.draw.of(PIECES).repeat(1 + self.draw.below(40)),
            _ => self.draw.of(PIECES).to_owned(),
        }
    }

    /// One of the valid manifests with some places changed.
    fn bent(&mut self, at: usize) -> String {
        let mut text = self.valid[at].1.clone();
        for _ in 0..=self.draw.below(4) {
            let start = text.floor_char_boundary(self.draw.below(text.len()));
            let end = text.floor_char_boundary((start + self.draw.below(24)).min(text.len()));
            let new = if self.draw.below(4) == 0 { String::new() } else { self.piece() };
            text.replace_range(start..end, &new);
        }
        text
    }

    /// A section with fields that are there, nearly there, or not there at all.
    fn section(&mut self) -> String {
        let mut text = format!("project: a\nref: aaaaaaaaaaaaaaaaaaaa\n{}:\n", self.name());
        for _ in 0..self.draw.below(12) {
            let (name, value) = (self.name(), self.piece());
            text.push_str(&format!("  {name}: {value}\n"));
        }
        text
    }

    fn pieces(&mut self) -> String {
        (0..self.draw.below(60)).map(|_| self.piece()).collect()
    }

    /// A workspace of which one manifest is new: a valid one bent, or another beside a valid profile.
    fn workspace(&mut self) -> Vec<(&'static str, String)> {
        let mut files;
        let new = match self.draw.below(4) {
            0 | 1 => {
                files = self.valid.clone();
                let at = self.draw.below(files.len());
                files[at].1 = self.bent(at);
                at
            }
            drawn => {
                let text = if drawn == 2 { self.section() } else { self.pieces() };
                files = vec![self.valid[0].clone(), ("a.yaml", text)];
                1
            }
        };
        // Now and then a large one.
        if self.draw.below(2_000) == 0 {
            let text = &mut files[new].1;
            *text = text.repeat((64 << 10) / text.len().max(1));
        }
        files
    }
}

struct Page;

impl Texts for Page {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        match path.rsplit('/').next() {
            Some("a.html") => Ok("<p>${var.x} ${</p>".into()),
            Some("confirm.html") => Ok("<p>{{ .ConfirmationURL }}</p>".into()),
            _ => Err(Refused::Missing),
        }
    }
}

/// Nanoseconds that this thread has had of a processor; nothing where the system does not tell.
fn spent() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The most memory that the process has had so far.
fn memory() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}

fn judge(found: &Diagnostics, sources: &Sources) {
    let sorted = found.sorted();
    for finding in &sorted {
        for span in finding.labels.iter().map(|label| label.span).chain(finding.fix.iter().map(|fix| fix.span)) {
            let text = &sources.get(span.source).text;
            let (start, end) = (span.start as usize, span.end as usize);
            assert!(start <= end && end <= text.len(), "{finding:?} points outside of its text");
        }
    }
    let json = render::json(&sorted, sources);
    for place in json.as_array().expect("an array").iter().filter(|place| place.get("line").is_some()) {
        let at = |line: &str, column: &str| (place[line].as_u64(), place[column].as_u64());
        assert!(at("line", "column") <= at("end_line", "end_column"), "{place} ends before it starts");
    }
    black_box(render::human(&sorted, sources, false, 100));
    black_box(render::short(&sorted, sources));
    let findings = Annotation::of_diagnostics(&sorted, sources);
    black_box(serde_json::to_vec(&sarif(&findings)).expect("JSON"));
    black_box(github(&findings));
}

#[test]
fn no_manifest_breaks_the_reader_or_takes_long() {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
    let many = std::env::var("SUPAFORM_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    let mut generator = Generator::new(0x000f_ac75);
    let mut read = |index: u64| {
        let files = generator.workspace();
        let marker = if index.is_multiple_of(16) { generator.pieces() } else { "version: 1\n".to_owned() };
        let all = files.iter().map(|(path, text)| ((*path).to_owned(), text.clone()));
        let all = all.chain([("supaform.yaml".to_owned(), marker)]).collect();
        let before = spent();
        let told = std::panic::catch_unwind(|| {
            let built = build(all, &Page, KINDS, &Options::default());
            judge(&built.diagnostics, &built.sources);
            built.diagnostics.has_errors()
        });
        let took = spent() - before;
        let errors = told.unwrap_or_else(|_| panic!("manifest {index}: {files:?}"));
        assert!(took <= MOMENT, "manifest {index} took {} ms: {files:?}", took / 1_000_000);
        (took, errors)
    };
    read(0);
    let (start, mut slowest, mut invalid) = (memory(), 0, 0_u64);
    for index in 1..=many {
        let (took, errors) = read(index);
        slowest = slowest.max(took);
        invalid += u64::from(errors);
    }
    let more = memory() - start;
    println!(
        "{many} manifests, {invalid} of them with errors; the slowest took {} µs, all together {} KiB more of memory",
        slowest / 1000,
        more / 1024
    );
    assert!(more <= MEMORY, "{more} bytes more");
    assert!(invalid < many, "some are valid");
}
