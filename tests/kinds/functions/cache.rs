//! Downloads that are spared, because nothing changed since the last one.

use serde_json::Value;
use supaform::ci::Environment;
use supaform::exit::Exit;
use supaform::session::{Against, Options};
use supaform::stop::Stop;

use crate::support::stage::Stage;

/// Three functions that are live as they are in the workspace, and a folder for caches.
async fn deployed() -> (Stage, tempfile::TempDir) {
    let stage = Stage::new("functions: {a: {}, b: {}, c: {}}\n");
    for slug in ["a", "b", "c"] {
        stage.write(&format!("supabase/functions/{slug}/index.ts"), &format!("// {slug}\n"));
    }
    assert_eq!(stage.apply(&[]).await.unwrap().exit(), Exit::Done);
    (stage, tempfile::tempdir().unwrap())
}

fn options(stage: &Stage, caches: &tempfile::TempDir) -> Options {
    let folder = caches.path().to_str().unwrap().to_owned();
    let environment = Environment::of([("XDG_CACHE_HOME".to_owned(), folder)]);
    Options { cache: true, environment, ..stage.options() }
}

/// Plans, and counts the downloads and the changes.
async fn planned(stage: &Stage, options: Options) -> (usize, usize) {
    let downloads = |stage: &Stage| {
        let all = stage.sandbox.requests();
        let is_download = |entry: &&Value| entry["path"].as_str().is_some_and(|path| path.ends_with("/body"));
        all.as_array().unwrap().iter().filter(is_download).count()
    };
    let before = downloads(stage);
    let session = stage.session_with(options, Stop::new());
    let workspace = session.load_with_secrets(None).await.unwrap();
    let planned = session.plan(workspace, Against::default()).await.unwrap();
    (downloads(stage) - before, planned.plan.projects["p"].changes.len())
}

#[tokio::test]
async fn a_plan_downloads_what_changed_since_the_last_one() {
    let (stage, caches) = deployed().await;
    let plan = async || planned(&stage, options(&stage, &caches)).await;
    assert_eq!(plan().await, (3, 0));
    assert_eq!(plan().await, (0, 0));
    // Deployed by somebody else: the list shows it.
    stage.live(|project| {
        let function = project.functions.get_mut("b").unwrap();
        function.files.insert("supabase/functions/b/index.ts".to_owned(), "// theirs\n".into());
        function.version += 1;
    });
    assert_eq!(plan().await, (1, 1));
    // What differs is shown line by line, so that it is downloaded.
    stage.write("supabase/functions/a/index.ts", "// mine\n");
    assert_eq!(plan().await, (2, 2));
    // As it was again, it is as it was seen.
    stage.write("supabase/functions/a/index.ts", "// a\n");
    assert_eq!(plan().await, (1, 1));
    // After a deployment, what is live was not seen yet.
    assert_eq!(stage.apply(&[]).await.unwrap().exit(), Exit::Done);
    assert_eq!(plan().await, (1, 0));
    assert_eq!(plan().await, (0, 0));
}

#[tokio::test]
async fn without_a_cache_everything_is_downloaded_and_nothing_is_kept() {
    let (stage, caches) = deployed().await;
    for _ in 0..2 {
        let off = Options { cache: false, ..options(&stage, &caches) };
        assert_eq!(planned(&stage, off).await, (3, 0));
    }
    assert_eq!(std::fs::read_dir(caches.path()).unwrap().count(), 0);
    // Nor where there is no folder for it.
    let homeless = Options { environment: Environment::default(), ..options(&stage, &caches) };
    assert_eq!(planned(&stage, homeless).await, (3, 0));
}

/// The file is never needed and never trusted.
#[tokio::test]
async fn a_cache_that_is_broken_or_that_somebody_has_written_is_as_none() {
    let (stage, caches) = deployed().await;
    let file = caches.path().join("supaform/downloads.json");
    let plan = async || planned(&stage, options(&stage, &caches)).await;
    assert_eq!(plan().await, (3, 0));
    let good = std::fs::read_to_string(&file).unwrap();
    let half: String = good.chars().take(good.len() / 2).collect();
    for name in ["quickstart", "supabase", "index.ts", "sbp_"] {
        assert!(!good.contains(name), "{good}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for broken in ["", "{", "[]", "{\"seen\": {\"a\": 1}}", &half, &"x".repeat(2 * 1024 * 1024)] {
        std::fs::write(&file, broken).unwrap();
        assert_eq!(plan().await, (3, 0));
        assert_eq!(plan().await, (0, 0));
    }
    // What was seen of each is given to the next one, as if somebody wanted to hide a change.
    let mut noted: Value = serde_json::from_str(&good).unwrap();
    let seen = noted["seen"].as_object_mut().unwrap();
    let mut all: Vec<Value> = seen.values().cloned().collect();
    all.rotate_left(1);
    for (entry, other) in seen.values_mut().zip(all) {
        *entry = other;
    }
    std::fs::write(&file, noted.to_string()).unwrap();
    assert_eq!(plan().await, (3, 0));
    assert_eq!(plan().await, (0, 0));
}
