//! What is tested for every field of every kind without writing a test: the conformance suite. Each field is a test of its own,
//! and all that it takes is taken from the rows and from what the program says is missing.
//!
//! For each field: setting it alone (with what it needs live already) gives a plan of one step whose body has that field and no
//! other; changed by somebody else meanwhile, what was approved no longer covers the plan; what is live can be accepted;
//! applied to the sandbox and planned again, nothing is left to do; clearing it works where its row says so; and no output has
//! the text or the digest of a secret.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libtest_mimic::{Conclusion, Trial};
use serde_json::{Map, Value, json};
use supaform::apply::Report;
use supaform::diag::{Diagnostic, render};
use supaform::exit::Exit;
use supaform::kind::{find, infos};
use supaform::kinds::KINDS;
use supaform::record::{Annotation, Events, PlanRecord, ReportRecord};
use supaform::schema::members::members;
use supaform::schema::{Field, FieldPath, KindInfo, Shape, Type, Writes};
use supaform::session::{Against, Failure, Planned};
use supaform::view::build::{
    findings_document, plan_document, plan_findings, plan_suites, report_document, report_suites,
};
use supaform::view::document::Document;
use supaform::view::{Detail, github, junit, markdown, sarif, text};
use tracing_subscriber::fmt::MakeWriter;

use self::values::{FILE, another, nested, otherwise, sample};
use crate::support::canary::{CANARY, JWK, SIGNING, assert_unseen};
use crate::support::item_name;
use crate::support::stage::Stage;

/// More than any field needs.
const MOST_NEEDS: usize = 16;

/// How many fields somebody else could change in between.
static MOVED: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let rows = infos(KINDS).flat_map(|info| info.leaves().map(move |path| (info, path.name().to_owned(), path.row())));
    // The files of a folder are no fields: `kinds::migrations` tries them.
    let sent = |info: &KindInfo| !matches!(info.shape, Shape::Settings { write: Writes::Append(_), .. });
    rows.filter(move |(info, _, row)| sent(info) && !is_exempt(row)).map(|(info, name, row)| {
        Trial::test(format!("fields::{}.{name}", info.name), move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(Case::new(info, &name, row).conforms());
            Ok(())
        })
    })
}

/// Where all fields were tried, that no check was left out of too many.
pub(crate) fn check_all(ended: &Conclusion) {
    let moved = MOVED.load(Ordering::Relaxed);
    let all = ended.num_filtered_out == 0 && ended.num_failed == 0 && ended.num_passed > 0;
    assert!(!all || moved >= 100, "only {moved} fields could be changed between a plan and its apply");
}

/// The fields whose one-field manifest is refused by a rule of its kind, each with the reason.
fn is_exempt(field: &Field) -> bool {
    // A deprecated row is refused in favour of another one; one is never sent; of one word there is no other value; and what
    // only goes one way takes several runs.
    field.deprecated.is_some()
        || field.identity
        || field.local
        || matches!(field.ty, Type::Choice([_]))
        || field.reached.is_some()
}

/// Values of fields by kind and name, as YAML.
type Given = BTreeMap<&'static str, BTreeMap<String, String>>;

/// What the program says when something is missing, and whether it has to stand beside the field or to be live.
struct Missing {
    told: Vec<String>,
    beside: bool,
}

/// Everything that is printed or logged.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Printed {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Printed {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }

    fn plan(&self, record: &PlanRecord) {
        self.add(&record.json().to_string());
        self.document(&plan_document(record, &BTreeSet::new()));
        self.add(&junit(&plan_suites(record)));
        self.findings(&plan_findings(record));
    }

    fn report(&self, record: &ReportRecord) {
        self.add(&record.json().to_string());
        self.add(&Events::finished(record));
        self.document(&report_document(record));
        self.add(&junit(&report_suites(record)));
        self.findings(&Annotation::of_report(record));
    }

    fn document(&self, document: &Document) {
        let full = Detail { full: true, ..Detail::default() };
        self.add(&text(document, full).render(false, 100));
        self.add(&markdown(document, full, 1 << 20).map(|page| page.text).unwrap_or_default());
    }

    fn findings(&self, findings: &[Annotation]) {
        self.document(&findings_document(findings));
        self.add(&github(findings));
        self.add(&serde_json::to_string(&sarif(findings)).expect("JSON"));
    }

    fn failure(&self, failure: &Failure) {
        self.add(&render::human(&failure.findings.sorted(), &failure.sources, false, 100));
    }
}

