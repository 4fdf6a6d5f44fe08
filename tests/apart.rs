//! Several applies at once: on one machine they keep apart, elsewhere what was made twice is told.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::meddler::{self, Meddle, Meddler, bench};
use crate::support::{QUICKSTART_REF as REF, Workbench};

const MANIFEST: &str = "project: p
organization: acme-inc
name: Acme Quickstart
auth: {jwt_exp: 10m}
api_keys: {mobile_: {type: publishable}, server_: {type: secret}}
third_party_auth: {auth0: {oidc_issuer_url: \"https://acme.eu.auth0.com\"}}
";

fn start(bench: &Workbench, caches: &Path, url: &str, more: &[&str]) -> Child {
    meddler::start(bench, &[&["apply", "--yes"], more].concat(), url, caches)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The same, however its lines are broken.
fn words(output: &Output) -> String {
    text(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many keys and issuers there are that the manifest names.
fn made(api: &Meddler) -> (usize, usize, usize) {
    api.sandbox.edit(|state| {
        let project = &state.projects[REF];
        let keys = serde_json::to_value(&project.api_keys).unwrap().to_string();
        (keys.matches("\"mobile_\"").count(), keys.matches("\"server_\"").count(), project.third_party_auth.len())
    })
}

/// How many groups of applies are tried: few in the suite, and as many as are asked for.
fn groups(usual: u32) -> u32 {
    #[expect(clippy::disallowed_methods, reason = "how much is tested")]
    let asked = std::env::var("SUPAFORM_GROUPS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(usual)
}

fn together(bench: &Workbench, caches: &[&Path], api: &Meddler, more: &[&str]) -> Vec<Output> {
    let children: Vec<Child> = caches.iter().map(|caches| start(bench, caches, &api.url(), more)).collect();
    children.into_iter().map(|child| child.wait_with_output().unwrap()).collect()
}

fn nothing_is_made_twice_by(size: usize, groups: u32) {
    let bench = bench(MANIFEST);
    let caches = bench.path().join("caches");
    for group in 0..groups {
        let api = Meddler::start(|_, _, _| Meddle::Pass);
        let caches = vec![caches.as_path(); size];
        for output in together(&bench, &caches, &api, &[]) {
            assert_eq!(output.status.code(), Some(0), "group {group}: {}", text(&output));
        }
        assert_eq!(made(&api), (1, 1, 1), "group {group}");
    }
}

/// With SUPAFORM_GROUPS=200 the number that was promised.
#[test]
fn pairs_of_applies_on_one_machine_make_nothing_twice() {
    nothing_is_made_twice_by(2, groups(5));
}

/// With SUPAFORM_GROUPS=100 the number that was promised.
#[test]
fn quadruples_of_applies_on_one_machine_make_nothing_twice() {
    nothing_is_made_twice_by(4, groups(3));
}

/// The API has no lock. What two machines make at once is there twice, and whoever sees it says which one is whose.
#[test]
fn what_two_machines_make_at_once_is_told() {
    let bench = bench(MANIFEST);
    let (here, there) = (bench.path().join("here"), bench.path().join("there"));
    for group in 0..groups(2) {
        // Both have looked before either one makes something.
        let api =
            Meddler::start(
                |_, method, path| {
                    if method == "POST" && path.ends_with("/api-keys") { Meddle::Later } else { Meddle::Pass }
                },
            );
        let outputs = together(&bench, &[&here, &there], &api, &[]);
        let twice = made(&api).0 > 1 || made(&api).1 > 1 || made(&api).2 > 1;
        let told = outputs.iter().filter(|output| text(output).contains("E0617")).collect::<Vec<_>>();
        assert_eq!(twice, !told.is_empty(), "group {group}: {}{}", text(&outputs[0]), text(&outputs[1]));
        for output in told {
            let text = words(output);
            assert_eq!(output.status.code(), Some(8), "{text}");
            assert!(text.contains("this run created") && text.contains("DELETE /v1/projects/"), "{text}");
        }
    }
}

/// A run that waits for an answer holds its lock; one that was killed does not.
#[test]
fn another_apply_is_refused_while_one_is_at_work_and_told_which() {
    let bench = bench(MANIFEST);
    let caches = bench.path().join("caches");
    let api = Meddler::start(|_, method, _| if method == "GET" { Meddle::Pass } else { Meddle::Silence });
    let mut hung = start(&bench, &caches, &api.url(), &[]);
    while api.asked() < 6 {
        std::thread::yield_now();
    }
    let asked = api.asked();
    let refused = start(&bench, &caches, &api.url(), &["--lock-timeout", "0"]).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(5), "{}", text(&refused));
    let said = words(&refused);
    assert!(said.contains("E0618") && said.contains(&format!("process {}", hung.id())), "{said}");
    // By its ref, the project is the same.
    bench.write("p.yaml", &format!("project: pinned\nref: {REF}\nauth: {{jwt_exp: 20m}}\n"));
    let refused = start(&bench, &caches, &api.url(), &["--lock-timeout", "1"]).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(5), "{}", text(&refused));
    assert!(words(&refused).contains("waiting for another apply"), "{}", text(&refused));
    assert!(api.asked() <= asked + 1, "nothing was read");
    // Another API is another matter, and so is a project of it.
    let other = Meddler::start(|_, _, _| Meddle::Pass);
    let fine = start(&bench, &caches, &other.url(), &["--lock-timeout", "0"]).wait_with_output().unwrap();
    assert_eq!(fine.status.code(), Some(0), "{}", text(&fine));
    hung.kill().unwrap();
    hung.wait().unwrap();
    let next =
        start(&bench, &caches, &api.url(), &["--lock-timeout", "0", "--deadline", "1"]).wait_with_output().unwrap();
    assert_eq!(next.status.code(), Some(8), "it goes as far as the silent API lets it: {}", text(&next));
}

/// A folder that somebody else could have prepared is not used, and no link is followed.
#[test]
fn a_lock_is_taken_in_a_folder_of_ones_own_only() {
    let bench = bench(MANIFEST);
    let api = Meddler::start(|_, _, _| Meddle::Pass);
    let run = |caches: &Path| start(&bench, caches, &api.url(), &[]).wait_with_output().unwrap();
    let refused = |caches: &Path, why: &str| {
        let output = run(caches);
        let text = words(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("E0619") && text.contains(why), "{text}");
    };
    let open = bench.path().join("open");
    fs::create_dir_all(open.join("supaform/locks")).unwrap();
    fs::set_permissions(open.join("supaform/locks"), fs::Permissions::from_mode(0o777)).unwrap();
    refused(&open, "others may write to it");
    let linked = bench.path().join("linked");
    fs::create_dir_all(linked.join("supaform")).unwrap();
    fs::create_dir_all(bench.path().join("elsewhere")).unwrap();
    symlink(bench.path().join("elsewhere"), linked.join("supaform/locks")).unwrap();
    refused(&linked, "it is not a folder");
    assert_eq!(api.asked(), 0, "nothing was asked");
    let fine = bench.path().join("fine");
    assert_eq!(run(&fine).status.code(), Some(0));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&fine.join("supaform/locks")), 0o700);
    let locks: Vec<_> = fs::read_dir(fine.join("supaform/locks")).unwrap().map(|it| it.unwrap().path()).collect();
    bench.write("victim", "untouched");
    for lock in &locks {
        assert_eq!(mode(lock), 0o600);
        fs::remove_file(lock).unwrap();
        symlink(bench.path().join("victim"), lock).unwrap();
    }
    refused(&fine, "no lock can be taken");
    assert_eq!(bench.read("victim"), "untouched");
}

/// Two applies on one sandbox within the process keep apart, too: its state is one file.
#[test]
fn applies_on_one_sandbox_folder_keep_apart() {
    let bench = bench(MANIFEST);
    let caches = bench.path().join("caches");
    let sandboxed = |_: u32| {
        Command::new(env!("CARGO_BIN_EXE_supaform"))
            .args(["apply", "--yes", "--sandbox", "live"])
            .current_dir(bench.path())
            .env_clear()
            .env("XDG_CACHE_HOME", &caches)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<Child> = (0..4).map(sandboxed).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(outputs.iter().all(|output| output.status.code() == Some(0)), "{}", text(&outputs[0]));
    let written = outputs.iter().filter(|output| text(output).contains("Applied")).count();
    assert_eq!(written, 1, "one writes, and the others find all done");
}
