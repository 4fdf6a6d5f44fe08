//! The script of bash, as bash runs it: it ends words at `=`, `:` and `@`, and replaces what is behind them.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::support::Workbench;

/// What bash would offer at the end of a line, of which it sees these words.
fn offered(bench: &Workbench, line: &str, words: &[&str]) -> Vec<String> {
    const SCRIPT: &str = r#"
        source <(supaform completions bash)
        compopt() { return 0; }
        COMP_LINE="$1" COMP_POINT=${#1} COMP_TYPE=9
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _clap_complete_supaform supaform "${COMP_WORDS[COMP_CWORD]#[=:@]}" ""
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let programs = Path::new(env!("CARGO_BIN_EXE_supaform")).parent().expect("a folder");
    #[expect(clippy::disallowed_methods, reason = "where bash is")]
    let path = std::env::var("PATH").expect("a path of programs");
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", SCRIPT, "bash", line])
        .args(words)
        .current_dir(bench.path())
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .output()
        .expect("bash runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes_what_has_an_equals_sign() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let shop =
        "project: shop\norganization: acme-inc\nname: Shop\nlabels: {env: prod}\npooler: {default_pool_size: 15}\n";
    bench.write("shop.yaml", shop);
    for (line, words, expected) in [
        ("supaform plan --select ", &["supaform", "plan", "--select", ""][..], &["env=prod", "shop"][..]),
        ("supaform plan --select env=", &["supaform", "plan", "--select", "env", "="], &["prod"]),
        ("supaform plan --select env=p", &["supaform", "plan", "--select", "env", "=", "p"], &["prod"]),
        ("supaform plan --select=sh", &["supaform", "plan", "--select", "=", "sh"], &["shop"]),
        ("supaform plan --select 'shop,env=p", &["supaform", "plan", "--select", "'shop,env=p"], &["prod"]),
        ("supaform plan   --select sh", &["supaform", "plan", "--select", "sh"], &["shop"]),
        ("supaform pla", &["supaform", "pla"], &["plan"]),
    ] {
        let mut found = offered(&bench, line, words);
        found.sort();
        assert_eq!(found, expected, "{line}");
    }
}
