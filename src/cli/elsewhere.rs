//! Commands and flags of other tools, each with the equivalent here.

/// A word of other tools' command lines, without its dashes, and the equivalent here: a sentence.
type Answer = (&'static str, &'static str);

/// Commands.
const COMMANDS: &[Answer] = &[
    (
        "export",
        "`supaform import` writes manifests of live projects; `supaform render` prints the effective manifests.",
    ),
    (
        "pull",
        "`supaform import` writes manifests of live projects, and adds to existing ones what they do not say; `supaform accept ADDRESS` writes a live value over another one.",
    ),
    ("push", "`supaform apply` writes what differs; `supaform plan` shows it first."),
    ("deploy", "`supaform apply` writes what differs; `supaform plan` shows it first."),
    ("up", "`supaform apply` writes what differs; `supaform plan` shows it first."),
    ("sync", "`supaform apply` writes what differs; `supaform plan` shows it first."),
    ("diff", "`supaform plan` shows what differs from live, `supaform compare A B` one project beside another."),
    ("preview", "`supaform plan` shows what would be written."),
    ("list", "`supaform status` lists the projects of the manifests, and how they are."),
    ("projects", "`supaform status` lists the projects of the manifests, and how they are."),
    ("refresh", "Nothing is kept between runs, so nothing has to be refreshed; `supaform drift` reads what is live."),
    ("state", "Nothing is kept between runs: `supaform plan` reads what is live."),
    ("check", "`supaform validate` checks the manifests, without a token."),
    ("lint", "`supaform validate` checks the manifests, without a token."),
    ("test", "`supaform validate` checks the manifests, `supaform plan --sandbox DIR` tries them on an emulated API."),
    ("format", "`supaform fmt` writes manifests in one form."),
    ("link", "Write the project's `ref:` into its document; `supaform pin` does so for projects that exist."),
    ("login", "Give the token in SUPABASE_ACCESS_TOKEN or with `--token-file FILE`."),
    ("logout", "No token is kept: it comes from SUPABASE_ACCESS_TOKEN or `--token-file FILE`."),
    ("destroy", "Projects are never removed; an item is removed where a manifest sets it to `null`."),
    ("start", "`supaform sandbox` serves an emulated API."),
    ("serve", "`supaform sandbox` serves an emulated API."),
    ("version", "`supaform --version` prints the version."),
    ("docs", "`supaform explain` describes kinds, fields and errors."),
    ("doc", "`supaform explain` describes kinds, fields and errors."),
    ("output", "`supaform plan --format json` is for programs."),
    ("completion", "`supaform completions SHELL` prints completions."),
    ("new", "`supaform init` creates a workspace to start from."),
    ("create", "`supaform init` creates a workspace to start from; `create: true` in a document creates a project."),
];

/// Flags.
const FLAGS: &[Answer] = &[
    ("dry-run", "`supaform plan` shows what apply would write, and writes nothing."),
    ("check", "`supaform plan --exit-code` ends with 2 where something differs, and writes nothing."),
    ("detailed-exitcode", "`supaform plan --exit-code` ends with 2 where something differs."),
    ("auto-approve", "`supaform apply --yes` asks nobody; what destroys or locks out needs `--allow ADDRESS`."),
    ("approve", "`supaform apply --yes` asks nobody; what destroys or locks out needs `--allow ADDRESS`."),
    ("y", "`supaform apply --yes` asks nobody; what destroys or locks out needs `--allow ADDRESS`."),
    ("force", "What destroys or locks out needs `--allow ADDRESS`, one by one."),
    ("target", "`--select SELECTOR` limits a run: `acme-prod`, `acme-prod/auth`, `env=prod`."),
    ("filter", "`--select SELECTOR` limits a run: `acme-prod`, `acme-prod/auth`, `env=prod`."),
    ("project", "`--select NAME` names a project by its document."),
    ("project-ref", "The `ref:` of a document identifies the project; `--select NAME` names a document."),
    ("linked", "The `ref:` of a document identifies the project; `--select NAME` names a document."),
    ("env", "`--select env=prod` selects documents by a label."),
    ("var", "Variables are written in manifests, under `vars:`, so that every run has the same."),
    ("var-file", "Variables are written in manifests, under `vars:`; `--secrets-from FILE` provides secrets."),
    ("env-file", "`--secrets-from FILE` provides secrets, as YAML, JSON or dotenv."),
    ("refresh-only", "`supaform drift` shows whether live is as the manifests say."),
    ("json", "`--format json` is for programs."),
    ("output", "`--format FORMAT` chooses the form of the result; `supaform plan --out FILE` saves a plan."),
    ("o", "`--format FORMAT` chooses the form of the result; `supaform plan --out FILE` saves a plan."),
    ("no-color", "`--color never` prints without colours, as does the variable NO_COLOR."),
    ("chdir", "`--root DIR` names the workspace."),
    ("workdir", "`--root DIR` names the workspace."),
    ("config", "`--root DIR` names the workspace; its `supaform.yaml` is found from there."),
    ("debug", "`-vv` logs more, `-vvv` all."),
    (
        "token",
        "Give the token in SUPABASE_ACCESS_TOKEN or with `--token-file FILE`, so that no list of processes shows it.",
    ),
    ("local", "`--sandbox DIR` works on an emulated API, without a token."),
    ("watch", "Run `supaform drift` from time to time."),
];

