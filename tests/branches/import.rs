//! Live branches as documents of their own.

use serde_json::json;
use supaform::diag::codes::{plan as plans, run as codes};
use supaform::exit::Exit;
use supaform::sandbox::Project;
use supaform::session::{Failure, Import, Imported, Which, write_imported};

use crate::support::scene::REF;
use crate::support::stage::Stage;

/// A project with two branches: one for staging, and one that a code host has made for a pull request.
async fn stage() -> Stage {
    let stage = Stage::new("branches: {staging: {persistent: true}, feature/login: {}}\n");
    let report = stage.apply(&[]).await.unwrap_or_else(|why| panic!("{:?}", why.findings));
    assert_eq!(report.exit(), Exit::Done);
    of_branch(&stage, "staging", |project| {
        project.auth.insert("site_url".to_owned(), json!("https://staging.acme.dev"));
        project.auth.insert("jwt_exp".to_owned(), json!(600));
    });
    stage.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\n");
    stage
}

fn of_branch<T>(stage: &Stage, name: &str, change: impl FnOnce(&mut Project) -> T) -> T {
    stage.sandbox.edit(|state| {
        let branch = state.projects[REF].branches.iter().find(|branch| branch.name == name).unwrap();
        let reference = branch.reference.clone();
        change(state.projects.get_mut(&reference).unwrap())
    })
}

async fn import(stage: &Stage, addresses: &[&str]) -> Result<Imported, Failure> {
    let addresses = addresses.iter().map(|&it| it.to_owned()).collect();
    let which = Which { addresses, ..Which::default() };
    let imported = stage.session().import(&Import { which, ..Import::default() }).await?;
    write_imported(&imported)?;
    Ok(imported)
}

async fn assert_settled(stage: &Stage, documents: &[&str]) {
    let planned = stage.plan().await;
    assert!(planned.plan.is_empty(), "{:?}", planned.plan);
    for document in documents {
        let project = &planned.plan.projects[*document];
        assert!(project.blocked.is_none() && project.refusals.is_empty(), "{document}: {project:?}");
    }
}

#[tokio::test]
async fn a_branch_becomes_a_document_that_changes_nothing() {
    let stage = stage().await;
    import(&stage, &["p@staging"]).await.unwrap();
    assert_eq!(
        stage.read("projects/p-staging.yaml"),
        "project: p-staging\nbranch_of: {project: p, branch: staging}\n\nauth:\n  site_url: https://staging.acme.dev\n  jwt_exp: 10m\n"
    );
    assert_settled(&stage, &["p", "p-staging"]).await;
    for again in ["p@staging", "p-staging", "quickstartquickstart@staging", "acme-quickstart@stag*"] {
        assert!(import(&stage, &[again]).await.unwrap().is_empty(), "{again} writes nothing more");
    }
    // What is set later is added to the document that is there.
    of_branch(&stage, "staging", |project| project.auth.insert("mailer_autoconfirm".to_owned(), json!(true)));
    import(&stage, &["p-staging"]).await.unwrap();
    assert!(stage.read("projects/p-staging.yaml").contains("mailer_autoconfirm: true"));
    assert_settled(&stage, &["p-staging"]).await;
}

#[tokio::test]
async fn all_branches_of_a_project_are_meant_by_a_star_and_each_part_alone() {
    let stage = stage().await;
    of_branch(&stage, "feature/login", |project| project.auth.insert("jwt_exp".to_owned(), json!(900)));
    let imported = import(&stage, &["p@*/auth/jwt_exp"]).await.unwrap();
    let documents: Vec<_> = imported.projects.iter().map(|it| it.chosen.document.as_str()).collect();
    assert_eq!(documents, ["p-feature-login", "p-staging"], "not the default branch, which is the project itself");
    assert!(!stage.read("projects/p-staging.yaml").contains("site_url"));
    assert!(stage.read("projects/p-feature-login.yaml").contains("{project: p, branch: feature/login}"));
    assert_settled(&stage, &["p-staging", "p-feature-login"]).await;
    assert!(import(&stage, &["p@feature-login/auth/jwt_exp"]).await.unwrap().is_empty(), "as a plan names it");
}

#[tokio::test]
async fn its_project_comes_along_or_is_there() {
    let stage = stage().await;
    std::fs::remove_file(stage.folder.path().join("p.yaml")).unwrap();
    let why = import(&stage, &["acme-quickstart@staging"]).await.err().unwrap();
    let found = why.findings.sorted()[0].clone();
    assert_eq!((why.exit, found.code), (Exit::Invalid, codes::NO_SUCH_PROJECT));
    assert!(found.hints[0].contains("`supaform import acme-quickstart acme-quickstart@staging`"), "{found:?}");
    import(&stage, &["acme-quickstart", "acme-quickstart@staging"]).await.unwrap();
    assert_settled(&stage, &["acme-quickstart", "acme-quickstart-staging"]).await;
}

#[tokio::test]
async fn what_is_not_there_or_not_up_is_told() {
    let stage = stage().await;
    for (address, code) in
        [("p@stagign", plans::NO_BRANCH), ("p@main", plans::NO_BRANCH), ("q@staging", codes::NO_SUCH_PROJECT)]
    {
        let why = import(&stage, &[address]).await.err().unwrap();
        assert_eq!(why.findings.sorted()[0].code, code, "{address}");
    }
    of_branch(&stage, "staging", |project| "INACTIVE".clone_into(&mut project.status));
    let imported = import(&stage, &["p@staging"]).await.unwrap();
    assert!(imported.projects.is_empty() && imported.skipped[0].0.code == plans::PROJECT_PAUSED);
}
