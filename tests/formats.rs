//! Ten plans in every format, as golden files in `tests/formats`; and what holds for each of them: that it is the same
//! when it was saved and is shown again, that the schemas describe it, and that no limit hides a risk.

use std::path::Path;

use crate::support::schemas::Schemas;
use crate::support::{Workbench, copy, snapshots};
use serde_json::Value;
use supaform::exit::Exit;
use supaform::record::Unreadable;
use supaform::record::{PlanRecord, Record};

const FORMATS: [&str; 7] = ["text", "json", "markdown", "html", "github", "junit", "sarif"];

const HEAD: &str = "project: acme\norganization: acme-inc\nname: Acme Quickstart\n";

/// A plan: what is applied first, what is then changed by hand in the sandbox's state, and what is planned.
struct Case {
    name: &'static str,
    applied: &'static str,
    by_hand: &'static [(&'static str, &'static str)],
    planned: &'static str,
}

const CASES: [Case; 9] = [
    Case {
        name: "1-empty",
        applied: "",
        by_hand: &[],
        planned: "auth: {jwt_exp: 1h}\nssl_enforcement: {database: false}\n",
    },
    Case {
        name: "2-create",
        applied: "",
        by_hand: &[],
        planned: "secrets:\n  APP_ENV: {plain: production}\n  STRIPE_KEY: {env: STRIPE_KEY}\n",
    },
    Case {
        name: "3-update",
        applied: "auth: {uri_allow_list: [https://old.example, https://acme.com/callback]}\n",
        by_hand: &[],
        planned: "auth:\n  site_url: https://acme.com\n  jwt_exp: 30m\n  uri_allow_list: [https://acme.com/callback, https://new.example]\n\
                  postgres: {statement_timeout: 8s}\nssl_enforcement: {database: true}\n",
    },
    Case {
        name: "4-secret",
        applied: "auth: {external_github_secret: {env: OLD}}\n",
        by_hand: &[],
        planned: "auth:\n  external_github_secret: {env: STRIPE_KEY}\n  external_google_secret: {env: STRIPE_KEY}\n  hook_send_sms_secrets: {env: MISSING}\n",
    },
    Case {
        name: "5-long-text",
        applied: "auth:\n  mailer_templates_confirmation_content: |\n    <h1>Welcome</h1>\n    <p>1</p>\n    <p>2</p>\n    <p>3</p>\n    <p>4</p>\n    <p>5</p>\n    <p>6</p>\n    <p>7</p>\n    <p>8</p>\n    <p>9</p>\n    <p>Bye</p>\n",
        by_hand: &[],
        planned: "auth:\n  mailer_templates_confirmation_content: |\n    <h1>Hello</h1>\n    <p>1</p>\n    <p>2</p>\n    <p>3</p>\n    <p>4</p>\n    <p>5</p>\n    <p>6</p>\n    <p>7</p>\n    <p>8</p>\n    <p>9</p>\n    ```\n    </details>\n    <p>Bye</p>\n",
    },
    Case {
        name: "7-destructive",
        applied: "auth: {external_github_secret: {env: STRIPE_KEY}}\nsecrets: {LEGACY: {plain: old}}\n",
        by_hand: &[],
        planned: "auth: {external_github_secret: null}\nsecrets: {LEGACY: null}\n\
                  network_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}\n",
    },
    Case {
        name: "8-refused",
        applied: "secrets: {LEGACY: {plain: old}}\n",
        by_hand: &[],
        planned: "protected: true\nauth: {smtp_sender_name: Acme}\nsecrets: {LEGACY: null}\n",
    },
    Case {
        name: "9-blocked",
        applied: "",
        by_hand: &[("/projects/quickstartquickstart/status", "\"INACTIVE\"")],
        planned: "auth: {jwt_exp: 30m}\nsecrets: {APP_ENV: {plain: production}}\n",
    },
    Case {
        name: "10-hostile",
        applied: "auth: {uri_allow_list: [\"https://a.example/##[group]x\"]}\nsecrets: {APP_ENV: {plain: \"##vso[task.complete]\"}}\n",
        by_hand: &[
            ("/projects/quickstartquickstart/auth/site_url", r#""\u001b[2J\u202e@everyone <img src=x> #1""#),
            (
                "/projects/quickstartquickstart/auth/mailer_templates_invite_content",
                r#""::error::pwned\n````\n</details>\n## [x](javascript:y)\nlast\r""#,
            ),
            ("/projects/quickstartquickstart/region", r#""eu](x)<b>@me</b>""#),
        ],
        planned: "labels: {team: \"@acme/ops <b>\"}\n\
                  auth:\n  site_url: \"https://acme.com/`@org/team`?a=<script>&b=%0A::set-output\"\n  uri_allow_list: [\"https://a.example/[x](y)\", \"https://a.example/#123\"]\n\
                  \x20 mailer_templates_invite_content: \"::error::pwned\\n```\\n<!-- x -->\\n]]>&lt;\\nlast\\n\"\n\
                  secrets: {APP_ENV: {plain: \"::add-mask::x `` ]]> {0} @here\"}}\n",
    },
];

fn bench(case: &Case) -> Workbench {
    let mut bench = Workbench::new();
    bench.set("OLD", "old-canary");
    bench.set("STRIPE_KEY", "stripe-canary");
    bench.write("supaform.yaml", "version: 1\n");
    let file = if case.name == "10-hostile" { "projects/@me, [x](y)::%0A.yaml" } else { "projects/acme.yaml" };
    bench.write(
        file,
        &format!("{HEAD}{}", if case.applied.is_empty() { "auth: {jwt_exp: 1h}\n" } else { case.applied }),
    );
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}: {applied}", case.name);
    if !case.by_hand.is_empty() {
        // Nothing was written, so nothing was saved yet: a write brings the state about.
        bench.write(file, &format!("{HEAD}secrets: {{FIRST: {{plain: x}}}}\n"));
        let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
        assert_eq!(applied.code, Some(0), "{}: {applied}", case.name);
        let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).expect("a state");
        for (pointer, value) in case.by_hand {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            state.pointer_mut(parent).expect(pointer)[key] = serde_json::from_str(value).expect("JSON");
        }
        bench.write("live/state.json", &state.to_string());
    }
    bench.write(file, &format!("{HEAD}{}", case.planned));
    bench
}

