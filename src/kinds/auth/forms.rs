//! The forms of texts, each a small function; a test compares them with the patterns of the specification.

use crate::schema::{Form, address};

/// An item of a list that the API joins with commas, or a single address.
pub(super) static NO_COMMA: Form = Form {
    expected: "a text without commas",
    pattern: "^[^,]+$",
    holds: |text| !text.is_empty() && !text.contains(','),
    refuses: None,
};

/// An e-mail address as the API accepts it: plain ASCII, no quotes, no two dots in a row.
pub(super) static EMAIL: Form = Form {
    expected: "an address such as `name@example.com`",
    pattern: r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
    holds: is_email,
    refuses: None,
};

/// A session tag.
pub(super) static TAG: Form = Form {
    expected: "letters, digits, `_` and `-`",
    pattern: "^[a-zA-Z0-9_-]+$",
    holds: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)),
    refuses: None,
};

/// A code of digits.
pub(super) static DIGITS: Form = Form { expected: "digits", pattern: "^[0-9]+$", holds: is_digits, refuses: None };

/// A moment.
pub(super) static DATE_TIME: Form = Form {
    expected: "a moment such as `2027-01-31T12:00:00Z`",
    pattern: r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$",
    holds: is_moment,
    refuses: None,
};

/// The place of a hook: an address, or a function of the database with a name that the auth service accepts.
pub(super) static HOOK: Form = Form {
    expected: "`https://…`, or `pg-functions://postgres/SCHEMA/FUNCTION` for a function of the database",
    pattern: r"^(https?://[^\s/?#@]+([/?#]\S*)?|pg-functions://postgres/[A-Za-z_][A-Za-z0-9_]{0,62}/[A-Za-z_][A-Za-z0-9_]{0,62})$",
    holds: |text| match text.strip_prefix("pg-functions://postgres/") {
        Some(path) => path.split_once('/').is_some_and(|(schema, function)| is_name(schema) && is_name(function)),
        None => is_web(text),
    },
    refuses: Some(address::hook),
};

/// The address of a server that the auth service requests.
pub(super) static SERVER: Form = Form {
    expected: "an address such as `https://id.example.com`",
    pattern: r"^https?://[^\s/?#@]+([/?#]\S*)?$",
    holds: is_web,
    refuses: Some(address::called),
};

/// The secrets that sign the calls of a hook, several joined with `|`.
pub(super) static HOOK_SECRETS: Form = Form {
    expected: "`v1,whsec_` and 32 to 88 characters of base64, or several such with `|` between",
    pattern: r"^(v1,whsec_[A-Za-z0-9+/=]{32,88}|v1a,whpk_[A-Za-z0-9+/=]{44,}:whsk_[A-Za-z0-9+/=]{44,})(\|(v1,whsec_[A-Za-z0-9+/=]{32,88}|v1a,whpk_[A-Za-z0-9+/=]{44,}:whsk_[A-Za-z0-9+/=]{44,}))*$",
    holds: |text| text.split('|').all(signs),
    refuses: None,
};

/// A domain as browsers compare it: lower case, without scheme, port or path. Only localhost has no dot.
pub(super) static DOMAIN: Form = Form {
    expected: "a bare domain in lower case such as `example.com`, without scheme, port or path",
    pattern: r"^(localhost|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?)$",
    holds: |text| {
        let label = |label: &str| {
            let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            label.bytes().all(inner) && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
        };
        let top = |top: &str| top.starts_with(|first: char| first.is_ascii_lowercase());
        text == "localhost"
            || text.rsplit_once('.').is_some_and(|(rest, last)| label(last) && top(last) && rest.split('.').all(label))
    },
    refuses: None,
};

/// An origin as browsers and Android report it.
pub(super) static ORIGIN: Form = Form {
    expected: "an origin such as `https://example.com`, without a path",
    pattern: r"^(https?://[^\s/?#@,]+|android:apk-key-hash:[A-Za-z0-9_-]+)$",
    holds: |text| match text.strip_prefix("android:apk-key-hash:") {
        Some(hash) => (TAG.holds)(hash),
        None => is_web(text) && !text.contains(',') && text.matches(['/', '?', '#']).count() == 2,
    },
    refuses: Some(address::shown),
};

/// A host, as a mail relay is named.
pub(super) static HOST: Form = Form {
    expected: "a host such as `mail.example.com`, without scheme, port or path",
    pattern: r"^[^\s/:@,]+$",
    holds: |text| !text.is_empty() && !text.contains(|c: char| is_blank(c) || "/:@,".contains(c)),
    refuses: Some(address::connected),
};

