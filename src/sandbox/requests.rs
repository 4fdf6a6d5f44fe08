//! The log of requests (R38): what clients sent, without secrets.

use serde_json::{Value, json};

/// How many requests are kept; older ones go.
const MOST: usize = 10_000;

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: Vec<Value>,
}

impl Log {
    /// Takes in a request; `secret` tells which members of its body hold secrets.
    pub(super) fn add(
        &mut self,
        method: &str,
        path: &str,
        query: Option<&str>,
        status: u16,
        body: Option<&Value>,
        secret: fn(&str) -> bool,
    ) {
        let mut shown = body.cloned();
        if let Some(body) = &mut shown {
            mask(body, secret);
        }
        if self.entries.len() >= MOST {
            self.entries.remove(0);
        }
        self.entries.push(json!({"method": method, "path": path, "query": query, "status": status, "body": shown}));
    }

    /// The requests as JSON.
    pub(super) fn list(&self) -> Value {
        self.entries.clone().into()
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

fn mask(value: &mut Value, secret: fn(&str) -> bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if secret(name) && !member.is_null() && member.as_str() != Some("") {
                    *member = "[secret]".into();
                } else {
                    mask(member, secret);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secret)),
        _ => {}
    }
}
