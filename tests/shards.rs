//! A fleet that is split: the parts, told together, are what a run without parts tells.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::Workbench;
use crate::support::served::Served;

const TOKEN: &str = "sbp_0000000000000000000000000000000000000000";
const PARTS: usize = 8;
const PROJECTS: usize = 1000;

/// A workspace of projects that are all live, each with settings to write, some with secrets and a rule that ignores one.
fn fleet(projects: usize) -> Workbench {
    let mut bench = Workbench::new();
    let of = |number: usize| format!("fleet{:z>15}", letters(number));
    let live = (0..projects).map(|number| {
        format!(
            "{:?}: {{\"name\": \"P{number}\", \"organization\": \"acme-inc\", \"region\": \"eu-central-1\", \"status\": \"ACTIVE_HEALTHY\"}}",
            of(number)
        )
    });
    bench.write(
        "world.json",
        &format!(
            "{{\"format\": \"supaform.sandbox\", \"version\": 1, \"organizations\": {{\"acme-inc\": {{\"name\": \"Acme\", \"plan\": \"team\"}}}}, \"projects\": {{{}}}}}",
            live.collect::<Vec<_>>().join(",\n")
        ),
    );
    bench.write(
        "supaform.yaml",
        "version: 1\nignore: [{path: \"p1*/auth/site_url\", reason: tried by hand, owner: ann, until: 2099-01-01}]\n",
    );
    let document = |number: usize| {
        let more = if number.is_multiple_of(3) { "\n    secrets: {KEY: {plain: x}}" } else { "" };
        format!(
            "  p{number}:\n    ref: {}\n    auth: {{jwt_exp: {}, site_url: \"https://{number}.example\"}}\n    data_api: {{max_rows: 50}}{more}\n",
            of(number),
            1000 + number
        )
    };
    for start in (0..projects).step_by(100) {
        let documents: String = (start..projects.min(start + 100)).map(document).collect();
        bench.write(&format!("fleet-{start}.yaml"), &format!("projects:\n{documents}"));
    }
    bench.set("SUPABASE_ACCESS_TOKEN", TOKEN);
    bench
}

/// A number in letters, as refs are written.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// A command for each part, all at once; what each printed.
fn at_once(bench: &Workbench, arguments: impl Fn(usize) -> Vec<String>) -> Vec<String> {
    let children: Vec<Child> = (1..=PARTS)
        .map(|part| {
            Command::new(env!("CARGO_BIN_EXE_supaform"))
                .args(arguments(part))
                .current_dir(bench.path())
                .env_clear()
                .env("SUPABASE_ACCESS_TOKEN", TOKEN)
                .env("XDG_CACHE_HOME", bench.path().join(format!("cache-{part}")))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary runs")
        })
        .collect();
    let printed = children.into_iter().map(|child| {
        let output = child.wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    });
    printed.collect()
}

fn files(stem: &str) -> Vec<String> {
    (1..=PARTS).map(|part| format!("{stem}-{part}.json")).collect()
}

fn words<'a>(first: &[&'a str], rest: &'a [String]) -> Vec<&'a str> {
    first.iter().copied().chain(rest.iter().map(String::as_str)).collect()
}

#[test]
fn parts_of_a_fleet_told_together_are_what_one_run_tells() {
    let bench = fleet(PROJECTS);
    let world = bench.path().join("world.json");
    let served = Served::start(&["--world", &world.to_string_lossy()]);
    let common = |part: usize| {
        ["--api-url".to_owned(), served.url.clone(), "--shard".to_owned(), format!("{part}/{PARTS}")].to_vec()
    };

    let whole = bench.run(&["plan", "--api-url", &served.url, "--out", "whole.json"]);
    assert_eq!(whole.code, Some(0), "{whole}");
    at_once(&bench, |part| {
        [&["plan".to_owned(), "--out".to_owned(), format!("plan-{part}.json")], &common(part)[..]].concat()
    });
    let plans = files("plan");
    let merged = bench.run(&words(&["merge", "--out", "merged.json"], &plans));
    assert_eq!(merged.code, Some(0), "{merged}");
    assert_eq!(bench.read("merged.json"), bench.read("whole.json"), "the joined plan is another one");
    assert_eq!(merged.stdout, bench.run(&["show", "whole.json"]).stdout);
    assert_eq!(merged.stdout, bench.run(&words(&["show"], &plans)).stdout);

    let reports = at_once(&bench, |part| {
        [&["apply", "--yes", "--format", "json"].map(str::to_owned), &common(part)[..]].concat()
    });
    for (text, name) in reports.iter().zip(files("report")) {
        bench.write(&name, text);
    }
    let report = bench.run(&words(&["merge", "--format", "json"], &files("report")));
    let report: serde_json::Value = serde_json::from_str(&report.stdout).expect("a report");
    assert_eq!((report["exit"].as_u64(), report["projects"].as_array().map(Vec::len)), (Some(0), Some(PROJECTS)));

    let again = bench.run(&["plan", "--exit-code", "--api-url", &served.url]);
    assert_eq!(again.code, Some(0), "{again}");
}

#[test]
fn what_does_not_go_together_is_not_joined() {
    let bench = fleet(20);
    let plan = |shard: &str, out: &str| {
        let run = bench.run(&["plan", "--sandbox", "live", "--world", "world.json", "--shard", shard, "--out", out]);
        assert_eq!(run.code, Some(0), "{run}");
    };
    plan("1/2", "a.json");
    plan("2/2", "b.json");
    plan("1/3", "c.json");
    plan("2/3", "d.json");
    let drift = bench.run(&["drift", "--sandbox", "live", "--world", "world.json", "--format", "json"]);
    bench.write("drift.json", &drift.stdout);
    bench.write("broken/supaform.yaml", "version: 1\n");
    bench.write("broken/p.yaml", "project: p\nauht: {}\n");
    let failed = bench.run(&["plan", "--root", "broken", "--sandbox", "live", "--out", "failed.json"]);
    assert!(failed.code == Some(3) && Path::new(&bench.path()).join("failed.json").exists(), "{failed}");
    let run = |files: &[&str]| {
        let run = bench.run(&[&["merge"], files].concat());
        format!("$ merge {}\n{run}", files.join(" "))
    };
    let sessions = [
        run(&["a.json", "c.json"]),
        run(&["c.json", "d.json"]),
        run(&["a.json", "a.json", "b.json"]),
        run(&["a.json", "drift.json"]),
        run(&["a.json", "failed.json"]),
        run(&["fleet-0.yaml"]),
    ];
    insta::assert_snapshot!(sessions.join("\n"));
}
