//! How much is shown.

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct DetailArgs {
    /// Unchanged lines around a changed one in long texts
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub context: usize,
    /// Long texts whole, unmanaged items by name
    #[arg(long, conflicts_with = "brief")]
    pub full: bool,
    /// One line per resource
    #[arg(long)]
    pub brief: bool,
    /// With --format markdown: the most characters; longer output has less detail, but always all risks
    #[arg(long, value_name = "CHARACTERS", default_value_t = 65_000)]
    pub limit: usize,
}

impl From<DetailArgs> for crate::view::Detail {
    fn from(args: DetailArgs) -> Self {
        let DetailArgs { context, full, brief, limit: _ } = args;
        Self { context, full, brief, counts: false, uncut: full }
    }
}