/// Whether a text is a web address with a host and without a user.
fn is_web(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains('@') && !rest.contains(is_blank)
}

/// A blank as the pattern defines it.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() && letter != '\u{85}' || letter == '\u{feff}'
}

/// A name that the auth service accepts in a call of the database.
fn is_name(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A symmetric secret, or a pair of keys.
fn signs(text: &str) -> bool {
    let base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    if let Some(secret) = text.strip_prefix("v1,whsec_") {
        return (32..=88).contains(&secret.len()) && base64(secret);
    }
    let keys = text.strip_prefix("v1a,whpk_").and_then(|keys| keys.split_once(":whsk_"));
    keys.is_some_and(|(public, private)| [public, private].iter().all(|key| key.len() >= 44 && base64(key)))
}

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
    // jiff also reads forms that the API may refuse: a space for the `T`, no seconds, a zone in brackets.
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 20 && bytes[10] == b'T' && bytes[16] == b':' && !text.contains('[');
    let zoned = text.ends_with('Z') || bytes.len() >= 25 && bytes[bytes.len() - 3] == b':';
    shaped && zoned && bytes[..4].iter().all(u8::is_ascii_digit) && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::address::{CALLED, SHOWN};

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
        "http://example.com",
        "https://example.com/",
        "https://example.com/a b",
        "https://example.com:8443",
        "https://example.com?x",
        "https://user:secret@example.com/",
        "https://example.com/@name",
        "https://",
        "https:///path",
        "https://a.example,https://b.example",
        "HTTPS://example.com",
        "pg-functions://postgres/public/send_sms",
        "pg-functions://postgres/_a/B9",
        "pg-functions://postgres/public",
        "pg-functions://postgres/public/",
        "pg-functions://postgres/public/9a",
        "pg-functions://postgres/pub-lic/f",
        "pg-functions://postgres/public/f/g",
        "pg-functions://other/public/f",
        "pg-functions://postgres/public/f;drop",
        "localhost",
        "example.com",
        "login.example.com",
        "Example.com",
        "example.com.",
        ".example.com",
        "exa_mple.com",
        "example.com:443",
        "-a.example.com",
        "a-.example.com",
        "127.0.0.1",
        "com",
        "*.example.com",
        "android:apk-key-hash:abc_-9",
        "android:apk-key-hash:",
        "mail.example.com",
        "mail.example.com:587",
        "smtp://mail.example.com",
    ];

    #[test]
    fn functions_and_patterns_agree() {
        let key = "A".repeat(44);
        let secret = |length: usize| format!("v1,whsec_{}", "a".repeat(length));
        let made = [
            secret(31),
            secret(32),
            secret(88),
            secret(89),
            format!("{}|{}", secret(32), secret(44)),
            format!("{}|", secret(32)),
            format!("v1a,whpk_{key}:whsk_{key}"),
            format!("v1a,whpk_{key}:whsk_{}", "A".repeat(43)),
            format!("{}|v1a,whpk_{key}:whsk_{key}", secret(40)),
            format!("{} ", secret(32)),
            format!("pg-functions://postgres/public/{}", "f".repeat(63)),
            format!("pg-functions://postgres/public/{}", "f".repeat(64)),
        ];
        let samples = SAMPLES.iter().copied().chain(made.iter().map(String::as_str));
        let samples: Vec<&str> = samples.collect();
        let forms = [
            &NO_COMMA,
            &CALLED,
            &SHOWN,
            &EMAIL,
            &TAG,
            &DIGITS,
            &DATE_TIME,
            &HOOK,
            &SERVER,
            &HOOK_SECRETS,
            &DOMAIN,
            &ORIGIN,
            &HOST,
        ];
        for form in forms {
            let pattern = jsonschema::validator_for(&json!({"pattern": form.pattern})).unwrap();
            for sample in &samples {
                assert_eq!((form.holds)(sample), pattern.is_valid(&json!(sample)), "{:?} as {}", sample, form.expected);
            }
        }
    }

    #[test]
    fn impossible_moments_are_refused() {
        // A pattern does not know the calendar, so the function checks it.
        assert!((DATE_TIME.holds)("2028-02-29T00:00:00Z"));
        assert!(!(DATE_TIME.holds)("2027-02-29T00:00:00Z"));
    }
}