/// One field of one kind, and a project on which it is set.
struct Case<'a> {
    info: &'static KindInfo,
    name: &'a str,
    field: &'static Field,
    stage: Stage,
    printed: Printed,
}

impl<'a> Case<'a> {
    fn new(info: &'static KindInfo, name: &'a str, field: &'static Field) -> Self {
        let mut stage = Stage::new("");
        stage.variables = vec![("CANARY", CANARY), ("SIGNING", SIGNING), ("JWK", JWK)];
        stage
            .sandbox
            .edit(|state| state.projects.values_mut().for_each(|it| it.addons.extend(["cd_default".to_owned()])));
        if info.form.is_some() {
            // Made of files, which are tried elsewhere: here it is there already, and its fields change without them.
            let item = json!({"id": "i", "name": "item", "version": 1});
            stage.live(|project| project.functions.insert("item".to_owned(), serde_json::from_value(item).unwrap()));
        }
        Self { info, name, field, stage, printed: Printed::default() }
    }

    /// Tries all of it, and looks at everything that was printed or logged on the way.
    async fn conforms(self) {
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(self.printed.clone());
        let logged = tracing::subscriber::set_default(lines.finish());
        self.holds().await;
        drop(logged);
        let printed = self.printed.0.lock().unwrap();
        assert!(!printed.is_empty());
        assert_unseen(&String::from_utf8_lossy(&printed));
    }

    async fn holds(&self) {
        let Self { info, name, field, .. } = self;
        let (value, wire) = sample(field);
        let beside = self.prepare(&value).await;
        // What an item is made with comes along with it.
        if self.is_of_an_item() && !beside.is_empty() && !field.fixed {
            self.want(&beside, None);
            self.applies(&[]).await;
        }
        self.want(&beside, Some(&value));
        let planned = self.plan().await.unwrap();
        self.sends_the_field_alone(&planned, wire, &beside);

        match self.stage.accept(&format!("p/{}", info.name)).await {
            Ok(_) => self.is_settled("what is live was accepted").await,
            // What is live is nothing, and a manifest has no word for that; or it is a secret, which nobody can read.
            Err(failure) => {
                let unread = |it: &&Diagnostic| it.message.ends_with("a secret cannot be read back");
                let unread = field.is_secret() && failure.findings.sorted().iter().all(unread);
                assert!(failure.exit == Exit::Refused && (!field.nullable() || unread), "{:?}", failure.findings);
            }
        }

        self.want(&beside, Some(&value));
        let mut allowed = allowed(info, name, field);
        allowed.extend(beside.keys().map(|name| format!("p/{}/{name}", info.name)));
        self.moves(&beside, &value).await;
        self.applies(&allowed).await;
        self.is_settled("it was applied").await;
        if field.nullable() {
            self.want(&beside, Some("null"));
            self.applies(&allowed).await;
            self.is_settled("it was cleared").await;
        }
    }

    const fn is_of_an_item(&self) -> bool {
        matches!(self.info.shape, Shape::Collection { scalar: None, .. })
    }

    /// Writes a manifest with this value of the field, or without it, and with what must stand beside it.
    fn want(&self, beside: &BTreeMap<String, String>, value: Option<&str>) {
        let mut lines: Vec<String> = beside.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.extend(value.map(|value| nested(self.name, self.field.name, value)));
        let lines = lines.join("\n");
        let section = match self.info.shape {
            Shape::Settings { .. } => lines.replace('\n', "\n  "),
            Shape::Collection { scalar: Some(_), .. } => format!("ITEM: {}", value.unwrap_or_default()),
            Shape::Collection { scalar: None, .. } => {
                format!("{}:\n    {}", item_name(self.info), lines.replace('\n', "\n    "))
            }
        };
        self.write(&format!("{}:\n  {section}\n", self.info.name));
        beside.values().map(String::as_str).chain(value).for_each(|value| self.write_file(value));
    }

    fn write(&self, sections: &str) {
        let head = "project: p\norganization: acme-inc\nname: Acme Quickstart\n";
        self.stage.write("p.yaml", &format!("{head}{sections}"));
    }

