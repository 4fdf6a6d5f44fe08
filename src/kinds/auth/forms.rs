//! The forms of texts, each a small function; a test holds them against the patterns of the specification.

use crate::schema::Form;

/// One of a list that the API joins with commas, or a single address.
pub(super) static NO_COMMA: Form = Form {
    expected: "a text without commas",
    pattern: "^[^,]+$",
    holds: |text| !text.is_empty() && !text.contains(','),
};

/// Anything but nothing.
pub(super) static NOT_EMPTY: Form =
    Form { expected: "a text that is not empty", pattern: "^[\\s\\S]+$", holds: |text| !text.is_empty() };

/// An e-mail address as the API takes it: plain ASCII, no quotes, no two dots in a row.
pub(super) static EMAIL: Form = Form {
    expected: "an address such as `name@example.com`",
    pattern: r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
    holds: is_email,
};

/// A session tag.
pub(super) static TAG: Form = Form {
    expected: "letters, digits, `_` and `-`",
    pattern: "^[a-zA-Z0-9_-]+$",
    holds: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)),
};

/// A code of digits.
pub(super) static DIGITS: Form = Form { expected: "digits", pattern: "^[0-9]+$", holds: is_digits };

/// A moment.
pub(super) static DATE_TIME: Form = Form {
    expected: "a moment such as `2027-01-31T12:00:00Z`",
    pattern: r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$",
    holds: is_moment,
};

/// Whether a text is digits and not empty.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte);
    let name_holds = !name.starts_with('.')
        && name.bytes().last().is_some_and(plain)
        && name.bytes().all(|byte| plain(byte) || b"'.".contains(&byte));
    let label_holds = |label: &str| {
        label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && label.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
    };
    let host_holds = host.rsplit_once('.').is_some_and(|(labels, top)| {
        top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) && labels.split('.').all(label_holds)
    });
    name_holds && host_holds && !text.contains("..")
}

fn is_moment(text: &str) -> bool {
    // jiff also reads forms that the API may not: a space for the `T`, no seconds, a zone in brackets.
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 20 && bytes[10] == b'T' && bytes[16] == b':' && !text.contains('[');
    let zoned = text.ends_with('Z') || bytes.len() >= 25 && bytes[bytes.len() - 3] == b':';
    shaped && zoned && bytes[..4].iter().all(u8::is_ascii_digit) && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SAMPLES: &[&str] = &[
        "",
        " ",
        ",",
        "a",
        "a,b",
        "abc",
        "123",
        "0",
        "12a",
        "a-b_c",
        "a b",
        "ä",
        "https://example.com",
        "a\nb",
        "name@example.com",
        "first.last+tag@mail.example.co",
        "o'neil@example.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@example..com",
        "a@-example.com",
        "a@example-.com",
        "a@example",
        "a@example.c",
        "a@example.c0m",
        "a@b@example.com",
        "@example.com",
        "a@",
        "a@.com",
        "A_b-c@x.io",
        "'@example.com",
        "+@example.com",
        "2027-01-31T12:00:00Z",
        "2027-01-31T12:00:00.123Z",
        "2027-01-31T12:00:00+02:00",
        "2027-01-31T12:00:00",
        "2027-01-31",
        "2027-01-31 12:00:00Z",
        "2027-01-31T12:00Z",
        "2027-01-31T12:00:00+02",
        "2027-01-31T12:00:00z",
        "2027-01-31T12:00:00+02:00[Europe/Berlin]",
        "2027-01-31T12:00:00.Z",
        "soon",
    ];

    #[test]
    fn functions_and_patterns_agree() {
        for form in [&NO_COMMA, &NOT_EMPTY, &EMAIL, &TAG, &DIGITS, &DATE_TIME] {
            let pattern = jsonschema::validator_for(&json!({"pattern": form.pattern})).unwrap();
            for sample in SAMPLES {
                assert_eq!((form.holds)(sample), pattern.is_valid(&json!(sample)), "{:?} as {}", sample, form.expected);
            }
        }
    }

    #[test]
    fn impossible_moments_are_refused() {
        // A pattern cannot know the calendar; the function does.
        assert!((DATE_TIME.holds)("2028-02-29T00:00:00Z"));
        assert!(!(DATE_TIME.holds)("2027-02-29T00:00:00Z"));
    }
}
