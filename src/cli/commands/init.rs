//! `init`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::run::{Done, Run};
use crate::diag::codes::run as codes;
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{Refused, Root};
use crate::kind;
use crate::kinds::KINDS;
use crate::manifest::{self, MARKER};
use crate::schema::json_schema;
use crate::yaml::format::word;

/// Write a workspace to start from: a sample, an editor schema and settings, .gitignore
///
/// Existing files are left as they are. The sample describes one project, found by its organization and name; by default
/// the one that every new sandbox has, so that it can be tried without a token. It manages nothing yet: `supaform import` adds
/// what is live.
///
/// The first line of the sample names the schema to every editor with yaml-language-server; the settings name it to VS Code
/// for everything in projects/ and profiles/. After an update, renew it with supaform schema >
/// .supaform/manifest.schema.json.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The folder; it is created if it does not exist
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The slug of the project's organization
    #[arg(long, value_name = "SLUG", default_value = EXAMPLE.0)]
    organization: String,
    /// The project's name in the dashboard
    #[arg(long, value_name = "NAME", default_value = EXAMPLE.1)]
    project: String,
}

/// The organization and the name of the project that every new sandbox has.
const EXAMPLE: (&str, &str) = ("acme-inc", "Acme Quickstart");

const SAMPLE: &str = include_str!("init/sample.yaml");
const SCHEMA: &str = ".supaform/manifest.schema.json";

pub(super) fn run(run: &Run, args: &Args) -> Done {
    outside(&args.folder)?;
    std::fs::create_dir_all(&args.folder).map_err(|error| cannot_write(&args.folder, &error.kind().to_string()))?;
    let root = Root::new(&args.folder);
    let document = document(&args.project)?;
    let sample = SAMPLE
        .replace("{document}", &document)
        .replace("{organization}", &word(&args.organization))
        .replace("{name}", &word(&args.project.replace("${", "$${")))
        .replace("{variable}", &crate::secret::variables::variable_prefix(&document));
    let schema = serde_json::to_string_pretty(&json_schema::manifest(kind::infos(KINDS))).unwrap_or_default() + "\n";
    let marker = create(run, &root, MARKER, include_str!("init/supaform.yaml"))?;
    // An existing workspace has its own documents.
    if marker == Fate::Written {
        create(run, &root, &format!("projects/{document}.yaml"), &sample)?;
    }
    create(run, &root, SCHEMA, &schema)?;
    create(run, &root, ".vscode/settings.json", include_str!("init/settings.json"))?;
    create(run, &root, ".gitignore", include_str!("init/gitignore"))?;
    let is_own = (args.organization.as_str(), args.project.as_str()) != EXAMPLE;
    run.terminal.out(&next(&args.folder, &document, is_own));
    Ok(Exit::Done)
}

/// The fate of a file.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Written,
    Kept,
}

fn create(run: &Run, root: &Root, path: &str, text: &str) -> Result<Fate, Failure> {
    match root.create(path, text) {
        Ok(()) => {
            run.terminal.out(&format!("Wrote  {path}\n"));
            Ok(Fate::Written)
        }
        Err(Refused::System(ErrorKind::AlreadyExists)) => {
            run.terminal.out(&format!("Kept   {path}, which exists\n"));
            Ok(Fate::Kept)
        }
        Err(why) => Err(cannot_write(&root.path().join(path), &why.to_string())),
    }
}

/// Refuses a folder below the root of another workspace, which would read the new files as its own.
fn outside(folder: &Path) -> Result<(), Failure> {
    let whole = std::env::current_dir().unwrap_or_default().join(folder);
    let whole = whole.canonicalize().unwrap_or(whole);
    let Some(above) = whole.ancestors().skip(1).find(|above| above.join(MARKER).is_file()) else { return Ok(()) };
    let message = format!("`{}` is in the workspace `{}`", folder.display(), above.display());
    let hint = "Write manifests into any folder of that workspace; one `projects/NAME.yaml` per project is usual.";
    Err(Failure::with_hint(Exit::Invalid, codes::IN_WORKSPACE, message, hint))
}

/// The document's name for a project: `Acme Quickstart` is `acme-quickstart`.
fn document(project: &str) -> Result<String, Failure> {
    let words = project.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if manifest::name_is_valid(&name) {
        return Ok(name);
    }
    let message = format!("--project {}: this name cannot be turned into a name of a document", escape(project));
    Err(Failure::new(Exit::Invalid, codes::BAD_OPTION, message))
}

fn cannot_write(path: &Path, why: &str) -> Failure {
    Failure::new(Exit::Failed, codes::CANNOT_WRITE, format!("`{}` cannot be written: {why}", path.display()))
}

/// What to do next: for the project that every sandbox has, or for one of one's own.
fn next(folder: &Path, document: &str, is_own: bool) -> String {
    let enter = if folder == Path::new(".") { String::new() } else { format!("  cd {}\n", folder.display()) };
    let steps = if is_own {
        format!(
            "  export SUPABASE_ACCESS_TOKEN=…   from the dashboard: Account, Access Tokens\n  supaform import {document}\n  supaform \
             plan\n"
        )
    } else {
        format!(
            "  supaform plan --sandbox .sandbox   on an emulated API, without a token\n  supaform import {document} --sandbox \
             .sandbox\n"
        )
    };
    format!("\nNext:\n{enter}{steps}")
}
