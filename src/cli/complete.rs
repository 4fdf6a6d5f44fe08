//! What a shell completes: projects, labels, kinds and fields of the workspace in the working folder; offline, and silent where there
//! is none or something is wrong with it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::PathBuf;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use crate::kind::{self, Kind};
use crate::kinds::KINDS;
use crate::manifest;
use crate::model::{Desired, DesiredProject, SectionBody};
use crate::schema::{KindInfo, Shape};
use crate::workspace;

/// The variable by which the script of a shell asks. A name of our own, so that no other program's setting turns a run into nothing.
const VARIABLE: &str = "SUPAFORM_COMPLETE";

/// The name of the program.
const PROGRAM: &str = "supaform";

/// Answers the script of a shell, and ends, where it is that script that runs the program.
pub(super) fn if_a_shell_asks(command: fn() -> clap::Command) {
    CompleteEnv::with_factory(command).var(VARIABLE).bin(PROGRAM).completer(PROGRAM).complete();
}

/// The script of a shell, which asks the program.
pub(super) fn script(shell: &str) -> String {
    let mut script = vec![];
    let shells = Shells::builtins();
    if let Some(shell) = shells.completer(shell) {
        let written = shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script);
        written.expect("writing to memory");
    }
    let script = String::from_utf8_lossy(&script).into_owned();
    if shell == "bash" { whole_words(&script) } else { script }
}

/// The words of bash, which ends them at `=`, `:` and `@` too: `env=p` and `acme@staging` are three words there.
const WORDS: &str = r#"    local words=("${COMP_WORDS[@]}")
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        words[COMP_CWORD]="$2"
    fi
"#;

