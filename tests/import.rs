//! Importing: what is live becomes manifests that change nothing, whatever it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use supaform::compare::{Identity, Side, compare};
use supaform::exit::Exit;
use supaform::import::factor::Factoring;
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::model::Desired;
use supaform::sandbox::{ApiKey, History, Migration, Organization, Project, SsoProvider, StoredSecret, ThirdPartyAuth};
use supaform::schema::{Field, KindInfo, Type, members, wire};
use supaform::session::{Import, Imported, Which, write_imported};

use crate::support::stage::Stage;

/// Texts that YAML, variables or people could take for something else.
const TEXTS: [&str; 19] = [
    "on",
    "1e3",
    "0123",
    "",
    "a: b #c",
    "${x}",
    "it's \"it\"",
    "Zoë 🦀",
    "2026-01-31",
    "~",
    "- a",
    "[a",
    " led",
    "null",
    "no",
    "0x1F",
    "one\r\ntwo",
    "a\u{0}b",
    "a\u{200b}b",
];
const LONG: [&str; 7] = [
    "a  \n b \n\n\n",
    "x\u{0}\ny\r",
    "<p>Hi</p>",
    "<h1>${x}</h1>\n<p>{{ .ConfirmationURL }}</p>\n",
    "a\n\n b\n",
    "one\r\ntwo\r\n",
    "\n\nlate",
];

/// A live value of a field, in the form in which people write it.
fn value(row: &'static Field) -> BoxedStrategy<Value> {
    let example = row.example.and_then(|text| serde_yaml::from_str::<Value>(text).ok());
    let known = example
        .into_iter()
        .chain(members::untouched(row))
        .filter(|it| !it.is_null() && (it.is_object() == matches!(row.ty, Type::Map(_) | Type::Object(_) | Type::Any)));
    let known: Vec<Value> =
        known.filter(|it| it.as_str().is_none_or(|text| row.unit.is_none() || text.is_empty())).collect();
    let own = of(&row.ty);
    if known.is_empty() { own } else { prop_oneof![3 => own, 1 => prop::sample::select(known)].boxed() }
}

fn of(ty: &'static Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Int { min, max } => {
            prop_oneof![Just(*min), Just(*max), *min..=*max, *min..=(*max).min(min.saturating_add(5000))]
                .prop_map(Value::from)
                .boxed()
        }
        Type::Number { min, max } => {
            prop_oneof![Just(*min), (*min..=(*max).min(min + 500.0)).prop_map(|it| (it * 4.0).round() / 4.0)]
                .prop_map(Value::from)
                .boxed()
        }
        Type::Choice(words) => prop::sample::select(*words).prop_map(Value::from).boxed(),
        Type::Text(rule) if rule.form.is_some() => Just(json!("https://acme.example/x?y=%C3%A9")).boxed(),
        Type::Text(rule) if rule.long => prop::sample::select(&LONG[..]).prop_map(Value::from).boxed(),
        Type::Text(rule) => {
            let most = rule.max_chars.unwrap_or(usize::MAX);
            prop::sample::select(&TEXTS[..])
                .prop_map(move |it| it.chars().take(most).collect::<String>().into())
                .boxed()
        }
        Type::List(item, _) => prop::collection::vec(of(item), 0..4).prop_map(Value::from).boxed(),
        Type::Map(item) => prop::collection::btree_map("[1-9][0-9]{7}", of(item), 0..3)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()))
            .boxed(),
        Type::Object(rows) => {
            let members: Vec<_> =
                rows.iter().map(|row| prop::option::of(value(row)).prop_map(|it| (row.name, it))).collect();
            members
                .prop_map(|all| {
                    Value::Object(all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect())
                })
                .boxed()
        }
        Type::Any => Just(json!({"role": "service_role"})).boxed(),
    }
}

