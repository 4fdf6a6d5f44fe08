//! Postgres's own grammar of amounts: sent as written, compared by meaning.

use serde_json::Value;

use crate::schema::Form;

/// The form of an amount of memory.
pub(super) static MEMORY: Form = Form {
    expected: "an amount in Postgres's grammar such as `64MB`",
    pattern: r"^-?[0-9]+(\.[0-9]+)?\s*(B|kB|MB|GB|TB)?$",
    holds: |text| amount(text, 1.0, MEMORY_UNITS).is_some(),
    refuses: None,
};

/// The form of a time.
pub(super) static TIME: Form = Form {
    expected: "a time in Postgres's grammar such as `8s`",
    pattern: r"^(-?[0-9]+(?:\.[0-9]+)?)(us|ms|s|min|h|d)?$",
    holds: |text| !text.contains(' ') && amount(text, 1.0, TIME_UNITS).is_some(),
    refuses: None,
};

/// Units of memory in bytes.
const MEMORY_UNITS: &[(&str, f64)] =
    &[("B", 1.0), ("kB", 1024.0), ("MB", 1_048_576.0), ("GB", 1_073_741_824.0), ("TB", 1_099_511_627_776.0)];

/// Units of time in milliseconds.
const TIME_UNITS: &[(&str, f64)] =
    &[("us", 0.001), ("ms", 1.0), ("s", 1000.0), ("min", 60_000.0), ("h", 3_600_000.0), ("d", 86_400_000.0)];

/// The meaning of an amount; a bare number counts in `bare`. Minus one switches a limit off, whatever the unit.
fn amount(text: &str, bare: f64, units: &[(&str, f64)]) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = (text.get(..split)?.trim(), text.get(split..)?);
    let number: f64 = number.parse().ok()?;
    let factor = if unit.is_empty() { bare } else { units.iter().find(|(name, _)| *name == unit)?.1 };
    Some(if number < 0.0 { -1.0 } else { number * factor })
}

fn canonical(value: Value, bare: f64, units: &[(&str, f64)]) -> Value {
    let meaning = match &value {
        Value::String(text) => amount(text, bare, units),
        Value::Number(number) => number.as_f64().map(|number| if number < 0.0 { -1.0 } else { number * bare }),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    meaning.map_or(value, Value::from)
}

/// Memory whose bare numbers count bytes.
pub(super) fn bytes(value: Value) -> Value {
    canonical(value, 1.0, MEMORY_UNITS)
}

/// Memory whose bare numbers count kilobytes.
pub(super) fn kilobytes(value: Value) -> Value {
    canonical(value, 1024.0, MEMORY_UNITS)
}

/// Memory whose bare numbers count megabytes.
pub(super) fn megabytes(value: Value) -> Value {
    canonical(value, 1_048_576.0, MEMORY_UNITS)
}

/// Memory whose bare numbers count blocks of 8 kilobytes.
pub(super) fn blocks(value: Value) -> Value {
    canonical(value, 8192.0, MEMORY_UNITS)
}

/// Times whose bare numbers count milliseconds.
pub(super) fn milliseconds(value: Value) -> Value {
    canonical(value, 1.0, TIME_UNITS)
}

/// Times whose bare numbers count seconds.
pub(super) fn seconds(value: Value) -> Value {
    canonical(value, 1000.0, TIME_UNITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_compare_by_meaning() {
        let same = |canonical: fn(Value) -> Value, a: &str, b: &str| canonical(a.into()) == canonical(b.into());
        assert!(same(blocks, "1GB", "1024MB"));
        assert!(same(blocks, "16384", "128MB"));
        assert!(same(kilobytes, "8192", "8MB"));
        assert!(same(megabytes, "1GB", "1024"));
        assert!(same(milliseconds, "8s", "8000"));
        assert!(same(seconds, "300", "5min"));
        assert!(same(milliseconds, "-1", "-1ms"));
        assert!(!same(milliseconds, "8s", "8"));
        for bad in ["", "8 parsecs", "GB", "8mb", "1e"] {
            assert!(!(MEMORY.holds)(bad), "{bad}");
        }
    }
}