    /// The file that a value names.
    fn write_file(&self, value: &str) {
        if let Some(path) = value.split("file: ").nth(1).and_then(|rest| rest.split(['}', ',']).next()) {
            self.stage.write(path.trim(), FILE);
        }
    }

    /// Makes live what the field needs, for as long as its plan is refused because something is missing. What must stand beside it.
    async fn prepare(&self, value: &str) -> BTreeMap<String, String> {
        let (mut beside, mut live) = (Given::new(), Given::new());
        for _ in 0..MOST_NEEDS {
            let own = beside.entry(self.info.name).or_default();
            self.want(own, Some(value));
            match self.missing().await {
                None => return std::mem::take(own),
                Some(Missing { told, beside: true }) => self.provide(&told, &mut beside, false),
                Some(Missing { told, beside: false }) => {
                    self.provide(&told, &mut live, false);
                    self.make_live(&mut live).await;
                }
            }
        }
        panic!("it needs more and more: beside it {beside:?}, live {live:?}")
    }

    async fn make_live(&self, live: &mut Given) {
        for _ in 0..MOST_NEEDS {
            let mut sections = String::new();
            for (kind, values) in live.iter() {
                let mut section = Map::new();
                for (name, value) in values {
                    self.write_file(value);
                    let path = find(KINDS, kind).unwrap().info().find(name).unwrap();
                    path.put(&mut section, serde_yaml::from_str(value).unwrap());
                }
                writeln!(sections, "{kind}: {}", Value::Object(section)).unwrap();
            }
            self.write(&sections);
            let Some(Missing { told, .. }) = self.missing().await else {
                let planned = self.plan().await.unwrap();
                let asked = planned.plan.projects["p"].refusals.iter().map(|refusal| refusal.at.to_string());
                return self.applies(&asked.collect::<Vec<_>>()).await;
            };
            self.provide(&told, live, true);
        }
        panic!("what is to be live needs more and more: {live:?}")
    }

    /// Why the manifest is refused for good.
    async fn missing(&self) -> Option<Missing> {
        let planned = match self.plan().await {
            Ok(planned) => planned,
            Err(failure) => {
                let found = failure.findings.sorted();
                let told = found.iter().flat_map(|it| std::iter::once(&it.message).chain(&it.hints)).cloned().collect();
                return Some(Missing { told, beside: true });
            }
        };
        let refusals = &planned.plan.projects["p"].refusals;
        let told = refusals.iter().filter(|refusal| refusal.allow.is_none());
        let told: Vec<_> =
            told.flat_map(|it| std::iter::once(&it.finding.message).chain(&it.finding.hints)).cloned().collect();
        // An item is made with all that it needs, and what another kind has is live before.
        let beside = self.is_of_an_item() && named(self.info, &told).any(|(_, row)| row.name != self.field.name);
        (!told.is_empty()).then_some(Missing { told, beside })
    }

    /// Gives what the program says is missing: the first field that it names; the field itself, otherwise than it is to be, where
    /// that may be and what it needs needs it in turn; or another value of one that is there.
    fn provide(&self, told: &[String], given: &mut Given, may_be_itself: bool) {
        let kinds =
            std::iter::once(self.info).chain(self.info.looks_at.iter().map(|kind| find(KINDS, kind).unwrap().info()));
        let all: Vec<_> =
            kinds.flat_map(|kind| named(kind, told).map(move |(name, row)| (kind.name, name, row))).collect();
        let others = || all.iter().filter(|(kind, name, _)| (*kind, name.as_str()) != (self.info.name, self.name));
        let is_given =
            |given: &Given, kind: &str, name: &str| given.get(kind).is_some_and(|own| own.contains_key(name));
        if let Some((kind, name, row)) = others().find(|(kind, name, _)| !is_given(given, kind, name)) {
            given.entry(kind).or_default().insert(name.clone(), sample(row).0);
            return;
        }
        let names_itself = all.iter().any(|(kind, name, _)| (*kind, name.as_str()) == (self.info.name, self.name));
        if may_be_itself && names_itself && !is_given(given, self.info.name, self.name) {
            given.entry(self.info.name).or_default().insert(self.name.to_owned(), otherwise(self.field));
            return;
        }
        for (kind, name, row) in others() {
            let value = given.get_mut(kind).and_then(|own| own.get_mut(name)).unwrap();
            if let Some(other) = another(row, value) {
                *value = other;
                return;
            }
        }
        panic!("it is not said what is missing: {told:?}")
    }

