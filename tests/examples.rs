//! The examples: each is applied to a fresh sandbox, as its users would, and then has nothing left to do.

use std::path::Path;

use crate::support::{Workbench, copy};
use serde_json::Value;

fn bench(example: &str) -> Workbench {
    let bench = Workbench::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example), &bench.path());
    bench
}

#[test]
fn quickstart() {
    let bench = bench("quickstart");
    let valid = bench.run(&["validate"]);
    assert_eq!(valid.code, Some(0), "{valid}");
    let applied = bench.run(&["apply", "--sandbox", "demo", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    insta::assert_snapshot!("quickstart", applied);
    let again = bench.run(&["plan", "--sandbox", "demo", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
}

#[test]
fn functions() {
    let bench = bench("functions");
    let with = |arguments: &[&str]| {
        bench.run(&[arguments, &["--sandbox", "demo", "--secrets-from", "fake-secrets.env"]].concat())
    };
    let applied = with(&["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    insta::assert_snapshot!("functions", applied);
    let again = with(&["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
    let shared = "supabase/functions/_shared/answer.ts";
    bench.write(shared, &bench.read(shared).replace("application/json", "application/json; charset=utf-8"));
    let planned = with(&["plan"]);
    insta::assert_snapshot!("functions_changed", planned);
}

#[test]
fn fleet() {
    let bench = bench("fleet");
    let with = |arguments: &[&str]| bench.run(&[arguments, &["--sandbox", "demo", "--world", "world.json"]].concat());
    let planned = with(&["plan"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    insta::assert_snapshot!("fleet", planned);
    let applied = with(&["apply", "--yes", "--brief"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let again = with(&["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
}

#[test]
fn previews() {
    let bench = bench("previews");
    let with = |arguments: &[&str]| bench.run(&[arguments, &["--sandbox", "demo", "--world", "world.json"]].concat());
    let planned = with(&["plan"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    insta::assert_snapshot!("previews", planned);
    let applied = with(&["apply", "--yes", "--brief"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    for quiet in [&["plan", "--exit-code"][..], &["drift"], &["status", "--exit-code"], &["validate"]] {
        let again = with(quiet);
        assert_eq!(again.code, Some(0), "{again}");
    }
    // What is rendered is a manifest that means the same; a branch is found by its project, so nothing is pinned in it.
    let rendered = bench.run(&["render"]);
    insta::assert_snapshot!("previews_rendered", rendered);
    // What a pattern wants is explained with it, and of one branch with what is live.
    let explained = with(&["explain", "shop*/auth/site_url"]);
    insta::assert_snapshot!("previews_explained", explained);
    let one = with(&["explain", "shop@feature-login/auth/site_url"]);
    insta::assert_snapshot!("previews_explained_one", one);
    let offline = bench.run(&["explain", "shop@feature-login/auth/site_url"]);
    assert!(offline.code == Some(0) && offline.stdout.contains("profiles/preview.yaml"), "{offline}");
    let none = with(&["explain", "shop@gone/auth/site_url"]);
    assert_eq!(none.code, Some(3), "{none}");
    let accepted = with(&["accept", "shop@feature-login/auth/site_url"]);
    insta::assert_snapshot!("previews_not_accepted", accepted);
    let pinned = with(&["pin"]);
    assert_eq!(pinned.code, Some(0), "{pinned}");
    let pinned = with(&["plan", "--exit-code"]);
    assert_eq!(pinned.code, Some(0), "{pinned}");
}

/// Three runs, between which somebody sets the records; the last has nothing left to do.
#[test]
fn hostname() {
    let bench = bench("hostname");
    let with = |arguments: &[&str]| bench.run(&[arguments, &["--sandbox", "demo", "--world", "world.json"]].concat());
    let word = ["apply", "--yes", "--brief", "--allow", "shop/custom_hostname/activate"];
    let begun = with(&word);
    assert_eq!(begun.code, Some(8), "{begun}");
    insta::assert_snapshot!("hostname_begun", begun);
    let unset = with(&[&word[..], &["--wait", "0"]].concat());
    assert_eq!(unset.code, Some(8), "{unset}");
    let mut state: Value = serde_json::from_str(&bench.read("demo/state.json")).unwrap();
    state["dns"] = serde_json::json!(["api.acme.dev"]);
    bench.write("demo/state.json", &state.to_string());
    let done = with(&word);
    assert_eq!(done.code, Some(0), "{done}");
    insta::assert_snapshot!("hostname_done", done);
    let again = with(&["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
}

#[test]
fn sign_in() {
    let bench = bench("sign-in");
    let with = |arguments: &[&str]| {
        bench.run(&[arguments, &["--sandbox", "demo", "--secrets-from", "fake-secrets.env"]].concat())
    };
    let refused = with(&["apply", "--yes"]);
    assert_eq!(refused.code, Some(4), "{refused}");
    let applied = with(&["apply", "--yes", "--allow", "acme/vanity_subdomain/vanity_subdomain"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    insta::assert_snapshot!("sign_in", applied);
    let again = with(&["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
}

#[test]
fn migrations() {
    let bench = bench("migrations");
    let applied = bench.run(&["apply", "--sandbox", "demo", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let again = bench.run(&["plan", "--sandbox", "demo", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
    bench.write("supabase/migrations/20260201000000_clean.sql", "truncate public.orders;\n");
    let refused = bench.run(&["apply", "--sandbox", "demo", "--yes"]);
    assert_eq!(refused.code, Some(4), "{refused}");
    let allowed =
        bench.run(&["apply", "--sandbox", "demo", "--yes", "--allow", "shop/migrations/20260201000000_clean"]);
    assert_eq!(allowed.code, Some(0), "{allowed}");
}

#[test]
fn environments() {
    let bench = bench("environments");
    let valid = bench.run(&["validate"]);
    assert_eq!(valid.code, Some(0), "{valid}");
    let with = |arguments: &[&str]| {
        let more = ["--sandbox", "demo", "--world", "world.json", "--secrets-from", "fake-secrets.env"];
        bench.run(&[arguments, &more].concat())
    };
    // Production locks somebody out, which its owner has to allow.
    let planned = with(&["plan"]);
    assert_eq!(planned.code, Some(4), "{planned}");
    insta::assert_snapshot!("environments", planned);
    let refused = with(&["apply", "--yes"]);
    assert_eq!(refused.code, Some(4), "{refused}");
    let applied = with(&["apply", "--yes", "--brief", "--allow", "acme-prod/network_restrictions/ipv4"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    insta::assert_snapshot!("environments_applied", applied);
    let again = with(&["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
    let pinned = with(&["pin"]);
    assert_eq!(pinned.code, Some(0), "{pinned}");
    let pinned = with(&["plan", "--exit-code"]);
    assert_eq!(pinned.code, Some(0), "{pinned}");
}

/// The fleet, on a state that `change` has changed.
fn troubled_fleet(change: impl FnOnce(&mut Value)) -> impl Fn(&[&str]) -> crate::support::Output {
    let bench = bench("fleet");
    let first = bench.run(&["plan", "--sandbox", "demo", "--world", "world.json"]);
    assert_eq!(first.code, Some(0), "{first}");
    let mut state: Value = serde_json::from_str(&bench.read("demo/state.json")).expect("a state");
    change(&mut state);
    bench.write("demo/state.json", &state.to_string());
    move |arguments| bench.run(&[arguments, &["--sandbox", "demo"]].concat())
}

#[test]
fn one_broken_project_of_25_stops_no_other() {
    let run = troubled_fleet(|state| state["projects"]["fleetabfleetfleetfle"]["status"] = "INACTIVE".into());
    let applied = run(&["apply", "--yes", "--brief"]);
    assert_eq!(applied.code, Some(4), "{applied}");
    insta::assert_snapshot!("fleet_with_one_broken", applied);
    let again = run(&["plan"]);
    assert_eq!(again.code, Some(4), "{again}");
    insta::assert_snapshot!("fleet_with_one_left", again);
}

/// Every third answer is a 429 for a while: it is waited out, in simulated time, and nothing is missed.
#[test]
fn a_storm_of_429_over_25_projects_ends_well() {
    let run = troubled_fleet(|state| {
        let storm =
            |nth: u32| serde_json::json!({"route": "*", "nth": nth, "fault": {"kind": "limit", "retry_after": 20}});
        state["faults"] = (1..40).map(|nth| storm(nth * 3)).collect();
    });
    let applied = run(&["apply", "--yes", "--brief"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    // Which request waits first is no promise.
    assert!(applied.stderr.contains("waiting 60 s for the rate limit of"), "{applied}");
    insta::assert_snapshot!("fleet_in_a_storm", applied.stdout);
    let again = run(&["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
}

/// What `init` writes as a comment is as valid as what it writes.
#[test]
fn the_sample_is_valid_with_all_that_it_suggests() {
    let bench = Workbench::new();
    let written = bench.run(&["init"]);
    assert_eq!(written.code, Some(0), "{written}");
    let sample = bench.read("projects/acme-quickstart.yaml");
    let suggested = |line: &str| {
        let (before, after) = line.split_once("# ")?;
        let (key, _) = after.split_once(": ").or(after.strip_suffix(':').map(|key| (key, "")))?;
        let word = key.trim_start().chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (before.trim().is_empty() && word).then(|| format!("{before}{after}"))
    };
    let whole: Vec<String> = sample.lines().map(|line| suggested(line).unwrap_or_else(|| line.to_owned())).collect();
    bench.write("projects/acme-quickstart.yaml", &(whole.join("\n") + "\n"));
    let valid = bench.run(&["validate"]);
    assert_eq!(valid.stdout, "Valid: 1 project, 9 managed fields, in 2 files\n", "{valid}\n{}", whole.join("\n"));
}

/// How many requests a plan makes: one for the project, one for each managed endpoint.
#[test]
fn a_plan_reads_as_little_as_it_can() {
    let bench = bench("quickstart");
    let reads = |arguments: &[&str]| {
        let all: Vec<&str> = arguments.iter().copied().chain(["--sandbox", "demo", "-vv"]).collect();
        let output = bench.run(&all);
        output
            .stderr
            .lines()
            .filter(|line| line.contains("attempt=1"))
            .map(|line| {
                line.split("route=").nth(1).unwrap_or_default().split('"').nth(1).unwrap_or_default().to_owned()
            })
            .collect::<Vec<_>>()
    };
    let expected = [
        "/v1/projects",
        "/v1/projects/{ref}/config/auth",
        "/v1/projects/{ref}/secrets",
        "/v1/projects/{ref}/ssl-enforcement",
    ];
    let mut planned = reads(&["plan"]);
    planned.sort();
    assert_eq!(planned, expected);
    // That drift looks for projects without a document takes no request more.
    let mut drifted = reads(&["drift"]);
    drifted.sort();
    assert_eq!(drifted, expected);
    assert_eq!(reads(&["plan", "--select", "*/secrets"]), ["/v1/projects", "/v1/projects/{ref}/secrets"]);
}

/// The state of the sandbox holds digests only.
#[test]
fn the_sandbox_keeps_no_secret() {
    let bench = bench("quickstart");
    let applied = bench.run(&["apply", "--sandbox", "demo", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let state = bench.read("demo/state.json");
    assert!(!state.contains("fake-"), "{state}");
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["format"], "supaform.sandbox");
}

#[test]
fn examples_are_formatted_and_the_sample_of_init_is_as_its_schema_says() {
    for example in ["quickstart", "environments", "fleet", "hostname", "sign-in"] {
        let checked = bench(example).run(&["fmt", "--check"]);
        assert_eq!(checked.code, Some(0), "{example}: {checked}");
    }
    let bench = Workbench::new();
    assert_eq!(bench.run(&["init"]).code, Some(0));
    let schema: Value = serde_json::from_str(&bench.read(".supaform/manifest.schema.json")).expect("a schema");
    let judge = jsonschema::draft7::new(&schema).expect("a schema");
    for file in ["supaform.yaml", "projects/acme-quickstart.yaml"] {
        let manifest: Value = serde_yaml::from_str(&bench.read(file)).expect("YAML");
        let faults: Vec<String> = judge.iter_errors(&manifest).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{file}: {faults:?}");
    }
    let settings: Value = serde_json::from_str(&bench.read(".vscode/settings.json")).expect("JSON");
    for path in settings["yaml.schemas"].as_object().expect("schemas").keys() {
        assert!(bench.path().join(path).is_file(), "{path}");
    }
}
