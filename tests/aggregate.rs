//! One read of all settings in place of several: it may spare reads, and never shows in what is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use supaform::exit::Exit;
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::observe::Reads;
use supaform::record::{DriftRecord, PlanRecord};
use supaform::sandbox::{Fault, Project, Rule, V2Config};
use supaform::schema::{Field, KindInfo, Type, wire};
use supaform::session::{Against, Options, Planned};
use supaform::stop::Stop;

use crate::support::scene::REF;
use crate::support::stage::Stage;

/// The sections that the read shows, as they are on an untouched project.
const SETTLED: &str = "auth: {jwt_exp: 1h}\nstorage: {fileSizeLimit: 50MiB}\ndata_api: {max_rows: 1000}\n\
                       ssl_enforcement: {database: false}\nnetwork_restrictions: {mode: open}\n";

/// The read itself.
const WHOLE: &str = "/config";

fn options(stage: &Stage, reads: Reads) -> Options {
    Options { parallel: 1, reads, ..stage.options() }
}

/// A plan for which one request is under way at once, and what it asked: the last parts of the paths.
async fn plan(stage: &Stage, options: Options) -> (Planned, Vec<String>) {
    let asked = stage.sandbox.requests().as_array().unwrap().len();
    let session = stage.session_with(options, Stop::new());
    let workspace = session.load_with_secrets(None).await.unwrap();
    let planned = session.plan(workspace, Against::default()).await.unwrap();
    (planned, asked_since(stage, asked))
}

fn asked_since(stage: &Stage, first: usize) -> Vec<String> {
    let all = stage.sandbox.requests();
    let paths = all.as_array().unwrap()[first..].iter().map(|request| request["path"].as_str().unwrap().to_owned());
    paths.map(|path| path.split_once(REF).map_or(path.clone(), |(_, rest)| rest.to_owned())).collect()
}

fn told(planned: &Planned) -> Value {
    PlanRecord::of(&planned.plan, &planned.workspace.sources).json()
}

/// Both plans tell the same; what the one with the read of all settings asked.
async fn same(stage: &Stage) -> Vec<String> {
    let (plain, _) = plan(stage, options(stage, Reads::V1)).await;
    let (planned, asked) = plan(stage, options(stage, Reads::Auto)).await;
    assert_eq!(told(&planned), told(&plain));
    asked
}

#[tokio::test]
async fn what_is_as_wanted_is_read_at_once() {
    let stage = Stage::new(SETTLED);
    let (_, asked) = plan(&stage, options(&stage, Reads::V1)).await;
    assert_eq!(asked.len(), 6, "{asked:?}");
    assert_eq!(same(&stage).await, ["/v1/projects", WHOLE]);
    // Overrides and defaults look alike there, so these have reads of their own.
    stage.write("p.yaml", &(stage.read("p.yaml") + "postgres: {work_mem: 16MB}\nrealtime: {private_only: true}\n"));
    assert_eq!(same(&stage).await.len(), 4);
}

#[tokio::test]
async fn what_differs_or_was_touched_is_read_by_itself() {
    let stage = Stage::new(SETTLED);
    stage.live(|project| project.auth.insert("jwt_exp".to_owned(), 60.into()));
    assert_eq!(same(&stage).await, ["/v1/projects", WHOLE, "/config/auth"]);
    stage.live(|project| project.auth = Map::from_iter([("site_url".to_owned(), "https://theirs.example".into())]));
    assert_eq!(same(&stage).await, ["/v1/projects", WHOLE, "/config/auth"]);
    stage.live(|project| {
        project.network = serde_json::from_value(json!({
            "ipv4": ["203.0.113.0/24"], "ipv6": [], "updated_ms": 1,
            "pending": {"ipv4": [], "ipv6": [], "requested_ms": 2},
        }))
        .unwrap();
    });
    assert_eq!(same(&stage).await, ["/v1/projects", WHOLE, "/config/auth", "/network-restrictions"]);
}

#[tokio::test]
async fn what_the_read_shows_in_effect_only_has_its_own() {
    let stage = Stage::new(&SETTLED.replace("max_rows: 1000", "db_pool_max_lifetime: 30m"));
    // It is the platform's figure, which nobody has set.
    let (planned, asked) = plan(&stage, options(&stage, Reads::Auto)).await;
    assert_eq!(planned.plan.steps.len(), 1);
    assert_eq!(asked, ["/v1/projects", "/postgrest", WHOLE]);
}

#[tokio::test]
async fn two_sections_are_not_worth_it_nor_is_a_run_whose_reads_are_all_under_way_at_once() {
    let two = Stage::new("auth: {jwt_exp: 1h}\nssl_enforcement: {database: false}\n");
    assert!(!same(&two).await.contains(&WHOLE.to_owned()));
    let five = Stage::new(SETTLED);
    let (_, asked) = plan(&five, Options { parallel: 5, ..options(&five, Reads::Auto) }).await;
    assert_eq!(asked.len(), 6, "{asked:?}");
}

