//! Worlds from files: what makes no sense is told when they are opened, without the text of a secret.

use std::fs;

use serde_json::{Value, json};
use supaform::clock::JumpClock;
use supaform::sandbox::{Options, Sandbox};

use super::REF;
use crate::support::http::Api;

/// Opens a world that differs from the built-in one at a JSON pointer; tells the error.
fn open(pointer: &str, value: Value) -> Result<Api, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    let mut world = Api::new(Options::default()).sandbox.edit(|state| serde_json::to_value(state).unwrap());
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    world.pointer_mut(parent).unwrap()[key] = value;
    fs::write(&path, world.to_string()).unwrap();
    let options = Options { world: Some(path), ..Options::default() };
    let opened = Sandbox::open(options.clone(), JumpClock::start()).map_err(|error| error.to_string());
    opened.map(|_| Api::new(options))
}

#[test]
fn what_makes_no_sense_is_told() {
    let project = format!("/projects/{REF}");
    for (pointer, value, said) in [
        ("/format".to_owned(), json!("other"), "its format is `other` 1"),
        ("/organizations/a b".to_owned(), json!({"name": "A", "plan": "free"}), "cannot be the slug"),
        ("/organizations/acme-inc/plan".to_owned(), json!("gold"), "the plan of `acme-inc` is `gold`, expected one of"),
        ("/clock_ms".to_owned(), json!(u64::MAX), "too late a time"),
        (
            "/projects/short".to_owned(),
            json!({"name": "A", "organization": "acme-inc", "region": "r", "status": "x"}),
            "no ref",
        ),
        (format!("{project}/organization"), json!("nobody"), "an organization `nobody` that is not there"),
        (format!("{project}/status"), json!("FINE"), "its status is `FINE`"),
        (format!("{project}/up_at_ms"), json!(u64::MAX), "too late a time"),
        (format!("{project}/auth"), json!({"jwt_expiry": 1}), "auth has no setting `jwt_expiry`"),
        (format!("{project}/auth"), json!({"smtp_pass": "hunter2"}), "the secret `smtp_pass` is no digest"),
        (format!("{project}/secrets"), json!({"A": {"digest": "hunter2"}}), "the secret `A` is no digest"),
        (format!("{project}/colour"), json!("red"), "unknown field `colour`"),
        (format!("{project}/postgres"), json!({"work_men": "8MB"}), "postgres has no setting `work_men`"),
        (format!("{project}/pooler"), json!({"size": 1}), "pooler has no setting `size`"),
        (format!("{project}/data_api"), json!({"schemas": ""}), "data_api has no setting `schemas`"),
        (format!("{project}/realtime"), json!({"users": 1}), "realtime has no setting `users`"),
        (format!("{project}/storage"), json!({"file_size_limit": 1}), "storage has no setting `file_size_limit`"),
        (format!("{project}/compute"), json!("ci_micro"), "its compute is `ci_micro`"),
        (format!("{project}/network"), json!({"ipv4": ["::/0"], "ipv6": []}), "`::/0` is no network of IPv4"),
        (format!("{project}/network"), json!({"ipv4": [], "ipv6": ["x"]}), "`x` is no network of IPv6"),
        (format!("{project}/vanity"), json!("a.b"), "`a.b` is no label of a host"),
        (
            format!("{project}/signing_keys"),
            json!([{"id": "k", "algorithm": "ES256", "status": "in_use", "public_jwk": {"kty": "EC", "d": "x"}}]),
            "the public part of its key `k` has a private member",
        ),
    ] {
        let error = open(&pointer, value).err().unwrap_or_else(|| panic!("{pointer} was taken"));
        assert!(error.contains(said), "{pointer}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn what_is_made_never_takes_the_place_of_what_is_there() {
    let api = Api::new(Options::default());
    let create = |name: &str| json!({"db_pass": "password", "name": name, "organization_slug": "acme-inc"});
    let first = api.send("POST", "/v1/projects", Some(create("One"))).await.body.unwrap();
    api.sandbox.edit(|state| state.made = 0);
    let second = api.send("POST", "/v1/projects", Some(create("Two"))).await.body.unwrap();
    assert_ne!(first["ref"], second["ref"]);
    assert_eq!(api.get("/v1/projects").await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_organization_that_was_made_is_listed_and_free() {
    let api = Api::new(Options::default());
    let made = api.send("POST", "/v1/organizations", Some(json!({"name": "New"}))).await;
    assert_eq!(made.status, 201);
    let slug = made.body.unwrap()["slug"].as_str().unwrap().to_owned();
    assert_eq!(api.get(&format!("/v1/organizations/{slug}")).await["plan"], "free");
    let regions = api.get(&format!("/v1/projects/available-regions?organization_slug={slug}&continent=EU")).await;
    assert_eq!(regions["recommendations"]["smartGroup"]["code"], "emea");
}

#[tokio::test]
async fn the_documented_world_opens_and_its_fault_strikes() {
    let page = include_str!("../../docs/sandbox.md");
    let (_, rest) = page.split_once("```json\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world.json");
    fs::write(&world, rest.split_once("```").unwrap().0).unwrap();
    let api = Api::new(Options { world: Some(world), ..Default::default() });
    let patch =
        async |value: u32| api.send("PATCH", &super::auth(), Some(serde_json::json!({ "jwt_exp": value }))).await;
    assert_eq!(api.get(&super::auth()).await["jwt_exp"], 600);
    assert_eq!(patch(60).await.status, 200);
    let lost = patch(70).await;
    assert_eq!((lost.body, &api.get(&super::auth()).await["jwt_exp"]), (None, &70.into()), "lost, and in effect");
}

/// The names that serde would take in a place, from what it says to one that it does not.
fn names<T: serde::de::DeserializeOwned>(of: Value) -> std::collections::BTreeSet<String> {
    let said = serde_json::from_value::<T>(of).err().unwrap().to_string();
    let (_, list) = said.split_once("expected ").unwrap_or_else(|| panic!("{said}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words in backticks of a part of the page.
fn documented(from: &str, to: &str) -> std::collections::BTreeSet<String> {
    let page = include_str!("../../docs/sandbox.md");
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("{from}"));
    let part = rest.split_once(to).unwrap_or_else(|| panic!("{to}")).0;
    part.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_of_a_world_is_documented() {
    use supaform::sandbox::PendingNetwork;
    use supaform::sandbox::{ApiKey, Fault, Network, Organization, Project, Rule, SsoProvider, State, StoredSecret};
    use supaform::sandbox::{SigningKey, Switches, ThirdPartyAuth, TokenRights};
    let (unknown, worlds, projects) =
        (json!({"?": 1}), ("| of the world |", "Times are"), ("| of a project |", "## A token"));
    let rules = ("## Faults", "## Where");
    for (names, (from, to)) in [
        (names::<State>(unknown.clone()), worlds),
        (names::<Organization>(unknown.clone()), worlds),
        (names::<Project>(unknown.clone()), projects),
        (names::<Network>(unknown.clone()), projects),
        (names::<PendingNetwork>(unknown.clone()), projects),
        (names::<ApiKey>(unknown.clone()), projects),
        (names::<SigningKey>(unknown.clone()), projects),
        (names::<SsoProvider>(unknown.clone()), projects),
        (names::<ThirdPartyAuth>(unknown.clone()), projects),
        (names::<TokenRights>(unknown.clone()), ("## A token", "## Faults")),
        (names::<Fault>(json!({"kind": "?"})), rules),
    ] {
        let page = documented(from, to);
        let text = include_str!("../../docs/sandbox.md");
        let part = text.split_once(from).unwrap().1.split_once(to).unwrap().0;
        let said = |name: &String| page.contains(name) || part.contains(&format!("\"{name}\""));
        let missing: Vec<_> = names.iter().filter(|name| !said(name)).collect();
        assert!(missing.is_empty(), "{from}: {missing:?}");
    }
    let page = include_str!("../../docs/sandbox.md");
    for name in names::<StoredSecret>(unknown.clone()) {
        assert!(page.contains(&format!("\"{name}\"")), "{name}");
    }
    for name in names::<Switches>(unknown.clone()) {
        assert!(page.contains(&format!("| `{name}: ")), "{name}");
    }
    // `seen` is the sandbox's own.
    for name in names::<Rule>(unknown).iter().filter(|name| *name != "seen") {
        assert!(page.contains(&format!("`{name}`")) || page.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn a_rule_that_never_strikes_is_an_error() {
    let auth = "PATCH /v1/projects/{ref}/config/auth";
    let drop = json!({"kind": "drop_after"});
    for (rule, said) in [
        (
            json!({"route": "PATCH /v1/projects/{ref}/config/aut", "fault": drop}),
            "the nearest is `PATCH /v1/projects/{ref}/config/auth`",
        ),
        (json!({"route": "/v1/projects", "fault": drop}), "there is no route `/v1/projects`"),
        (json!({"route": "", "fault": drop}), "there is no route"),
        (
            json!({"route": auth, "project": "aaaaaaaaaaaaaaaaaaaa", "fault": drop}),
            "there is no project `aaaaaaaaaaaaaaaaaaaa`",
        ),
        (json!({"route": "GET /v1/projects", "project": REF, "fault": drop}), "is about no single project"),
        (json!({"route": auth, "nth": 0, "fault": drop}), "count from 1"),
        (json!({"route": auth, "times": 0, "fault": drop}), "count from 1"),
        (json!({"route": auth, "fault": {"kind": "stale"}}), "only a read can lag behind"),
        (
            json!({"route": auth, "fault": {"kind": "refuse", "status": 200, "message": ""}}),
            "200 is the status of no failure",
        ),
        (json!({"route": auth, "fault": {"kind": "fail_after", "status": 1000}}), "1000 is the status of no failure"),
        (json!({"route": auth, "fault": {"kind": "page", "status": 7}}), "7 is no status"),
        (json!({"route": auth, "fault": {"kind": "ignore", "fields": []}}), "it ignores nothing"),
        (
            json!({"route": auth, "fault": {"kind": "show", "pointer": "status", "value": 1}}),
            "`status` is no JSON pointer",
        ),
    ] {
        let error = open("/faults", json!([rule])).err().unwrap_or_else(|| panic!("{rule} was taken"));
        assert!(error.contains("faults[0]: ") && error.contains(said), "{rule}: {error}");
    }
    let fine = json!([
        {"route": "*", "project": REF, "fault": {"kind": "stale"}},
        {"route": auth, "project": REF, "nth": 2, "times": 3, "fault": drop},
    ]);
    open("/faults", fine).unwrap();
}

#[tokio::test]
async fn a_rule_may_be_about_one_project() {
    let rule = json!({
        "route": "GET /v1/projects/{ref}/config/auth", "project": REF, "nth": 2,
        "fault": {"kind": "refuse", "status": 403, "message": "no"},
    });
    let api = open("/faults", json!([rule])).unwrap();
    api.sandbox.edit(|state| {
        let other = state.projects[REF].clone();
        state.projects.insert("aaaaaaaaaaaaaaaaaaaa".to_owned(), other);
    });
    let status =
        async |reference: &str| api.send("GET", &format!("/v1/projects/{reference}/config/auth"), None).await.status;
    let mut seen = vec![];
    for reference in ["aaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa", REF, "aaaaaaaaaaaaaaaaaaaa", REF, REF] {
        seen.push(status(reference).await);
    }
    assert_eq!(seen, [200, 200, 200, 200, 403, 200], "others are not counted");
}

#[tokio::test]
async fn switches_of_a_world_hold() {
    let api = open("/switches", json!({"sso_needs_saml": true, "postgres_put": "merge"})).unwrap();
    assert_eq!(api.send("GET", &super::sso::list(), None).await.status, 404);
    let path = format!("/v1/projects/{REF}/config/database/postgres");
    for body in [json!({"work_mem": "8MB"}), json!({"statement_timeout": "9s"})] {
        assert_eq!(api.send("PUT", &path, Some(body)).await.status, 200);
    }
    assert_eq!(api.get(&path).await, json!({"work_mem": "8MB", "statement_timeout": "9s"}));
    assert!(open("/switches", json!({"sso": true})).is_err());
}

/// What the sandbox says of waits is in the time of whoever waits.
#[tokio::test]
async fn a_scale_of_time_shortens_every_wait_that_is_told() {
    let limit = json!({"route": "GET /v1/organizations", "fault": {"kind": "limit", "retry_after": 60}});
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world.json");
    let text =
        json!({"format": "supaform.sandbox", "version": 1, "organizations": {}, "projects": {}, "faults": [limit]});
    fs::write(&world, text.to_string()).unwrap();
    for (time_scale, seconds) in [(1.0, "60"), (10.0, "6"), (1000.0, "1"), (0.5, "120")] {
        let api = Api::new(Options { world: Some(world.clone()), time_scale, ..Options::default() });
        let limited = api.send("GET", "/v1/organizations", None).await;
        assert_eq!((limited.status, &limited.headers["retry-after"]), (429, &seconds.parse().unwrap()), "{time_scale}");
        let answer = api.send("GET", "/v1/organizations", None).await;
        assert_eq!(answer.headers["x-ratelimit-reset"], seconds, "{time_scale}");
    }
}