/// The live document of a kind, in the API's form: some of its fields.
fn document(info: &'static KindInfo, share: f64) -> BoxedStrategy<Map<String, Value>> {
    let field = move |row: &'static Field| {
        let live = match row.secret {
            Some(_) => prop::sample::select(vec![
                json!("fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"),
                json!(""),
                json!(null),
            ])
            .boxed(),
            None => value(row).prop_map(move |it| wire::to_wire(row, &it)).boxed(),
        };
        prop::option::weighted(share, live).prop_map(move |it| (row.name, it))
    };
    let own = |row: &&Field| row.api_name.is_none() && !matches!(row.wire, supaform::schema::Wire::Switch { .. });
    let fields: Vec<_> = info.all_fields().filter(own).map(field).collect();
    fields.prop_map(|all| all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect()).boxed()
}

fn info(name: &str) -> &'static KindInfo {
    infos(KINDS).find(|info| info.name == name).unwrap()
}

/// What somebody has set at the dashboard over the years.
fn project() -> impl Strategy<Value = Project> {
    let settings = ["auth", "postgres", "pooler", "data_api", "realtime", "storage"].map(|name| {
        prop_oneof![4 => Just(0.001), 3 => Just(0.02), 1 => Just(0.6)]
            .prop_flat_map(move |share| document(info(name), share))
    });
    let secrets = prop::collection::btree_set("[A-Z][A-Z0-9_]{0,8}|[a-z]{3}", 0..4);
    let domains = prop::collection::btree_set("[a-z]{3,8}\\.example", 0..3);
    let issuers =
        prop::collection::vec(prop_oneof!["https://[a-z]{3}\\.example", Just("https://same.example".to_owned())], 0..3);
    let keys =
        prop::collection::vec(("[a-z]{4,6}", any::<bool>(), prop::option::of(prop::sample::select(&TEXTS[..]))), 0..3);
    let networks = prop_oneof![
        Just((vec!["0.0.0.0/0"], vec!["::/0"])),
        Just((vec![], vec![])),
        Just((vec!["203.0.113.0/24", "192.0.2.7/32"], vec![])),
        Just((vec!["0.0.0.0/0"], vec![])),
    ];
    let hostname = prop::option::weighted(0.2, prop_oneof![Just("2_initiated"), Just("5_services_reconfigured")]);
    (settings, secrets, domains, issuers, keys, networks, hostname, any::<(bool, bool, bool)>()).prop_map(
        |(
            [auth, postgres, pooler, data_api, realtime, storage],
            secrets,
            domains,
            issuers,
            keys,
            (ipv4, ipv6),
            hostname,
            (ssl, legacy, by_url),
        )| {
            let id = |number: usize| format!("8a1c2e34-5b6d-4f70-8a9b-{number:012}");
            let texts = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
            let mut project = untouched();
            let digest = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9".to_owned();
            project.secrets = secrets
                .into_iter()
                .map(|name| (name, StoredSecret { digest: digest.clone(), updated_ms: 0 }))
                .collect();
            let provider = |(number, domain): (usize, String)| {
                let provider = SsoProvider {
                    entity_id: format!("https://idp.{domain}"),
                    metadata_url: by_url.then(|| format!("https://idp.{domain}/metadata")),
                    metadata_xml: format!("<EntityDescriptor entityID=\"https://idp.{domain}\"/>\n"),
                    domains: vec![domain],
                    attribute_mapping: Map::new(),
                    name_id_format: None,
                    created_ms: 0,
                    updated_ms: 0,
                };
                (id(number), provider)
            };
            project.sso_providers = domains.into_iter().enumerate().map(provider).collect();
            let issuer = |(number, url)| {
                (
                    id(number),
                    ThirdPartyAuth { oidc_issuer_url: Some(url), jwks_url: None, custom_jwks: None, created_ms: 0 },
                )
            };
            project.third_party_auth = issuers.into_iter().enumerate().map(issuer).collect();
            let key = |(number, (name, is_secret, description)): (usize, (String, bool, Option<&str>))| ApiKey {
                id: id(number),
                name,
                kind: if is_secret { "secret" } else { "publishable" }.to_owned(),
                description: description.map(str::to_owned),
                secret_jwt_template: is_secret.then(|| Map::from_iter([("role".to_owned(), json!("service_role"))])),
                created_ms: 0,
                updated_ms: 0,
            };
            project.api_keys = Some(keys.into_iter().enumerate().map(key).collect());
            (project.network.ipv4, project.network.ipv6) = (texts(ipv4), texts(ipv6));
            project.network.updated_ms = Some(1);
            (project.ssl_enforced, project.legacy_api_keys_off) = (ssl, legacy);
            project.custom_hostname = hostname.map(|status| {
                serde_json::from_value(json!({"hostname": "api.acme.example", "status": status})).unwrap()
            });
            let mut auth = auth;
            if !project.sso_providers.is_empty() {
                auth.insert("saml_enabled".to_owned(), json!(true));
            }
            Project { auth, postgres, pooler, data_api, realtime, storage, ..project }
        },
    )
}

