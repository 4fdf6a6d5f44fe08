//! What no manifest writes: told where an untouched project has it otherwise, and reset where `manage:` says so.

use crate::support::scene::Scene;
use serde_json::json;
use supaform::exit::Exit;
use supaform::kinds::KINDS;

/// The kinds of whose settings it is known what an untouched project has.
fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.info()).filter(|info| info.has_untouched()).map(|info| info.name)
}

#[tokio::test]
async fn an_untouched_project_is_as_the_rest_of_each_section_wants_it() {
    assert!(kinds().any(|name| name == "auth") && kinds().any(|name| name == "storage"));
    for name in kinds() {
        let scene = Scene::new(&format!("manage: {{{name}: {{rest: default}}}}\n{name}: {{}}"));
        let plan = scene.plan().await;
        assert!(plan.is_empty(), "{name}: {:?}", plan.projects["p"].changes);
        assert!(plan.projects["p"].unmanaged.touched.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn what_was_changed_by_hand_goes_back_and_what_is_written_or_let_go_of_stays() {
    let sections = "manage: {auth: {rest: default}}\nauth: {jwt_exp: 10m, site_url: {unmanaged: true}}";
    let mut scene = Scene::new(sections);
    scene.live(|project| {
        project.auth.insert("jwt_exp".to_owned(), 600.into());
        project.auth.insert("site_url".to_owned(), "https://acme.example".into());
        project.auth.insert("mailer_otp_exp".to_owned(), 60.into());
        project.auth.insert("uri_allow_list".to_owned(), "https://a.example".into());
    });
    let ran = scene.run().await;
    let fields: Vec<_> =
        ran.plan.projects["p"].changes[0].fields.iter().map(supaform::model::FieldChange::name).collect();
    assert_eq!(fields, ["uri_allow_list", "mailer_otp_exp"]);
    assert_eq!(ran.report.map(|report| report.exit()), Some(Exit::Done));
    assert_eq!(scene.live(|project| project.auth["site_url"].clone()), json!("https://acme.example"));
    assert_eq!(scene.live(|project| project.auth["mailer_otp_exp"].clone()), json!(3600));
    assert!(scene.plan().await.is_empty());
    // Without the rule the same values are left alone.
    scene.want("auth: {jwt_exp: 10m}");
    scene.live(|project| project.auth.insert("mailer_otp_exp".to_owned(), 60.into()));
    assert!(scene.plan().await.is_empty());
}

#[tokio::test]
async fn members_of_an_object_are_reset_each_by_itself() {
    let sections = "manage: {storage: {rest: default}}\nstorage: {features: {imageTransformation: {enabled: false}}}";
    let scene = Scene::new(sections);
    let ran = scene.run().await;
    let fields: Vec<_> = ran.plan.projects["p"].changes[0].fields.iter().map(|field| field.name().to_owned()).collect();
    assert_eq!(fields, ["features.imageTransformation.enabled"], "what is written wins, the rest is as it was");
    assert!(scene.plan().await.is_empty());
}

#[tokio::test]
async fn what_is_not_managed_and_not_as_untouched_is_told_and_what_is_let_go_of_is_not() {
    let scene = Scene::new("auth: {jwt_exp: 1h, mailer_otp_exp: {unmanaged: true}}");
    scene.live(|project| {
        project.auth.insert("site_url".to_owned(), "https://acme.example".into());
        project.auth.insert("mailer_otp_exp".to_owned(), 60.into());
        project.auth.insert("smtp_pass".to_owned(), "0".repeat(64).into());
    });
    let plan = scene.plan().await;
    assert!(plan.is_empty(), "it is no difference");
    let touched: Vec<_> = plan.projects["p"].unmanaged.touched.iter().map(|it| it.path.name()).collect();
    assert_eq!(touched, ["site_url", "smtp_pass"]);
    assert!(!format!("{plan:?}").contains(&"0".repeat(64)), "no digest is told");
}
