//! Plain scalars by the core schema of YAML 1.2, without the forms that tools read differently.

use super::node::{Content, Style};

/// What a plain scalar is, or why it is refused.
pub(super) fn resolve(text: &str) -> Result<Content, &'static str> {
    match text {
        "" => return Ok(Content::Null { written: false }),
        "null" | "Null" | "NULL" | "~" => return Ok(Content::Null { written: true }),
        "true" | "True" | "TRUE" => return Ok(Content::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Content::Bool(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Err("infinity and not-a-number are no values for a setting");
    }
    let based = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0o"));
    if based.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err("write the number in decimal, or quotes around the text");
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        if unsigned.len() > 1 && unsigned.starts_with('0') {
            return Err("a leading zero: drop it, or put quotes around the text");
        }
        if text == "-0" {
            return Err("minus zero is no value for a setting");
        }
        return text.parse().map(Content::Int).map_err(|_| "the number is beyond all bounds");
    }
    if is_float(unsigned) {
        let value: f64 = text.parse().map_err(|_| "the number cannot be read")?;
        if !value.is_finite() {
            return Err("the number is beyond all bounds");
        }
        if value == 0.0 && value.is_sign_negative() {
            return Err("minus zero is no value for a setting");
        }
        return Ok(Content::Float(value));
    }
    Ok(Content::Text { text: text.to_owned(), style: Style::Plain })
}

/// `1.5`, `.5`, `1.`, `1e3`: digits, at most one point, at most one exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(head, tail)| (head, Some(tail)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_ok = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_ok = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    mantissa_ok && exponent_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn y15_y16_y17_words_are_what_yaml_1_2_says() {
        let text = |text: &str| Ok(Content::Text { text: text.to_owned(), style: Style::Plain });
        for word in [
            "no",
            "on",
            "y",
            "Yes",
            "off",
            "1_000",
            "1:30",
            "2024-01-01",
            "1.2.3",
            "e3",
            ".",
            "-",
            "0x",
            "0xyz",
            "127.0.0.1",
        ] {
            assert_eq!(resolve(word), text(word), "{word}");
        }
        assert_eq!(resolve("18446744073709551616"), Ok(Content::Int(18_446_744_073_709_551_616)));
        assert_eq!(resolve("-5"), Ok(Content::Int(-5)));
        assert_eq!(resolve("1e3"), Ok(Content::Float(1000.0)));
        assert_eq!(resolve(".5"), Ok(Content::Float(0.5)));
        assert_eq!(resolve("~"), Ok(Content::Null { written: true }));
        assert_eq!(resolve(""), Ok(Content::Null { written: false }));
        for bad in ["0123", "0o17", "0x1F", ".inf", "-.INF", ".nan", "1e999999999", "-0.0", "-0", &"9".repeat(60)] {
            assert!(resolve(bad).is_err(), "{bad}");
        }
    }
}
