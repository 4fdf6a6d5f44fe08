//! The log of requests, limited to what is known to be public.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::matching::find;
use super::public;
use super::routes::ROUTES;

/// The most requests that are kept; older ones are dropped.
const MOST: usize = 10_000;

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Value>,
}

impl Log {
    /// Adds a request; `is_slug` tells whether a text is the slug of an organization of this sandbox.
    pub(super) fn add(
        &mut self,
        method: &str,
        path: &str,
        query: Option<&str>,
        status: u16,
        body: Option<&Value>,
        is_slug: impl Fn(&str) -> bool,
    ) {
        if self.entries.len() >= MOST {
            self.entries.pop_front();
        }
        let route = find(ROUTES, method, path).map(|(route, _)| route);
        self.entries.push_back(json!({
            "method": public::method(method),
            "path": public::path(path, &is_slug),
            "query": query.map(|query| public::query(query, &is_slug)),
            "status": status,
            "body": body.map(|body| public::body(route, body)),
        }));
    }

    /// The requests as JSON.
    pub(super) fn list(&self) -> Value {
        self.entries.iter().cloned().collect::<Vec<_>>().into()
    }

    /// The requests in the form of the file.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(&self.entries).unwrap_or_default() + "\n"
    }

    /// Clears the log.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
