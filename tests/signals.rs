//! Signals and time: a run that is stopped or out of time tells what it did, and the next one goes on from there.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use crate::support::meddler::{self, Meddle, Meddler, TOKEN};
use crate::support::{QUICKSTART_REF as REF, Workbench};
use serde_json::Value;

/// Settings, secrets, and two sorts of things that must not be made twice.
const MANIFEST: &str = "project: p
organization: acme-inc
name: Acme Quickstart
auth: {jwt_exp: 10m, site_url: \"https://acme.example\"}
data_api: {max_rows: 500}
secrets: {NEW: {plain: value}}
api_keys: {mobile_: {type: publishable}}
third_party_auth: {auth0: {oidc_issuer_url: \"https://acme.eu.auth0.com\"}}
";

fn bench() -> Workbench {
    let mut bench = meddler::bench(MANIFEST);
    bench.set("SUPABASE_ACCESS_TOKEN", TOKEN);
    bench.set("XDG_CACHE_HOME", &bench.path().join("caches").to_string_lossy());
    bench
}

fn start(bench: &Workbench, arguments: &[&str], url: &str) -> Child {
    meddler::start(bench, arguments, url, &bench.path().join("caches"))
}

/// Applies on a sandbox that meddles; the exit, the report and all that was printed.
fn apply(bench: &Workbench, api: &Meddler) -> (Option<i32>, Value, String) {
    let child = start(bench, &["apply", "--yes", "--format", "json"], &api.url());
    api.client(child.id());
    let output = child.wait_with_output().unwrap();
    let text = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), text)
}

/// Seconds by the clock of the wall.
fn now() -> f64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}

