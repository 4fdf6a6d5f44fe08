//! What hostile input costs: a row for each way to make a reader work or fill memory, each read by the program itself, within a
//! moment of the processor and a little memory; and twice as much input takes about twice as long.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "figures, for who asks with --nocapture")]

use std::fs;
use std::process::{Command, Stdio};

use crate::support::Workbench;

/// Milliseconds of the processor, and MiB, for code that is not optimised: optimised, it takes a thirtieth and the half.
const MOMENT: u64 = 3_000;
const MEMORY: u64 = 128;

/// What a run took: milliseconds of the processor, and the most MiB of memory.
fn cost(bench: &Workbench, arguments: &[&str]) -> (u64, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_supaform"))
        .args(arguments)
        .current_dir(bench.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let (mut ticks, mut memory) = (0, 0);
    let id = child.id();
    while child.try_wait().expect("a child").is_none() {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let of = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        ticks = ticks.max(of(11) + of(12));
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        memory = memory.max(most.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1024);
        // What it takes is what it takes: a look every millisecond leaves the processors to the tests.
        std::thread::park_timeout(std::time::Duration::from_millis(1));
    }
    // The system counts a hundredth of a second at a time.
    (ticks * 10, memory)
}

/// Lines up to so many bytes.
fn lines(head: &str, bytes: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    let mut index = 0;
    while text.len() < bytes {
        text.push_str(&line(index));
        index += 1;
    }
    text
}

const HEAD: &str = "project: a\nref: aaaaaaaaaaaaaaaaaaaa\n";

/// Ways to write many bytes of which something is to be said for each.
fn manifests(bytes: usize) -> Vec<(&'static str, String)> {
    let auth = format!("{HEAD}auth:\n");
    vec![
        ("near misses of fields", lines(&auth, bytes, |i| format!("  external_gogle_clent_i{i}: x\n"))),
        ("near misses of keys", lines(HEAD, bytes, |i| format!("organizaton{i}: x\n"))),
        (
            "long unknown keys",
            lines(&auth, bytes, |i| format!("  {}{i}: x\n", "external_github_client_id_".repeat(20))),
        ),
        (
            "secrets that are not there",
            lines(&format!("{HEAD}secrets:\n"), bytes, |i| format!("  K{i}: {{secret: K{i}}}\n")),
        ),
        ("literal secrets", lines(&format!("{HEAD}secrets:\n"), bytes, |i| format!("  K{i}: hunter2\n"))),
        ("the same key", lines(&auth, bytes, |_| "  jwt_exp: 1h\n".to_owned())),
        (
            "variables that are not there",
            lines(&format!("{HEAD}vars: {{domain: x}}\nauth:\n  site_url: \""), bytes, |i| {
                format!("${{var.domian{i}}}")
            }) + "\"\n",
        ),
        ("variables that nothing uses", lines(&format!("{HEAD}vars:\n"), bytes, |i| format!("  v{i}: x\n"))),
        ("one line of unknown keys", lines(&format!("{HEAD}auth: {{"), bytes, |i| format!("k{i}: x, ")) + "}\n"),
        (
            "one line of unknown words",
            lines(&format!("{HEAD}auth: {{password_required_characters: x, uri_allow_list: ["), bytes, |i| {
                format!("\"{i},\", ")
            }) + "]}\n",
        ),
        (
            "variables that grow",
            format!(
                "{HEAD}vars: {{x: {}}}\nauth:\n  site_url: \"{}\"\n",
                "x".repeat(bytes / 2),
                "${var.x}".repeat(bytes / 16)
            ),
        ),
        ("extra in two places", {
            let half = |key: &str| lines(&format!("  {key}:\n"), bytes / 2, |i| format!("    k{i}: {{secret: X}}\n"));
            format!("{auth}{}{}", half("extra"), half("extra_secrets"))
        }),
        (
            "a list that removes",
            lines(&format!("{auth}  uri_allow_list:\n    remove:\n"), bytes, |i| {
                format!("    - https://a{i}.example\n")
            }),
        ),
        ("deep brackets", format!("{auth}  extra: {}", "[".repeat(bytes))),
        (
            "aliases of aliases",
            lines("a: &a0 [x, x, x, x, x, x, x, x, x]\n", bytes.min(4096), |i| {
                format!("b{i}: &a{} [*a{i}, *a{i}, *a{i}, *a{i}]\n", i + 1)
            }),
        ),
        ("one line of secrets", {
            lines(&format!("{HEAD}secrets: {{"), bytes, |i| format!("K{i}: hunter{i}, ")) + "}\n"
        }),
        ("invisible characters", format!("{HEAD}# {}\n", "\u{200b}".repeat(bytes / 3))),
        ("one long line", format!("{auth}  site_url: {}\n", "a".repeat(bytes))),
        ("bits of interpolation", format!("{auth}  site_url: \"{}\"\n", "${".repeat(bytes / 2))),
    ]
}

#[test]
fn no_manifest_takes_more_than_a_moment_and_a_little_memory() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let mut wrong = vec![];
    for (name, text) in manifests(64 << 10) {
        bench.write("a.yaml", &text);
        for format in ["text", "json", "sarif"] {
            let (took, memory) = cost(&bench, &["validate", "--format", format]);
            println!("{name} as {format}: {took} ms, {memory} MiB");
            if took > MOMENT || memory > MEMORY {
                wrong.push(format!("{name} as {format}: {took} ms, {memory} MiB"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rules of the workspace, each of which is held against all that is managed.
fn markers(bytes: usize) -> Vec<(&'static str, String)> {
    let ignore = "version: 1\nignore:\n";
    let allow = "version: 1\nallow:\n";
    let rest = "reason: r, owner: o, until: 2999-01-31}";
    vec![
        ("rules that ignore nothing", {
            lines(ignore, bytes, |i| format!("- {{path: acme-prdo{i}/auth/site_ulr{i}, {rest}\n"))
        }),
        ("rules of any project", lines(ignore, bytes, |i| format!("- {{path: \"*/*/*x{i}\", {rest}\n"))),
        ("rules of no section", lines(ignore, bytes, |i| format!("- {{path: a/auht{i}, {rest}\n"))),
        ("one long address", format!("{ignore}- {{path: \"{}/auth\", {rest}\n", "*a".repeat(bytes / 2))),
        ("an address of many parts", format!("{ignore}- {{path: \"{}\", {rest}\n", "a/".repeat(bytes / 2))),
        ("rules that allow nothing", {
            lines(allow, bytes, |i| format!("- {{classes: [restart], select: acme-prdo{i}, reason: r}}\n"))
        }),
        ("a selector of many terms", {
            format!("{allow}- {{classes: [restart], reason: r, select: \"{}\"}}\n", "a*,".repeat(bytes / 3) + "a")
        }),
        ("a selector of nothing", {
            format!("{allow}- {{classes: [restart], reason: r, select: \"{}\"}}\n", ",".repeat(bytes))
        }),
        ("many selectors", {
            lines(&format!("{allow}- classes: [restart]\n  reason: r\n  select:\n"), bytes, |i| {
                format!("    - \"!env=*{i}*\"\n")
            })
        }),
    ]
}

#[test]
fn no_rules_and_no_flags_take_more_than_a_moment_and_a_little_memory() {
    let bench = Workbench::new();
    // As much that is managed as fits in a file of this length.
    let many = lines("projects:\n", 64 << 10, |i| {
        format!("  acme-prod{i}: {{organization: acme, labels: {{env: prod}}, auth: {{jwt_exp: 1h}}}}\n")
    });
    bench.write("a.yaml", &many);
    let mut wrong = vec![];
    let mut judge = |name: &str, arguments: &[&str]| {
        let (took, memory) = cost(&bench, arguments);
        println!("{name}: {took} ms, {memory} MiB");
        // As much as one of them, and as much again for the other.
        if took > MOMENT * 2 || memory > MEMORY {
            wrong.push(format!("{name}: {took} ms, {memory} MiB"));
        }
    };
    for (name, text) in markers(64 << 10) {
        bench.write("supaform.yaml", &text);
        judge(name, &["validate"]);
    }
    bench.write("supaform.yaml", "version: 1\n");
    judge("nothing of it", &["validate"]);
    let terms: String = (0..8_000).map(|i| format!("acme-prdo{i},")).collect();
    judge("--select of many terms", &["validate", "--select", &terms]);
    let terms: String = (0..900).map(|i| format!("acme-prdo{i},")).collect();
    judge("--select of as many terms as it takes", &["validate", "--select", &(terms + "x")]);
    judge("--select of no terms", &["validate", "--select", &",".repeat(100_000)]);
    judge("--select of a long term", &["validate", "--select", &"*a".repeat(50_000)]);
    let flags: Vec<String> = (0..2_000).flat_map(|i| ["--select".to_owned(), format!("acme-prdo{i}")]).collect();
    let flags: Vec<&str> = ["validate"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    judge("many of --select", &flags);
    let flags: Vec<String> = (0..2_000).map(|i| format!("--allow=acme-prdo{i}/auth")).collect();
    let flags: Vec<&str> = ["apply", "--sandbox", "live", "--select", "acme-prod1"]
        .into_iter()
        .chain(flags.iter().map(String::as_str))
        .collect();
    judge("many of --allow", &flags);
    let flags: Vec<String> = (0..2_000).map(|i| format!("acme-prdo{i}/auth/jwt_exp")).collect();
    let flags: Vec<&str> =
        ["accept", "--sandbox", "live"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    judge("many addresses", &flags);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Many files are bounded, too: 256 KiB each and 1 MiB in all take at most about as much longer as they are larger.
#[test]
fn larger_input_takes_longer_in_proportion() {
    let mut wrong = vec![];
    for ((name, small), (_, large)) in manifests(64 << 10).into_iter().zip(manifests(256 << 10)) {
        let of = |texts: &[&String]| {
            let bench = Workbench::new();
            bench.write("supaform.yaml", "version: 1\n");
            for (at, text) in texts.iter().enumerate() {
                bench.write(&format!("{at}.yaml"), &text.replace("project: a", &format!("project: a{at}")));
            }
            cost(&bench, &["validate"])
        };
        let (one, _) = of(&[&small]);
        let (four, memory) = of(&[&large, &large, &large, &large]);
        println!("{name}: 64 KiB {one} ms, 1 MiB {four} ms, {memory} MiB");
        // Sixteen times as much, and as much again for what the clock does not see.
        if four > one.max(20) * 32 {
            wrong.push(format!("{name}: 64 KiB {one} ms, 1 MiB {four} ms"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// JSON of few bytes a value, wherever JSON is read from a file.
#[test]
fn json_of_many_values_fills_no_memory() {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("a.yaml", &format!("{HEAD}auth: {{jwt_exp: 1h}}\n"));
    let lists = format!("[{}[]]", "[],".repeat(5_000_000));
    bench.write("lists.json", &lists);
    bench.write(
        "members.json",
        &format!("{{{}\"b\":0}}", (0..900_000).map(|i| format!("\"{i}\":[],")).collect::<String>()),
    );
    bench.write("deep.json", &"[".repeat(15 << 20));
    bench.write(
        "secrets.json",
        &format!("{{\"a\":{{{}\"b\":\"x\"}}}}", (0..70_000).map(|i| format!("\"{i}\":[],")).collect::<String>()),
    );
    let large = format!("{{\"format\":\"supaform.plan\",\"x\":\"{}\"}}", "x".repeat(57 << 20));
    bench.write("large.json", &large);
    let mut wrong = vec![];
    let mut judge = |bench: &Workbench, arguments: &[&str]| {
        let (took, memory) = cost(bench, arguments);
        println!("{arguments:?}: {took} ms, {memory} MiB");
        if memory > 96 {
            wrong.push(format!("{arguments:?}: {memory} MiB"));
        }
    };
    for file in ["lists.json", "members.json", "deep.json", "large.json"] {
        judge(&bench, &["show", file]);
        judge(&bench, &["plan", "--sandbox", "live", "--world", file]);
        judge(&bench, &["schema", "drift", "--openapi", file]);
    }
    judge(&bench, &["plan", "--sandbox", "live", "--secrets-from", "secrets.json"]);
    bench.set("GITHUB_EVENT_NAME", "pull_request");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
