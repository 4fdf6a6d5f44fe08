//! Bodies of endpoints that replace a whole document: the desired values over the live ones.

use serde_json::{Map, Value};

/// Sets and leaves out keys of a live document, key by key within objects; all other keys stay.
#[must_use]
pub(super) fn overlay(base: &Value, set: &Value, unset: &[String]) -> Value {
    let mut merged = base.as_object().cloned().unwrap_or_default();
    if let Some(set) = set.as_object() {
        merge(&mut merged, set);
    }
    merged.retain(|key, _| !unset.contains(key));
    Value::Object(merged)
}

// Not RFC 7396: in this API null is a value, not a removal.
fn merge(base: &mut Map<String, Value>, set: &Map<String, Value>) {
    for (key, value) in set {
        match (base.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(set)) => merge(inner, set),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The parts of a document at some JSON pointers, in their places; missing parts are left out.
#[must_use]
pub(super) fn pick(document: &Value, pointers: &[String]) -> Value {
    let mut picked = Map::new();
    for pointer in pointers {
        let Some(value) = document.pointer(pointer) else { continue };
        // Wraps the part in what is around it, from the inside out.
        let around = pointer.rsplit('/').filter(|name| !name.is_empty()).fold(value.clone(), |inner, name| {
            Value::Object(Map::from_iter([(name.replace("~1", "/").replace("~0", "~"), inner)]))
        });
        if let Value::Object(part) = around {
            merge(&mut picked, &part);
        }
    }
    picked.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_else_has_set_stays() {
        let live =
            json!({"max_connections": 200, "work_mem": "8MB", "features": {"a": {"enabled": true, "max": 1}, "b": 1}});
        let set = json!({"max_connections": 100, "features": {"a": {"enabled": false}}, "statement_timeout": null});
        let expected = json!({
            "max_connections": 100,
            "features": {"a": {"enabled": false, "max": 1}, "b": 1},
            "statement_timeout": null,
        });
        assert_eq!(overlay(&live, &set, &["work_mem".to_owned()]), expected);
    }

    #[test]
    fn what_is_picked_keeps_its_place() {
        let live = json!({"features": {"a": {"on": true, "max": 1}, "b": {"on": false}}, "pool": "recycled", "x/y": 1});
        let pointers = ["/features/a/max", "/features/b/on", "/features/c/on", "/x~1y"].map(str::to_owned);
        assert_eq!(pick(&live, &pointers), json!({"features": {"a": {"max": 1}, "b": {"on": false}}, "x/y": 1}));
        assert_eq!(pick(&live, &[]), json!({}));
    }
}