fn outcomes(report: &Value) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for step in report["projects"].as_array().into_iter().flatten().flat_map(|it| it["steps"].as_array().unwrap()) {
        *all.entry(step["outcome"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    all
}

/// What is live is as the manifest says, and nothing is there twice.
fn assert_converged(api: &Meddler, what: &str) {
    api.sandbox.edit(|state| {
        let project = &state.projects[REF];
        assert_eq!(project.auth["jwt_exp"], 600, "{what}");
        assert_eq!(project.secrets.len(), 1, "{what}");
        assert_eq!(project.third_party_auth.len(), 1, "{what}");
        let keys = serde_json::to_value(&project.api_keys).unwrap();
        assert_eq!(keys.to_string().matches("\"mobile_\"").count(), 1, "{what}: {keys}");
    });
}

/// How many requests an apply makes that nobody meddles with.
fn requests_of(bench: &Workbench) -> u32 {
    let api = Meddler::start(|_, _, _| Meddle::Pass);
    let (code, report, text) = apply(bench, &api);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(outcomes(&report).keys().collect::<Vec<_>>(), ["done"], "{text}");
    assert_converged(&api, "nobody meddled");
    api.asked()
}

/// With SUPAFORM_SIGNALS=all each signal before and after each request; else one of these at each.
#[test]
fn a_signal_at_every_request_of_an_apply_leaves_a_report_and_the_next_run_converges() {
    #[expect(clippy::disallowed_methods, reason = "how much is tested")]
    let all = std::env::var("SUPAFORM_SIGNALS").is_ok_and(|value| value == "all");
    let bench = bench();
    let requests = requests_of(&bench);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for nth in 1..=requests {
        let ways: Vec<Meddle> = ["TERM", "HUP", "INT"]
            .into_iter()
            .flat_map(|name| [Meddle::SignalAfter(name), Meddle::SignalBefore(name)])
            .collect();
        let chosen = if all { ways } else { vec![ways[nth as usize % ways.len()]] };
        for way in chosen {
            let what = format!("{way:?} at request {nth} of {requests}");
            let api = Meddler::start(move |at, _, _| if at == nth { way } else { Meddle::Pass });
            let (code, report, text) = apply(&bench, &api);
            let outcomes = outcomes(&report);
            // A signal during the last request finds all done.
            let expected = if nth == requests { 0 } else { 130 };
            assert_eq!(code, Some(expected), "{what}: {text}");
            assert_eq!(report["exit"], expected, "{what}: {text}");
            let written = api.sandbox.edit(|state| serde_json::to_value(&state.projects[REF]).unwrap());
            let nothing = Meddler::start(|_, _, _| Meddle::Pass);
            let before = nothing.sandbox.edit(|state| serde_json::to_value(&state.projects[REF]).unwrap());
            let told =
                outcomes.get("done").copied().unwrap_or_default() + outcomes.get("sent").copied().unwrap_or_default();
            assert_eq!(told == 0, written == before, "{what}: what was written is told: {text}");
            assert!(!outcomes.contains_key("unknown") && !outcomes.contains_key("failed"), "{what}: {text}");
            for (outcome, many) in outcomes {
                *seen.entry(outcome).or_default() += many;
            }
            let (code, _, text) = apply(&bench, &api);
            assert_eq!(code, Some(0), "{what}: the next run: {text}");
            assert_converged(&api, &what);
        }
    }
    assert!(seen["sent"] > 0 && seen["stopped"] > 0 && seen["done"] > 0, "{seen:?}");
}

/// A write that is never answered is awaited for five seconds; then its fate is told as unknown.
#[test]
fn a_write_in_flight_is_awaited_for_a_while_and_then_its_fate_is_unknown() {
    let bench = bench();
    let api = Meddler::start(|_, method, path| {
        if method == "PATCH" && path.ends_with("/config/auth") {
            Meddle::SignalAndSilence("TERM")
        } else {
            Meddle::Pass
        }
    });
    let begun = now();
    let (code, report, text) = apply(&bench, &api);
    let took = now() - begun;
    assert_eq!((code, &report["exit"]), (Some(130), &130.into()), "{text}");
    assert_eq!(outcomes(&report)["unknown"], 1, "{text}");
    assert!((4.5..30.0).contains(&took), "{took:?}");
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let bench = bench();
    let api =
        Meddler::start(|_, method, _| if method == "GET" { Meddle::Pass } else { Meddle::SignalAndSilence("INT") });
    let child = start(&bench, &["apply", "--yes", "--format", "json"], &api.url());
    api.client(child.id());
    let id = child.id().to_string();
    while api.asked() < 8 {
        std::thread::yield_now();
    }
    let again = std::thread::spawn(move || {
        // The first comes from the sandbox, with the write.
        let mut left = 40;
        while left > 0 && Command::new("kill").args(["-INT", &id]).status().is_ok_and(|status| status.success()) {
            left -= 1;
        }
    });
    let output = child.wait_with_output().unwrap();
    again.join().unwrap();
    assert_eq!(output.status.code(), Some(130));
}

/// A terminal: what the other side prints can be read, and what is written to it is typed.
struct Tty {
    master: File,
    name: std::path::PathBuf,
}

impl Tty {
    fn open() -> Self {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, vec![]).unwrap().into_string().unwrap().into();
        Self { master: File::from(master), name }
    }

    fn side(&self) -> Stdio {
        File::options().read(true).write(true).open(&self.name).unwrap().into()
    }

    /// Reads until this was printed.
    fn wait_for(&mut self, text: &str) {
        let mut read = String::new();
        let mut byte = [0];
        while !read.contains(text) {
            assert_eq!(self.master.read(&mut byte).unwrap(), 1, "{read}");
            read.push(char::from(byte[0]));
        }
    }
}

/// An apply on a terminal that has come to its question.
fn asking(bench: &Workbench, api: &Meddler, tty: &mut Tty) -> Child {
    let child = Command::new(env!("CARGO_BIN_EXE_supaform"))
        .args(["apply", "--api-url", &api.url()])
        .current_dir(bench.path())
        .env_clear()
        .env("SUPABASE_ACCESS_TOKEN", TOKEN)
        .env("XDG_CACHE_HOME", bench.path().join("caches"))
        .stdin(tty.side())
        .stderr(tty.side())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    tty.wait_for("Apply this plan?");
    child
}

/// Today's worst: Ctrl-C at the question did nothing, and a `y` after it wrote.
#[test]
fn a_signal_at_the_question_ends_the_run_and_nothing_is_written() {
    for name in ["INT", "TERM", "HUP"] {
        let (bench, api, mut tty) = (bench(), Meddler::start(|_, _, _| Meddle::Pass), Tty::open());
        let mut child = asking(&bench, &api, &mut tty);
        let asked = api.asked();
        assert!(Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap().success());
        // At once: whichever the process looks at first, the signal wins.
        tty.master.write_all(b"y\n").unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{name}");
        assert_eq!(api.asked(), asked, "{name}: something was sent after the signal");
    }
}

/// And an answer is still an answer.
#[test]
fn the_question_is_answered_on_a_terminal() {
    for (answer, code) in [("y\n", 0), ("n\n", 4)] {
        let (bench, api, mut tty) = (bench(), Meddler::start(|_, _, _| Meddle::Pass), Tty::open());
        let mut child = asking(&bench, &api, &mut tty);
        tty.master.write_all(answer.as_bytes()).unwrap();
        let mut reader = tty.master.try_clone().unwrap();
        let drain = std::thread::spawn(move || {
            let mut rest = vec![];
            drop(reader.read_to_end(&mut rest));
        });
        assert_eq!(child.wait().unwrap().code(), Some(code), "{answer:?}");
        drop(tty);
        drop(drain);
    }
}

#[test]
fn a_served_sandbox_that_is_stopped_keeps_its_state() {
    for name in ["INT", "TERM", "HUP"] {
        let bench = bench();
        let mut served = Command::new(env!("CARGO_BIN_EXE_supaform"))
            .args(["sandbox", "--state", "state.json"])
            .current_dir(bench.path())
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(served.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let applied = bench.run(&["apply", "--yes", "--api-url", url.trim()]);
        assert_eq!(applied.code, Some(0), "{applied}");
        assert!(Command::new("kill").args([format!("-{name}"), served.id().to_string()]).status().unwrap().success());
        assert_eq!(served.wait().unwrap().code(), Some(0), "{name}");
        let state: Value = serde_json::from_str(&bench.read("state.json")).unwrap();
        assert_eq!(state["projects"][REF]["auth"]["jwt_exp"], 600);
    }
}

/// A job in the background of a shell ignores interrupts, and one of `nohup` the end of its terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_set_to_be_ignored_stays_so() {
    let bench = bench();
    let api = Meddler::start(|nth, _, _| if nth == 2 { Meddle::SignalBefore("HUP") } else { Meddle::Pass });
    let child = Command::new("sh")
        .args([
            "-c",
            "trap '' HUP; exec \"$0\" apply --yes --api-url \"$1\"",
            env!("CARGO_BIN_EXE_supaform"),
            &api.url(),
        ])
        .current_dir(bench.path())
        .env_clear()
        .env("SUPABASE_ACCESS_TOKEN", TOKEN)
        .env("XDG_CACHE_HOME", bench.path().join("caches"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    api.client(child.id());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

/// A command of `{exec: …}` that never ends, and that has a child of its own; the child's number is in a file then.
fn forever(name: &str) -> String {
    format!("{{exec: [/bin/sh, -c, \"sleep 4711 & echo $! > {name}.new; mv {name}.new {name}; wait\"]}}")
}

/// Whether a process is gone, or is in a moment: it was killed.
fn is_gone(process: &str) -> bool {
    (0..200).any(|_| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let gone = stat.is_empty() || stat.contains(") Z ");
        gone || !Command::new("sleep").arg("0.05").status().unwrap().success()
    })
}

/// The command has a group of its own, which no signal of a terminal or a job reaches: the run has to end it.
#[cfg(target_os = "linux")]
#[test]
fn every_signal_ends_what_a_command_has_started() {
    for name in ["INT", "TERM", "HUP"] {
        let (bench, api) = (bench(), Meddler::start(|_, _, _| Meddle::Pass));
        let secrets = format!("secrets: {{NEW: {}}}", forever("child"));
        bench.write("p.yaml", &MANIFEST.replace("secrets: {NEW: {plain: value}}", &secrets));
        let run = start(&bench, &["apply", "--yes", "--allow-exec"], &api.url());
        let child = loop {
            match std::fs::read_to_string(bench.path().join("child")) {
                Ok(child) => break child.trim().to_owned(),
                Err(_) => std::thread::yield_now(),
            }
        };
        assert!(Command::new("kill").args([format!("-{name}"), run.id().to_string()]).status().unwrap().success());
        let output = run.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), api.asked()), (Some(130), 0), "{name}: {text}");
        assert!(text.contains("interrupted"), "{name}: {text}");
        assert!(is_gone(&child), "{name}: the command's child is still there");
    }
}