#[tokio::test]
async fn an_answer_that_shows_less_costs_the_reads_that_it_does_not_spare() {
    let stage = Stage::new(SETTLED);
    for (switch, reads) in [
        (V2Config::Full, 0),
        (V2Config::PartialBlocks, 2),
        (V2Config::Missing, 5),
        (V2Config::Forbidden, 5),
        (V2Config::WrongType, 5),
    ] {
        stage.sandbox.edit(|state| state.switches.v2_config = switch);
        let asked = same(&stage).await;
        assert_eq!(asked.len(), 2 + reads, "{switch:?}: {asked:?}");
    }
    // It is asked once, however it fails.
    stage.sandbox.edit(|state| state.switches.v2_config = V2Config::Full);
    for fault in [Fault::Refuse { status: 500, message: "no".to_owned() }, Fault::Limit { retry_after: 7 }, Fault::Cut]
    {
        let route = "GET /v2/projects/{ref}/config".to_owned();
        let rule = Rule { route, project: None, nth: 1, times: 1, fault: fault.clone(), seen: 0 };
        stage.sandbox.edit(|state| state.faults = vec![rule]);
        let asked = same(&stage).await;
        assert_eq!(asked.len(), 7, "{fault:?}: {asked:?}");
    }
}

/// So many projects with all sections as they are.
fn fleet(size: usize) -> Stage {
    let stage = Stage::new("");
    for at in 0..size {
        let reference: String = format!("{at:020}").chars().map(|c| char::from(b'a' + c as u8 - b'0')).collect();
        stage.write(&format!("p{at}.yaml"), &format!("project: p{at}\nref: {reference}\n{SETTLED}"));
        stage.sandbox.edit(|state| {
            let project = Project { name: format!("P {at}"), ..state.projects[REF].clone() };
            state.projects.insert(reference, project);
        });
    }
    std::fs::remove_file(stage.folder.path().join("p.yaml")).unwrap();
    stage
}

fn wholes(asked: &[String]) -> usize {
    asked.iter().filter(|path| path.ends_with(WHOLE)).count()
}

#[tokio::test]
async fn an_api_without_the_read_is_asked_once_in_a_run() {
    let stage = fleet(5);
    assert_eq!(same(&stage).await.len(), 1 + 5);
    for switch in [V2Config::Missing, V2Config::Forbidden, V2Config::WrongType] {
        stage.sandbox.edit(|state| state.switches.v2_config = switch);
        let asked = same(&stage).await;
        assert_eq!((wholes(&asked), asked.len()), (1, 1 + 1 + 25), "{switch:?}");
    }
}

/// As many are in vain as may be under way at once.
#[tokio::test]
async fn a_run_in_which_everything_differs_soon_stops_asking() {
    let stage = fleet(12);
    stage.sandbox.edit(|state| {
        for project in state.projects.values_mut() {
            project.auth.insert("jwt_exp".to_owned(), 60.into());
            project.storage.insert("fileSizeLimit".to_owned(), 7.into());
            project.data_api.insert("max_rows".to_owned(), 7.into());
            project.ssl_enforced = true;
            project.network.ipv4 = vec!["203.0.113.0/24".to_owned()];
            project.network.updated_ms = Some(1);
        }
    });
    let (_, asked) = plan(&stage, Options { parallel: 3, ..options(&stage, Reads::Auto) }).await;
    assert_eq!((wholes(&asked), asked.len()), (3, 1 + 3 + 60));
}

#[tokio::test]
async fn drift_is_looked_for_alike() {
    let stage = Stage::new(SETTLED);
    stage.live(|project| project.data_api.insert("max_rows".to_owned(), 7.into()));
    let mut all = vec![];
    for reads in [Reads::V1, Reads::Auto] {
        let asked = stage.sandbox.requests().as_array().unwrap().len();
        let session = stage.session_with(options(&stage, reads), Stop::new());
        let drifted = session.drift(session.load_with_secrets(None).await.unwrap()).await.unwrap();
        let record = DriftRecord::of(&drifted.drift, &drifted.workspace.sources).json();
        all.push((record, asked_since(&stage, asked)));
    }
    assert_eq!(all[0].0, all[1].0);
    assert_eq!((all[0].1.len(), &all[1].1[..]), (6, &["/v1/projects", WHOLE, "/postgrest"].map(str::to_owned)[..]));
}

