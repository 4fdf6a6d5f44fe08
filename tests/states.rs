//! Projects that are not up: what the commands say of them (never that all is well, or that something differs, where nothing was
//! read), and the time that waiting for them takes in the process (none).

use crate::support::Workbench;

#[test]
fn of_a_project_that_is_coming_up_nothing_is_claimed() {
    for status in ["COMING_UP", "UNKNOWN"] {
        let bench = Workbench::new();
        bench.write("supaform.yaml", "version: 1\n");
        bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\n");
        let applied = bench.run(&["apply", "--yes", "--sandbox", "live"]);
        assert_eq!(applied.code, Some(0), "{applied}");
        bench.edit_json("live/state.json", "/projects/quickstartquickstart/status", &format!("\"{status}\""));
        let before = bench.read("p.yaml");
        for arguments in [
            &["plan"][..],
            &["plan", "--exit-code"],
            &["drift"],
            &["drift", "--fail-on", "unmanaged"],
            &["accept", "p/auth/jwt_exp"],
            &["compare", "p", "p", "--live"],
            &["explain", "p/auth/jwt_exp"],
        ] {
            let ran = bench.run(&[arguments, &["--sandbox", "live"]].concat());
            assert_eq!(ran.code, Some(8), "{status} {arguments:?}: {ran}");
            assert!(ran.to_string().contains("coming up"), "{status} {arguments:?}: {ran}");
        }
        assert_eq!(bench.read("p.yaml"), before);
        let pinned = bench.run(&["pin", "--sandbox", "live"]);
        assert_eq!(pinned.code, Some(0), "{status}: a ref is known before: {pinned}");
    }
}

/// A project that comes up, a limit of a minute twice, an answer that is a minute late: more than three minutes with the API.
#[test]
fn no_wait_takes_any_time_in_the_process() {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write(
        "p.yaml",
        "project: p\norganization: acme-inc\nname: New\ncreate: true\nregion: eu-central-1\n\
         database_password: {env: DB_PASS}\nauth: {jwt_exp: 10m}\nnetwork_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}\n",
    );
    bench.write("world.json", LATE);
    bench.set("DB_PASS", "Passw0rd-of-the-test");
    let begun = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let applied = bench.run(&["apply", "--yes", "--sandbox", "live", "--world", "world.json"]);
    let took = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().saturating_sub(begun);
    assert_eq!(applied.code, Some(0), "{applied}");
    assert_eq!(applied.stderr.matches("waiting 60 s for the rate limit").count(), 2, "{applied}");
    assert!(took.as_secs() < 30, "{took:?}");
    // The time of the run has passed all the same.
    std::fs::remove_file(bench.path().join("live/state.json")).expect("it was written");
    let applied = bench.run(&["apply", "--yes", "--deadline", "50", "--sandbox", "live", "--world", "world.json"]);
    assert_eq!(applied.code, Some(8), "{applied}");
}

const LATE: &str = r#"{
  "format": "supaform.sandbox", "version": 1,
  "organizations": {"acme-inc": {"name": "Acme Inc", "plan": "team"}},
  "projects": {},
  "faults": [
    {"route": "PATCH /v1/projects/{ref}/config/auth", "times": 2, "fault": {"kind": "limit", "retry_after": 60}},
    {"route": "GET /v1/projects/{ref}/network-restrictions", "fault": {"kind": "slow", "ms": 60000}}
  ]
}"#;
