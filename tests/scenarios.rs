//! Sessions with the binary against the sandbox: commented scripts in `tests/scenarios`, and their transcripts beside them.
//!
//! A script has these lines: `# comment`, `file NAME` with the text below it up to a line `.`, `set NAME=VALUE`,
//! `unset NAME`, `state POINTER JSON` (somebody changes live by hand), `git ARGUMENTS` (runs git, in silence), `show FILE`,
//! `remove FILE`, `$ ARGUMENTS` (runs supaform).

use std::fs;

use libtest_mimic::Trial;

use crate::support::schemas::Schemas;
use crate::support::{Workbench, snapshots};

const STATE: &str = "live/state.json";

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    crate::trials("scenarios", "txt", |name, script| {
        snapshots("tests/scenarios").bind(|| insta::assert_snapshot!(name, play(script, name)));
    })
}

fn play(script: &str, name: &str) -> String {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let mut transcript = String::new();
    let schemas = Schemas::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => transcript.push('\n'),
            "#" => transcript.push_str(&format!("{line}\n")),
            "file" => {
                let text: Vec<&str> = lines.by_ref().take_while(|line| *line != ".").collect();
                bench.write(rest, &(text.join("\n") + "\n"));
                let shown: String = text.iter().map(|line| format!("  | {line}\n")).collect();
                transcript.push_str(&format!("file {rest}\n{shown}"));
            }
            "set" => {
                let (variable, value) = rest.split_once('=').expect("set NAME=VALUE");
                bench.set(variable, value);
                transcript.push_str(&format!("{line}\n"));
            }
            "unset" => {
                bench.unset(rest);
                transcript.push_str(&format!("{line}\n"));
            }
            "remove" => {
                fs::remove_file(bench.path().join(rest)).expect("a file");
                transcript.push_str(&format!("{line}\n"));
            }
            "show" => {
                let shown: String = bench.read(rest).lines().map(|line| format!("  | {line}\n")).collect();
                transcript.push_str(&format!("{line}\n{shown}"));
            }
            "state" => {
                let (pointer, value) = rest.split_once(' ').expect("state POINTER JSON");
                // Somebody changes live by hand.
                bench.edit_json(STATE, pointer, value);
                transcript.push_str(&format!("{line}\n"));
            }
            "git" => {
                bench.git(&rest.split_whitespace().collect::<Vec<_>>());
                transcript.push_str(&format!("{line}\n"));
            }
            "$" => {
                let arguments: Vec<&str> = rest.split_whitespace().collect();
                let output = bench.run(&arguments);
                schemas.check(&output.stdout, line);
                transcript.push_str(&format!("{line}\n{output}"));
            }
            _ => panic!("{name}: cannot read `{line}`"),
        }
    }
    transcript
}
