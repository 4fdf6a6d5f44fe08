//! The scripts of the action.

use serde_json::json;

use super::{Job, event, of_github, root, scripts, yaml};
use crate::support::forge::{Forge, Merged};

/// A job of GitHub in which the action's own script runs.
fn of_action() -> (Job, Forge, String) {
    let forge = Forge::start("github");
    let mut job = Job::new(&[]);
    let path = event(&job);
    for (name, value) in of_github(&forge, &path) {
        job.set(name, &value);
    }
    let outputs = job.bench.path().join("temp/outputs").to_string_lossy().into_owned();
    job.set("GITHUB_OUTPUT", &outputs);
    let mut steps = vec![];
    scripts(&yaml("action.yml")[0], "run", &mut steps);
    assert_eq!(steps.len(), 2);
    job.set("GITHUB_ACTION_PATH", &root().to_string_lossy());
    (job, forge, steps.remove(1))
}

#[test]
fn the_action_plans_and_tells() {
    let (mut job, forge, script) = of_action();
    job.set("INPUT_COMMAND", "plan");
    job.set("INPUT_ARGS", "--base\norigin/main\n\n--select\nacme; touch owned $(touch owned)\n");
    let ran = job.runs(&script);
    assert_eq!(ran.code, 3, "a hostile argument is an argument: {}", ran.text);
    assert!(!job.has("owned"));
    assert_eq!(forge.store(|store| store.comments.len()), 1, "the failure is told, too");
    job.set("INPUT_ARGS", "--base\norigin/main\n");
    let ran = job.runs(&script);
    assert_eq!(ran.code, 0, "{}", ran.text);
    let body = forge.store(|store| store.comments[0].body.clone());
    assert!(body.contains("20m") && body.contains("Against `origin/main`"), "{body}");
    assert!(job.bench.read("temp/outputs").contains("changes<<"));
}

/// The value of an output, the last one of its name, as the runner reads the file.
fn output(job: &Job, name: &str) -> String {
    let text = job.bench.read("temp/outputs");
    let (mut lines, mut value) = (text.lines(), String::new());
    while let Some(line) = lines.next() {
        if let Some((found, end)) = line.split_once("<<") {
            let told: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            value = if found == name { told.join("\n") } else { value };
        } else if let Some((found, told)) = line.split_once('=') {
            value = if found == name { told.to_owned() } else { value };
        }
    }
    value
}