/// What was deployed, migrated and switched on beside the settings.
fn deployed() -> impl Strategy<Value = Project> {
    let source =
        prop::sample::select(&["Deno.serve(() => new Response())\n", "// ${x}\r\nexport {}\n", "\u{feff}// Zoë\n"][..]);
    let functions = prop::collection::btree_map("[a-z]{3,6}", (source, any::<bool>(), any::<bool>()), 0..3);
    let migrations = prop::collection::btree_map("2026010[1-9]1200[0-5][0-9]", prop::option::of("[a-z]{1,5}"), 0..4);
    let vanity = prop::option::weighted(0.2, "[a-z]{5,9}");
    let standby = prop::option::weighted(0.3, Just(()));
    (functions, migrations, vanity, standby, any::<bool>()).prop_map(
        |(functions, migrations, vanity, standby, database_webhooks)| {
            let function = |(slug, (source, verify_jwt, has_map)): (String, (&str, bool, bool))| {
                let folder = format!("supabase/functions/{slug}");
                let mut files = Map::from_iter([(format!("{folder}/index.ts"), json!(source))]);
                files.extend(has_map.then(|| (format!("{folder}/deno.json"), json!("{}\n"))));
                let function = json!({
                    "id": slug, "name": slug, "version": 1, "verify_jwt": verify_jwt, "files": files,
                    "entrypoint_path": format!("{folder}/index.ts"),
                    "import_map_path": has_map.then(|| format!("{folder}/deno.json")),
                });
                (slug, serde_json::from_value(function).unwrap())
            };
            let row = |(version, name)| Migration {
                statements: Some(vec![
                    format!("create table t{version} (a text default '${{x}}')"),
                    "select 1;".to_owned(),
                ]),
                version,
                name,
                ..Migration::default()
            };
            let table = !migrations.is_empty();
            let standby = standby.map(|()| {
                json!([
                    {"id": "8a1c2e34-5b6d-4f70-8a9b-0000000000aa", "algorithm": "ES256", "status": "in_use"},
                    {"id": "8a1c2e34-5b6d-4f70-8a9b-0000000000ab", "algorithm": "RS256", "status": "standby"},
                ])
            });
            Project {
                functions: functions.into_iter().map(function).collect(),
                migrations: History { table, rows: migrations.into_iter().map(row).collect() },
                signing_keys: standby.map(|keys| serde_json::from_value(keys).unwrap()),
                vanity,
                database_webhooks,
                ..untouched()
            }
        },
    )
}

/// A project with everything that can be live.
fn whole() -> impl Strategy<Value = Project> {
    (project(), deployed()).prop_map(|(project, more)| {
        let Project { functions, migrations, signing_keys, vanity, database_webhooks, .. } = more;
        // A host of one's own excludes a name below the platform's.
        let vanity = vanity.filter(|_| project.custom_hostname.is_none());
        Project { functions, migrations, signing_keys, vanity, database_webhooks, ..project }
    })
}

