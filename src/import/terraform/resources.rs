//! The resources of the provider: which of their attributes have a place in a manifest, and what has none.

/// Resources that manifests have, and their attributes that are taken over.
const RESOURCES: &[(&str, &[&str])] = &[
    ("supabase_project", &["id", "name", "organization_id", "region", "instance_size", "legacy_api_keys_enabled"]),
    (
        "supabase_settings",
        &["id", "project_ref", "api", "auth", "database", "network", "pooler", "storage", "ssl_enforcement"],
    ),
    ("supabase_apikey", &["project_ref", "name", "type", "description", "secret_jwt_template"]),
    ("supabase_edge_function_secrets", &["project_ref", "secrets"]),
    ("supabase_branch", &["parent_project_ref", "git_branch", "region"]),
    ("supabase_third_party_auth", &["project_ref", "oidc_issuer_url", "jwks_url", "custom_jwks"]),
];

/// Resources that no section has yet: the type, the name that the section would have, and what to say.
const TO_COME: &[(&str, &str, &str)] =
    &[("supabase_vault_secret", "vault", "secrets of the vault are in the database, which is reached by SQL alone")];

/// Resources whose sections are written from elsewhere.
const FROM_LIVE: &[(&str, &str)] = &[
    ("supabase_custom_hostname", "`supaform import PROJECT` takes the custom hostname from what is live"),
    ("supabase_edge_function", "name the function under `functions:`, which takes its sources from the workspace"),
    ("supabase_migration", "migrations are the files of a folder: write its path into `migrations:`"),
];

/// Whether a type is one of the provider's.
pub(super) fn is_ours(kind: &str) -> bool {
    kind.starts_with("supabase_")
}

/// The attributes of a type that are taken over.
pub(super) fn attributes(kind: &str) -> &'static [&'static str] {
    RESOURCES.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, attributes)| attributes)
}

/// Why a type is left out; nothing where it is taken over.
pub(super) fn left_out(kind: &str) -> Option<&'static str> {
    if RESOURCES.iter().any(|(name, _)| *name == kind) {
        return None;
    }
    if let Some((_, why)) = FROM_LIVE.iter().find(|(name, _)| *name == kind) {
        return Some(why);
    }
    Some(TO_COME.iter().find(|(name, ..)| *name == kind).map_or("no section has such a resource", |(.., why)| why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::find;
    use crate::kinds::{KINDS, aliases};

    #[test]
    fn what_is_told_to_be_unmanaged_is_no_section() {
        for (kind, section, _) in TO_COME {
            assert!(find(KINDS, section).is_none() && aliases::is_to_come(section), "import {kind} into {section}");
            assert!(left_out(kind).is_some() && is_ours(kind));
        }
        assert!(left_out("supabase_settings").is_none() && left_out("supabase_new").is_some());
    }
}