fn check(name: &str, bench: &Workbench, options: &[&str]) {
    let schemas = Schemas::new();
    for format in FORMATS {
        let planned = bench.run(&[&["plan", "--out", "plan.json", "--format", format], options].concat());
        assert!(planned.code.is_some(), "{name}: {planned}");
        assert!(!planned.stdout.contains("canary"), "{name}: {planned}");
        let shown = bench.run(&["show", "plan.json", "--format", format]);
        assert_eq!(shown.code, Some(0), "{name}: {shown}");
        assert_eq!(shown.stdout, planned.stdout, "{name}: a saved plan shows otherwise as {format}");
        assert_eq!(schemas.check(&planned.stdout, name), format == "json", "{name}");
        golden(&format!("{name}.{format}"), &planned.stdout);
    }
}

fn golden(name: &str, text: &str) {
    snapshots("tests/formats").bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn ten_plans_in_every_format() {
    for case in &CASES {
        check(case.name, &bench(case), &["--sandbox", "live"]);
    }
    let bench = Workbench::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/fleet"), &bench.path());
    check("6-fleet", &bench, &["--sandbox", "live", "--world", "world.json"]);
}

/// A report that was saved shows as it did at first; only people get the lines of the manifests beside it.
#[test]
fn a_report_in_every_format() {
    let bench = bench(&CASES[0]);
    bench.write("projects/acme.yaml", &format!("{HEAD}auth: {{jwt_exp: 30m}}\nsecrets: {{APP_ENV: {{plain: x}}}}\n"));
    let world = |fault: bool| {
        let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).expect("a state");
        let ignore = serde_json::json!({"route": "PATCH /v1/projects/{ref}/config/auth", "fault": {"kind": "ignore", "fields": ["jwt_exp"]}});
        state["faults"] = if fault { vec![ignore] } else { vec![] }.into();
        bench.write("live/state.json", &state.to_string());
    };
    let first = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(first.code, Some(0), "{first}");
    let applied = |format: &str| {
        bench.write(
            "projects/acme.yaml",
            &format!("{HEAD}auth: {{jwt_exp: 30m}}\nsecrets: {{APP_ENV: {{plain: x}}}}\n"),
        );
        world(false);
        let back = bench.run(&["apply", "--sandbox", "live", "--yes"]);
        assert_eq!(back.code, Some(0), "{back}");
        bench.write(
            "projects/acme.yaml",
            &format!("{HEAD}auth: {{jwt_exp: 20m}}\nsecrets: {{APP_ENV: {{plain: y}}}}\n"),
        );
        world(true);
        let applied = bench.run(&["apply", "--sandbox", "live", "--yes", "--format", format]);
        assert_eq!(applied.code, Some(6), "{applied}");
        applied.stdout
    };
    bench.write("report.json", &applied("json"));
    for format in FORMATS {
        let shown = bench.run(&["show", "report.json", "--format", format]);
        assert_eq!(shown.code, Some(0), "{shown}");
        if format != "text" {
            assert_eq!(shown.stdout, applied(format), "{format}");
        }
        golden(&format!("report.{format}"), &shown.stdout);
    }
}