/// How many worlds are tried: more than in the usual run with `SUPAFORM_WORLDS=2000`.
fn worlds(usual: u32) -> u32 {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
    let given = std::env::var("SUPAFORM_WORLDS").ok();
    given.and_then(|it| it.parse().ok()).unwrap_or(usual)
}

/// A folder without a workspace, and a sandbox with this project.
fn stage(project: &Project) -> Stage {
    let stage = Stage::new("");
    std::fs::remove_file(stage.folder.path().join("p.yaml")).unwrap();
    std::fs::remove_file(stage.folder.path().join("supaform.yaml")).unwrap();
    stage.live(|live| *live = project.clone());
    stage
}

async fn import(stage: &Stage) -> Imported {
    match stage.session().import(&Import::default()).await {
        Ok(imported) => imported,
        Err(why) => {
            let found: Vec<String> = why.findings.sorted().iter().map(|it| it.message.clone()).collect();
            panic!("{found:#?}")
        }
    }
}

fn run(runtime: &tokio::runtime::Runtime, project: &Project) -> bool {
    runtime.block_on(async {
        let first = stage(project);
        let imported = import(&first).await;
        write_imported(&imported).unwrap();
        let planned = first.plan().await;
        let changes: Vec<String> =
            planned.plan.projects.values().flat_map(|it| &it.changes).map(|it| it.at.to_string()).collect();
        assert_eq!(changes, Vec::<String>::new(), "the plan of what was imported is empty");
        assert!(planned.plan.projects.values().all(|it| it.refusals.is_empty() && it.blocked.is_none()));
        let again = import(&first).await;
        assert!(again.is_empty(), "a second import writes nothing: {:?} {:?}", again.created, again.changed);
        // A copy of it is imported as the same.
        let copied = first.session().copy(&Which { all: true, ..Which::default() }).await;
        let Ok(copied) = copied else { panic!("what is live can be copied") };
        assert_eq!(copied.left, [], "the copy has everything");
        let rehearsal = stage(&untouched());
        rehearsal.sandbox.edit(|state| *state = serde_json::from_str(&copied.text).unwrap());
        assert_eq!(import(&rehearsal).await.created, imported.created);
        // The same project, made anew from the manifests, is imported as the same.
        let mut other = stage(&untouched());
        other.sandbox.edit(|state| state.organizations.values_mut().for_each(|it| "platform".clone_into(&mut it.plan)));
        imported.created.iter().for_each(|(path, text)| other.write(path, text));
        let text: String = imported.created.values().cloned().collect();
        let names = text.split("{secret: ").skip(1).filter_map(|rest| rest.split('}').next());
        let variables = names.map(|name| -> (&'static str, &'static str) {
            let value = if name.starts_with("HOOK_") { "v1,whsec_b25lIHNlY3JldCBvZiB0aGUgaG9vaw==" } else { "a value" };
            (format!("ACME_QUICKSTART__{name}").leak(), value)
        });
        other.variables = variables.collect();
        let refused = match other.apply(&[]).await {
            Ok(_) => vec![],
            Err(why) => why.findings.sorted().iter().map(|found| found.message.clone()).collect(),
        };
        let words: Vec<&str> =
            refused.iter().filter(|it| it.contains("lock")).filter_map(|it| it.split(':').next()).collect();
        if other.apply(&words).await.is_ok_and(|report| report.exit() == Exit::Done) {
            let mut third = stage(project);
            (third.sandbox, third.clock) = (Arc::clone(&other.sandbox), Arc::clone(&other.clock));
            assert_eq!(import(&third).await.created, imported.created);
            return true;
        }
        false
    })
}

fn untouched() -> Project {
    serde_json::from_value(json!({
        "name": "Acme Quickstart", "organization": "acme-inc", "region": "eu-central-1", "status": "ACTIVE_HEALTHY",
    }))
    .unwrap()
}

