//! Builds a path from a [`Call`]: the only place that puts values into an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::{Call, Param, ProjectRef, Reference};

/// Why a call has no valid path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A value that would turn the call into another operation: an empty id turns "delete one" into "delete all".
    #[error("`{value}` cannot stand for `{{{name}}}` in `{template}`")]
    BadValue {
        /// The parameter.
        name: &'static str,
        /// The value.
        value: String,
        /// The template.
        template: &'static str,
    },
    /// The project of the call does not exist yet.
    #[error("the ref of `{0}` is not known yet")]
    NotCreated(String),
    /// A parameter of the template has no value.
    #[error("a parameter of `{0}` has no value")]
    Unfilled(&'static str),
}

/// The path and query of a call.
pub(super) fn path(call: &Call) -> Result<String, PathError> {
    let template = call.operation.template;
    let mut path = template.to_owned();
    for (name, param) in &call.params {
        let value = match param {
            Param::Known(value) => value.as_str(),
            Param::Later(Reference::RefOf(document)) => return Err(PathError::NotCreated(document.clone())),
        };
        let bad = if *name == "ref" { ProjectRef::parse(value).is_none() } else { !is_safe(value) };
        if bad {
            return Err(PathError::BadValue { name, value: value.to_owned(), template });
        }
        path = path.replace(&format!("{{{name}}}"), &encode(value));
    }
    if path.contains(['{', '}']) {
        return Err(PathError::Unfilled(template));
    }
    for (index, (name, value)) in call.query.iter().enumerate() {
        let before = if index == 0 { "?" } else { "&" };
        path.extend([before, &encode(name), "=", &encode(value)]);
    }
    Ok(path)
}

/// Whether a value can be one segment of a path: not empty, not `..`, without characters that end a segment or start an
/// escape.
fn is_safe(value: &str) -> bool {
    let trimmed = value.trim();
    !trimmed.is_empty()
        && trimmed == value
        && value != "."
        && value != ".."
        && !value.contains(['/', '\\', '%', '?', '#'])
        && !value.chars().any(char::is_control)
}

/// Every character except the unreserved ones of a URI.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Method, Repeat};

    #[test]
    fn an_empty_or_malformed_value_never_makes_a_path() {
        let templates = [
            "/v1/projects/{ref}",
            "/v1/projects/{ref}/secrets",
            "/v1/projects/{ref}/config/auth/sso/providers/{id}",
            "/v1/branches/{id}",
        ];
        for template in templates {
            for value in ["", " ", ".", "..", "%2e", "/", "a/b", "..%2f", "x?y", "x#y", "a\nb"] {
                let mut call = Call::new(Method::Delete, template, Repeat::Idempotent);
                for name in ["ref", "id"].into_iter().filter(|name| template.contains(&format!("{{{name}}}"))) {
                    call = call.param(name, Param::Known(value.to_owned()));
                }
                assert!(path(&call).is_err(), "{template} with {value:?}");
            }
            let unfilled = Call::new(Method::Delete, template, Repeat::Idempotent);
            assert!(path(&unfilled).is_err());
        }
    }

    #[test]
    fn values_are_encoded() {
        let call = Call::new(Method::Get, "/v1/projects/{ref}/health", Repeat::Safe)
            .param("ref", Param::Known("a".repeat(20)))
            .query("services", "db")
            .query("services", "a b&c");
        let expected = format!("/v1/projects/{}/health?services=db&services=a%20b%26c", "a".repeat(20));
        assert_eq!(path(&call).unwrap(), expected);
    }
}
