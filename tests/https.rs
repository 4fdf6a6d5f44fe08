//! The binary over TLS, by HTTP/1.1 and HTTP/2: it believes whom the system trusts, and nobody else.

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

#[test]
fn a_server_whom_the_system_trusts_is_believed() {
    for spoken in [Spoken::Http1, Spoken::Http2] {
        let (mut bench, server) = (bench(), server(spoken));
        bench.write("authority.pem", &server.authority);
        let file = bench.path().join("authority.pem");
        bench.set("SSL_CERT_FILE", &file.to_string_lossy());
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
