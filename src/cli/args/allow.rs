//! Permissions in CI: trailers of reviewed commits, and merged rules.

use crate::cli::run::Run;
use crate::failure::Failure;
use crate::model::AllowRule;
use crate::schema::Impact;
use crate::session::Planned;

/// Which changes need permission, and where it is looked for.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AllowArgs {
    /// Reads permissions from trailers `Supaform-Allow: CLASS:ADDRESS` of the commits since REV, and from the rules of
    /// `allow:` in `supaform.yaml` of REV
    #[arg(long, value_name = "REV")]
    allow_from: Option<String>,
    /// Refuses changes of these classes, too, until each section is allowed: restart, security, access, billed
    #[arg(long, value_delimiter = ',', value_name = "CLASSES", value_parser = class)]
    require_allow: Vec<Impact>,
}

fn class(text: &str) -> Result<Impact, String> {
    Impact::named(text).ok_or_else(|| format!("the classes are {}", Impact::words()))
}

impl AllowArgs {
    /// The revision whose rules count, and whose protections.
    pub(in crate::cli) fn base(&self) -> Option<&str> {
        self.allow_from.as_deref()
    }

    /// Adds the permissions: from trailers since a revision (`since`, unless the option names one), and from the rules of
    /// `allow:` of that revision, or from `rules`.
    pub(in crate::cli) fn apply(
        &self,
        run: &Run,
        planned: &mut Planned,
        since: Option<&str>,
        rules: &[AllowRule],
    ) -> Result<(), Failure> {
        let demanded = self.require_allow.iter().copied().collect();
        run.session.take_words(planned, &demanded, rules, self.base().or(since))
    }
}
