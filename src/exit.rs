//! The exit codes: one table, for commands, projects and steps alike.

/// How a run, a project or a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; nothing left to do.
    Done,
    /// Failed.
    Failed,
    /// Differences were found (`plan --exit-code`, `drift`), or something is not at hand (`needs --missing`).
    Differences,
    /// The command line or a manifest is invalid.
    Invalid,
    /// Refused by a guardrail, a limit or a policy.
    Refused,
    /// Live has changed since the plan.
    Stale,
    /// Partly applied.
    Partial,
    /// Authentication or permission.
    Denied,
    /// Still pending after the deadline, or the outcome of a call is unknown.
    Attention,
    /// Interrupted.
    Interrupted,
}

/// From the most to the least severe: the exit code of a run where several apply.
const BY_WEIGHT: [Exit; 10] = [
    Exit::Invalid,
    Exit::Interrupted,
    Exit::Attention,
    Exit::Partial,
    Exit::Denied,
    Exit::Stale,
    Exit::Refused,
    Exit::Failed,
    Exit::Differences,
    Exit::Done,
];

impl Exit {
    /// The exit code of the process.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Differences => 2,
            Self::Invalid => 3,
            Self::Refused => 4,
            Self::Stale => 5,
            Self::Partial => 6,
            Self::Denied => 7,
            Self::Attention => 8,
            Self::Interrupted => 130,
        }
    }

    /// The end with this exit code.
    #[must_use]
    pub fn of(code: u8) -> Option<Self> {
        BY_WEIGHT.into_iter().find(|end| end.code() == code)
    }

    /// The common end of several ends; `wrote` says whether anything was written.
    #[must_use]
    pub fn worst(all: impl IntoIterator<Item = Self>, wrote: bool) -> Self {
        let all: Vec<Self> = all.into_iter().collect();
        let failed = all.iter().any(|end| !matches!(end, Self::Done | Self::Differences));
        let partial = (wrote && failed).then_some(Self::Partial);
        let has = |end: &&Self| all.contains(end) || partial == Some(**end);
        BY_WEIGHT.iter().find(has).copied().unwrap_or(Self::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{Attention, Denied, Differences, Done, Failed, Interrupted, Invalid, Partial, Refused, Stale};
    use super::*;

    #[test]
    fn several_ends_weigh_as_the_rules_say() {
        let cases = [
            (vec![], false, Done),
            (vec![Done, Differences], false, Differences),
            (vec![Done, Failed], false, Failed),
            (vec![Done, Failed], true, Partial),
            (vec![Differences], true, Differences),
            (vec![Stale, Denied], false, Denied),
            (vec![Stale, Refused, Failed], false, Stale),
            (vec![Attention, Failed], true, Attention),
            (vec![Interrupted, Attention], true, Interrupted),
            (vec![Invalid, Interrupted], false, Invalid),
        ];
        for (ends, wrote, expected) in cases {
            assert_eq!(Exit::worst(ends.clone(), wrote), expected, "{ends:?}, wrote: {wrote}");
        }
        assert_eq!(Partial.code(), 6);
    }
}