/// What is written is based on the single reads alone, from the first look on.
#[tokio::test]
async fn nothing_is_applied_on_what_it_shows() {
    let stage = Stage::new(&SETTLED.replace("max_rows: 1000", "max_rows: 500"));
    let session = stage.session_with(options(&stage, Reads::Auto), Stop::new());
    let workspace = session.load_with_secrets(None).await.unwrap();
    let planned = session.plan_to_write(workspace, Against::default(), Duration::ZERO).await.unwrap();
    let cleared = planned.clear(&BTreeSet::new()).unwrap();
    assert_eq!(session.apply(&cleared, &|_| {}).await.unwrap().exit(), Exit::Done);
    assert_eq!(wholes(&asked_since(&stage, 0)), 0);
}

/// A legal value of a row, as people write it; nothing where its type alone tells none.
fn value_of(row: &'static Field) -> Option<BoxedStrategy<Value>> {
    Some(match &row.ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Int { min, max } => (*min..=(*max).min(min + 3)).prop_map(Value::from).boxed(),
        Type::Choice(words) => proptest::sample::select(*words).prop_map(Value::from).boxed(),
        Type::Text(rule) if rule.form.is_none() && rule.max_chars.is_none() => {
            "[a-z]{0,2}".prop_map(Value::from).boxed()
        }
        Type::Object(rows) => {
            let members = rows.iter().filter_map(|row| Some((row.name.to_owned(), value_of(row)?)));
            let members = members.map(|(name, value)| value.prop_map(move |value| (name.clone(), value)));
            members.collect::<Vec<_>>().prop_map(|all| Value::Object(all.into_iter().collect())).boxed()
        }
        Type::Text(_) | Type::List(..) | Type::Map(_) | Type::Number { .. } | Type::Any => return None,
    })
}

/// The kinds whose settings are stored as they are sent.
fn stored() -> impl Iterator<Item = &'static KindInfo> {
    infos(KINDS).filter(|info| ["auth", "storage", "data_api"].contains(&info.name))
}

/// A row that is live with one value, and wanted with another, or not at all.
type Drawn = (&'static KindInfo, &'static Field, Value, Option<Value>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let rows = stored().flat_map(|info| info.all_fields().map(move |row| (info, row)));
    let rows = rows.filter(|(_, row)| row.deprecated.is_none() && row.name != "enabled");
    let rows = rows.filter_map(|(info, row)| {
        let value = if row.is_secret() { Just(json!({"env": "KEY"})).boxed() } else { value_of(row)? };
        Some((info, row, value))
    });
    let rows: Vec<_> = rows.collect();
    proptest::sample::subsequence(rows, 1..6).prop_flat_map(|rows| {
        let row = |(info, row, value): (_, &'static Field, BoxedStrategy<Value>)| {
            // Mostly what is live is what is wanted.
            (value.clone(), proptest::option::weighted(0.7, value), 0..10).prop_map(move |(live, wanted, other)| {
                let wanted = wanted.map(|it| if other < 8 { live.clone() } else { it });
                (info, row, live, wanted)
            })
        };
        rows.into_iter().map(row).collect::<Vec<_>>()
    })
}

fn in_wire_form(row: &Field, value: &Value) -> Value {
    match row.secret {
        // Of a secret its digest is live: that of the right text, which the variable has.
        Some(digest) => digest.of("a value", REF).map_or(Value::Null, Value::from),
        None => wire::to_wire(row, value),
    }
}

#[test]
fn whatever_is_live_and_wanted_the_plan_is_the_same() {
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut tried, mut spared) = (0, 0);
    let cases = drawn();
    for _ in 0..200 {
        let drawn = cases.new_tree(&mut runner).unwrap().current();
        let mut sections: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        let stage = Stage::new("");
        for (info, row, live, wanted) in drawn {
            stage.live(|project| {
                let stored = match info.name {
                    "auth" => &mut project.auth,
                    "storage" => &mut project.storage,
                    _ => &mut project.data_api,
                };
                stored.insert(row.name.to_owned(), in_wire_form(row, &live));
            });
            sections.entry(info.name).or_default().extend(wanted.map(|wanted| (row.name.to_owned(), wanted)));
        }
        let mut document = format!("project: p\nref: {REF}\nssl_enforcement: {{database: false}}\n");
        document += "network_restrictions: {mode: open}\n";
        for name in stored().map(|info| info.name) {
            let mut section = sections.remove(name).unwrap_or_default();
            if section.is_empty() && name == "data_api" {
                section.insert("max_rows".to_owned(), 1000.into());
            }
            if !section.is_empty() {
                document += &format!("{name}: {}\n", Value::Object(section));
            }
        }
        stage.write("p.yaml", &document);
        runtime.block_on(async {
            // What contradicts itself is refused before anything is read.
            if stage.load().await.is_ok() {
                tried += 1;
                spared += usize::from(same(&stage).await.len() < 4);
            }
        });
    }
    assert!(tried > 100 && spared > 20, "{tried} of 200 could be planned, {spared} with fewer reads");
}
