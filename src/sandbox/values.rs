//! Checks of one value of a field, in the API's form: type, range, choices, nullability and form.

use std::sync::LazyLock;

use regex_lite::Regex;
use serde_json::Value;

use super::answer::{Answer, refuse};
use super::validate::{expected, length, no_match, one_of};
use crate::schema::{Field, Type, Wire};

/// Session tags: no comma at the front, any number of them elsewhere.
static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\s*|\s*[a-zA-Z0-9_-]+(?:\s*,+\s*[a-zA-Z0-9_-]+)*(?:\s*,+)?\s*)$").expect("a pattern")
});

/// Test codes by number. The API's own pattern, which also accepts some texts that are no such pairs: `1=22=3`.
static CODES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:[0-9]{1,15}=(?:[0-9]+,[0-9]{1,15}=|[0-9]{2,}=)*[0-9]+,?)?$").expect("a pattern"));

/// A field whose row is stricter than the API: its name and the API's bounds.
pub(super) type ApiBounds = (&'static str, i64, i64);

/// Type, range, choices, nullability and form of one value, in the API's form.
pub(super) fn check(field: &Field, value: &Value, wider: &[ApiBounds]) -> Result<(), Answer> {
    let name = field.name;
    if value.is_null() {
        let what = if matches!(field.ty, Type::Bool) { "boolean" } else { "number" };
        return if field.nullable() { Ok(()) } else { Err(expected(name, what, Some(value))) };
    }
    match (&field.ty, field.wire) {
        (Type::Bool, _) => value.as_bool().map(drop).ok_or_else(|| expected(name, "boolean", Some(value))),
        (Type::Int { min, max }, Wire::Plain) => {
            let (_, min, max) = wider.iter().find(|(wider, ..)| *wider == name).copied().unwrap_or((name, *min, *max));
            whole(name, value, min, max)
        }
        // Sessions: only the lower bound is in the specification.
        (Type::Number { min, .. }, _) => {
            let number = value.as_f64().ok_or_else(|| expected(name, "number", Some(value)))?;
            if number < *min {
                Err(refuse(400, format!("{name}: Too small: expected number to be >={min}")))
            } else {
                Ok(())
            }
        }
        (Type::Choice(words), _) => one_of(name, string(name, value)?, words),
        _ => text(field, string(name, value)?),
    }
}

fn string<'a>(name: &str, value: &'a Value) -> Result<&'a str, Answer> {
    value.as_str().ok_or_else(|| expected(name, "string", Some(value)))
}

/// A whole number within bounds.
pub(super) fn whole(name: &str, value: &Value, min: i64, max: i64) -> Result<(), Answer> {
    let float = value.as_f64().ok_or_else(|| expected(name, "number", Some(value)))?;
    let Some(number) =
        value.as_i64().or_else(|| (float.fract() == 0.0).then_some(if float > 0.0 { i64::MAX } else { i64::MIN }))
    else {
        return Err(refuse(400, format!("{name}: Invalid input: expected int, received number")));
    };
    if number < min {
        return Err(refuse(400, format!("{name}: Too small: expected number to be >={min}")));
    }
    if number > max {
        return Err(refuse(400, format!("{name}: Too big: expected number to be <={max}")));
    }
    Ok(())
}

fn text(field: &Field, given: &str) -> Result<(), Answer> {
    let name = field.name;
    if let Type::Text(rule) = &field.ty {
        if let Some(most) = rule.max_chars {
            length(name, given, 0, most)?;
        }
        // Where the row says that it is stricter, the form is ours and the API accepts any text.
        if field.stricter_than_spec.is_none() && rule.form.is_some_and(|form| !(form.holds)(given)) {
            return Err(match name {
                "smtp_admin_email" => refuse(400, format!("{name}: Invalid email address")),
                "sms_test_otp_valid_until" => refuse(400, format!("{name}: Invalid ISO datetime")),
                _ => no_match(name, rule.form.map_or("", |form| form.pattern)),
            });
        }
    }
    match name {
        "sessions_tags" if !TAGS.is_match(given) => Err(no_match(name, TAGS.as_str())),
        "sms_test_otp" if !CODES.is_match(given) => Err(no_match(name, CODES.as_str())),
        "webauthn_rp_origins" => {
            let fine = |origin: &str| {
                // Checked by the host: a name such as `localhost.example.com` is another host.
                let url = url::Url::parse(origin.trim());
                !url.is_ok_and(|url| {
                    url.scheme() == "http" && !matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
                })
            };
            let insecure = || refuse(400, "webauthn_rp_origins: http origins other than localhost are not allowed");
            given.split(',').all(fine).then_some(()).ok_or_else(insecure)
        }
        _ => Ok(()),
    }
}
