//! Branches as they were measured, and each switch where they were measured in two ways.

use std::time::Duration;

use serde_json::{Value, json};
use supaform::sandbox::{BranchSwitches, DefaultRow, ListWhenOff};

use super::{REF, on_plan};
use crate::support::http::Api;

const LIST: &str = "/v1/projects/quickstartquickstart/branches";

fn api(change: impl FnOnce(&mut BranchSwitches)) -> Api {
    let api = on_plan("team");
    api.sandbox.edit(|state| change(&mut state.switches.branches));
    api
}

async fn made(api: &Api, body: Value) -> String {
    let answer = api.send("POST", LIST, Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.message());
    answer.body.unwrap()["project_ref"].as_str().unwrap().to_owned()
}

async fn status(api: &Api, method: &str, path: &str, body: Option<Value>) -> u16 {
    api.send(method, path, body).await.status
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().filter_map(|branch| branch["name"].as_str()).collect()
}

#[tokio::test]
async fn a_project_without_branches_has_an_empty_list_or_is_refused() {
    assert_eq!(api(|_| ()).get(LIST).await, json!([]));
    let off = api(|it| it.list_when_off = ListWhenOff::Refused);
    let refused = off.send("GET", LIST, None).await;
    assert_eq!((refused.status, refused.message()), (422, "Preview branching is not enabled for this project."));
    made(&off, json!({"branch_name": "staging"})).await;
    assert_eq!(names(&off.get(LIST).await), ["main", "staging"], "making one switches it on");
    assert_eq!(status(&off, "DELETE", LIST, None).await, 200);
    assert_eq!(status(&off, "GET", LIST, None).await, 422, "and nothing is left of it");
    let without = api(|it| it.default_row = DefaultRow::None);
    made(&without, json!({"branch_name": "staging"})).await;
    assert_eq!(names(&without.get(LIST).await), ["staging"]);
}

#[tokio::test]
async fn a_name_is_there_once_and_the_default_branch_for_good() {
    for code in [409, 422] {
        let api = api(|it| it.duplicate_name = code);
        made(&api, json!({"branch_name": "staging"})).await;
        assert_eq!(status(&api, "POST", LIST, Some(json!({"branch_name": "staging"}))).await, code);
        let default = api.send("DELETE", &format!("/v1/branches/{REF}"), None).await;
        assert_eq!((default.status, default.message()), (422, "Cannot delete the default branch."));
        assert_eq!(status(&api, "DELETE", "/v1/branches/aaaaaaaaaaaaaaaaaaaa", None).await, 404);
    }
}

#[tokio::test]
async fn a_persistent_branch_is_let_go_of_first() {
    for code in [422, 400] {
        let api = api(|it| it.persistent_delete_status = code);
        let one = format!("/v1/branches/{}", made(&api, json!({"branch_name": "staging", "persistent": true})).await);
        let refused = api.send("DELETE", &one, None).await;
        assert_eq!((refused.status, refused.message()), (code, "Cannot delete persistent branch."));
        assert_eq!(status(&api, "PATCH", &one, Some(json!({"persistent": false}))).await, 200);
        assert_eq!(api.send("DELETE", &one, None).await.body, Some(json!({"message": "ok"})));
    }
}

#[tokio::test]
async fn a_deletion_can_be_scheduled_where_that_is_on() {
    for (soft, left) in [(false, &["main"][..]), (true, &["main", "staging"])] {
        let api = api(|it| it.soft_delete = soft);
        let one = format!("/v1/branches/{}", made(&api, json!({"branch_name": "staging"})).await);
        assert_eq!(status(&api, "DELETE", &format!("{one}?force=false"), None).await, 200);
        assert_eq!(names(&api.get(LIST).await), left);
        assert_eq!(status(&api, "POST", &format!("{one}/restore"), None).await, if soft { 200 } else { 404 });
        api.clock.advance(Duration::from_hours(2));
        assert_eq!(names(&api.get(LIST).await), left, "taken back, it stays");
    }
}

#[tokio::test]
async fn the_list_lags_and_null_changes_nothing() {
    let api = api(|it| it.list_lag_ms = 5000);
    let reference = made(&api, json!({"branch_name": "staging", "git_branch": "develop"})).await;
    let one = format!("/v1/branches/{reference}");
    let patched =
        api.send("PATCH", &one, Some(json!({"branch_name": "stage", "git_branch": null}))).await.body.unwrap();
    assert_eq!((&patched["name"], &patched["git_branch"]), (&json!("stage"), &json!("develop")));
    assert_eq!(names(&api.get(LIST).await), ["main", "staging"]);
    api.clock.advance(Duration::from_secs(5));
    assert_eq!(names(&api.get(LIST).await), ["main", "stage"]);
    let cleared = api.send("PATCH", &one, Some(json!({"git_branch": ""}))).await.body.unwrap();
    assert!(cleared.get("git_branch").is_none(), "{cleared}");
}

/// A new branch is not found for some seconds; then its read has the password of its database.
#[tokio::test]
async fn its_configuration_comes_late_and_with_a_password() {
    for masked in [false, true] {
        let api = api(|it| it.mask_credentials = masked);
        let secret = json!({"branch_name": "staging", "secrets": {"STRIPE_KEY": "hunter2"}});
        let one = format!("/v1/branches/{}", made(&api, secret).await);
        assert_eq!(status(&api, "GET", &one, None).await, 404);
        api.clock.advance(Duration::from_secs(5));
        assert_eq!(api.get(&one).await.get("db_pass").is_some(), !masked);
        let log = api.sandbox.requests().to_string();
        assert!(!log.contains("hunter2") && !log.contains("password-of"), "{log}");
    }
}

/// The second version of the API takes the size of the disk, and answers in its own form.
#[tokio::test]
async fn a_branch_is_made_in_the_second_version_of_the_api() {
    let (api, path) = (api(|_| ()), format!("/v2/projects/{REF}/branches"));
    let body = |attributes: Value| Some(json!({"data": {"type": "branch", "attributes": attributes}}));
    for bad in [
        json!({}),
        json!({"name": "a", "desired_disk_size_gb": 7}),
        json!({"name": "a", "desired_instance_size": "pico"}),
    ] {
        assert_eq!(status(&api, "POST", &path, body(bad.clone())).await, 400, "{bad}");
    }
    let made = api.send("POST", &path, body(json!({"name": "staging", "desired_disk_size_gb": 8}))).await;
    let made = (made.status, made.body.unwrap()["data"].take());
    assert_eq!((made.0, &made.1["type"], &made.1["attributes"]["name"]), (201, &json!("branch"), &json!("staging")));
    assert_eq!(names(&api.get(LIST).await), ["main", "staging"]);
}
