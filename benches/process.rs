//! What the command costs as a whole process: start, and plans of one project and of fleets, over http and over TLS, against a
//! sandbox on loopback.
//!
//! `cargo bench --bench process` prints the page's table: what was measured on which machine, wall time (least, median), time of
//! the processors, and peak memory, which is sampled from `/proc` while the process runs. `-- --write` puts it into
//! `docs/performance.md`. Further words are a filter: `-- TLS 1,000`.

#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench reads the clock and prints")]

#[path = "../tests/support/https.rs"]
mod https;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use https::{Server, Spoken};
use nix::sys::resource::{UsageWho, getrusage};
use supaform::sandbox::{Options, TOKEN};
use tempfile::TempDir;

/// Names another binary to measure, such as one that `cargo build --release` made by another profile.
const OTHER: &str = "SUPAFORM_BINARY";

/// Where certificates of authorities are, so that as many are read as in earnest.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// A setting of each section.
const SECTIONS: &str = "
  auth: {jwt_exp: 10m, saml_enabled: true}
  sso_providers: {okta: {metadata_url: https://acme.okta.com/app/exk1/sso/saml/metadata, domains: [acme.com]}}
  third_party_auth: {auth0: {oidc_issuer_url: \"https://acme.eu.auth0.com\"}}
  postgres: {statement_timeout: 8s}
  pooler: {default_pool_size: 20}
  ssl_enforcement: {database: true}
  network_restrictions: {ipv4: [0.0.0.0/0], ipv6: [\"::/0\"]}
  data_api: {max_rows: 500}
  realtime: {private_only: true}
  storage: {fileSizeLimit: 10MiB}
  secrets: {APP_ENV: {plain: production}}
  api_keys: {mobile: {type: publishable}}
  legacy_api_keys: {enabled: true}
";

/// Two sections, as most projects have.
const FEW: &str = "\n  auth: {jwt_exp: 10m}\n  secrets: {}\n";

/// Eight sections of settings, nearly all as they are on an untouched project.
const EIGHT: &str = "
  auth: {jwt_exp: 1h}
  storage: {fileSizeLimit: 50MiB}
  data_api: {max_rows: 1000}
  ssl_enforcement: {database: false}
  network_restrictions: {mode: open}
  postgres: {statement_timeout: 8s}
  realtime: {presence_enabled: true}
  pooler: {pool_mode: transaction}
";

/// A plan that is measured.
struct Planned {
    name: &'static str,
    /// Further arguments of the command.
    with: &'static [&'static str],
    projects: usize,
    sections: &'static str,
    latency: u64,
    /// How many requests it makes one after the other at least, so many at once.
    rounds: usize,
    runs: usize,
}

const PLANS: &[Planned] = &[
    Planned { name: "plan of a project", with: &[], projects: 1, sections: FEW, latency: 0, rounds: 0, runs: 41 },
    Planned {
        name: "plan of all 13 sections",
        with: &[],
        projects: 1,
        sections: SECTIONS,
        latency: 0,
        rounds: 0,
        runs: 41,
    },
    Planned {
        name: "plan of a project, 100 ms",
        with: &[],
        projects: 1,
        sections: FEW,
        latency: 100,
        rounds: 1,
        runs: 11,
    },
    Planned {
        name: "plan of all 13 sections, 100 ms",
        with: &[],
        projects: 1,
        sections: SECTIONS,
        latency: 100,
        rounds: 1,
        runs: 11,
    },
    Planned {
        name: "plan of 200 projects, 50 ms",
        with: &[],
        projects: 200,
        sections: FEW,
        latency: 50,
        rounds: 26,
        runs: 5,
    },
    Planned {
        name: "plan of 1,000 projects, 50 ms",
        with: &[],
        projects: 1000,
        sections: FEW,
        latency: 50,
        rounds: 126,
        runs: 3,
    },
    Planned {
        name: "plan of 200 projects with 8 sections, 50 ms, --reads v1",
        with: &["--reads", "v1"],
        projects: 200,
        sections: EIGHT,
        latency: 50,
        rounds: 101,
        runs: 3,
    },
    // Over HTTP/2 by four connections.
    Planned {
        name: "plan of 200 projects with 8 sections, 50 ms, --reads v1 --parallel 128",
        with: &["--reads", "v1", "--parallel", "128"],
        projects: 200,
        sections: EIGHT,
        latency: 50,
        rounds: 13,
        runs: 3,
    },
    // One read of all settings, and three of those that it does not show as they are set.
    Planned {
        name: "plan of 200 projects with 8 sections, 50 ms",
        with: &[],
        projects: 200,
        sections: EIGHT,
        latency: 50,
        rounds: 51,
        runs: 3,
    },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_wanted = |name: &str| words.iter().all(|word| word.starts_with("--") || name.contains(word.as_str()));
    let mut page = format!("{}\n\n", machine());
    page.push_str(
        "| what | least | median | × bound | processors | peak memory | connections |\n|---|---|---|---|---|---|---|\n",
    );
    if is_wanted("--version") {
        let runs: Vec<_> = (0..41).map(|_| run(Command::new(binary()).arg("--version"))).collect();
        page.push_str(&row("`supaform --version`", &runs, None, 0));
    }
    for plan in PLANS {
        for (spoken, how) in [(Spoken::Plain, "http"), (Spoken::Http1, "TLS, HTTP/1.1"), (Spoken::Http2, "TLS, HTTP/2")]
        {
            let name = format!("{}, {how}", plan.name);
            if is_wanted(&name) {
                page.push_str(&measure(plan, spoken, &name));
            }
        }
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(page, "\nLoad at the end: {}.", load.split(' ').take(3).collect::<Vec<_>>().join(", ")).expect("a text");
    print!("{page}");
    if words.iter().any(|word| word == "--write") {
        write(&page);
    }
}

fn binary() -> String {
    std::env::var(OTHER).unwrap_or_else(|_| env!("CARGO_BIN_EXE_supaform").to_owned())
}

fn measure(plan: &Planned, spoken: Spoken, name: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let world = workspace(folder.path(), plan);
    let latency = Duration::from_millis(plan.latency);
    let options = Options { world: Some(world), rate_limit: Some(0), latency, ..Options::default() };
    let server = Server::start(spoken, options);
    let authorities = fs::read_to_string(AUTHORITIES).unwrap_or_default();
    let trusted = folder.path().join("trusted.pem");
    fs::write(&trusted, format!("{authorities}{}", server.authority)).expect("a file");
    let runs: Vec<_> = (0..plan.runs).map(|_| run(command(&server, &folder, &trusted).args(plan.with))).collect();
    let connections = server.connections() / u32::try_from(plan.runs).expect("few runs");
    let bound = (plan.rounds > 0).then(|| latency * u32::try_from(plan.rounds).expect("few rounds"));
    row(name, &runs, bound, connections)
}

fn command(server: &Server, folder: &TempDir, trusted: &Path) -> Command {
    let mut command = Command::new(binary());
    command.args(["plan", "--api-url", &server.url, "--root"]).arg(folder.path());
    command.env_clear().env("SUPABASE_ACCESS_TOKEN", TOKEN).env("SSL_CERT_FILE", trusted);
    command
}

/// A workspace, and the world that it is of; the path of the world.
fn workspace(folder: &Path, plan: &Planned) -> PathBuf {
    let mut manifest = format!("common:\n  organization: acme-inc{}projects:\n", plan.sections);
    let mut projects = vec![];
    for number in 0..plan.projects {
        let letter = |place: usize| char::from(b'a' + u8::try_from(place % 26).expect("a letter"));
        let reference =
            format!("fleet{}{}{}{}", letter(number / 676), letter(number / 26), letter(number), "z".repeat(12));
        writeln!(manifest, "  p{number}: {{ref: {reference}}}").expect("a text");
        projects.push(format!(
            "\"{reference}\": {{\"name\": \"p{number}\", \"organization\": \"acme-inc\", \"region\": \"eu-central-1\", \
             \"status\": \"ACTIVE_HEALTHY\"}}"
        ));
    }
    let world = format!(
        "{{\"format\": \"supaform.sandbox\", \"version\": 1, \"organizations\": {{\"acme-inc\": {{\"name\": \"Acme\", \
         \"plan\": \"team\"}}}}, \"projects\": {{{}}}}}",
        projects.join(", ")
    );
    fs::write(folder.join("supaform.yaml"), "version: 1\n").expect("a file");
    fs::write(folder.join("fleet.yaml"), manifest).expect("a file");
    let path = folder.join("world.json");
    fs::write(&path, world).expect("a file");
    path
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: Duration,
    /// Of all processors, by the program and for it.
    processors: Duration,
    /// The most memory that was seen, in KiB.
    memory: u64,
}

fn run(command: &mut Command) -> Cost {
    let (start, before) = (Instant::now(), of_children());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("it ends") {
            break ended;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        memory = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(memory);
        std::thread::sleep(Duration::from_micros(200));
    };
    let wall = start.elapsed();
    let said = std::io::read_to_string(child.stderr.take().expect("stderr")).unwrap_or_default();
    assert!(ended.success(), "{command:?}: {said}");
    Cost { wall, processors: of_children().saturating_sub(before), memory }
}

/// The time that all children took which have ended.
fn of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let micros = |time: nix::sys::time::TimeVal| {
        u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).expect("time goes on")
    };
    Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
}

fn median<T: Ord + Copy>(runs: &[Cost], of: impl Fn(&Cost) -> T) -> T {
    let mut sorted: Vec<T> = runs.iter().map(of).collect();
    sorted.sort();
    sorted[sorted.len() / 2]
}

fn row(name: &str, runs: &[Cost], bound: Option<Duration>, connections: u32) -> String {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let least = runs.iter().map(|run| run.wall).min().unwrap_or_default();
    let wall = median(runs, |run| run.wall);
    let times = bound.map_or("–".to_owned(), |bound| format!("{:.2}", wall.as_secs_f64() / bound.as_secs_f64()));
    let tenths = runs.iter().map(|run| run.memory).max().unwrap_or_default() * 10 / 1024;
    let processors = ms(median(runs, |run| run.processors));
    let memory = format!("{}.{} MiB", tenths / 10, tenths % 10);
    format!("| {name} | {} | {} | {times} | {processors} | {memory} | {connections} |\n", ms(least), ms(wall))
}

/// What is measured, and on what.
fn machine() -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
    };
    let commit = said("git", &["log", "-1", "--format=%h of %cs"]);
    let changed =
        if said("git", &["status", "--porcelain", "--", "src", "Cargo.lock"]).is_empty() { "" } else { ", changed" };
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |it| it.1);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(", ");
    // Of the release the version alone: what a distribution or a cloud adds to it says nothing of speed.
    let release = said("uname", &["-r"]);
    let version = release.split(['.', '-']).take(2).collect::<Vec<_>>().join(".");
    let system = format!("{} {version} {}", said("uname", &["-s"]), said("uname", &["-m"]));
    let compiler = said("rustc", &["--version"]);
    format!(
        "Commit {commit}{changed}; {processors} processors ({model}), {system}; {compiler}; {AT_ONCE} requests at once, where the name says nothing else. Load at \
         the start: {load}."
    )
}

/// Puts the figures between their marks in the page.
fn write(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let text = fs::read_to_string(&path).expect("the page");
    let (start, end) = ("<!-- process -->\n", "<!-- end of process -->");
    let (before, rest) = text.split_once(start).expect("a mark where it starts");
    let (_, after) = rest.split_once(end).expect("a mark where it ends");
    fs::write(&path, format!("{before}{start}\n{page}\n{end}{after}")).expect("the page can be written");
}
