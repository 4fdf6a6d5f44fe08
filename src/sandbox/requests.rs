//! The log of requests: what clients sent, as far as it is known to be public.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::matching::find;
use super::public;
use super::routes::ROUTES;

/// How many requests are kept; older ones go.
const MOST: usize = 10_000;

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Value>,
}

impl Log {
    /// Takes in a request; `is_slug` tells what is the slug of an organization here.
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

    /// The requests as a file has them.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(&self.entries).unwrap_or_default() + "\n"
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
