//! `schema`.

use std::path::PathBuf;

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::kind;
use crate::kinds::KINDS;
use crate::record::{Named as _, SchemaDriftRecord, SchemaFindingRecord};
use crate::schema::{conformance, json_schema};

/// The largest specification that is read; today's has 0.4 MiB.
const MOST: u64 = 16 * 1024 * 1024;

/// Print the JSON Schema of manifests (draft-07), or compare the field table with the API's specification
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Args {
    /// The schema of one kind only
    kind: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Compare the field table with the API's specification; ends with 2 if they differ
    Drift {
        /// The OpenAPI document, such as that of https://api.supabase.com/api/v1-json
        #[arg(long, value_name = "FILE")]
        openapi: PathBuf,
    },
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    match (&args.command, args.kind.as_deref()) {
        (Some(Command::Drift { openapi }), _) => drift(run, openapi),
        (None, Some(name)) => {
            let kind = kind::find(KINDS, name).ok_or_else(|| no_kind(name))?;
            run.json(&json_schema::kind_schema(kind.info()));
            Ok(Exit::Done)
        }
        (None, None) => {
            run.json(&json_schema::manifest(kind::infos(KINDS)));
            Ok(Exit::Done)
        }
    }
}

fn no_kind(name: &str) -> Failure {
    let names: Vec<&str> = kind::infos(KINDS).map(|info| info.name).collect();
    let hint = format!("The kinds are {}.", names.join(", "));
    Failure::with_hint(Exit::Invalid, codes::NO_SUCH_TOPIC, format!("there is no kind `{name}`"), hint)
}

fn drift(run: &Run, openapi: &std::path::Path) -> Done {
    let failed = |why: String| {
        let message = format!("`{}` {why}", openapi.display());
        Failure::new(Exit::Invalid, codes::BAD_OPTION, message)
    };
    let text = files::given_text(openapi, MOST).map_err(|why| failed(format!("cannot be read: {why}")))?;
    let document = crate::json::read(text.as_bytes()).map_err(|error| failed(format!("is not JSON: {error}")))?;
    if document.get("paths").is_none() {
        return Err(failed("is not an OpenAPI document: it has no `paths`".to_owned()));
    }
    let findings = conformance::compare(kind::infos(KINDS), &document);
    if run.global.format == Format::Json {
        let findings = findings.iter();
        let findings = findings.map(|it| SchemaFindingRecord { kind: it.kind, field: &it.field, what: &it.what });
        run.json(&SchemaDriftRecord { findings: findings.collect() }.json());
    } else {
        for finding in &findings {
            run.terminal.out(&format!("{finding}\n"));
        }
        if findings.is_empty() {
            run.terminal.out("Every row agrees with the specification\n");
        }
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Differences })
}
