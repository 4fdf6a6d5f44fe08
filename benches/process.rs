//! What the command costs as a whole process: start, plan, and plan of a fleet, against a sandbox on loopback.
//!
//! `cargo bench --bench process`. Prints a table: wall time (least, median, most) and peak memory, which is sampled from
//! `/proc` while the process runs, and so only where there is one.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench reads the clock and prints")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_supaform");
const TOKEN: &str = "sbp_0000000000000000000000000000000000000000";

/// Projects of the fleet.
const FLEET: usize = 200;
/// How long each answer takes for the fleet.
const FLEET_LATENCY: u64 = 50;
/// How many requests are under way at once, as the client is built.
const AT_ONCE: usize = 16;

fn main() {
    println!("| what | least | median | most | peak memory |");
    println!("|---|---|---|---|---|");
    let start: Vec<_> = (0..21).map(|_| run(Command::new(BINARY).arg("--version"))).collect();
    row("`supaform --version`", &start, "");

    let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart");
    for (latency, name) in [(0, "plan of the quickstart"), (100, "the same, every answer after 100 ms")] {
        let served = Served::start(&["--latency", &latency.to_string()]);
        let runs: Vec<_> = (0..21).map(|_| run(&mut served.plan(&quickstart))).collect();
        row(name, &runs, "");
    }

    let folder = tempfile::tempdir().expect("a folder");
    let world = fleet(folder.path());
    let served = Served::start(&["--latency", &FLEET_LATENCY.to_string(), "--world", &world]);
    let runs: Vec<_> = (0..5).map(|_| run(&mut served.plan(folder.path()))).collect();
    // One list, then two endpoints a project, so many at once.
    let rounds = 1 + (2 * FLEET).div_ceil(AT_ONCE);
    let one = served.answers_in();
    let bound = one * u32::try_from(rounds).expect("few rounds");
    let name = format!("plan of {FLEET} projects, two endpoints each, every answer after {FLEET_LATENCY} ms");
    let times = median(&runs).0.as_secs_f64() / bound.as_secs_f64();
    let note = format!(
        " ({AT_ONCE} at once: {rounds} rounds of {:.1} ms, what one answer takes alone, are {} ms; median {times:.2} × that)",
        one.as_secs_f64() * 1000.0,
        bound.as_millis()
    );
    row(&name, &runs, &note);
}

/// A workspace and a world of many projects; the path of the world.
fn fleet(folder: &Path) -> String {
    let mut manifest =
        String::from("common:\n  organization: acme-inc\n  auth: {jwt_exp: 10m}\n  secrets: {}\nprojects:\n");
    let mut projects = vec![];
    for number in 0..FLEET {
        let letter = |place: usize| char::from(b'a' + u8::try_from(place % 26).expect("a letter"));
        let reference = format!("fleet{}{}{}", letter(number / 26), letter(number), "z".repeat(13));
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
    path.to_string_lossy().into_owned()
}

/// A sandbox on loopback, without a rate limit.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(BINARY);
        command.args(["sandbox", "--rate-limit", "0"]).args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a sandbox");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut address).expect("its address");
        Self { child, address: address.trim().to_owned() }
    }

    fn plan(&self, root: &Path) -> Command {
        let mut command = Command::new(BINARY);
        command.args(["plan", "--api-url", &self.address, "--root"]).arg(root);
        command.env_clear().env("SUPABASE_ACCESS_TOKEN", TOKEN);
        command
    }

    /// What one answer takes when nothing else is asked, at the median.
    fn answers_in(&self) -> Duration {
        let address = self.address.trim_start_matches("http://");
        let request = format!(
            "GET /v1/organizations HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n"
        );
        let mut times: Vec<_> = (0..11)
            .map(|_| {
                let start = Instant::now();
                let mut stream = TcpStream::connect(address).expect("the sandbox");
                stream.write_all(request.as_bytes()).expect("a request");
                let answer = std::io::read_to_string(stream).expect("an answer");
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                start.elapsed()
            })
            .collect();
        times.sort();
        times[times.len() / 2]
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a command; its wall time, and the most memory that was seen, in KiB.
fn run(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("it ends") {
            break ended;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(peak);
        std::thread::sleep(Duration::from_micros(200));
    };
    let took = start.elapsed();
    assert!(
        ended.success(),
        "{command:?}: {}",
        std::io::read_to_string(child.stderr.take().expect("stderr")).unwrap_or_default()
    );
    (took, peak)
}

fn median(runs: &[(Duration, u64)]) -> (Duration, u64) {
    let mut sorted = runs.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

fn row(name: &str, runs: &[(Duration, u64)], note: &str) {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let least = runs.iter().map(|run| run.0).min().unwrap_or_default();
    let most = runs.iter().map(|run| run.0).max().unwrap_or_default();
    let peak = runs.iter().map(|run| run.1).max().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a display of MiB")]
    let peak = if peak == 0 { "–".to_owned() } else { format!("{:.1} MiB", peak as f64 / 1024.0) };
    println!("| {name}{note} | {} | {} | {} | {peak} |", ms(least), ms(median(runs).0), ms(most));
}