/// Each command has outputs, and a summary in the page of the run.
#[test]
fn the_action_tells_of_every_command() {
    let (mut job, forge, script) = of_action();
    let summary = job.bench.path().join("temp/summary").to_string_lossy().into_owned();
    job.set("GITHUB_STEP_SUMMARY", &summary);
    for (command, code, changes, refused, line, shown, page) in [
        ("validate", 0, "false", "false", "Valid: 1 project", "<pre>\nValid: 1 project", false),
        ("drift", 2, "true", "false", "1 field in 1 project", "jwt_exp", true),
        ("plan", 0, "true", "false", "1", "20m", true),
        ("apply", 0, "true", "false", "Applied: 1 call", "Applied", true),
        ("drift", 0, "false", "false", "", "", true),
        ("needs", 0, "false", "false", "", "", false),
        ("fmt", 0, "false", "false", "0 of 2 files", "<pre>", false),
        ("explode", 3, "false", "true", "explode ended with 3", "", false),
    ] {
        job.set("INPUT_COMMAND", command);
        job.bench.write("temp/outputs", "");
        job.bench.write("temp/summary", "");
        let ran = job.runs(&script);
        assert_eq!(ran.code, code, "{command}: {}", ran.text);
        let told = ["changes", "refused", "exit"].map(|name| output(&job, name));
        assert_eq!(told, [changes, refused, &code.to_string()], "{command}");
        assert!(output(&job, "summary").contains(line), "{command}: {}", output(&job, "summary"));
        assert!(job.bench.read("temp/summary").contains(shown), "{command}: {}", job.bench.read("temp/summary"));
        let report = std::fs::read_to_string(output(&job, "report"));
        assert_eq!(
            report.is_ok_and(|text| text.to_ascii_lowercase().starts_with("<!doctype html>")),
            page,
            "{command}"
        );
    }
    let contexts: Vec<String> = forge.statuses().iter().map(|mark| mark["context"].to_string()).collect();
    assert_eq!(contexts, [r#""supaform/plan""#, r#""supaform/apply""#], "drift and validation are no request's");

    job.bench.write("broken.yaml", "project: <b>&\nauth: {jwt_exp: never}\n");
    job.set("INPUT_COMMAND", "validate");
    let ran = job.runs(&script);
    assert!(ran.code == 3 && ran.text.contains("::error file=broken.yaml"), "{}", ran.text);
    assert!(job.bench.read("temp/summary").contains("broken.yaml"));
    assert_eq!([output(&job, "refused"), output(&job, "exit")], ["true", "3"]);

    job.set("INPUT_COMMENT", "false");
    job.set("INPUT_COMMAND", "plan");
    for file in ["temp/outputs", "temp/summary"] {
        job.bench.write(file, "");
    }
    let ran = job.runs(&script);
    assert!(ran.code == 3 && !ran.text.contains("::error"), "{}", ran.text);
    assert_eq!((output(&job, "exit"), job.bench.read("temp/summary")), ("3".to_owned(), String::new()));
    assert_eq!(forge.statuses().len(), 2);
}

/// The workflow of the example: what is planned on a request is applied once it is merged, and nothing else.
#[test]
fn the_action_applies_what_was_approved() {
    let (mut job, forge, script) = of_action();
    let step = &yaml("examples/ci/github/apply.yml")[0];
    let with = step.pointer("/jobs/apply/steps/1/with").expect("the step").clone();
    let head = job.commits("what is wanted");
    let event = json!({
        "repository": {"full_name": "acme/infra"},
        "pull_request": {"number": 12, "head": {"sha": head, "repo": {"full_name": "acme/infra"}}},
    });
    job.bench.write("temp/event.json", &event.to_string());
    for (command, approved_by) in
        [("plan", ""), (with["command"].as_str().expect("apply"), with["approved-by"].as_str().expect("pr"))]
    {
        job.set("INPUT_COMMAND", command);
        job.set("INPUT_APPROVED_BY", approved_by);
        job.set("INPUT_KEY", "main");
        if command == "apply" {
            job.bench.write("temp/event.json", "{}");
            job.set("GITHUB_EVENT_NAME", "push");
            job.set("GITHUB_SHA", &head);
            let ran = job.runs(&script);
            assert!(ran.code == 5 && ran.text.contains("no merged request approves the change"), "{}", ran.text);
            forge.store(|store| store.merged.push(Merged::new(12, &head, &head)));
        }
        let ran = job.runs(&script);
        assert_eq!(ran.code, 0, "{command}: {}", ran.text);
    }
    let names: Vec<String> = forge.statuses().iter().map(|it| format!("{} {}", it["context"], it["state"])).collect();
    assert_eq!(
        names,
        [
            r#""supaform/plan: main" "success""#,
            r#""supaform/apply: main" "failure""#,
            r#""supaform/apply: main" "success""#
        ]
    );
}

/// A release that is what it says is installed, another is not.
#[test]
fn the_action_installs_what_has_its_checksum() {
    let mut job = Job::new(&[("INPUT_VERSION", "v0.1.0"), ("ACTION_REPOSITORY", "supaform/supaform")]);
    let target = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "x86_64-unknown-linux-musl",
        ("linux", _) => "aarch64-unknown-linux-musl",
        (_, "x86_64") => "x86_64-apple-darwin",
        _ => "aarch64-apple-darwin",
    };
    let releases = job.bench.path().join("releases");
    let path = job.bench.path().join("temp/path").to_string_lossy().into_owned();
    job.set("GITHUB_PATH", &path);
    job.set("SUPAFORM_RELEASES", &format!("file://{}", releases.display()));
    let pack = format!(
        "mkdir -p releases/v0.1.0 stage/supaform-v0.1.0-{target} && printf '#!/bin/sh\\necho supaform 0.1.0\\n' > \
         stage/supaform-v0.1.0-{target}/supaform && chmod +x stage/*/supaform && cd releases/v0.1.0 && tar -C ../../stage -czf \
         supaform-v0.1.0-{target}.tar.gz . && sha256sum *.tar.gz > SHA256SUMS"
    );
    // The archive's one folder is taken off, as in a release.
    let pack = pack.replace("-czf", "-cz -f").replace(" . &&", &format!(" supaform-v0.1.0-{target} &&"));
    assert_eq!(job.runs(&pack).code, 0);
    let install = root().join("packaging/action/install.sh").to_string_lossy().into_owned();
    let ran = job.runs(&install);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.contains("supaform 0.1.0"), "{}", ran.text);
    assert!(job.bench.read("temp/path").contains("supaform-v0.1.0"));
    // Pinned by a commit, a branch or a moving tag, the action is still of the release that stands in its own manifest.
    for name in ["INPUT_VERSION", "ACTION_REPOSITORY"] {
        job.set(name, "");
    }
    let ran = job.runs(&install);
    assert!(ran.code == 0 && ran.text.contains("supaform 0.1.0"), "{}", ran.text);
    let inputs = yaml("action.yml")[0].pointer("/runs/steps/0/env/INPUT_VERSION").cloned();
    assert_eq!(inputs, Some(json!("${{ inputs.version }}")), "what the action is pinned by is no release");
    // Of a version that is not released yet there are only the sources: the action's own.
    job.set("SUPAFORM_RELEASES", &format!("file://{}/nothing", releases.display()));
    job.bench.write(
        "temp/tools/cargo",
        "#!/bin/sh\necho \"$RUSTUP_TOOLCHAIN $*\"\nwhile [ $# -gt 1 ]; do shift; done\n\
         mkdir -p \"$1/bin\" && printf '#!/bin/sh\\necho built' > \"$1/bin/supaform\" && chmod +x \"$1/bin/supaform\"\n",
    );
    let tools = job.bench.path().join("temp/tools");
    let ran = job.runs(&format!("chmod +x temp/tools/cargo; PATH={}:$PATH {install}", tools.display()));
    assert!(ran.code == 0 && ran.text.contains("\nbuilt\n") && ran.text.contains("::notice::"), "{}", ran.text);
    assert!(ran.text.contains(&format!("install --locked --quiet --path {}", root().display())), "{}", ran.text);
    assert!(job.bench.read("temp/path").trim_end().ends_with("/bin"));
    job.set("SUPAFORM_RELEASES", &format!("file://{}", releases.display()));
    job.set("INPUT_VERSION", "v9.9.9");
    let ran = job.runs(&install);
    assert!(ran.code == 1 && ran.text.contains("::error::") && ran.text.contains("`version`"), "{}", ran.text);
    job.set("INPUT_VERSION", "v0.1.0");
    let tampered = job.runs("echo x >> releases/v0.1.0/supaform-v0.1.0-*.tar.gz; rm -r temp/supaform-*");
    assert_eq!(tampered.code, 0);
    let ran = job.runs(&install);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("not what its checksum says"), "{}", ran.text);
    assert!(!job.has("temp/supaform-v0.1.0/supaform"));
}
