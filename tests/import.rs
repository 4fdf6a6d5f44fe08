//! Importing: what is live becomes manifests that change nothing, whatever it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod canaries;
mod faults;
mod worlds;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use supaform::compare::{Identity, Side, compare};
use supaform::exit::Exit;
use supaform::import::Left;
use supaform::import::factor::Factoring;
use supaform::kinds::KINDS;
use supaform::model::Desired;
use supaform::sandbox::{Organization, Project};
use supaform::session::{Import, Imported, Which, write_imported};

use crate::support::stage::Stage;
use worlds::{STATES, World, document, info, project, untouched, world};

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

fn stage_of(world: &World) -> Stage {
    let stage = stage(&world.project);
    stage.sandbox.edit(|state| world.put_into(state));
    stage
}

/// Imports all projects, or what these addresses name.
async fn import(stage: &Stage, addresses: &[&str]) -> Imported {
    let addresses: Vec<String> = addresses.iter().map(|&it| it.to_owned()).collect();
    let which = Which { all: addresses.is_empty(), addresses, organization: None };
    match stage.session().import(&Import { which, ..Import::default() }).await {
        Ok(imported) => imported,
        Err(why) => {
            let found: Vec<String> = why.findings.sorted().iter().map(|it| it.message.clone()).collect();
            panic!("{found:#?}")
        }
    }
}

/// Imports and writes, and makes sure that the files change nothing and that nothing is left for a second import.
async fn settled(stage: &Stage, addresses: &[&str]) -> Imported {
    let imported = import(stage, addresses).await;
    write_imported(&imported).unwrap();
    let planned = stage.plan().await;
    let changes: Vec<String> =
        planned.plan.projects.values().flat_map(|it| &it.changes).map(|it| it.at.to_string()).collect();
    assert_eq!(changes, Vec::<String>::new(), "the plan of what was imported is empty");
    assert!(planned.plan.projects.values().all(|it| it.refusals.is_empty() && it.blocked.is_none()));
    let again = import(stage, addresses).await;
    assert!(again.is_empty(), "a second import writes nothing: {:?} {:?}", again.created, again.changed);
    imported
}

fn run(runtime: &tokio::runtime::Runtime, world: &World) -> bool {
    runtime.block_on(async {
        let first = stage_of(world);
        let imported = settled(&first, &[]).await;
        assert_eq!(imported.skipped.len(), world.skipped(), "projects that are not up are told");
        // A copy of it is imported as the same.
        let copied = first.session().copy(&Which { all: true, ..Which::default() }).await;
        let Ok(copied) = copied else { panic!("what is live can be copied") };
        let (up, down) = world.branches();
        let others = copied.left.iter().filter(|it| down == 0 || !it.at.contains("/branches/"));
        assert_eq!(
            others.collect::<Vec<_>>(),
            Vec::<&Left>::new(),
            "the copy has everything but branches that are down"
        );
        assert_eq!(copied.skipped.len(), world.skipped() + down);
        let rehearsal = stage(&untouched());
        rehearsal.sandbox.edit(|state| *state = serde_json::from_str(&copied.text).unwrap());
        let public = |project: &Project| -> Vec<_> {
            project.signing_keys.iter().flatten().map(|key| key.public_jwk.clone()).collect()
        };
        if world.project.signing_keys.is_some() {
            assert_eq!(rehearsal.live(|copy| public(copy)), public(&world.project), "what is public of keys is copied");
        }
        // Others of the same name, which are not up, count for how a document is called.
        if down == 0 && world.skipped() == 0 {
            assert_eq!(import(&rehearsal, &[]).await.created, imported.created);
        }
        // Its branches are documents of their own.
        if up + down > 0 {
            let branches = settled(&first, &["quickstartquickstart@*"]).await;
            assert_eq!((branches.projects.len(), branches.skipped.len()), (up, down));
        }
        // The same project, made anew from the manifests, is imported as the same.
        let mut other = stage_of(&world.others_of(untouched()));
        other.sandbox.edit(|state| state.organizations.values_mut().for_each(|it| "platform".clone_into(&mut it.plan)));
        imported.created.iter().for_each(|(path, text)| other.write(path, text));
        let text: String = imported.created.values().cloned().collect();
        let names = text.split("{secret: ").skip(1).filter_map(|rest| rest.split('}').next());
        let documents = imported.projects.iter().map(|it| it.chosen.document.to_uppercase().replace('-', "_"));
        let variables = names.flat_map(|name| -> Vec<(&'static str, &'static str)> {
            let value = if name.starts_with("HOOK_") { "v1,whsec_b25lIHNlY3JldCBvZiB0aGUgaG9vaw==" } else { "a value" };
            documents.clone().map(|document| (&*format!("{document}__{name}").leak(), value)).collect()
        });
        other.variables = variables.collect();
        let refused = match other.apply(&[]).await {
            Ok(_) => vec![],
            Err(why) => why.findings.sorted().iter().map(|found| found.message.clone()).collect(),
        };
        let words: Vec<&str> =
            refused.iter().filter(|it| it.contains("lock")).filter_map(|it| it.split(':').next()).collect();
        // The first branch begins a history of migrations, where there is none.
        let begins = up + down > 0 && world.project.migrations.rows.is_empty();
        if !begins && other.apply(&words).await.is_ok_and(|report| report.exit() == Exit::Done) {
            let mut third = stage(&untouched());
            (third.sandbox, third.clock) = (Arc::clone(&other.sandbox), Arc::clone(&other.clock));
            assert_eq!(import(&third, &[]).await.created, imported.created);
            return true;
        }
        false
    })
}

#[test]
fn what_is_imported_changes_nothing_and_a_second_import_writes_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config {
        cases: worlds(40),
        rng_seed: RngSeed::Fixed(7),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let anew = Cell::new(0_u32);
    let found = TestRunner::new(config).run(&world(), |world| {
        anew.set(anew.get() + u32::from(run(&runtime, &world)));
        Ok(())
    });
    found.unwrap();
    assert!(anew.get() * 20 >= worlds(40), "{} worlds could be made anew", anew.get());
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
    let statuses: Vec<&str> = STATES.iter().filter(|(_, is_up)| !is_up).map(|(word, _)| *word).collect();
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
