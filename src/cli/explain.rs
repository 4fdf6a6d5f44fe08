//! `explain`.

use super::{Done, Failure, Run};
use crate::diag::codes::{self, run as run_codes};
use crate::diag::{nearest, render};
use crate::exit::Exit;
use crate::kind;
use crate::kinds::KINDS;
use crate::schema::docs;
use crate::schema::members::leaves;

/// Explain a kind, a field, or an error code
///
/// For example: supaform explain auth, supaform explain auth.jwt_exp, supaform explain jwt_exp, supaform explain E0301
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A kind, a field (with or without its kind), or a code; nothing lists the kinds
    topic: Option<String>,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let text = match args.topic.as_deref() {
        None => list(),
        Some(topic) => explain(topic).ok_or_else(|| unknown(topic))?,
    };
    run.terminal.out(&text);
    Ok(Exit::Done)
}

fn list() -> String {
    let kinds = kind::infos(KINDS).map(|info| format!("  {:<18} {}\n", info.name, info.doc));
    format!(
        "Kinds:\n\n{}\nMore with `supaform explain KIND` and `supaform explain KIND.FIELD`.\n",
        kinds.collect::<String>()
    )
}

fn explain(topic: &str) -> Option<String> {
    if let Some(code) = codes::find(topic) {
        return Some(render::explain(code));
    }
    if let Some(kind) = kind::find(KINDS, topic) {
        return Some(docs::explain_kind(kind.info()));
    }
    let within = |info: &kind::KindInfo| topic.strip_prefix(info.name)?.strip_prefix(['.', '/']);
    let fields = kind::infos(KINDS).filter_map(|info| docs::explain_field(info, within(info).unwrap_or(topic)));
    let all: Vec<String> = fields.collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn unknown(topic: &str) -> Failure {
    let fields = kind::infos(KINDS)
        .flat_map(|info| info.all_fields().flat_map(leaves).map(move |(field, _)| (info.name, field)))
        .collect::<Vec<_>>();
    let qualified: Vec<String> = fields.iter().map(|(kind, field)| format!("{kind}.{field}")).collect();
    let known = kind::infos(KINDS).map(|info| info.name).chain(fields.iter().map(|(_, field)| field.as_str()));
    let known = known.chain(qualified.iter().map(String::as_str));
    let known = known.chain(codes::GROUPS.iter().copied().flatten().map(|code| code.id()));
    let hint = match nearest(topic, known) {
        Some(name) => format!("Did you mean `{name}`?"),
        None => "`supaform explain` lists the kinds.".to_owned(),
    };
    let message = format!("there is no kind, field or code `{topic}`");
    Failure::with_hint(Exit::Invalid, run_codes::NO_SUCH_TOPIC, message, hint)
}