#[test]
fn what_is_imported_changes_nothing_and_a_second_import_writes_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config {
        cases: worlds(60),
        rng_seed: RngSeed::Fixed(7),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let anew = Cell::new(0);
    let found = TestRunner::new(config).run(&whole(), |project| {
        anew.set(anew.get() + usize::from(run(&runtime, &project)));
        Ok(())
    });
    found.unwrap();
    assert!(anew.get() >= 5, "{} worlds could be made anew", anew.get());
}

/// Whatever projects are called, each has a document and a file of its own, on every system; those that are not up are told.
#[test]
fn names_are_nobody_elses() {
    let long = "x".repeat(300);
    let names: [&str; 22] = [
        "no",
        "1e3",
        "0x1F",
        "~",
        "a/b/c",
        "../../etc/passwd",
        "Acme",
        "ACME",
        "acme",
        "Zoë 🦀",
        "",
        "con",
        "nul\0x",
        "a\r\nb",
        " x ",
        "${x}",
        "é",
        "- a",
        "supaform",
        "version",
        "projects",
        &long,
    ];
    let statuses = ["INACTIVE", "PAUSING", "RESTORING", "REMOVED", "INIT_FAILED", "COMING_UP"];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = stage(&untouched());
        stage.sandbox.edit(|state| {
            let other = Organization { name: "Other".to_owned(), plan: "free".to_owned() };
            state.organizations.insert("other".to_owned(), other);
            let up = names.iter().map(|name| (*name, "ACTIVE_HEALTHY"));
            let all = up.chain(statuses.iter().map(|status| ("acme", *status)));
            for (number, (name, status)) in all.enumerate() {
                let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap());
                let reference =
                    format!("{}{}", "q".repeat(18), [letter(number / 26), letter(number)].iter().collect::<String>());
                let organization = if number % 2 == 0 { "acme-inc" } else { "other" };
                let (name, status) = (name.to_owned(), status.to_owned());
                let project = Project { organization: organization.to_owned(), name, status, ..untouched() };
                state.projects.insert(reference, project);
            }
        });
        let which = Which { all: true, ..Which::default() };
        let imported = stage.session().import(&Import { which, ..Import::default() }).await;
        let Ok(imported) = imported else { panic!("names are no reason to refuse") };
        assert_eq!(imported.skipped.len(), statuses.len());
        let files: BTreeSet<String> = imported.projects.iter().map(|it| it.file.to_lowercase()).collect();
        assert_eq!(files.len(), names.len() + 1);
        for device in ["con", "nul", "supaform"] {
            assert!(!files.contains(&format!("projects/{device}.yaml")));
        }
        write_imported(&imported).unwrap();
        let planned = stage.plan().await;
        assert_eq!(planned.plan.projects.len(), names.len() + 1);
        assert!(planned.plan.projects.values().all(|it| it.changes.is_empty() && it.blocked.is_none()));
    });
}

/// Several projects that somebody has set up alike, but for a word and some fields.
fn fleet() -> impl Strategy<Value = Vec<Project>> {
    let own = |name: &'static str| document(info(name), 0.02);
    let each = (own("auth"), own("postgres"), "[a-z]{4,8}", prop::bool::ANY);
    (project(), prop::collection::vec(each, 2..10)).prop_map(|(base, all)| {
        let project = |(auth, postgres, word, is_prod): (Map<String, Value>, Map<String, Value>, String, bool)| {
            let mut project = base.clone();
            let brand = word.to_uppercase();
            let texts = [
                ("site_url", format!("https://{word}.saas.example/x")),
                ("uri_allow_list", format!("https://{word}.saas.example/a,https://{word}.saas.example/b")),
                ("smtp_sender_name", format!("{brand} ${{x}}")),
                (
                    "mailer_templates_invite_content",
                    format!("<p>{brand} at {word}.saas.example</p>\n<p>${{x}}{brand}</p>\n"),
                ),
                ("sms_template", format!("${brand} {{{{ .Code }}}}")),
            ];
            project.auth.extend(texts.map(|(name, text)| (name.to_owned(), Value::from(text))));
            project.auth.extend(auth);
            project.postgres.extend(postgres);
            if is_prod {
                project
                    .auth
                    .extend([("jwt_exp".to_owned(), json!(1234)), ("password_min_length".to_owned(), json!(13))]);
                project.storage.insert("fileSizeLimit".to_owned(), json!(1_048_576));
            }
            project.name = format!("{word} {}", if is_prod { "prod" } else { "dev" });
            project
        };
        all.into_iter().map(project).collect()
    })
}

