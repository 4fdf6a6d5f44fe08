//! What the commands say of a project that is not up: never that all is well, or that something differs, where nothing was read.

mod support;

use support::Workbench;

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
