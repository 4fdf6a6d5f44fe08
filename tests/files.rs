//! Files: what is never shown, never opened and never written through, whatever a manifest or a checkout says.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::Workbench;

const CANARY: &str = "canary-of-a-file";
const HEAD: &str = "project: acme\norganization: acme-inc\nname: Acme Quickstart\n";

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench
}

fn pipe(bench: &Workbench, name: &str) {
    let made = Command::new("mkfifo").arg(bench.path().join(name)).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
}

/// Nothing is shown that tools keep credentials in, that git leaves out, or that is a secret elsewhere: by no command, in no
/// format, and not in the message that refuses it.
#[test]
fn no_command_shows_a_file_that_may_hold_a_credential() {
    let mut bench = Workbench::new();
    bench.write("infra/supaform.yaml", "version: 1\n");
    bench.git(&["init", "--quiet"]);
    bench.write(".gitignore", "above.txt\n");
    bench.write("infra/.gitignore", "Ignored.txt\n/out/\n!out/kept.txt\n");
    bench.write("infra/.supaformignore", "notes.txt\n");
    bench.write("infra/projects/.gitignore", "near.txt\n");
    bench.write("infra/profiles/other.yaml", "profile: other\nauth: {smtp_pass: {file: ../keys/profile.txt}}\n");
    let hidden = [
        ".env",
        ".netrc",
        ".config/gh/hosts.txt",
        ".git/config",
        ".GIT/config",
        "a/.npmrc",
        "a/..b",
        "config.",
        "config ",
        "GIT~1",
        "a.txt:stream",
        "node_modules/x/token.txt",
        "Node_Modules/x/token.txt",
        "Ignored.txt",
        "ignored.txt",
        "out/build.txt",
        "out/kept.txt",
        "above.txt",
        "notes.txt",
        "projects/near.txt",
    ];
    let secret = ["secret.txt", "SECRET.txt", "keys/profile.txt", "token.txt", "given.env", "vault/one.txt"];
    for path in hidden.into_iter().chain(secret) {
        bench.write(&format!("infra/{path}"), &format!("{CANARY}\n"));
    }
    let flags = [
        "--root",
        "infra",
        "--token-file",
        "infra/token.txt",
        "--secrets-from",
        "infra/given.env",
        "--secret-dir",
        "infra/vault",
    ];
    bench.write("infra/given.env", &format!("ACME__X={CANARY}\n"));
    let shown = |field: &str, reference: &str| match field {
        "metadata_xml" => format!("sso_providers: {{okta: {{metadata_xml: {reference}, domains: [acme.com]}}}}\n"),
        field => format!("auth: {{{field}: {reference}}}\n"),
    };
    let says = |arguments: &[&str], code: &str| {
        let output = bench.run(&[arguments, &flags].concat());
        let text = format!("{}{}", output.stdout, output.stderr);
        assert!(
            output.code == Some(3) && text.contains(code) && !text.contains(CANARY),
            "{arguments:?}: {}{output}",
            bench.read("infra/projects/acme.yaml")
        );
    };
    let rows = hidden.into_iter().map(|path| (path, "E0250")).chain(secret.into_iter().map(|path| (path, "E0226")));
    for (index, (path, code)) in rows.enumerate() {
        let references = [
            format!("{{file: \"../{path}\"}}"),
            format!("{{file: \"../{path}\", fill: true}}"),
            format!("{{file: \"./../x/../{path}\"}}"),
        ];
        let fields = ["mailer_templates_confirmation_content", "site_url", "metadata_xml"];
        for (field, reference) in fields.into_iter().zip(&references) {
            let manifest = format!("{HEAD}secrets: {{X: {{file: ../secret.txt}}}}\n{}", shown(field, reference));
            bench.write("infra/projects/acme.yaml", &manifest);
            let formats: &[&str] = if index % 4 == 0 {
                &["text", "short", "json", "markdown", "github", "junit", "sarif"]
            } else {
                &["text"]
            };
            for format in formats {
                says(&["validate", "--format", format], code);
            }
        }
        let commands: [&[&str]; 6] = [
            &["plan", "--sandbox", "live"],
            &["render", "--format", "json"],
            &["explain", "acme/auth/site_url"],
            &["compare", "acme", "acme"],
            &["drift", "--sandbox", "live"],
            &["plan", "--sandbox", "live", "--untrusted"],
        ];
        says(commands[index % 6], "error");
    }
}

