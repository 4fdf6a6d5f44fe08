//! The binary over real sockets: a served sandbox, signals, and servers that misbehave.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use crate::support::Workbench;
use crate::support::served::Served;

const TOKEN: &str = "sbp_0000000000000000000000000000000000000000";

const MANIFEST: &str = "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\n";

/// A world that answers writes of auth ten minutes late.
#[cfg(unix)]
const SLOW: &str = r#"{
  "format": "supaform.sandbox", "version": 1,
  "organizations": {"acme-inc": {"name": "Acme Inc", "plan": "team"}},
  "projects": {"quickstartquickstart": {
    "name": "Acme Quickstart", "organization": "acme-inc", "region": "eu-central-1", "status": "ACTIVE_HEALTHY"
  }},
  "faults": [{"route": "PATCH /v1/projects/{ref}/config/auth", "fault": {"kind": "slow", "ms": 600000}}]
}"#;

fn bench() -> Workbench {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", MANIFEST);
    bench.set("SUPABASE_ACCESS_TOKEN", TOKEN);
    bench
}

#[test]
fn a_served_sandbox_is_planned_and_applied_over_http() {
    let (bench, served) = (bench(), Served::start(&["--time-scale", "100"]));
    let api = ["--api-url", &served.url];
    let run = |arguments: &[&str]| bench.run(&[arguments, &api].concat());
    let planned = run(&["plan", "--exit-code"]);
    assert_eq!(planned.code, Some(2), "{planned}");
    let applied = run(&["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let drift = run(&["drift"]);
    assert_eq!((drift.code, drift.stdout.as_str()), (Some(0), ""), "{drift}");
}

/// The window of a limit is waited out, as often as it takes.
#[test]
fn a_tight_rate_limit_is_kept_within() {
    let (bench, served) = (bench(), Served::start(&["--rate-limit", "1", "--time-scale", "120"]));
    let api = ["--api-url", &served.url];
    for expected in [2, 0] {
        let run = bench.run(&[&["plan", "--exit-code"][..], &api].concat());
        assert_eq!(run.code, Some(expected), "{run}");
        let applied = bench.run(&[&["apply", "--yes", "-vv"][..], &api].concat());
        assert_eq!(applied.code, Some(0), "{applied}");
        // What the plan has learnt of a route holds for what is applied: no window is met twice.
        let answers = applied.stderr.lines().filter(|line| line.contains("config/auth") && line.contains("status="));
        let known = answers.skip_while(|line| !line.contains("status=200"));
        let least = if expected == 2 { 4 } else { 1 };
        assert!(known.clone().count() >= least && known.clone().all(|line| !line.contains("status=429")), "{applied}");
    }
}

#[test]
fn a_wrong_token_is_denied() {
    let (mut bench, served) = (bench(), Served::start(&[]));
    bench.set("SUPABASE_ACCESS_TOKEN", "sbp_1111111111111111111111111111111111111111");
    let planned = bench.run(&["plan", "--api-url", &served.url]);
    assert_eq!(planned.code, Some(7), "{planned}");
    assert!(!planned.stdout.contains("sbp_1111"), "{planned}");
}

/// Answers every connection with these bytes, and tells what was asked.
fn server(answer: &'static [u8]) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (told, asked) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let told = told.clone();
            thread::spawn(move || serve(stream, answer, &told));
        }
    });
    (url, asked)
}

fn serve(mut stream: TcpStream, answer: &[u8], told: &mpsc::Sender<String>) {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).unwrap_or_default();
    drop(told.send(String::from_utf8_lossy(&request[..read]).into_owned()));
    drop(stream.write_all(answer));
}

#[test]
fn a_redirect_is_an_error_and_the_token_goes_nowhere_else() {
    let (elsewhere, asked_elsewhere) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]");
    let head = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}/v1/projects\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let (url, _asked) = server(Box::leak(head.into_bytes().into_boxed_slice()));
    let planned = bench().run(&["plan", "--api-url", &url]);
    assert_eq!(planned.code, Some(1), "{planned}");
    assert!(planned.stdout.contains("Redirects are not followed"), "{planned}");
    assert!(asked_elsewhere.try_recv().is_err(), "the other server was asked");
}

