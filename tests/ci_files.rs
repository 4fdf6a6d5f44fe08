//! What CI systems run is run: every script of the action, of the workflows and of the pipelines, with the program on the path,
//! a sandbox for the API and a code host on this machine.

#![cfg(unix)]

mod action;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::Workbench;
use crate::support::forge::{Forge, Merged, TOKEN};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_supaform");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A served sandbox; it ends with the test.
struct Served(Child, String);

impl Served {
    fn start() -> Self {
        let mut command = Command::new(BINARY);
        command
            .args(["sandbox", "--rate-limit", "0", "--time-scale", "50"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("a sandbox");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut address).expect("its address");
        Self(child, address.trim().to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A checkout in a job.
struct Job {
    bench: Workbench,
    variables: BTreeMap<String, String>,
    _served: Served,
}

struct Ran {
    code: i32,
    text: String,
}

impl Job {
    fn new(variables: &[(&str, &str)]) -> Self {
        let (mut bench, served) = (Workbench::new(), Served::start());
        bench.write("supaform.yaml", "version: 1\n");
        bench
            .write("acme.yaml", "project: acme\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\n");
        for arguments in [&["init", "--quiet"][..], &["add", "-A"], &["commit", "--quiet", "-m", "base"]] {
            bench.git(arguments);
        }
        bench.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        bench
            .write("acme.yaml", "project: acme\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 20m}\n");
        let programs = Path::new(BINARY).parent().expect("a folder").to_string_lossy().into_owned();
        #[expect(clippy::disallowed_methods, reason = "where the shell's programs are")]
        let path = std::env::var("PATH").expect("a path of programs");
        let temp = bench.path().join("temp");
        std::fs::create_dir(&temp).expect("a folder");
        let mut all: BTreeMap<String, String> = [
            ("PATH", format!("{programs}:{path}")),
            ("RUNNER_TEMP", temp.to_string_lossy().into_owned()),
            ("SUPAFORM_API_URL", served.1.clone()),
            ("SUPABASE_ACCESS_TOKEN", "sbp_0000000000000000000000000000000000000000".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { bench, variables: all, _served: served }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    fn runs(&self, script: &str) -> Ran {
        let mut command = Command::new("bash");
        command
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(self.bench.path())
            .env_clear()
            .envs(&self.variables);
        let output = command.stdin(Stdio::null()).output().expect("bash runs");
        let text = [output.stdout, output.stderr].concat();
        Ran { code: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&text).into_owned() }
    }

    /// Commits what is there, and gives the id.
    fn commits(&mut self, message: &str) -> String {
        self.bench.git(&["commit", "--quiet", "-am", message]);
        self.bench.git(&["rev-parse", "HEAD"])
    }

    fn has(&self, file: &str) -> bool {
        self.bench.path().join(file).exists()
    }
}

fn yaml(path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    let documents = text.split("\n---\n").map(|text| serde_yaml::from_str(text).expect("YAML"));
    documents.collect()
}

/// The lines under a key, wherever it stands.
fn scripts(value: &Value, key: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == key => found.push(text.clone()),
                    Value::Array(lines) if name == key => {
                        let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                        found.push(lines.join("\n"));
                    }
                    other => scripts(other, key, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| scripts(item, key, found)),
        _ => {}
    }
}

fn of_github(forge: &Forge, event: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_API_URL", forge.api()),
        ("GITHUB_REPOSITORY", "acme/infra".to_owned()),
        ("GITHUB_EVENT_NAME", "pull_request".to_owned()),
        ("GITHUB_EVENT_PATH", event.to_string_lossy().into_owned()),
        ("GITHUB_TOKEN", TOKEN.to_owned()),
    ]
}

fn event(job: &Job) -> PathBuf {
    let event = json!({
        "repository": {"full_name": "acme/infra"},
        "pull_request": {"number": 12, "head": {"sha": "c0ffee00c0ffee00", "repo": {"full_name": "acme/infra"}}},
    });
    job.bench.write("temp/event.json", &event.to_string());
    job.bench.path().join("temp/event.json")
}

#[test]
fn gitlabs_component_plans_applies_and_watches() {
    let forge = Forge::start("gitlab");
    let mut job = Job::new(&[
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", &forge.api()),
        ("CI_PROJECT_ID", "42"),
        ("CI_MERGE_REQUEST_IID", "12"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "42"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "origin/main"),
        ("CI_PIPELINE_ID", "77"),
        ("GITLAB_TOKEN", TOKEN),
        ("SUPAFORM_SLACK_URL", "http://127.0.0.1:9/x"),
    ]);
    let head = job.commits("what is wanted");
    job.set("CI_COMMIT_SHA", &head);
    let jobs = &yaml("packaging/gitlab/templates/supaform/template.yml")[1];
    let run = |name: &str| {
        let mut script = vec![];
        scripts(&jobs[name], "script", &mut script);
        job.runs(&script[0].replace("$[[ inputs.root ]]", ".").replace("$[[ inputs.notify ]]", "slack"))
    };
    assert_eq!(run("supaform-apply").code, 5, "nothing was approved yet");
    let planned = run("supaform-plan");
    assert_eq!(planned.code, 0, "{}", planned.text);
    assert!(forge.store(|store| store.comments[0].body.contains("20m")));
    assert!(job.bench.read("supaform.env").contains("SUPAFORM_CHANGES=true"));
    forge.store(|store| store.merged.push(Merged::new(12, &head, &head)));
    let applied = run("supaform-apply");
    assert_eq!(applied.code, 0, "{}", applied.text);
    assert!(forge.statuses().iter().any(|mark| mark["name"] == "supaform/apply" && mark["state"] == "success"));
    let watched = run("supaform-drift");
    assert_eq!(watched.code, 0, "{}", watched.text);
}

#[test]
fn bitbuckets_steps_run() {
    let mut steps = vec![];
    scripts(&yaml("examples/ci/bitbucket/bitbucket-pipelines.yml")[0], "script", &mut steps);
    let forge = Forge::start("bitbucket");
    let job = Job::new(&[
        ("BITBUCKET_BUILD_NUMBER", "3"),
        ("BITBUCKET_REPO_FULL_NAME", "acme/infra"),
        ("BITBUCKET_PR_ID", "12"),
        ("BITBUCKET_COMMIT", "c0ffee00c0ffee00"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
        ("BITBUCKET_TOKEN", TOKEN),
        ("SUPAFORM_SLACK_URL", "http://127.0.0.1:9/x"),
    ]);
    assert_eq!(steps.len(), 3);
    for step in steps {
        // Its API has one address for everybody.
        let step = step.replace("supaform comment", &format!("supaform comment --forge-url {}", forge.api()));
        let ran = job.runs(&step);
        assert_eq!(ran.code, 0, "{step}: {}", ran.text);
    }
    assert!(forge.store(|store| store.comments[0].body.contains("20m")));
}

#[test]
fn giteas_steps_plan_apply_and_watch() {
    let forge = Forge::start("gitea");
    let mut job = Job::new(&[("GITEA_ACTIONS", "true"), ("GITEA_TOKEN", TOKEN), ("TOKEN", TOKEN)]);
    let head = job.commits("what is wanted");
    let path = event(&job);
    for (name, value) in of_github(&forge, &path) {
        job.set(name, &value);
    }
    let server = format!("file://{}/server", job.bench.path().display());
    job.bench.git(&["clone", "--quiet", "--bare", ".", "server/acme/infra.git"]);
    job.set("GITHUB_SERVER_URL", &server);
    job.set("GITHUB_SHA", &head);
    let request = json!({
        "repository": {"full_name": "acme/infra"},
        "pull_request": {"number": 12, "head": {"sha": head, "repo": {"full_name": "acme/infra"}}},
    });
    for (file, event_name, event) in
        [("plan", "pull_request", request), ("apply", "push", json!({})), ("drift", "schedule", json!({}))]
    {
        job.bench.write("temp/event.json", &event.to_string());
        job.set("GITHUB_EVENT_NAME", event_name);
        job.set("GITHUB_REF", if event_name == "pull_request" { "refs/pull/12/head" } else { "refs/heads/main" });
        let mut steps = vec![];
        scripts(&yaml(&format!("examples/ci/gitea/{file}.yml"))[0], "run", &mut steps);
        let [checkout, run] = steps.as_slice() else { panic!("{steps:?}") };
        // The commit before it stands for the branch that the request is for.
        let branch = "git update-ref refs/remotes/origin/main HEAD~1";
        let ran = job.runs(&format!("mkdir {file} && cd {file}\n{checkout}\n{branch}\n{run}"));
        assert_eq!(ran.code, 0, "{file}: {}", ran.text);
        // The comment tells the plan, and then what became of it.
        let told = if file == "plan" { "20m" } else { "Applied" };
        let body = forge.store(|store| store.comments[0].body.clone());
        assert!(body.contains(told), "{file}: {body}");
        forge.store(|store| store.merged = vec![Merged::new(12, &head, &head)]);
    }
    assert!(forge.statuses().iter().any(|mark| mark["context"] == "supaform/apply" && mark["state"] == "success"));
}

/// A CI system that is no part of a code host: its example, the host of its repository, and the variables of its runs.
struct System {
    example: &'static str,
    forge: &'static str,
    token: &'static str,
    always: &'static [(&'static str, &'static str)],
    commit: &'static str,
    of_request: &'static [(&'static str, &'static str)],
    of_branch: &'static [(&'static str, &'static str)],
}

const SYSTEMS: [System; 5] = [
    System {
        example: "jenkins/Jenkinsfile",
        forge: "github",
        token: "GITHUB_TOKEN",
        always: &[("JENKINS_URL", "https://ci.acme.com/"), ("GIT_URL", "https://github.com/acme/infra.git")],
        commit: "GIT_COMMIT",
        of_request: &[("CHANGE_ID", "12"), ("CHANGE_TARGET", "main"), ("BRANCH_NAME", "PR-12")],
        of_branch: &[("BRANCH_NAME", "main")],
    },
    System {
        example: "circleci/config.yml",
        forge: "github",
        token: "GITHUB_TOKEN",
        always: &[("CIRCLECI", "true"), ("CIRCLE_REPOSITORY_URL", "git@github.com:acme/infra.git")],
        commit: "CIRCLE_SHA1",
        of_request: &[("CIRCLE_PULL_REQUEST", "https://github.com/acme/infra/pull/12"), ("CIRCLE_BRANCH", "wanted")],
        of_branch: &[("CIRCLE_BRANCH", "main")],
    },
    System {
        example: "woodpecker/supaform.yaml",
        forge: "gitea",
        token: "GITEA_TOKEN",
        always: &[
            ("CI", "woodpecker"),
            ("CI_FORGE_TYPE", "gitea"),
            ("CI_FORGE_URL", "https://git.acme.com"),
            ("CI_REPO", "acme/infra"),
        ],
        commit: "CI_COMMIT_SHA",
        of_request: &[
            ("CI_PIPELINE_EVENT", "pull_request"),
            ("CI_COMMIT_PULL_REQUEST", "12"),
            ("CI_COMMIT_TARGET_BRANCH", "main"),
        ],
        of_branch: &[("CI_PIPELINE_EVENT", "push"), ("CI_COMMIT_BRANCH", "main")],
    },
    System {
        example: "buildkite/pipeline.yml",
        forge: "github",
        token: "GITHUB_TOKEN",
        always: &[("BUILDKITE", "true"), ("BUILDKITE_REPO", "git@github.com:acme/infra.git")],
        commit: "BUILDKITE_COMMIT",
        of_request: &[
            ("BUILDKITE_PULL_REQUEST", "12"),
            ("BUILDKITE_PULL_REQUEST_REPO", "git@github.com:acme/infra.git"),
            ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
            ("BUILDKITE_BRANCH", "wanted"),
        ],
        of_branch: &[("BUILDKITE_PULL_REQUEST", "false"), ("BUILDKITE_BRANCH", "main")],
    },
    System {
        example: "azure/azure-pipelines.yml",
        forge: "github",
        token: "GITHUB_TOKEN",
        always: &[
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_PROVIDER", "GitHub"),
            ("BUILD_REPOSITORY_URI", "https://github.com/acme/infra"),
            ("BUILD_REPOSITORY_NAME", "acme/infra"),
        ],
        commit: "BUILD_SOURCEVERSION",
        of_request: &[
            ("BUILD_REASON", "PullRequest"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "12"),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
            ("SYSTEM_PULLREQUEST_ISFORK", "False"),
            ("BUILD_SOURCEBRANCH", "refs/pull/12/merge"),
        ],
        of_branch: &[("BUILD_REASON", "IndividualCI"), ("BUILD_SOURCEBRANCH", "refs/heads/main")],
    },
];

/// The three scripts of an example: plan, apply, drift.
fn of_example(example: &str) -> Vec<String> {
    let path = format!("examples/ci/{example}");
    let mut found = vec![];
    if let Some((_, after)) = std::fs::read_to_string(root().join(&path)).expect("it").split_once("sh '''") {
        found.extend(after.split("sh '''").filter_map(|part| Some(part.split_once("'''")?.0.to_owned())));
    } else {
        let document = &yaml(&path)[0];
        for key in ["command", "commands", "bash"] {
            scripts(document, key, &mut found);
        }
    }
    found.retain(|script| script.contains("supaform ") && !script.contains("pip install"));
    // A name in a file of Buildkite has two signs, or it is of the upload.
    found.into_iter().map(|script| script.replace("$$", "$")).collect()
}

/// Each example of a system beside the code host plans a request, applies it once it is merged, and watches.
#[test]
fn jobs_of_other_systems_plan_apply_and_watch() {
    for system in &SYSTEMS {
        let name = system.example;
        let [plan, apply, drift] = of_example(name).try_into().unwrap_or_else(|all| panic!("{name}: {all:?}"));
        let forge = Forge::start(system.forge);
        let mut job = Job::new(&[(system.token, TOKEN), ("SUPAFORM_SLACK_URL", "http://127.0.0.1:9/x")]);
        job.bench.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
        job.bench.git(&["remote", "add", "origin", "server.git"]);
        job.bench.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        let head = job.commits("what is wanted");
        for (name, value) in system.always.iter().chain(&[(system.commit, head.as_str())]) {
            job.set(name, value);
        }
        let run = |script: &str, more: &[(&str, &str)]| {
            let mut script = script.to_owned();
            for way in ["supaform comment", "--approved-by pr", "--notify issue"] {
                script = script.replace(way, &format!("{way} --forge-url {}", forge.api()));
            }
            let set: String = more.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
            job.runs(&format!("{set}{script}"))
        };
        let planned = run(&plan, system.of_request);
        assert_eq!(planned.code, 0, "{name}: {}", planned.text);
        assert!(forge.store(|store| store.comments[0].body.contains("20m")), "{name}: {}", planned.text);
        assert_eq!(run(&apply, system.of_branch).code, 5, "{name}: nothing was approved yet");
        forge.store(|store| store.merged.push(Merged::new(12, &head, &head)));
        let applied = run(&apply, system.of_branch);
        assert_eq!(applied.code, 0, "{name}: {}", applied.text);
        let watched = run(&drift, system.of_branch);
        assert_eq!(watched.code, 0, "{name}: {}", watched.text);
    }
}

/// The second job for forks puts their manifests in place of ours, and nothing else.
#[test]
fn a_forks_files_take_the_place_of_ours() {
    let mut job = Job::new(&[]);
    job.bench.write(".github/workflows/plan.yaml", "on: push\n");
    job.bench.write("run.sh", "true\n");
    job.bench.git(&["add", "-A"]);
    let mut steps = vec![];
    scripts(&yaml("examples/ci/github/forks/plan.yml")[0], "run", &mut steps);
    let ran = job.runs(&steps[0]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(!job.has("acme.yaml") && !job.has("supaform.yaml"));
    assert!(job.has(".github/workflows/plan.yaml") && job.has("run.sh"));
    job.bench.write("acme.yaml", "project: fork\n");
    let ran = job.runs(&steps[1]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert_eq!(job.bench.git(&["show", "HEAD:acme.yaml"]), "project: fork");
    assert_eq!(job.bench.git(&["status", "--porcelain"]), "");
}

/// In an image the checkout is another user's: git reads it all the same there, and says elsewhere what to do.
#[test]
fn a_checkout_of_another_user_is_read_or_told_with_what_to_do() {
    for file in ["packaging/Dockerfile", "packaging/release.Dockerfile"] {
        let text = std::fs::read_to_string(root().join(file)).expect("the file");
        assert!(text.contains("git config --system --add safe.directory '*'"), "{file}");
    }
    let mut job = Job::new(&[("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"), ("GITHUB_TOKEN", TOKEN)]);
    job.set("HOME", "/nonexistent");
    let forge = Forge::start("github");
    let flags = format!("--forge github --forge-url {} --repository acme/infra", forge.api());
    for command in ["supaform plan --base origin/main".to_owned(), format!("supaform apply --approved-by pr {flags}")] {
        let ran = job.runs(&command);
        assert_ne!(ran.code, 0, "{command}: {}", ran.text);
        let line = format!("git config --global --add safe.directory {}", job.bench.path().display());
        let words = ran.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["dubious ownership", &line] {
            assert!(words.contains(part), "{command}: {}", ran.text);
        }
    }
}

#[test]
fn hooks_for_pre_commit_run() {
    let hooks = &yaml(".pre-commit-hooks.yaml")[0];
    let job = Job::new(&[]);
    let image = concat!("ghcr.io/supaform/supaform:v", env!("CARGO_PKG_VERSION"), " ");
    let example = &yaml("examples/ci/pre-commit/.pre-commit-config.yaml")[0]["repos"][0]["hooks"];
    for hook in [hooks, example].iter().flat_map(|hooks| hooks.as_array().expect("hooks")) {
        let entry = hook["entry"].as_str().expect("a command");
        let in_image = entry.strip_prefix(image);
        assert_eq!(in_image.is_some(), hook["language"] == "docker_image", "{hook}");
        let ran = job.runs(in_image.unwrap_or(entry));
        assert_eq!(ran.code, 0, "{hook}: {}", ran.text);
    }
}

#[test]
fn jobs_of_kubernetes_run() {
    for (file, index) in [("drift-cronjob", None), ("apply-indexed-job", Some("0")), ("plan-indexed-job", Some("0"))] {
        let document = &yaml(&format!("examples/ci/kubernetes/{file}.yaml"))[0];
        let pod = document.pointer("/spec/template/spec").or(document.pointer("/spec/jobTemplate/spec/template/spec"));
        let command = pod.expect("a pod")["containers"][0]["command"].as_array().expect("a command");
        let words: Vec<String> = command
            .iter()
            .map(|word| word.as_str().expect("a word").replace("/workspace/infra", ".").replace("/plans", "plans"))
            .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
            .collect();
        let mut job = Job::new(&[("SUPAFORM_SLACK_URL", "http://127.0.0.1:9/x")]);
        if let Some(index) = index {
            job.set("JOB_COMPLETION_INDEX", index);
            job.bench.write("plans/README", "Plans of the parts.");
        }
        let ran = job.runs(&words.join(" "));
        // A shard without projects has nothing to do; drift is there, and nobody takes the message.
        assert!([0, 2].contains(&ran.code), "{file}: {} {}", ran.code, ran.text);
    }
}