/// What the base says holds a secret, or is ignored there, is not shown by a branch that no longer says so.
#[test]
fn a_branch_does_not_show_what_the_base_holds_secret() {
    let mut bench = bench();
    bench.write(".gitignore", "made.txt\nlive/\n");
    bench.write("secret.txt", CANARY);
    bench.write("made.txt", CANARY);
    bench.write("acme.yaml", &format!("{HEAD}auth: {{smtp_pass: {{file: secret.txt}}}}\n"));
    for arguments in [&["init", "--quiet"][..], &["add", "acme.yaml", "supaform.yaml", ".gitignore"]] {
        bench.git(arguments);
    }
    bench.git(&["commit", "--quiet", "-m", "base"]);
    bench.write(".gitignore", "");
    for path in ["secret.txt", "made.txt"] {
        let manifest = format!("{HEAD}auth: {{mailer_subjects_invite: {{file: {path}}}}}\n");
        bench.write("acme.yaml", &manifest);
        for arguments in [&["plan", "--sandbox", "live", "--base", "HEAD"][..], &["render", "--base", "HEAD"]] {
            let output = bench.run(arguments);
            let text = format!("{}{}", output.stdout, output.stderr);
            assert!(output.code == Some(4) && text.contains(path) && !text.contains(CANARY), "{output}");
        }
    }
    bench.git(&["add", "--force", "made.txt"]);
    bench.git(&["commit", "--quiet", "-m", "it is public now"]);
    let output = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD~1"]);
    assert_eq!(output.code, Some(0), "{output}");
}

/// Of untrusted manifests only files are read that are in the commit which is checked out, as they are there.
#[test]
fn strangers_are_shown_what_is_committed_and_nothing_else() {
    let mut bench = bench();
    let text = |name: &str| format!("{HEAD}auth: {{mailer_subjects_invite: {{file: {name}}}}}\n");
    bench.write(".gitignore", "live/\n");
    bench.write("subject.txt", "Welcome");
    bench.write("acme.yaml", &text("subject.txt"));
    let look = |bench: &Workbench| bench.run(&["render", "--untrusted"]);
    assert_eq!(look(&bench).code, Some(3), "without a repository nothing is committed");
    for arguments in [&["init", "--quiet"][..], &["add", "-A"], &["commit", "--quiet", "-m", "fork"]] {
        bench.git(arguments);
    }
    let output = look(&bench);
    assert!(output.code == Some(0) && output.stdout.contains("Welcome"), "{output}");
    let refused = |bench: &Workbench, what: &str| {
        let output = look(bench);
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(output.code == Some(3) && said.contains("not in the commit that is checked out"), "{what}: {output}");
        assert!(!said.contains(CANARY), "{what}: {output}");
    };
    bench.write("subject.txt", CANARY);
    refused(&bench, "a file that a job has changed");
    bench.git(&["checkout", "--", "subject.txt"]);
    bench.write("job.txt", CANARY);
    bench.write("acme.yaml", &text("job.txt"));
    bench.git(&["commit", "--quiet", "-am", "shows a file of the job"]);
    refused(&bench, "a file that a job has left there");
    bench.write("acme.yaml", &text("subject.txt"));
    bench.git(&["commit", "--quiet", "-am", "back"]);
    bench.write("decrypted.yaml", &format!("keys: {{a: {CANARY}, a: {CANARY}}}\n{CANARY}\n"));
    refused(&bench, "a manifest that a job has left there");
}

