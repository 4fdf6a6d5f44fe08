//! What a plan costs within the process, from the bytes of the manifests to the text for people.
//!
//! `cargo bench --bench pipeline`. Files are made up: one project each, with 100 settings of `auth`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use serde_json::{Map, Value};
use supaform::diag::{Diagnostics, Sources};
use supaform::files::Refused;
use supaform::kinds::KINDS;
use supaform::manifest::{self, Built, Texts};
use supaform::model::{Live, LiveKind, LiveProject, Plan, ProjectRef, Status};
use supaform::plan::{Inputs, make};
use supaform::record::{PlanRecord, ProjectRecord, RecordedValue};
use supaform::schema::{Field, Literal, Type};
use supaform::secret::Vault;
use supaform::view::build::plan_document;
use supaform::view::{Detail, markdown, text};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

/// Settings in a file.
const FIELDS: usize = 100;

/// Files in a workspace.
const SIZES: &[usize] = &[10, 100, 1000];

fn main() {
    divan::main();
}

struct NoTexts;

impl Texts for NoTexts {
    fn read(&self, _: &str) -> Result<Arc<str>, Refused> {
        Err(Refused::Missing)
    }
}

/// Settings that need nothing else, each with a value that is not the platform's.
fn settings() -> Vec<(&'static Field, Value)> {
    let auth = supaform::kind::find(KINDS, "auth").expect("auth").info();
    let alone = auth.all_fields().filter(|field| {
        field.needs.is_empty() && !field.name.starts_with("hook_") && !field.name.ends_with("_additional_client_ids")
    });
    let valued = alone.filter_map(|field| {
        let value = match field.ty {
            Type::Bool => Value::Bool(field.default != Some(Literal::Bool(true))),
            Type::Int { min, max } if field.unit.is_none() => Value::from((min + 1).min(max)),
            Type::Text(rule) if rule.form.is_none() && !field.is_secret() => Value::from("a text of some length"),
            Type::Int { .. }
            | Type::Text(_)
            | Type::Number { .. }
            | Type::Choice(_)
            | Type::List(..)
            | Type::Map(_)
            | Type::Object(_)
            | Type::Any => return None,
        };
        Some((field, value))
    });
    let settings: Vec<_> = valued.take(FIELDS).collect();
    assert_eq!(settings.len(), FIELDS, "auth has too few settings of this form");
    settings
}

fn reference(number: usize) -> ProjectRef {
    let letter = |place: u32| char::from(b'a' + u8::try_from(number / 26_usize.pow(place) % 26).expect("a letter"));
    let text: String = (0..20).map(|place| if place < 4 { letter(place) } else { 'z' }).collect();
    ProjectRef::parse(&text).expect("a ref")
}

fn files(many: usize) -> Vec<(String, String)> {
    let mut body = String::from("auth:\n");
    for (field, value) in settings() {
        writeln!(body, "  {}: {value}", field.name).expect("a text");
    }
    let file = |number: usize| {
        let text = format!("# Project {number}.\nproject: p{number}\nref: {}\n{body}", reference(number));
        (format!("projects/p{number}.yaml"), text)
    };
    let marker = ("supaform.yaml".to_owned(), "version: 1\n".to_owned());
    std::iter::once(marker).chain((0..many).map(file)).collect()
}

fn build(files: Vec<(String, String)>) -> Built {
    let built = manifest::build(files, &NoTexts, KINDS, &manifest::Options::default());
    assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
    built
}

/// Every setting differs.
fn live(many: usize) -> Live {
    let document: Map<String, Value> =
        settings().into_iter().map(|(field, _)| (field.name.to_owned(), Value::Null)).collect();
    let project = |number: usize| LiveProject {
        reference: Some(reference(number)),
        name: format!("p{number}"),
        organization: "acme-inc".to_owned(),
        region: "eu-central-1".to_owned(),
        status: Status::Usable,
        kinds: BTreeMap::from([("auth", LiveKind::Settings(document.clone()))]),
        parent: None,
    };
    Live { projects: (0..many).map(|number| (format!("p{number}"), project(number))).collect() }
}

fn plan(built: &Built, live: &Live) -> Plan {
    make(Inputs {
        registry: KINDS,
        api: "https://api.supabase.com",
        desired: &built.desired,
        live,
        blocked: &BTreeMap::new(),
        vault: &Vault::new(),
    })
}

fn render(plan: &Plan, sources: &Sources) -> String {
    text(&plan_document(&PlanRecord::of(plan, sources), &BTreeSet::new()), Detail::default()).render(false, 100)
}

/// Text to what is desired: read, validated, merged.
#[divan::bench(args = SIZES)]
fn load(bencher: Bencher<'_, '_>, many: usize) {
    bencher.counter(ItemsCount::new(many * FIELDS)).with_inputs(|| files(many)).bench_values(build);
}

