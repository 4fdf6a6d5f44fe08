//! A settings kind and a collection that nobody has: rows and nothing else give them all that a kind has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use supaform::api::{Broken, ClientOptions, Origin, PARALLEL, Stop, Token, Transport, Writer};
use supaform::apply::{Context, Report, Turn, apply};
use supaform::clock::{Clock, JumpClock};
use supaform::exit::Exit;
use supaform::kind::{Kind, Registry, infos};
use supaform::manifest::{self, Built, NoTexts};
use supaform::model::Plan;
use supaform::observe::{Lookup, Reads, observe};
use supaform::plan::{Inputs, make};
use supaform::sandbox::TOKEN;
use supaform::schema::*;
use supaform::secret::{Secret, SecretSource, Vault};

const REF: &str = "abcdefghijklmnopqrst";

static LAMPS: KindInfo = KindInfo {
    name: "lamps",
    doc: "The lamps of a project.",
    shape: Shape::Settings {
        path: "/v1/projects/{ref}/lamps",
        write: Writes::Patch,
        seen_at: Some("lamps"),
        sent_at: None,
    },
    fields: &[&[
        flag("lit").default(Literal::Bool(false)).doc("Whether they are lit.").risks(&[Risk {
            when: When::Off,
            impact: Impact::LockOut,
            why: "leaves everybody in the dark",
        }]),
        int("hours", 1, 24).unit(Unit::Hours).doc("How long they burn.").harmless("it is how long"),
        text("oil").secret(Digest::Sha256).doc("What they burn."),
    ]],
    example: "lamps: {lit: true}",
    services: &["db"],
    settles: Settles::Seen {
        read: "/v1/projects/{ref}/lamps",
        until: &[("/burning", Until::Is(Literal::Bool(true)))],
        healthy: &[],
        deadline: 30,
    },
    ..KindInfo::PLAIN
};

static OWLS: KindInfo = KindInfo {
    name: "owls",
    doc: "The owls of a project.",
    shape: Shape::Collection {
        path: "/v1/projects/{ref}/owls",
        key: "name",
        scalar: None,
        reserved: None,
        bad_name: |name| name.is_empty().then(|| "an owl needs a name".to_owned()),
        delete_risk: "it does not come back",
        items: Some(Items::Each {
            path: "/v1/projects/{ref}/owls/{id}",
            id: ("id", "id"),
            named: true,
            made_with: &[],
            update: Some(Update::Patch),
        }),
    },
    fields: &[&[
        choice("plumage", &["brown", "white"]).doc("What it looks like.").harmless("it is how it looks").fixed(),
        text("tree").doc("Where it lives.").harmless("it is where it lives"),
    ]],
    dropped: &["song"],
    after: &["lamps"],
    example: "owls:\n  athena: {plumage: brown, tree: olive}",
    ..KindInfo::PLAIN
};

struct Rows(&'static KindInfo);

impl Kind for Rows {
    fn info(&self) -> &'static KindInfo {
        self.0
    }
}

static KINDS: Registry = {
    const ALL: &[&dyn Kind] = &[&Rows(&LAMPS), &Rows(&OWLS)];
    ALL
};

/// An API that knows one project with its lamps and owls, and the requests that change them.
#[derive(Default)]
struct World {
    lamps: Map<String, Value>,
    owls: BTreeMap<String, Map<String, Value>>,
    writes: Vec<(String, Value)>,
}

impl World {
    fn answer(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        if method != "GET" {
            self.writes.push((format!("{method} {path}"), body.clone()));
        }
        let merged = |into: &mut Map<String, Value>, body: Value| into.extend(body.as_object().cloned().unwrap());
        let id = path.rsplit_once('/').map_or("", |(_, id)| id).to_owned();
        match (method, path) {
            ("GET", "") => {
                let known = json!({"ref": REF, "name": "p", "organization_slug": "acme", "region": "eu-central-1", "status": "ACTIVE_HEALTHY"});
                (200, known)
            }
            ("GET", "/lamps") => (200, json!({"lamps": self.lamps, "burning": true})),
            ("PATCH", "/lamps") => {
                merged(&mut self.lamps, body);
                if let Some(oil) = self.lamps.get("oil").and_then(Value::as_str).filter(|oil| oil.len() != 64) {
                    let digest = Digest::Sha256.of(oil, "").unwrap();
                    self.lamps.insert("oil".to_owned(), digest.into());
                }
                (200, json!({}))
            }
            ("GET", "/owls") => (200, self.owls.values().cloned().map(Value::Object).collect()),
            ("POST", "/owls") => {
                let mut owl =
                    json!({"id": format!("{}", self.owls.len()), "song": "canary"}).as_object().cloned().unwrap();
                merged(&mut owl, body);
                self.owls.insert(owl["id"].as_str().unwrap().to_owned(), owl);
                (201, json!({}))
            }
            ("PATCH", _) => {
                merged(self.owls.get_mut(&id).unwrap(), body);
                (200, json!({}))
            }
            ("DELETE", _) => (if self.owls.remove(&id).is_some() { 200 } else { 404 }, json!({})),
            other => panic!("nobody knows {other:?}"),
        }
    }
}

struct Wire(Arc<Mutex<World>>);