/// One deadline for all of it, and not one for each command.
#[cfg(target_os = "linux")]
#[test]
fn the_deadline_counts_from_the_start_of_the_run_for_commands_too() {
    let (bench, api) = (bench(), Meddler::start(|_, _, _| Meddle::Pass));
    let many = 10;
    let secrets: Vec<String> = (0..many).map(|nth| format!("S{nth}: {}", forever(&format!("child{nth}")))).collect();
    let secrets = format!("secrets: {{{}}}", secrets.join(", "));
    bench.write("p.yaml", &MANIFEST.replace("secrets: {NEW: {plain: value}}", &secrets));
    let begun = now();
    let run = start(&bench, &["plan", "--require-secrets", "--allow-exec", "--deadline", "1"], &api.url());
    let output = run.wait_with_output().unwrap();
    let took = now() - begun;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches("was killed when `--deadline` was reached").count(), many, "{text}");
    assert!(took < 8.0, "{took:?}");
    let children = (0..many).filter_map(|nth| std::fs::read_to_string(bench.path().join(format!("child{nth}"))).ok());
    assert!(children.inspect(|child| assert!(is_gone(child.trim()), "{child}")).count() > 0);
}

/// Whatever does not answer: the run ends when its time is up, and says so.
#[test]
fn the_deadline_bounds_a_request_in_flight() {
    let bench = bench();
    let silent = Meddler::start(|_, _, _| Meddle::Silence);
    for arguments in
        [&["plan", "--deadline", "1"][..], &["drift", "--deadline", "1"], &["apply", "--yes", "--deadline", "1"]]
    {
        let begun = now();
        let ran = bench.run(&[arguments, &["--api-url", &silent.url()]].concat());
        let took = now() - begun;
        assert_eq!(ran.code, Some(8), "{arguments:?}: {ran}");
        assert!(ran.to_string().contains("E0615"), "{arguments:?}: {ran}");
        assert!(took < 20.0, "{arguments:?}: {took:?}");
    }
    let mute = Meddler::start(|_, method, _| if method == "GET" { Meddle::Pass } else { Meddle::Silence });
    let child = start(&bench, &["apply", "--yes", "--format", "json", "--deadline", "2"], &mute.url());
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(8), "{report:#}");
    assert_eq!(outcomes(&report)["unknown"], 1, "{report:#}");
}

