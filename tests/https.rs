//! The binary over TLS, by HTTP/1.1 and HTTP/2: it believes whom the system trusts, and nobody else.

use std::fmt::Write as _;
use std::time::Duration;

use supaform::sandbox::{Options, TOKEN};

use crate::support::Workbench;
use crate::support::https::{Server, Spoken};

const MANIFEST: &str = "project: p\nref: quickstartquickstart\nauth: {jwt_exp: 10m}\nrealtime: {private_only: true}\n\
                        storage: {fileSizeLimit: 10MiB}\n";

fn bench() -> Workbench {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", MANIFEST);
    bench.set("SUPABASE_ACCESS_TOKEN", TOKEN);
    bench
}

fn server(spoken: Spoken) -> Server {
    Server::start(spoken, Options { rate_limit: Some(0), ..Options::default() })
}

/// A bench whose binary believes a server.
fn bench_with(server: &Server) -> Workbench {
    let mut bench = bench();
    bench.write("authority.pem", &server.authority);
    let file = bench.path().join("authority.pem");
    bench.set("SSL_CERT_FILE", &file.to_string_lossy());
    bench
}

#[test]
fn a_server_whom_the_system_trusts_is_believed() {
    for spoken in [Spoken::Http1, Spoken::Http2] {
        let server = server(spoken);
        let bench = bench_with(&server);
        let applied = bench.run(&["apply", "--yes", "--api-url", &server.url]);
        assert_eq!(applied.code, Some(0), "{spoken:?}: {applied}");
        assert!(server.connections() > 0);
    }
}

#[test]
fn no_other_server_is_believed() {
    let (mut bench, server) = (bench(), server(Spoken::Http2));
    let planned = bench.run(&["plan", "--api-url", &server.url, "--deadline", "1"]);
    assert_eq!((planned.code, server.connections()), (Some(1), 0), "{planned}");
    // Nor one whose certificate another authority made.
    let other = self::server(Spoken::Http2);
    bench.write("other.pem", &other.authority);
    let file = bench.path().join("other.pem");
    bench.set("SSL_CERT_FILE", &file.to_string_lossy());
    let planned = bench.run(&["plan", "--api-url", &server.url, "--deadline", "1"]);
    assert_eq!((planned.code, server.connections()), (Some(1), 0), "{planned}");
    assert!(planned.stdout.contains("invalid peer certificate"), "{planned}");
}

/// Requests that begin together ask for a connection each, before anybody knows that one would do for all.
#[test]
fn over_http2_one_connection_is_made_for_all() {
    let server = server(Spoken::Http2);
    let bench = bench_with(&server);
    for _ in 0..5 {
        let planned = bench.run(&["plan", "--api-url", &server.url]);
        assert_eq!((planned.code, server.connections()), (Some(0), 1), "{planned}");
    }
    // None is free for another request before its own is answered.
    let latency = Duration::from_secs(1);
    let server = Server::start(Spoken::Http1, Options { rate_limit: Some(0), latency, ..Options::default() });
    let bench = bench_with(&server);
    let planned = bench.run(&["plan", "--api-url", &server.url]);
    assert_eq!((planned.code, server.connections()), (Some(0), 4), "{planned}");
}

/// What one connection cannot carry at once goes over another: a server that answers 32 requests of a connection answers as many as the
/// command line allows.
#[test]
fn more_requests_than_a_connection_takes_make_another_one() {
    let mut manifest = String::from("common:\n  organization: acme-inc\n  auth: {jwt_exp: 10m}\nprojects:\n");
    let mut live = vec![];
    for number in 0..96 {
        let letter = |place: u8| char::from(b'a' + place);
        let reference = format!("fleetfleetfleetfle{}{}", letter(number / 26), letter(number % 26));
        writeln!(manifest, "  p{number}: {{ref: {reference}}}").expect("a text");
        live.push(format!(
            "\"{reference}\": {{\"name\": \"p{number}\", \"organization\": \"acme-inc\", \"region\": \"eu-central-1\", \
             \"status\": \"ACTIVE_HEALTHY\"}}"
        ));
    }
    let world = format!(
        "{{\"format\": \"supaform.sandbox\", \"version\": 1, \"organizations\": {{\"acme-inc\": {{\"name\": \"Acme\", \
         \"plan\": \"team\"}}}}, \"projects\": {{{}}}}}",
        live.join(", ")
    );
    // Where more than one is needed, no request is answered before all are sent.
    for (at_once, connections, latency) in [("16", 1, 20), ("32", 1, 20), ("33", 2, 1_000), ("96", 3, 1_000)] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("world.json");
        std::fs::write(&path, &world).expect("a file");
        let latency = Duration::from_millis(latency);
        let options = Options { world: Some(path), rate_limit: Some(0), latency, ..Options::default() };
        let server = Server::with_streams(Spoken::Http2, options, 32);
        let bench = bench_with(&server);
        bench.write("p.yaml", &manifest);
        let planned = bench.run(&["plan", "--api-url", &server.url, "--parallel", at_once]);
        assert_eq!((planned.code, server.connections()), (Some(0), connections), "{at_once}: {planned}");
    }
}