/// Desired against live, to ordered calls.
#[divan::bench(args = SIZES)]
fn diff_and_plan(bencher: Bencher<'_, '_>, many: usize) {
    let (built, live) = (build(files(many)), live(many));
    bencher.counter(ItemsCount::new(many * FIELDS)).bench_local(|| plan(black_box(&built), black_box(&live)));
}

/// A plan as text.
#[divan::bench(args = SIZES)]
fn render_text(bencher: Bencher<'_, '_>, many: usize) {
    let built = build(files(many));
    let plan = plan(&built, &live(many));
    bencher.counter(ItemsCount::new(many * FIELDS)).bench_local(|| render(black_box(&plan), &built.sources));
}

/// A plan of 200 projects with 40 changed fields each as a comment within the limits of hosts, at its worst: every value is
/// another one in each project, so that nothing can be told together.
#[divan::bench(args = [1_000_000, 65_000, 32_000])]
fn comment_on_a_fleet(bencher: Bencher<'_, '_>, limit: usize) {
    let built = build(files(200));
    let mut record = PlanRecord::of(&plan(&built, &live(200)), &built.sources);
    for ProjectRecord { project, changes, .. } in &mut record.projects {
        let fields = &mut changes[0].fields;
        fields.truncate(40);
        for field in fields {
            field.before = Some(RecordedValue::Value(format!("what {project} had").into()));
            field.after = Some(RecordedValue::Value(format!("what {project} is to have").into()));
        }
    }
    bencher.counter(ItemsCount::new(200 * 40_usize)).bench_local(|| {
        markdown(&plan_document(black_box(&record), &BTreeSet::new()), Detail::default(), limit).expect("it fits")
    });
}

/// All of it.
#[divan::bench(args = SIZES)]
fn whole(bencher: Bencher<'_, '_>, many: usize) {
    let live = live(many);
    bencher.counter(ItemsCount::new(many * FIELDS)).with_inputs(|| files(many)).bench_local_values(|files| {
        let built = build(files);
        render(&plan(&built, &live), &built.sources)
    });
}

/// All of it, five times as much: the time must not grow by more than a tenth beside that.
const FIVE_TIMES: &[usize] = &[1000, 5000];

#[divan::bench(args = FIVE_TIMES, sample_count = 5)]
fn whole_as_text(bencher: Bencher<'_, '_>, many: usize) {
    whole_as(bencher, many, |plan, sources| drop(black_box(render(plan, sources))));
}

#[divan::bench(args = FIVE_TIMES, sample_count = 5)]
fn whole_as_markdown(bencher: Bencher<'_, '_>, many: usize) {
    whole_as(bencher, many, |plan, sources| {
        let page = plan_document(&PlanRecord::of(plan, sources), &BTreeSet::new());
        drop(black_box(markdown(&page, Detail::default(), usize::MAX).expect("it fits")));
    });
}

#[divan::bench(args = FIVE_TIMES, sample_count = 5)]
fn whole_as_json(bencher: Bencher<'_, '_>, many: usize) {
    whole_as(bencher, many, |plan, sources| {
        serde_json::to_writer_pretty(std::io::sink(), &PlanRecord::of(plan, sources).sealed()).expect("JSON");
    });
}

fn whole_as(bencher: Bencher<'_, '_>, many: usize, show: impl Fn(&Plan, &Sources)) {
    let live = live(many);
    bencher.counter(ItemsCount::new(many * FIELDS)).with_inputs(|| files(many)).bench_local_values(|files| {
        let built = build(files);
        show(&plan(&built, &live), &built.sources);
    });
}

/// Our reader, which knows the place of every value and key.
#[divan::bench]
fn read_with_places(bencher: Bencher<'_, '_>) {
    let files = files(1000);
    bencher.counter(bytes(&files)).bench_local(|| {
        let mut findings = Diagnostics::new();
        let mut sources = Sources::new();
        for (path, text) in &files {
            let id = sources.add(path.as_str(), text.as_str());
            black_box(supaform::yaml::read(&sources, id, &mut findings));
        }
    });
}

/// `serde_yaml` on the same bytes.
#[divan::bench]
fn read_with_serde_yaml(bencher: Bencher<'_, '_>) {
    let files = files(1000);
    bencher.counter(bytes(&files)).bench_local(|| {
        for (_, text) in &files {
            black_box(serde_yaml::from_str::<serde_yaml::Value>(text).expect("YAML"));
        }
    });
}

fn bytes(files: &[(String, String)]) -> BytesCount {
    BytesCount::new(files.iter().map(|(_, text)| text.len()).sum::<usize>())
}