/// The API dies after a few answers: no storm.
#[test]
fn a_dead_api_is_asked_a_fifth_more_than_a_healthy_one_at_most() {
    let bench = bench();
    let healthy = Meddler::start(|_, _, _| Meddle::Pass);
    let planned = bench.run(&["plan", "--api-url", &healthy.url()]);
    assert_eq!(planned.code, Some(0), "{planned}");
    let base = healthy.asked();
    for dies_after in [0, 1, 2, 3] {
        let dead = Meddler::start(move |nth, _, _| if nth > dies_after { Meddle::Refuse(503) } else { Meddle::Pass });
        let planned = bench.run(&["plan", "--api-url", &dead.url()]);
        assert_eq!(planned.code, Some(1), "{planned}");
        let most = f64::from(base) * 1.2;
        assert!(
            f64::from(dead.asked()) <= most,
            "died after {dies_after}: {} requests, {base} when healthy",
            dead.asked()
        );
    }
}

/// A crash leaves no image of the memory, in which the secrets of a manifest are.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_holds_secrets_leaves_no_image_of_its_memory() {
    let (bench, api) = (bench(), Meddler::start(|_, _, _| Meddle::Silence));
    // The shell lets it leave as much as it may itself.
    let script = "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$0\" \"$@\"";
    let mut run = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_supaform"), "apply", "--yes", "--api-url", &api.url()])
        .current_dir(bench.path())
        .env("SUPABASE_ACCESS_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while api.asked() == 0 {
        assert!(run.try_wait().unwrap().is_none(), "it ended before it asked");
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", run.id())).unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{limits}");
}
