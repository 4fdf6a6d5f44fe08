//! Keys, issuers and branches.

use serde_json::{Map, Value};

use super::given::Resource;
use crate::import::leaves::{Leaves, put};

pub(super) fn api_key(resource: &Resource, leaves: &mut Leaves) -> Result<(), String> {
    let name = resource.get("name").known()?;
    let name = name.as_str().ok_or("it has no name")?;
    let mut item = Map::new();
    for field in ["type", "description"] {
        if let Value::String(text) = resource.get(field).known()? {
            item.insert(field.to_owned(), text.replace("${", "$${").into());
        }
    }
    let template = resource.get("secret_jwt_template").known()?;
    let template = template.get(0).cloned().unwrap_or(template);
    if template.as_object().is_some_and(|claims| claims.values().any(|claim| !claim.is_null())) {
        item.insert("secret_jwt_template".to_owned(), template);
    }
    put(leaves, ("api_keys", name), item.into(), resource.at(""));
    Ok(())
}

pub(super) fn issuer(resource: &Resource, leaves: &mut Leaves) -> Result<(), String> {
    let mut item = Map::new();
    for field in ["oidc_issuer_url", "jwks_url"] {
        if let Value::String(text) = resource.get(field).known()?
            && !text.is_empty()
        {
            item.insert(field.to_owned(), text.replace("${", "$${").into());
        }
    }
    if item.is_empty() {
        return Err("it has no address, and keys of one's own are stored by the API and never used".to_owned());
    }
    put(leaves, ("third_party_auth", &resource.name), item.into(), resource.at(""));
    Ok(())
}

/// The provider names a branch as its git branch.
pub(super) fn branch(resource: &Resource, leaves: &mut Leaves) -> Result<(), String> {
    let name = resource.get("git_branch").known()?;
    let name = name.as_str().filter(|name| !name.is_empty()).ok_or("it has no git branch, which is its name")?;
    let mut item = Map::new();
    for field in ["git_branch", "region"] {
        if let Value::String(text) = resource.get(field).known()? {
            item.insert(field.to_owned(), text.replace("${", "$${").into());
        }
    }
    put(leaves, ("branches", name), item.into(), resource.at(""));
    Ok(())
}