/// Of test results, only what nobody intended has failed: drift, and what is refused.
#[test]
fn what_a_branch_intends_has_passed() {
    let case = Case {
        name: "intended",
        applied: "auth: {jwt_exp: 1h, site_url: https://acme.com}\npostgres: {statement_timeout: 8s}\n",
        by_hand: &[],
        planned: "auth: {jwt_exp: 1h, site_url: https://acme.com}\npostgres: {statement_timeout: 8s}\n",
    };
    let mut bench = bench(&case);
    for arguments in [&["init", "--quiet"][..], &["add", "-A"], &["commit", "--quiet", "-m", "base"]] {
        bench.git(arguments);
    }
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).expect("a state");
    state["projects"]["quickstartquickstart"]["auth"]["site_url"] = "https://evil.example".into();
    bench.write("live/state.json", &state.to_string());
    bench.write(
        "projects/acme.yaml",
        &format!("{HEAD}auth: {{jwt_exp: 30m, site_url: https://acme.com}}\npostgres: {{statement_timeout: 9s}}\n"),
    );
    let planned = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--format", "junit"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    golden("intended.junit", &planned.stdout);
}

/// Code scanning knows a finding again when it has moved to another line.
#[test]
fn a_finding_that_moved_is_the_same() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let log = |text: &str| -> Value {
        bench.write("acme.yaml", text);
        serde_json::from_str(&bench.run(&["validate", "--format", "sarif"]).stdout).expect("JSON")
    };
    let broken = format!("{HEAD}auth: {{jwt_exp: never, site_url: 1}}\n");
    let (before, after) = (log(&broken), log(&format!("# moved\n\n{broken}")));
    let of = |log: &Value, pointer: &str| -> Vec<Value> {
        let results = log["runs"][0]["results"].as_array().expect("results");
        results.iter().map(|result| result.pointer(pointer).expect(pointer).clone()).collect()
    };
    let prints = of(&before, "/partialFingerprints/supaform~1v1");
    assert_eq!(prints, of(&after, "/partialFingerprints/supaform~1v1"));
    assert!(prints.len() == 2 && prints[0] != prints[1], "{prints:?}");
    let line = "/locations/0/physicalLocation/region/startLine";
    assert_ne!(of(&before, line), of(&after, line));

    // Each rule leads to its part of the page of errors.
    let headings: Vec<String> = include_str!("../docs/errors.md").lines().filter_map(anchor).collect();
    for rule in before["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules") {
        let address = rule["helpUri"].as_str().expect("an address");
        let (page, part) = address.split_once('#').expect("a part");
        assert!(page.starts_with("https://") && page.ends_with("docs/errors.md"), "{address}");
        assert!(headings.contains(&part.to_owned()), "{address}");
    }
}

/// The anchor of a heading, as code hosts make it.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix("### ")?.to_lowercase().replace(' ', "-");
    Some(heading.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect())
}

/// Whatever is changed in a saved plan, but for a place, is found.
#[test]
fn an_edited_plan_is_refused() {
    let bench = bench(&CASES[5]);
    let planned = bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
    assert_eq!(planned.code, Some(4), "{planned}");
    let saved = bench.read("plan.json");
    assert!(Record::read(&saved).is_ok());
    let document: Value = serde_json::from_str(&saved).expect("JSON");
    let (mut edits, mut places) = (0, 0);
    for pointer in leaves(&document, String::new()) {
        let mut edited = document.clone();
        let leaf = edited.pointer_mut(&pointer).expect("a leaf");
        *leaf = match &*leaf {
            Value::String(text) => format!("{text}x").into(),
            Value::Bool(flag) => (!flag).into(),
            Value::Number(_) => 77.into(),
            _ => "x".into(),
        };
        let read = Record::read(&edited.to_string());
        if pointer.contains("/at/") {
            places += 1;
        } else {
            edits += 1;
            assert!(read.is_err(), "{pointer} may be edited");
        }
    }
    assert!(edits > 50 && places > 5, "{edits} edits, {places} places");
}

