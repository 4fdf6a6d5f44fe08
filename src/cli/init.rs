//! `init`.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::{Done, Failure, Run};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::kind;
use crate::kinds::KINDS;
use crate::schema::json_schema;

/// Begin a workspace: a sample, editor settings, `.gitignore`
///
/// Writes what is not there yet and leaves what is. The sample works on the sandbox as it is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder; it is made if need be
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

const SETTINGS: &str = ".vscode/settings.json";

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let schema = format!("{:#}\n", json_schema::manifest(kind::infos(KINDS)));
    let files = [
        ("supaform.yaml", include_str!("init/supaform.yaml")),
        ("projects/acme.yaml", include_str!("init/project.yaml")),
        ("profiles/acme.yaml", include_str!("init/profile.yaml")),
        (".gitignore", include_str!("init/gitignore")),
        (SETTINGS, include_str!("init/settings.json")),
        (".vscode/supaform.schema.json", &schema),
    ];
    for (name, text) in files {
        let path = args.folder.join(name);
        let says = match create(&path, text) {
            Ok(()) => "wrote".to_owned(),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => "kept ".to_owned(),
            Err(error) => {
                let message = format!("`{}` cannot be written: {error}", path.display());
                return Err(Failure::new(Exit::Failed, codes::CANNOT_SAVE, message));
            }
        };
        run.terminal.out(&format!("  {says}  {name}\n"));
        if says.starts_with("kept") && name == SETTINGS {
            run.terminal.out(concat!(
                "         for completion in editors, put this into it:\n",
                include_str!("init/settings.json")
            ));
        }
    }
    run.terminal.out(&next(&args.folder));
    Ok(Exit::Done)
}

/// Writes a file that is not there; never one that is.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn next(folder: &Path) -> String {
    let enter = if folder == Path::new(".") { String::new() } else { format!("  cd {}\n", folder.display()) };
    format!(
        "
Next, on an emulated project, without an account:
{enter}  supaform plan --sandbox sandbox
  supaform apply --sandbox sandbox

Then on yours: put its organization and name into projects/acme.yaml, set SUPABASE_ACCESS_TOKEN, and
  supaform plan
"
    )
}
