//! A request in its route.

use axum::http::HeaderMap;
use serde_json::Value;

use super::answer::{Answer, refuse};
use super::postgres::Postgres;
use super::state::{Project, State};
use super::switches::Switches;
use super::validate::no_match;

/// A request in its route.
pub(super) struct RequestContext<'a> {
    pub(super) state: &'a mut State,
    pub(super) params: &'a [(&'static str, String)],
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    pub(super) headers: &'a HeaderMap,
    /// The most writes of functions that were in flight together with it.
    pub(super) width: u32,
    /// The sandbox's time in milliseconds.
    pub(super) now: u64,
    pub(super) switches: Switches,
    /// What runs SQL.
    pub(super) postgres: Option<&'a Postgres>,
    /// How much faster than real time the sandbox's time goes.
    pub(super) time_scale: f64,
}

impl RequestContext<'_> {
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the token has a permission.
    pub(super) fn may(&self, permission: &str) -> bool {
        self.state.token.as_ref().is_none_or(|rights| rights.permissions.iter().any(|has| has == permission))
    }

    /// The values of a query parameter.
    pub(super) fn asked(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The project in the path; refused where the ref is malformed, unknown or removed.
    pub(super) fn project(&mut self) -> Result<&mut Project, Answer> {
        let reference = self.param("ref").to_owned();
        if reference.len() < 20 {
            return Err(refuse(400, "ref: Too small: expected string to have >=20 characters"));
        }
        if reference.len() > 20 {
            return Err(refuse(400, "ref: Too big: expected string to have <=20 characters"));
        }
        if !reference.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(no_match("ref", "^[a-z]+$"));
        }
        match self.state.projects.get_mut(&reference) {
            None => Err(refuse(404, "Project not found")),
            Some(project) if project.removed => Err(refuse(400, "Resource has been removed")),
            Some(project) => Ok(project),
        }
    }

    /// The same, refused for a branch: these routes do not know it.
    pub(super) fn own_project(&mut self) -> Result<&mut Project, Answer> {
        match self.project()? {
            project if project.branch_of.is_some() => Err(refuse(404, "Project not found")),
            project => Ok(project),
        }
    }

    /// The project and the plan of its organization.
    pub(super) fn project_and_plan(&mut self) -> Result<(&mut Project, String), Answer> {
        let slug = self.project()?.organization.clone();
        let plan =
            self.state.organizations.get(&slug).map_or_else(String::new, |organization| organization.plan.clone());
        Ok((self.project()?, plan))
    }
}

/// A path parameter that must be an id.
pub(super) fn id(visit: &RequestContext<'_>, name: &str) -> Result<String, Answer> {
    let given = visit.param(name);
    let parts = given.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let digits = given.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    if parts && digits { Ok(given.to_ascii_lowercase()) } else { Err(refuse(400, format!("{name}: Invalid UUID"))) }
}