/// The hint for a command line that was not understood, if other tools know one of its words. `command`: whether the
/// command was not understood, instead of a flag.
pub(super) fn answer<'w>(words: impl IntoIterator<Item = &'w str>, command: bool) -> Option<&'static str> {
    let find = |table: &[Answer], word: &str| table.iter().find(|(known, _)| *known == word).map(|(_, answer)| *answer);
    words.into_iter().find_map(|word| {
        let bare = word.trim_start_matches('-');
        let bare = bare.split_once('=').map_or(bare, |(flag, _)| flag);
        if command {
            return find(COMMANDS, word);
        }
        find(FLAGS, bare).filter(|_| word.starts_with('-'))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use clap::error::ErrorKind;

    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory as _;

    fn command() -> clap::Command {
        let mut command = Cli::command();
        command.build();
        command
    }

    /// The commands and flags of ours that a text names in back quotes.
    fn quoted(text: &str) -> impl Iterator<Item = &str> {
        text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
    }

    /// Why a suggested command would not be understood.
    fn fault(words: &str) -> Option<String> {
        // A placeholder stands for one word, and `…` for any number of them.
        let words: Vec<String> = words
            .split_whitespace()
            .map(|word| if word.contains(['{', '}']) { "acme/auth".to_owned() } else { word.to_owned() })
            .filter(|word| word != "…" && word != "\\")
            .take_while(|word| !matches!(word.as_str(), "|" | ">" | "&&" | "||" | ";" | "#"))
            .collect();
        let error = command().try_get_matches_from(&words).err()?;
        let harmless = [
            ErrorKind::DisplayHelp,
            ErrorKind::DisplayVersion,
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ErrorKind::MissingRequiredArgument,
            ErrorKind::MissingSubcommand,
            // Placeholders in capitals are not valid values: `--format FORMAT`.
            ErrorKind::ValueValidation,
        ];
        let capitals = words.iter().any(|word| word.len() > 1 && word.chars().all(char::is_uppercase));
        let placeholder = error.kind() == ErrorKind::InvalidValue && capitals;
        (!harmless.contains(&error.kind()) && !placeholder).then(|| error.to_string())
    }

    fn files(folder: &Path, extension: &str, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                files(&entry, extension, into);
            } else if entry.extension().is_some_and(|it| it == extension) {
                into.push(entry);
            }
        }
    }

    #[test]
    fn every_command_that_is_named_anywhere_is_understood() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = vec![root.join("README.md")];
        files(&root.join("docs"), "md", &mut paths);
        files(&root.join("src"), "rs", &mut paths);
        let (mut faults, mut seen) = (BTreeSet::new(), 0);
        for path in paths {
            for words in quoted(&std::fs::read_to_string(&path).unwrap()).filter(|it| it.starts_with("supaform ")) {
                seen += 1;
                if let Some(fault) = fault(words) {
                    faults.insert(format!("{}: {words}\n{fault}", path.display()));
                }
            }
        }
        assert!(seen >= 100, "only {seen} commands were found");
        assert!(faults.is_empty(), "{}", faults.into_iter().collect::<String>());
    }

    #[test]
    fn every_flag_of_a_hint_or_an_explanation_exists() {
        let command = command();
        let all = std::iter::once(&command).chain(command.get_subcommands());
        let known: BTreeSet<String> = all
            .flat_map(|command| command.get_arguments().filter_map(|argument| argument.get_long()))
            .chain(["help", "version"])
            .map(|long| format!("--{long}"))
            .collect();
        let explained = crate::diag::codes::GROUPS.iter().copied().flatten().map(|code| code.info().explanation);
        let answers = COMMANDS.iter().chain(FLAGS).map(|(_, answer)| *answer);
        for text in explained.chain(answers) {
            for word in quoted(text).flat_map(str::split_whitespace).filter(|word| word.starts_with("--")) {
                assert!(known.contains(word), "{word} of: {text}");
            }
        }
    }

    #[test]
    fn names_of_other_tools_have_hints_and_are_no_commands() {
        let command = command();
        for (word, text) in COMMANDS {
            assert!(command.find_subcommand(word).is_none(), "{word} is a command");
            assert!(text.ends_with('.'), "{text}");
        }
        for word in ["pull", "push", "diff", "list"] {
            assert!(answer([word], true).is_some(), "{word}");
        }
        for word in ["--dry-run", "-auto-approve", "--auto-approve", "-target=x", "--target", "--var=a=b"] {
            assert!(answer(["apply", word], false).is_some(), "{word}");
        }
        assert_eq!((answer(["apply", "dry-run"], false), answer(["nothing"], true)), (None, None));
    }
}