    async fn plan(&self) -> Result<Planned, Failure> {
        let session = self.stage.session();
        let planned = match session.load_with_secrets(None).await {
            Ok(workspace) => session.plan(workspace, Against::default()).await,
            Err(failure) => Err(failure),
        };
        match &planned {
            Ok(planned) => self.printed.plan(&PlanRecord::of(&planned.plan, &planned.workspace.sources)),
            Err(failure) => self.printed.failure(failure),
        }
        planned
    }

    async fn apply(&self, allowed: &[String]) -> Result<Report, Failure> {
        let session = self.stage.session();
        let workspace = session.load_with_secrets(None).await?;
        let planned = session.plan_to_write(workspace, Against::default(), Duration::ZERO).await?;
        let cleared = planned.clear(&allowed.iter().cloned().collect())?;
        let sources = &cleared.planned().workspace.sources;
        let events = Mutex::new(Events::default());
        let tell = |event: supaform::apply::Event<'_>| {
            self.printed.add(&events.lock().unwrap().line(&event, sources).unwrap_or_default());
        };
        let report = session.apply(&cleared, &tell).await?;
        self.printed.report(&ReportRecord::of(&report, sources));
        Ok(report)
    }

    async fn applies(&self, allowed: &[String]) {
        let report = self.apply(allowed).await.unwrap();
        assert_eq!(report.exit(), Exit::Done, "{report:?}");
    }

    async fn is_settled(&self, since: &str) {
        let planned = self.plan().await.unwrap();
        let project = &planned.plan.projects["p"];
        let quiet = project.blocked.is_none() && project.refusals.is_empty() && project.changes.is_empty();
        assert!(quiet && planned.plan.steps.is_empty(), "{since}, and something is left: {:?}", planned.plan);
    }

    /// A field that somebody else changes between a plan that was approved and its apply is not covered by the approval; counted,
    /// where there is another value that can be set alone and is not live anyway.
    async fn moves(&self, beside: &BTreeMap<String, String>, value: &str) {
        // What an item is made with is never changed, so no step would do it.
        let Some(other) = another(self.field, value).filter(|_| !self.field.fixed) else { return };
        let before = self.stage.sandbox.edit(|state| state.clone());
        let approved = self.plan().await.unwrap().plan.steps.iter().map(|step| step.hash.clone()).collect();
        self.want(beside, Some(&other));
        let differs = self.plan().await.is_ok_and(|it| it.plan.projects.values().any(|it| !it.changes.is_empty()));
        let allowed = [format!("p/{}/{}", self.info.name, self.name)];
        let moved = differs && self.apply(&allowed).await.is_ok_and(|report| report.exit() == Exit::Done);
        self.want(beside, Some(value));
        if moved {
            let now = self.plan().await.unwrap();
            assert!(now.unapproved(&approved).contains_key("p"), "{other} was set since the plan of {value}");
            MOVED.fetch_add(1, Ordering::Relaxed);
        }
        self.stage.sandbox.edit(|state| *state = before);
    }

    /// One field is one step, whose request has that field, what its row says goes along, and no other.
    fn sends_the_field_alone(&self, planned: &Planned, wire: Option<Value>, beside: &BTreeMap<String, String>) {
        let Self { info, name, field, .. } = self;
        let plan = PlanRecord::of(&planned.plan, &planned.workspace.sources).json();
        assert!(planned.plan.projects["p"].blocked.is_none(), "{plan:#}");
        // What is asked before settles nothing.
        let settle = |(_, step): &(usize, &supaform::model::Step)| !step.changes.is_empty();
        let writes: Vec<usize> = planned.plan.steps.iter().enumerate().filter(settle).map(|(at, _)| at).collect();
        let &[at] = writes.as_slice() else { panic!("one field is one step: {plan:#}") };
        let step = &plan["steps"][at];
        let sent = sent(step);
        if let Shape::Collection { scalar: None, key, .. } = info.shape {
            let made_with: &[&str] = if step["method"] == "POST" { &[key, "type"] } else { &[] };
            let members = info.also_made_by.and_then(|(_, at)| sent.pointer(at)).unwrap_or(&sent);
            let keys: Vec<&str> = members.as_object().expect("an object").keys().map(String::as_str).collect();
            assert!(keys.contains(&field.name), "sends {keys:?}");
            let own = |key: &&str| info.own_members.contains(key);
            let along = |key: &&str| step["also_sends"].as_array().is_some_and(|it| it.iter().any(|it| it == *key));
            let made_along = |key: &str| field.fixed && beside.contains_key(key);
            let fits =
                |key: &&str| *key == field.name || made_with.contains(key) || own(key) || along(key) || made_along(key);
            assert!(keys.iter().all(fits), "sends {keys:?}");
        }
        if let Shape::Settings { write: Writes::Enable(path), .. } = info.shape {
            let path = path.replace("{ref}", "quickstartquickstart");
            assert!(sent.is_null() && step["path"] == path, "sends {step}");
        } else if let Shape::Settings { write: Writes::PutQuery, .. } = info.shape {
            let query = format!("?{}={}", field.name, wire.as_ref().expect("a value"));
            assert!(sent.is_null() && step["path"].as_str().unwrap().ends_with(&query), "sends {step}");
        } else if let Shape::Settings { sent_at, write, .. } = info.shape {
            let body = sent_at.map_or(&sent, |key| &sent[key]);
            // A name of ours stands for one of the API's, and what a kind sends by itself is no setting.
            let sent = field.api_name.unwrap_or(name);
            let own = |key: &&String| !info.own_members.contains(&key.as_str());
            let body = body.as_object().expect("an object");
            let keys: Vec<String> = body.iter().filter(|(key, _)| own(key)).flat_map(names_of(info)).collect();
            let along = step["also_sends"].as_array().unwrap().iter().filter_map(Value::as_str);
            // Some documents are written whole.
            let whole = matches!(write, Writes::Put | Writes::Post(_));
            let rows = info.all_fields().filter(|_| whole).map(|row| row.api_name.unwrap_or(row.name));
            let along: Vec<&str> = along.chain(rows).collect();
            let extra: Vec<_> = keys.iter().filter(|key| *key != sent && !along.contains(&key.as_str())).collect();
            assert!(keys.iter().any(|key| key == sent) && extra.is_empty(), "sends {keys:?}");
            if let Some(wire) = wire.filter(|_| field.api_name.is_none()) {
                assert_eq!(info.find(name).unwrap().get(body), Some(&wire));
            }
        }
    }
}

