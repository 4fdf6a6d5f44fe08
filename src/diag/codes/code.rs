//! A row of the table, and how rows are written.

use std::fmt;

/// A row of the code table.
#[derive(Debug)]
pub struct CodeInfo {
    /// `E0301`; never reused.
    pub id: &'static str,
    /// A few words, lower case.
    pub title: &'static str,
    /// What the finding means, why it is refused and what to do: sentences.
    pub explanation: &'static str,
    /// Input that causes the finding; empty where no input alone can.
    pub example: &'static str,
}

/// A kind of finding: a reference to its row.
#[derive(Clone, Copy)]
pub struct Code(&'static CodeInfo);

impl Code {
    /// The code of a row.
    #[must_use]
    pub const fn of(info: &'static CodeInfo) -> Self {
        Self(info)
    }

    /// The row.
    #[must_use]
    pub const fn info(self) -> &'static CodeInfo {
        self.0
    }

    /// `E0301`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0.id
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.id.cmp(other.0.id)
    }
}

/// Makes the constants of a group and its slice `ALL`.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $title:literal, $explanation:expr, $example:expr;)*) => {
        $($(#[$doc])* #[doc = $title]
        pub const $name: $crate::diag::codes::Code = {
            static INFO: $crate::diag::codes::CodeInfo = $crate::diag::codes::CodeInfo {
                id: $id, title: $title, explanation: $explanation, example: $example,
            };
            $crate::diag::codes::Code::of(&INFO)
        };)*
        /// All codes of this group.
        pub const ALL: &[$crate::diag::codes::Code] = &[$($name),*];
    };
}
pub(crate) use codes;