/// The effective manifests of what is imported with these options.
async fn effective(projects: &[Project], factoring: Option<Factoring>) -> (Stage, Desired) {
    let stage = stage(&projects[0]);
    stage.sandbox.edit(|state| {
        for (number, project) in projects.iter().enumerate().skip(1) {
            let letter = char::from(b'a' + u8::try_from(number).unwrap());
            state.projects.insert(letter.to_string().repeat(20), project.clone());
        }
    });
    let which = Which { all: true, ..Which::default() };
    let imported = stage.session().import(&Import { which, factoring, ..Import::default() }).await;
    let imported = match imported {
        Ok(imported) => imported,
        Err(why) => panic!("{:#?}", why.findings.sorted().iter().map(|it| &it.message).collect::<Vec<_>>()),
    };
    write_imported(&imported).unwrap();
    for (path, text) in imported
        .created
        .iter()
        .filter(|(path, _)| std::path::Path::new(path).extension().is_some_and(|it| it == "yaml"))
    {
        assert_eq!(supaform::yaml::format::format(text).as_ref(), Some(text), "{path} has the form of fmt");
    }
    let desired = loaded(&stage).await;
    (stage, desired)
}

async fn loaded(stage: &Stage) -> Desired {
    let messages =
        |why: supaform::failure::Failure| why.findings.sorted().iter().map(|it| it.message.clone()).collect::<Vec<_>>();
    stage.load().await.map_err(messages).unwrap().desired
}

#[track_caller]
fn same(before: &Desired, after: &Desired) {
    assert_eq!(before.projects.len(), after.projects.len());
    for (one, other) in before.projects.values().zip(after.projects.values()) {
        let side = |project| Side::rendered(project, KINDS, Identity::Whole);
        let found = compare(&side(one), &side(other));
        assert!(found.differences.is_empty(), "{found:#?}");
    }
}

#[test]
fn factoring_changes_nothing_of_any_project() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config {
        cases: worlds(24),
        rng_seed: RngSeed::Fixed(11),
        max_shrink_iters: 20,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&fleet(), |projects| {
            runtime.block_on(async {
                let (stage, plain) = effective(&projects, None).await;
                let how = Factoring { profile: "base".to_owned(), by: None, gathers: true };
                same(&plain, &effective(&projects, Some(how.clone())).await.1);
                // The same of manifests that are there already, with comments that go along.
                for file in std::fs::read_dir(stage.folder.path().join("projects")).unwrap() {
                    let path = file.unwrap().path();
                    let text = std::fs::read_to_string(&path).unwrap();
                    let label = if path.to_string_lossy().contains("prod") { "prod" } else { "dev" };
                    let text = text.replacen('\n', &format!("\nlabels: {{env: {label}}}\n"), 1);
                    std::fs::write(&path, text.replace("  jwt_exp:", "  # of sessions\n  jwt_exp:")).unwrap();
                }
                let plain = loaded(&stage).await;
                let by = (projects.len() % 2 == 0).then(|| "env".to_owned());
                let factored = stage.session().factor(&Factoring { gathers: false, by, ..how });
                let Ok(factored) = factored else { panic!("manifests can be factored") };
                factored.write().unwrap();
                same(&plain, &loaded(&stage).await);
            });
            Ok(())
        })
        .unwrap();
}