/// The fields of a kind that texts name in back quotes, in the order of the texts.
fn named(info: &'static KindInfo, told: &[String]) -> impl Iterator<Item = (String, &'static Field)> {
    let quoted = told.iter().flat_map(|text| text.split('`').skip(1).step_by(2));
    let words = quoted.flat_map(|quoted| quoted.split(|it: char| !it.is_alphanumeric() && !"_.".contains(it)));
    words.filter_map(move |word| {
        info.leaves().find(|path| path.name() == word).map(|path| (word.to_owned(), path.row()))
    })
}

/// What allows a change of a field, and of what goes along with it.
fn allowed(info: &KindInfo, name: &str, field: &Field) -> Vec<String> {
    let along = field.takes_along.iter().flat_map(|along| along.fields).filter(|name| !name.ends_with('*'));
    std::iter::once(name).chain(along.copied()).map(|name| format!("p/{}/{name}", info.name)).collect()
}

/// What a step sends, with a word where a secret goes.
fn sent(step: &Value) -> Value {
    let mut body = step["request"]["body"].clone();
    for pointer in step["request"]["secrets"].as_object().expect("places").keys() {
        let mut place = &mut body;
        for name in pointer.split('/').skip(1) {
            place = match place {
                Value::Array(items) => &mut items[name.parse::<usize>().expect("an index")],
                object => &mut object[name],
            };
        }
        *place = "(secret)".into();
    }
    body
}

/// The settings that a member of a body holds, by their names with dots.
fn names_of(info: &'static KindInfo) -> impl Fn((&String, &Value)) -> Vec<String> {
    move |(key, value)| match (info.field(key).and_then(members), value) {
        (Some(_), Value::Object(inner)) => {
            let document = Map::from_iter([(key.clone(), Value::Object(inner.clone()))]);
            let named = FieldPath::leaves(info.field(key).unwrap());
            named.iter().filter(|path| path.get(&document).is_some()).map(|path| path.name().to_owned()).collect()
        }
        _ => vec![key.clone()],
    }
}