impl Transport for Wire {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        let path = request.uri().path().strip_prefix(&format!("/v1/projects/{REF}")).expect("the project").to_owned();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let (status, body) = self.0.lock().unwrap().answer(request.method().as_str(), &path, body);
        let answer = http::Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap();
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn built(sections: &str) -> Built {
    let document = format!("project: p\nref: {REF}\n{sections}\n");
    let files = vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), document)];
    manifest::build(files, &NoTexts, KINDS, &manifest::Options::default())
}

/// Plans what the sections want, and applies it.
async fn run(world: &Arc<Mutex<World>>, sections: &str) -> (Plan, Report) {
    let built = built(sections);
    assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
    let clock: Arc<dyn Clock> = JumpClock::start();
    let mut vault = Vault::new();
    vault.put(SecretSource::Env("OIL".to_owned()), Secret::new("olive".to_owned()));
    let vault = Arc::new(vault);
    let writer = Writer::new(ClientOptions {
        transport: Box::new(Wire(Arc::clone(world))),
        origin: Origin::parse("http://localhost", &[]).unwrap(),
        token: Token::parse(TOKEN).unwrap(),
        clock: Arc::clone(&clock),
        vault: Arc::clone(&vault),
        stop: Stop::new(),
        deadline: clock.now() + Duration::from_mins(15),
        parallel: PARALLEL,
    });
    let (desired, api) = (&built.desired, "http://localhost");
    let seen = observe(writer.reader(), KINDS, &mut desired.clone(), Lookup::Cheapest, Reads::V1, &|_, _| {}).await;
    let inputs = Inputs { registry: KINDS, api, desired, live: &seen.live, blocked: &seen.blocked, vault: &vault };
    let plan = make(inputs);
    let context = Context {
        registry: KINDS,
        writer,
        clock,
        desired,
        live: &seen.live,
        vault: &vault,
        turn: Turn::default(),
        outside: None,
        events: &|_| {},
    };
    let report = apply(&context, &plan).await;
    (plan, report)
}

#[tokio::test]
async fn a_settings_kind_of_rows_alone_is_planned_applied_and_read_back() {
    let world = Arc::new(Mutex::new(World::default()));
    let wanted = "lamps: {lit: true, hours: 12h, oil: {env: OIL}}";
    let (plan, report) = run(&world, wanted).await;
    assert_eq!((plan.steps.len(), report.exit()), (1, Exit::Done), "{report:?}");
    let sent = json!({"lit": true, "hours": 12, "oil": "olive"});
    assert_eq!(world.lock().unwrap().writes, [("PATCH /lamps".to_owned(), sent)]);
    assert!(run(&world, wanted).await.0.is_empty());
    let (plan, _) = run(&world, "lamps: {lit: false, hours: 12h}").await;
    assert_eq!(plan.projects["p"].refusals.len(), 1, "what locks out needs its word");
    assert_eq!(world.lock().unwrap().writes[1].1, json!({"lit": false}), "only what changes is sent");
}

#[tokio::test]
async fn a_collection_of_rows_alone_makes_changes_and_removes_its_items() {
    let world = Arc::new(Mutex::new(World::default()));
    let (plan, report) = run(&world, "lamps: {lit: true}\nowls: {athena: {plumage: brown, tree: olive}}").await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(plan.steps[1].after, [plan.steps[0].id].into(), "owls come after lamps");
    let (plan, report) = run(&world, "owls: {athena: {plumage: brown, tree: oak}, hedwig: {plumage: white}}").await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert!(!format!("{plan:?}").contains("canary"), "what is dropped is nowhere");
    let (_, report) = run(&world, "manage: {owls: {prune: true}}\nowls: {hedwig: {plumage: white}}").await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert!(run(&world, "manage: {owls: {prune: true}}\nowls: {hedwig: {plumage: white}}").await.0.is_empty());
    let writes = [
        ("PATCH /lamps", json!({"lit": true})),
        ("POST /owls", json!({"plumage": "brown", "tree": "olive", "name": "athena"})),
        ("PATCH /owls/0", json!({"tree": "oak"})),
        ("POST /owls", json!({"plumage": "white", "name": "hedwig"})),
        ("DELETE /owls/0", Value::Null),
    ];
    assert_eq!(world.lock().unwrap().writes, writes.map(|(to, body)| (to.to_owned(), body)));
}

#[test]
fn it_is_checked_documented_and_has_a_schema() {
    let said = |sections: &str| -> Vec<String> {
        built(sections).diagnostics.sorted().iter().map(|found| found.message.clone()).collect()
    };
    assert_eq!(said("lamps: {hours: 30}"), ["`hours` must be 1 to 24 hours, not 30"]);
    assert_eq!(said("owls: {athena: {plumage: green}}"), ["`plumage` cannot be `green`"]);
    let schema = json_schema::manifest(infos(KINDS));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = |lamps: Value| json!({"project": "p", "ref": REF, "lamps": lamps});
    assert!(validator.is_valid(&document(json!({"hours": "12h"}))));
    assert!(!validator.is_valid(&document(json!({"hours": []}))));
    assert!(docs::kind_page(&OWLS).contains("What it looks like."));
    assert!(docs::explain_field(&LAMPS, "lit").unwrap().contains("leaves everybody in the dark"));
    let operations: Vec<String> = KINDS[1].operations().iter().map(ToString::to_string).collect();
    let one = "/v1/projects/{ref}/owls/{id}";
    let list = "/v1/projects/{ref}/owls";
    assert_eq!(
        operations,
        [format!("GET {list}"), format!("POST {list}"), format!("PATCH {one}"), format!("DELETE {one}")]
    );
}