/// Puts together what no blank separates.
const WHOLE_WORDS: &str = r#"    local words=() rest="${COMP_LINE:0:COMP_POINT}" at word cut="" letter
    local line="$rest"
    for ((at = 0; at <= COMP_CWORD; at++)); do
        word="${COMP_WORDS[at]}"
        if ((at == COMP_CWORD)) && [[ "$rest" != [[:space:]]* || "$rest" == *[![:space:]]* ]]; then
            word="${rest#"${rest%%[![:space:]]*}"}"
        fi
        if ((at > 0)) && [[ "$rest" != [[:space:]]* && "$line" != *[[:space:]] || "$rest" == [![:space:]]* ]]; then
            words[${#words[@]} - 1]+="$word"
        else
            words+=("$word")
        fi
        rest="${rest#"${rest%%[![:space:]]*}"}"
        rest="${rest#"$word"}"
    done
    _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1))
    for letter in = : @; do
        word="${words[_CLAP_COMPLETE_INDEX]}"
        word="${word%"${word##*"$letter"}"}"
        if [[ "$COMP_WORDBREAKS" == *"$letter"* && ${#word} -gt ${#cut} ]]; then
            cut="$word"
        fi
    done
"#;

/// The script of bash with whole words. What was found begins where bash thinks that the word does.
fn whole_words(script: &str) -> String {
    const FOUND: &str = "    if [[ $? != 0 ]]; then\n        unset COMPREPLY\n";
    let found =
        format!("{FOUND}    elif [[ -n \"$cut\" ]]; then\n        COMPREPLY=(\"${{COMPREPLY[@]#\"$cut\"}}\")\n");
    script.replace(WORDS, WHOLE_WORDS).replace(FOUND, &found)
}

/// Completes what `--select` takes.
pub(super) fn selectors() -> ArgValueCompleter {
    completer(|current| selected(&desired(), current))
}

/// Completes addresses: a project, a section, a field or an item.
pub(super) fn addresses() -> ArgValueCompleter {
    completer(|current| addressed(&desired(), current))
}

/// Completes the names of projects.
pub(super) fn projects() -> ArgValueCompleter {
    completer(|_| desired().projects.into_keys().collect())
}

/// Completes fields with their kinds.
pub(super) fn fields() -> ArgValueCompleter {
    completer(|_| qualified())
}

/// Completes what can be explained.
pub(super) fn topics() -> ArgValueCompleter {
    completer(|current| {
        let kinds = kind::infos(KINDS).map(|info| info.name.to_owned());
        kinds.chain(qualified()).chain(addressed(&desired(), current)).collect()
    })
}

fn completer(all: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else { return vec![] };
        let fitting = all(current).into_iter().filter(|it| it.starts_with(current));
        fitting.collect::<BTreeSet<_>>().into_iter().map(CompletionCandidate::new).collect()
    })
}

/// What the manifests want, as far as they can be read.
fn desired() -> Desired {
    let here = std::env::current_dir().unwrap_or_default();
    let Ok(root) = workspace::find(given().as_deref(), &here) else { return Desired::default() };
    let found = workspace::read(&root);
    manifest::build(found.files, &root, KINDS, &manifest::Options::default()).desired
}

/// The root that the command line names so far.
fn given() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip_while(|word| word != "--root");
    words.nth(1).map(PathBuf::from)
}

fn qualified() -> Vec<String> {
    let settings = kind::infos(KINDS).filter(|info| matches!(info.shape, Shape::Settings { .. }));
    settings.flat_map(|info| info.leaves().map(|path| format!("{}.{}", info.name, path.name()))).collect()
}

/// Selectors: the last of those that a comma joins, with `!` or without.
fn selected(desired: &Desired, current: &str) -> Vec<String> {
    let last = current.rfind([',', '!']).map_or(0, |at| at + 1);
    let (before, word) = current.split_at(last);
    let labels = desired.projects.values().flat_map(|project| &project.labels);
    let labels = labels.map(|(key, value)| format!("{key}={value}"));
    let sections = |project: &DesiredProject| {
        let of = format!("{}/", project.document);
        project.sections.keys().map(move |kind| format!("{of}{kind}")).collect::<Vec<_>>()
    };
    let names = desired.projects.keys().cloned();
    let parts = desired.projects.values().filter(|project| word.starts_with(&project.document)).flat_map(sections);
    names.chain(labels).chain(parts).map(|it| format!("{before}{it}")).collect()
}

/// Addresses, level by level: what is below a name comes when the name is written.
fn addressed(desired: &Desired, current: &str) -> Vec<String> {
    let mut all: Vec<String> = desired.projects.keys().cloned().collect();
    for project in desired.projects.values().filter(|project| current.starts_with(&project.document)) {
        for (name, section) in &project.sections {
            let path = format!("{}/{name}", project.document);
            let below = match (kind::find(KINDS, name).map(Kind::info), &section.body) {
                _ if !current.starts_with(&path) => vec![],
                (_, SectionBody::Items(items)) => items.keys().cloned().collect(),
                (info, SectionBody::Settings(_)) => info.map_or_else(Vec::new, names),
            };
            all.extend(below.into_iter().map(|it| format!("{path}/{it}")));
            all.push(path);
        }
    }
    all
}

fn names(info: &'static KindInfo) -> Vec<String> {
    info.leaves().map(|path| path.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Desired {
        let files = [
            ("supaform.yaml", "version: 1\n"),
            (
                "projects.yaml",
                "projects:\n  acme: {labels: {env: prod}, auth: {jwt_exp: 1h}, secrets: {KEY: {env: KEY}}}\n  \
                 bolt: {labels: {env: dev}, auth: {}}\n",
            ),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).to_vec();
        let folder = tempfile::tempdir().unwrap();
        let root = crate::files::Root::new(folder.path());
        manifest::build(files, &root, KINDS, &manifest::Options::default()).desired
    }

    fn offered(all: &[String], current: &str) -> Vec<String> {
        all.iter().filter(|it| it.starts_with(current)).cloned().collect()
    }

    #[test]
    fn addresses_come_level_by_level() {
        let of = |current: &str| offered(&addressed(&workspace(), current), current);
        assert_eq!(of("a"), ["acme"]);
        assert_eq!(of("acme"), ["acme", "acme/auth", "acme/secrets"]);
        assert_eq!(of("acme/auth/jwt_e"), ["acme/auth/jwt_exp"]);
        assert_eq!(of("acme/secrets/"), ["acme/secrets/KEY"]);
        assert_eq!(of("bolt/s"), Vec::<String>::new());
    }

    #[test]
    fn selectors_have_labels_and_go_on_after_a_comma() {
        let of = |current: &str| offered(&selected(&workspace(), current), current);
        assert_eq!(of(""), ["acme", "bolt", "env=prod", "env=dev"]);
        assert_eq!(of("env=prod,!b"), ["env=prod,!bolt"]);
        assert_eq!(of("acme/"), ["acme/auth", "acme/secrets"]);
    }

    #[test]
    fn every_shell_has_a_script_that_asks() {
        for shell in <clap_complete::Shell as clap::ValueEnum>::value_variants() {
            assert!(script(&shell.to_string()).contains(VARIABLE), "{shell}");
        }
    }

    #[test]
    fn fields_are_those_of_sections() {
        let all = qualified();
        assert!(all.contains(&"auth.jwt_exp".to_owned()), "{all:?}");
        assert!(!all.iter().any(|it| it.starts_with("secrets.")));
    }
}