/// A link that was committed beside a file or in its place leads no write out of the checkout.
#[test]
fn no_command_writes_through_a_link() {
    let bench = bench();
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("bashrc");
    fs::write(&victim, "mine\n").unwrap();
    bench.write("projects/acme.yaml", &format!("{HEAD}auth:   {{jwt_exp: 2h}}\n"));
    for beside in ["acme.yaml.supaform-new", ".acme.yaml.new", "acme.yaml~"] {
        symlink(&victim, bench.path().join("projects").join(beside)).unwrap();
    }
    fs::create_dir(bench.path().join("live")).unwrap();
    symlink(&victim, bench.path().join("live/state.json.new")).unwrap();
    for arguments in [&["fmt"][..], &["pin", "--sandbox", "live"], &["apply", "--sandbox", "live", "--yes"]] {
        let output = bench.run(arguments);
        assert_eq!(output.code, Some(0), "{output}");
    }
    let state = fs::read_to_string(bench.path().join("live/state.json")).unwrap();
    fs::write(bench.path().join("live/state.json"), state.replace("\"jwt_exp\": 7200", "\"jwt_exp\": 10800")).unwrap();
    let output = bench.run(&["accept", "--sandbox", "live", "acme/auth/jwt_exp"]);
    assert!(output.code == Some(0) && bench.read("projects/acme.yaml").contains("3h"), "{output}");
    // In the place of what is written, a link is refused, and so is a device.
    fs::remove_file(bench.path().join("live/requests.json")).unwrap();
    symlink(&victim, bench.path().join("live/requests.json")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_supaform"))
        .args(["plan", "--sandbox", "live"])
        .current_dir(bench.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    symlink(&victim, bench.path().join("plan.json")).unwrap();
    fs::remove_file(bench.path().join("live/requests.json")).unwrap();
    let output = bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
    assert_eq!(output.code, Some(1), "{output}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine\n");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

/// A pipe, a device or an endless file hangs nothing and fills no memory, wherever it is named.
#[test]
fn nothing_waits_for_a_pipe_or_reads_a_device() {
    let mut bench = bench();
    bench.write("acme.yaml", &format!("{HEAD}auth: {{jwt_exp: 1h}}\nsecrets: {{X: {{file: pass.txt}}}}\n"));
    bench.write("large", &"x".repeat(2 * 1024 * 1024));
    pipe(&bench, "pipe");
    bench.set("CI", "true");
    for source in ["pipe", "/dev/zero", "large", "."] {
        let asks: [&[&str]; 7] = [
            &["plan", "--api-url", "http://127.0.0.1:9", "--token-file", source],
            &["plan", "--sandbox", "live", "--secrets-from", source],
            &["plan", "--sandbox", "fresh", "--world", source],
            &["show", source],
            &["apply", "--sandbox", "live", "--plan", source],
            &["schema", "drift", "--openapi", source],
            &["drift", "--sandbox", "live", "--notify", "slack", "--notify-url-file", source],
        ];
        for arguments in asks {
            let output = bench.run(arguments);
            assert!([Some(1), Some(3)].contains(&output.code), "{arguments:?}: {output}");
        }
    }
    let output = bench.run(&["plan", "--sandbox", "live", "--secrets-from", "pipe"]);
    assert!(output.stderr.contains("--secrets-from -"), "{output}");
    bench.set("GITHUB_EVENT_NAME", "pull_request");
    bench.set("GITHUB_EVENT_PATH", "/dev/zero");
    let output = bench.run(&["validate"]);
    assert!(output.stderr.contains("untrusted"), "an event that cannot be read: {output}");
    bench.unset("GITHUB_EVENT_NAME");
    pipe(&bench, "pass.txt");
    let output = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert!(output.code == Some(3) && output.stderr.contains("not a regular file"), "{output}");
    for make in ["pipe", "link"] {
        fs::remove_file(bench.path().join(".supaformignore")).ok();
        if make == "pipe" {
            pipe(&bench, ".supaformignore");
        } else {
            symlink("/dev/zero", bench.path().join(".supaformignore")).unwrap();
        }
        let output = bench.run(&["validate"]);
        assert!(output.code == Some(3) && output.stderr.contains("`.supaformignore` is not read"), "{output}");
    }
}

/// `manifests:` says which files are read: no other is opened, whatever it is, here and at another revision.
#[test]
fn what_manifests_leaves_out_is_not_opened() {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\nmanifests: [projects, \"more/*.yaml\"]\n");
    bench.write("projects/deep/acme.yaml", &format!("{HEAD}auth: {{jwt_exp: 1h}}\n"));
    bench.write("more/dev.yaml", "project: dev\nref: aaaaaaaaaaaaaaaaaaaa\n");
    bench.write("charts/values.yaml", "{{ .Values }}\n");
    bench.write("more/deep/compose.yaml", "services: {}\n---\nx: 1\n");
    bench.write("other/supaform.yaml", "version: 1\n");
    fs::write(bench.path().join("latin.yaml"), b"caf\xe9").unwrap();
    symlink("/etc/passwd", bench.path().join("link.yaml")).unwrap();
    for number in 0..2100 {
        bench.write(&format!("many/{number}.yaml"), "");
    }
    pipe(&bench, "many/.supaformignore");
    let output = bench.run(&["validate"]);
    assert!(output.code == Some(0) && output.stdout.contains("in 3 files"), "{output}");
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "projects", "more", "other", "charts", "latin.yaml", "link.yaml", "supaform.yaml"],
    ] {
        bench.git(arguments);
    }
    bench.git(&["commit", "--quiet", "-m", "base"]);
    assert_eq!(bench.run(&["render", "--base", "HEAD"]).code, Some(0));

    // Without it, each of them is told, with both ways out.
    bench.write("supaform.yaml", "version: 1\n");
    fs::remove_dir_all(bench.path().join("many")).unwrap();
    let output = bench.run(&["validate"]);
    assert_eq!(output.code, Some(3), "{output}");
    for file in ["charts/values.yaml", "more/deep/compose.yaml", "other/supaform.yaml", "latin.yaml", "link.yaml"] {
        assert!(output.stderr.contains(file), "{file}: {output}");
    }
    let ways = output.stderr.matches("name it in `.supaformignore`, or list").count();
    assert!(ways >= 5, "{ways}: {output}");
}
