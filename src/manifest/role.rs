//! The types of documents, and the keys that each has.

/// The type of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Project,
    Common,
    Profile,
    /// What is wanted of the branches whose names match a pattern.
    Preview,
}

/// The keys of an envelope, and the types of documents that have them.
const KEYS: &[(&str, &[Role])] = &[
    ("ref", &[Role::Project]),
    ("branch_of", &[Role::Project]),
    ("organization", EVERYWHERE),
    ("name", &[Role::Project]),
    ("region", EVERYWHERE),
    ("extends", ANYWHERE),
    ("requires", &[Role::Profile]),
    ("vars", ANYWHERE),
    ("labels", ANYWHERE),
    ("protected", ANYWHERE),
    ("create", &[Role::Project, Role::Common]),
    ("database_password", EVERYWHERE),
    ("manage", ANYWHERE),
];
const EVERYWHERE: &[Role] = &[Role::Project, Role::Common, Role::Profile];
const ANYWHERE: &[Role] = &[Role::Project, Role::Common, Role::Profile, Role::Preview];

impl Role {
    /// The keys of this type of document.
    pub(super) fn keys(self) -> impl Iterator<Item = &'static str> {
        KEYS.iter().filter(move |(_, roles)| roles.contains(&self)).map(|(name, _)| *name)
    }

    /// Whether a key belongs to another type of document.
    pub(super) fn refuses(self, key: &str) -> bool {
        KEYS.iter().any(|(name, roles)| *name == key && !roles.contains(&self))
    }

    /// The hint that says where a refused key belongs.
    pub(super) fn belongs(key: &str) -> &'static str {
        if key == "requires" {
            "Only a profile requires variables; a project defines them with `vars:`."
        } else {
            "Write it in the project's own document."
        }
    }

    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::Project => "a project",
            Self::Common => "`common`",
            Self::Profile => "a profile",
            Self::Preview => "a pattern of branches",
        }
    }
}