#[test]
fn answers_that_are_no_answers_are_told_without_being_shown() {
    for (answer, said) in [
        (&b"HTTP/1.1 522 x\r\ncontent-length: 29\r\ncf-ray: 8f00aa-FRA\r\nconnection: close\r\n\r\n<html><script>evil()</script>"[..], "cf-ray 8f00aa-FRA"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "not JSON"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\n[1,2,3]", "a list of projects was expected"),
        (b"HTTP/1.1 418 x\r\ncontent-length: 13\r\nconnection: close\r\n\r\n\x1b[2Jshort\x07 hi", "short"),
    ] {
        let (url, _asked) = server(answer);
        let planned = bench().run(&["plan", "--api-url", &url, "--deadline", "2"]);
        assert_eq!(planned.code, Some(1), "{planned}");
        // However its lines are broken.
        let words = planned.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(said), "{said}: {planned}");
        assert!(!planned.stdout.contains("evil") && !planned.stdout.contains('\u{1b}'), "{planned}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_says_so() {
    // The write takes effect, and its answer comes long after everybody has gone home.
    let bench = bench();
    bench.write("world.json", SLOW);
    let served = Served::start(&["--world", &bench.path().join("world.json").to_string_lossy()]);
    let mut apply = Command::new(env!("CARGO_BIN_EXE_supaform"));
    apply.args(["apply", "--yes", "--api-url", &served.url]).current_dir(bench.path()).env_clear();
    apply.env("SUPABASE_ACCESS_TOKEN", TOKEN).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let apply = apply.spawn().expect("the binary runs");
    let list = b"GET /_sandbox/requests HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    while !exchange(&served.url, list, false).contains("PATCH") {
        thread::yield_now();
    }
    let killed = Command::new("kill").args(["-INT", &apply.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let output = apply.wait_with_output().expect("it ends");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted"), "{text}");
}

/// A plan that was approved for one API is no plan for another, even if everything else is the same.
#[test]
fn an_approved_plan_holds_for_its_api() {
    let (bench, served) = (bench(), Served::start(&[]));
    let planned = bench.run(&["plan", "--api-url", &served.url, "--out", "plan.json"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    let applied = bench.run(&["apply", "--sandbox", "live", "--plan", "plan.json"]);
    assert_eq!(applied.code, Some(5), "{applied}");
    assert!(applied.stderr.contains(&served.url) && applied.stderr.contains("http://localhost"), "{applied}");
    let applied = bench.run(&["apply", "--api-url", &served.url, "--plan", "plan.json"]);
    assert_eq!(applied.code, Some(0), "{applied}");
}

/// Whoever opens a pull request must not be shown what is live in a project that nobody had named before.
#[test]
fn a_forks_plan_reads_only_what_the_base_has() {
    let (mut bench, served) = (bench(), Served::start(&[]));
    bench.write("p.yaml", "project: other\norganization: acme-inc\nname: Something Else\nauth: {jwt_exp: 1h}\n");
    for arguments in [&["init", "--quiet"][..], &["add", "-A"], &["commit", "--quiet", "-m", "base"]] {
        bench.git(arguments);
    }
    bench.git(&["tag", "base"]);
    bench.write("p.yaml", MANIFEST);
    bench.git(&["commit", "--quiet", "-am", "fork"]);
    let requests = |bench: &Workbench, arguments: &[&str]| {
        let output = bench.run(&[arguments, &["--api-url", &served.url, "--untrusted", "-vv"]].concat());
        let asked = output.stderr.lines().filter(|line| line.contains("attempt=1")).count();
        (output, asked)
    };
    for arguments in [&["plan"][..], &["drift"], &["explain", "p/auth/jwt_exp"], &["pin"], &["apply", "--yes"]] {
        let (output, asked) = requests(&bench, arguments);
        assert_eq!(asked, 0, "{arguments:?}: {output}");
    }
    let (output, asked) = requests(&bench, &["plan", "--base", "base"]);
    assert_eq!((output.code, asked), (Some(4), 0), "{output}");
    assert!(output.stderr.contains("p: not read, since the base has no such project"), "{output}");
    // A stranger's project may not take the name of one that is there.
    bench.write("p.yaml", &MANIFEST.replace("project: p", "project: other"));
    bench.git(&["commit", "--quiet", "-am", "fork"]);
    let (output, asked) = requests(&bench, &["plan", "--base", "base"]);
    assert_eq!((output.code, asked), (Some(4), 0), "{output}");
    let (output, asked) = requests(&bench, &["plan", "--base", "HEAD"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(asked > 0, "{output}");
}

/// Sends bytes, and no more where there is to be no more, and reads until the other side closes: within half a minute.
fn exchange(url: &str, bytes: &[u8], is_all: bool) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a limit");
    // Whoever sends too much may be cut off while it sends.
    drop(stream.write_all(bytes));
    if is_all {
        drop(stream.shutdown(std::net::Shutdown::Write));
    }
    let mut answer = vec![];
    if let Err(error) = stream.read_to_end(&mut answer) {
        let hangs = matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
        assert!(!hangs, "no answer: {error}");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_served_sandbox_answers_whatever_comes_over_the_wire() {
    let served = Served::start(&["--sso-needs-saml", "--realtime-above-plan", "--postgres-put", "merge"]);
    let head = format!("host: localhost\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n");
    let project = "/v1/projects/quickstartquickstart";
    for (request, start) in [
        (format!("HEAD {project} HTTP/1.1\r\n{head}\r\n"), "HTTP/1.1 200"),
        (format!("GET {project}/config/auth/sso/providers HTTP/1.1\r\n{head}\r\n"), "HTTP/1.1 404"),
        (format!("OPTIONS {project} HTTP/1.1\r\n{head}\r\n"), "HTTP/1.1 404"),
        (format!("GET //v1/projects HTTP/1.1\r\n{head}\r\n"), "HTTP/1.1 404"),
        ("GET /v1/projects HTTP/1.1\r\nconnection: close\r\n\r\n".to_owned(), "HTTP/1.1 403"),
        ("GET /v1/projects HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n".to_owned(), "HTTP/1.1 403"),
        (
            format!(
                "PATCH {project}/config/auth HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: 1\r\n\r\n{{"
            ),
            "HTTP/1.1 400",
        ),
        (format!("PATCH {project}/config/auth HTTP/1.1\r\n{head}content-length: 40000000\r\n\r\n{{"), ""),
        ("nonsense\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        (format!("GET /{} HTTP/1.1\r\n{head}\r\n", "a".repeat(100_000)), ""),
        (format!("GET {project} HTTP/1.1\r\n{head}x: {}\r\n\r\n", "a".repeat(1_000_000)), ""),
    ] {
        let cut_short = request.contains("40000000");
        let answer = exchange(&served.url, request.as_bytes(), cut_short);
        assert!(answer.starts_with(start), "{request:.80}: {answer:.200}");
        if request.starts_with("HEAD") {
            assert!(answer.ends_with("\r\n\r\n") && answer.contains("content-type: application/json"), "{answer}");
        }
    }
    let alive = exchange(&served.url, format!("GET {project} HTTP/1.1\r\n{head}\r\n").as_bytes(), false);
    assert!(alive.contains("Acme Quickstart"), "{alive}");
    for scale in ["0", "-1", "NaN", "inf"] {
        let arguments = ["sandbox", &format!("--time-scale={scale}")];
        let refused = bench().run(&arguments);
        assert_eq!(refused.code, Some(3), "{scale}: {refused}");
    }
}
