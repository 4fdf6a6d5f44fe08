//! Worlds from files: what makes no sense is told when they are opened, without the text of a secret.

use std::fs;

use serde_json::{Value, json};
use supaform::clock::JumpClock;
use supaform::sandbox::{Options, Sandbox};

use crate::REF;
use crate::api::Api;

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
        async |value: u32| api.send("PATCH", &crate::auth(), Some(serde_json::json!({ "jwt_exp": value }))).await;
    assert_eq!(api.get(&crate::auth()).await["jwt_exp"], 600);
    assert_eq!(patch(60).await.status, 200);
    let lost = patch(70).await;
    assert_eq!((lost.body, &api.get(&crate::auth()).await["jwt_exp"]), (None, &70.into()), "lost, and in effect");
}
