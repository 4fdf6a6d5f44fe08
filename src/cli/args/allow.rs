//! Words that are given in CI: trailers on reviewed commits, and rules that were merged.

use crate::cli::run::Run;
use crate::failure::Failure;
use crate::model::AllowRule;
use crate::schema::Impact;
use crate::session::Planned;

/// What needs somebody's word, and where words are looked for.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AllowArgs {
    /// Takes words from trailers `Supaform-Allow: CLASS:ADDRESS` of the commits since REV, and the rules of `allow:` as
    /// `supaform.yaml` of REV has them
    #[arg(long, value_name = "REV")]
    allow_from: Option<String>,
    /// Refuses these, too, until a word is given for their section: restart, security, access, billed
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

    /// Takes the words that were given: by trailers since a revision, by itself `since`, and by rules of `allow:`, as that
    /// revision has them, or by `rules`.
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