/// The seal can be made anew by anybody. What is approved, and what is printed as a hash, is then still that of what is shown.
#[test]
fn a_plan_that_was_edited_and_sealed_again_is_refused() {
    let bench = bench(&CASES[2]);
    let planned = bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    let mut document: Value = serde_json::from_str(&bench.read("plan.json")).expect("JSON");
    document.as_object_mut().expect("a plan").shift_remove("seal");
    let sealed = |document: Value| serde_json::from_value::<PlanRecord>(document).map(|plan| plan.json());
    assert!(Record::read(&sealed(document.clone()).expect("a plan").to_string()).is_ok());
    let binds = |pointer: &str| {
        let of_step = ["hash", "settles", "method", "path", "request", "wait", "id"];
        let of_change = ["/address", "/action", "/name", "/before", "/after"];
        let parts: Vec<&str> = pointer.split('/').collect();
        matches!(parts.as_slice(), ["", "id" | "api"] | ["", "projects", _, "ref"])
            || matches!(parts.as_slice(), ["", "steps", _, member, ..] if of_step.contains(member))
            || (parts.get(3) == Some(&"changes") && of_change.iter().any(|member| pointer.contains(member)))
    };
    let mut edits = 0;
    for pointer in leaves(&document, String::new()).into_iter().filter(|pointer| binds(pointer)) {
        for text in ["x", "0123456789abcdef0123456789abcdef", "--> <img src=x> @org/team ::error::"] {
            let mut edited = document.clone();
            *edited.pointer_mut(&pointer).expect("a leaf") = text.into();
            let Ok(edited) = sealed(edited) else { continue };
            let read = Record::read(&edited.to_string());
            assert!(matches!(read, Err(Unreadable::Contradicts(_))), "{pointer} may be {text}");
            edits += 1;
        }
    }
    assert!(edits > 60, "{edits} edits");
    // So it is neither shown nor told.
    document["steps"][0]["hash"] = "--> <img src=x>".into();
    bench.write("forged.json", &sealed(document).expect("a plan").to_string());
    for command in [&["show", "forged.json"][..], &["apply", "--sandbox", "live", "--plan", "forged.json"]] {
        let output = bench.run(command);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(output.stderr.contains("E0655") && !output.stdout.contains("img"), "{output}");
    }
    // Nor is a report whose plan has no id, and no file is read that is larger than any plan.
    let report = supaform::record::ReportRecord::new("<img src=x>".to_owned(), String::new(), Exit::Done, vec![]);
    assert!(matches!(Record::read(&report.json().to_string()), Err(Unreadable::Contradicts(_))));
    bench.write("large.json", &format!("{{\"x\": \"{}\"}}", "x".repeat(16 * 1024 * 1024)));
    let output = bench.run(&["show", "large.json"]);
    assert!(output.code == Some(3) && output.stderr.contains("E0670"), "{output}");
}

fn leaves(value: &Value, pointer: String) -> Vec<String> {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().flat_map(|(key, value)| leaves(value, format!("{pointer}/{}", escaped(key)))).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().flat_map(|(index, value)| leaves(value, format!("{pointer}/{index}"))).collect()
        }
        _ => vec![pointer],
    }
}

/// A saved plan is its owner's alone, and what is no regular file in its place is neither replaced nor followed.
#[cfg(unix)]
#[test]
fn a_plan_is_saved_for_its_owner() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let bench = bench(&CASES[1]);
    bench.write("theirs", "theirs");
    let path = bench.path().join("plan.json");
    symlink(bench.path().join("theirs"), &path).expect("a link");
    for (name, why) in
        [("plan.json", "a symbolic link"), ("live", "not a regular file"), ("/dev/null", "not a regular")]
    {
        let planned = bench.run(&["plan", "--sandbox", "live", "--out", name]);
        assert_eq!(planned.code, Some(1), "{planned}");
        assert!(planned.stderr.contains(why) && planned.stderr.contains("E0674"), "{planned}");
    }
    assert_eq!(bench.read("theirs"), "theirs");
    std::fs::remove_file(&path).expect("a link");
    bench.write("plan.json", "an older plan, which all could read");
    let planned = bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    let about = std::fs::symlink_metadata(&path).expect("the plan");
    assert_eq!((about.is_file(), about.permissions().mode() & 0o777), (true, 0o600));
    let planned = bench.run(&["plan", "--sandbox", "live", "--out", "nowhere/plan.json"]);
    assert_eq!(planned.code, Some(1), "{planned}");
    assert!(planned.stderr.contains("E0674"), "{planned}");
}

