//! The commands: one file each, a few lines over a session.

mod accept;
mod apply;
mod branch;
mod comment;
mod compare;
mod completions;
mod drift;
mod explain;
mod factor;
mod fmt;
mod import;
mod init;
mod merge;
mod needs;
mod pin;
mod plan;
mod render;
mod sandbox;
mod schema;
mod show;
mod status;
mod validate;
mod world;

use std::path::PathBuf;

use clap::Subcommand;

use super::args::global::{Format, OF_PLANS};
use super::run::{Done, Run};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(init::Args),
    Import(import::Args),
    Validate(validate::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Drift(drift::Args),
    Status(status::Args),
    Accept(accept::Args),
    Needs(needs::Args),
    Branch(branch::Args),
    Pin(pin::Args),
    Fmt(fmt::Args),
    Factor(factor::Args),
    Show(show::Args),
    Merge(merge::Args),
    Comment(comment::Args),
    Render(render::Args),
    Compare(compare::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Sandbox(sandbox::Args),
    World(world::Args),
}

impl Command {
    /// The formats of the command's result.
    pub(super) const fn formats(&self) -> &'static [Format] {
        use Format::{Github, Gitlab, Html, Json, Junit, Markdown, Ndjson, Sarif, Short, Text};
        match self {
            Self::Plan(_) | Self::Drift(_) | Self::Show(_) | Self::Merge(_) => OF_PLANS,
            Self::Apply(_) => &[Text, Json, Markdown, Html, Ndjson, Github, Junit, Sarif],
            Self::Validate(_) => &[Text, Short, Json, Markdown, Html, Github, Junit, Sarif],
            Self::Compare(_) | Self::Status(_) => &[Text, Json, Markdown, Html],
            Self::Render(args) if args.base.is_some() => &[Text, Json, Markdown, Html],
            Self::Render(_)
            | Self::Schema(_)
            | Self::Explain(_)
            | Self::Pin(_)
            | Self::Import(_)
            | Self::Accept(_)
            | Self::Factor(_)
            | Self::Branch(_)
            | Self::Fmt(_) => &[Text, Json],
            Self::Needs(_) => &[Text, Json, Github, Gitlab],
            Self::Completions(_) | Self::Sandbox(_) | Self::World(_) | Self::Init(_) | Self::Comment(_) => &[Text],
        }
    }

    /// The files with secrets.
    pub(super) fn private_files(&self) -> [Option<&PathBuf>; 2] {
        match self {
            Self::Apply(args) => [args.approval.forge.forge_token_file.as_ref(), None],
            Self::Drift(args) => [args.notify.host.forge_token_file.as_ref(), args.notify.notify_url_file.as_ref()],
            Self::Import(args) => args.private_files(),
            Self::Init(_)
            | Self::Validate(_)
            | Self::Plan(_)
            | Self::Accept(_)
            | Self::Needs(_)
            | Self::Branch(_)
            | Self::Pin(_)
            | Self::Fmt(_)
            | Self::Factor(_)
            | Self::Show(_)
            | Self::Merge(_)
            | Self::Comment(_)
            | Self::Render(_)
            | Self::Compare(_)
            | Self::Explain(_)
            | Self::Schema(_)
            | Self::Completions(_)
            | Self::World(_)
            | Self::Status(_)
            | Self::Sandbox(_) => [None, None],
        }
    }

    /// Whether the command reads manifests.
    pub(super) const fn reads_manifests(&self) -> bool {
        !matches!(
            self,
            Self::Show(_)
                | Self::Merge(_)
                | Self::Comment(_)
                | Self::Schema(_)
                | Self::Completions(_)
                | Self::Sandbox(_)
                | Self::Init(_)
        )
    }

    /// Runs the command.
    pub(super) async fn run(self, run: &Run) -> Done {
        match self {
            Self::Init(args) => init::run(run, &args),
            Self::Import(args) => Box::pin(import::run(run, args)).await,
            Self::Validate(args) => Box::pin(validate::run(run, &args)).await,
            Self::Plan(args) => Box::pin(plan::run(run, &args)).await,
            Self::Apply(args) => Box::pin(apply::run(run, &args)).await,
            Self::Drift(args) => Box::pin(drift::run(run, &args)).await,
            Self::Status(args) => Box::pin(status::run(run, &args)).await,
            Self::Accept(args) => Box::pin(accept::run(run, args)).await,
            Self::Needs(args) => needs::run(run, &args).await,
            Self::Branch(args) => Box::pin(branch::run(run, &args)).await,
            Self::Pin(args) => Box::pin(pin::run(run, &args)).await,
            Self::Fmt(args) => fmt::run(run, &args),
            Self::Factor(args) => factor::run(run, args),
            Self::Show(args) => show::run(run, &args),
            Self::Merge(args) => merge::run(run, &args),
            Self::Comment(args) => Box::pin(comment::run(run, &args)).await,
            Self::Render(args) => render::run(run, &args),
            Self::Compare(args) => Box::pin(compare::run(run, &args)).await,
            Self::Explain(args) => Box::pin(explain::run(run, &args)).await,
            Self::Schema(args) => schema::run(run, &args),
            Self::Completions(args) => completions::run(run, &args),
            Self::Sandbox(args) => Box::pin(sandbox::run(run, args)).await,
            Self::World(args) => Box::pin(world::run(run, args)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn commands_without_manifests_do_not_check_trust() {
        for (words, reads) in [
            (&["plan"][..], true),
            (&["apply"], true),
            (&["validate"], true),
            (&["fmt"], true),
            (&["show", "x"], false),
            (&["comment", "x"], false),
            (&["schema"], false),
            (&["init"], false),
        ] {
            let line = Line::parse_from(std::iter::once(&"supaform").chain(words));
            assert_eq!(line.command.reads_manifests(), reads, "{words:?}");
        }
    }
}