/// The ladder of the Markdown: shorter and shorter, and each risk on each rung.
#[test]
fn no_limit_hides_a_risk() {
    let long = |word: &str| (0..200).map(|line| format!("    <p>{word} {line}</p>\n")).collect::<String>();
    let text = |word: &str| format!("auth:\n  mailer_templates_confirmation_content: |\n{}", long(word));
    let bench = bench(&CASES[5]);
    bench.write("projects/acme.yaml", &format!("{HEAD}{}", text("a")));
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let changed = text("a").replacen("a 100<", "b 100<", 1);
    bench.write(
        "projects/acme.yaml",
        &format!(
            "{HEAD}secrets: {{LEGACY: null}}\n{changed}  external_github_secret: null\n  site_url: https://acme.com\n  db_max_pool_size: 20\n  \
             api_max_request_duration: 20\n  mfa_max_enrolled_factors: 5\n  disable_signup: true\n"
        ),
    );
    let planned = bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
    assert_eq!(planned.code, Some(4), "{planned}");
    let mut lengths = std::collections::BTreeSet::new();
    let mut refused = 0;
    for limit in (100..12_000).step_by(50) {
        let shown = bench.run(&["show", "plan.json", "--format", "markdown", "--limit", &limit.to_string()]);
        let length = shown.stdout.chars().count();
        if shown.code == Some(4) {
            assert!(shown.stdout.contains("E0673"), "{shown}");
            refused += 1;
            continue;
        }
        assert_eq!(shown.code, Some(0), "{shown}");
        assert!(length <= limit, "{length} characters, {limit} allowed");
        for risk in ["`auth.external_github_secret`", "`secrets.LEGACY`", "`auth.site_url`"] {
            // Outside of folds.
            let open = shown.stdout.split("<details").map(|part| part.split_once("</details>").map_or(part, |it| it.1));
            assert!(open.into_iter().any(|part| part.contains(risk)), "{risk} is hidden at {limit}: {shown}");
        }
        lengths.insert(length);
    }
    // Where most of a plan endangers something, values without fields that do are no shorter.
    assert!(lengths.len() >= 4, "rungs of the ladder: {lengths:?}");
    assert!(refused > 0, "no limit was too small");
}

/// A full disk is told by every command in every format, and a reader that went away by none.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_is_not_printed_whole_is_a_failure() {
    use std::fs::OpenOptions;
    use std::process::{Command, Stdio};
    let bench = bench(&CASES[1]);
    let saved = bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
    assert_eq!(saved.code, Some(0), "{saved}");
    let run = |arguments: &[&str], stdout: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_supaform"));
        command.args(arguments).current_dir(bench.path()).env_clear().stdin(Stdio::null());
        command.stdout(stdout).stderr(Stdio::piped()).spawn().expect("it runs")
    };
    let of_plans = ["text", "json", "markdown", "html", "github", "junit", "sarif"];
    let commands: [(&[&str], &[&str]); 12] = [
        (&["validate"], &["text", "json", "markdown", "short", "junit", "sarif"]),
        (&["plan", "--sandbox", "live"], &of_plans),
        (&["show", "plan.json"], &of_plans),
        (&["drift", "--sandbox", "live"], &of_plans),
        (&["render"], &["text", "json"]),
        (&["needs"], &["text", "json"]),
        (&["explain", "auth"], &["text"]),
        (&["schema"], &["text"]),
        (&["completions", "bash"], &["text"]),
        (&["apply", "--sandbox", "other", "--yes"], &["text", "ndjson"]),
        (&["--help"], &[""]),
        (&["--version"], &[""]),
    ];
    for (command, formats) in commands {
        for format in formats {
            let flag = format!("--format={format}");
            let arguments = if format.is_empty() { command.to_vec() } else { [command, &[flag.as_str()]].concat() };
            let usual = Command::new(env!("CARGO_BIN_EXE_supaform"))
                .args(&arguments)
                .current_dir(bench.path())
                .env_clear()
                .stdin(Stdio::null())
                .output()
                .expect("it runs");
            if usual.stdout.is_empty() {
                continue;
            }
            let full = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
            let output = run(&arguments, full.into()).wait_with_output().expect("it ends");
            let said = String::from_utf8_lossy(&output.stderr);
            // What is graver than a failure stays what it was.
            let graver = usual.status.code().filter(|code| ![0, 2].contains(code));
            assert_eq!(output.status.code(), graver.or(Some(1)), "{arguments:?}: {said}");
            assert!(said.contains("E0625"), "{arguments:?}: {said}");

            let mut child = run(&arguments, Stdio::piped());
            drop(child.stdout.take());
            let output = child.wait_with_output().expect("it ends");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("E0625") && !said.contains("bug"), "{arguments:?}: {said}");
            if command[0] != "apply" {
                assert_eq!(output.status.code(), usual.status.code(), "{arguments:?}: {said}");
            }
        }
    }
}
