//! What an unquoted word means: the core schema of YAML 1.2, less the numbers that readers disagree on.

use super::node::{Content, Style};

/// Why an unquoted word is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// `0123`: 123 here, 83 in YAML 1.1.
    LeadingZero,
    /// `0o17`, `0x1F`.
    Base,
    /// `.inf`, `1e999`.
    Infinite,
    /// `.nan`.
    NotANumber,
    /// `-0.0`.
    MinusZero,
    /// More than 128 bits.
    TooWide,
}

impl Unclear {
    /// What is wrong, and the way out. The word itself may be a secret, so it is not said.
    pub(super) const fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::LeadingZero => {
                ("a number begins with a zero", "Leave the zero out of a number; put quotes around a text.")
            }
            Self::Base => ("a number is not decimal", "Write the number in decimal; put quotes around a text."),
            Self::Infinite => ("a number is infinite", "Write a finite number; put quotes around a text."),
            Self::NotANumber => ("a number is none", "Write a finite number; put quotes around a text."),
            Self::MinusZero => ("a number is minus zero", "Write `0`; put quotes around a text."),
            Self::TooWide => {
                ("a number is wider than any setting", "Write a smaller number; put quotes around a text.")
            }
        }
    }
}

/// The meaning of an unquoted word.
pub(super) fn resolve(word: &str) -> Result<Content, Unclear> {
    match word {
        "" => return Ok(Content::Null { written: false }),
        "~" | "null" | "Null" | "NULL" => return Ok(Content::Null { written: true }),
        "true" | "True" | "TRUE" => return Ok(Content::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Content::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return Err(Unclear::NotANumber),
        _ => {}
    }
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => Err(Unclear::Infinite),
        _ if is_based(word) => Err(Unclear::Base),
        _ if is_digits(unsigned) => integer(word, unsigned),
        _ if is_float(unsigned) => float(word),
        _ => Ok(Content::Text { text: word.to_owned(), style: Style::Plain }),
    }
}

fn integer(word: &str, digits: &str) -> Result<Content, Unclear> {
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(Unclear::LeadingZero);
    }
    word.parse().map(Content::Int).map_err(|_| Unclear::TooWide)
}

fn float(word: &str) -> Result<Content, Unclear> {
    match word.parse::<f64>() {
        Ok(number) if number == 0.0 && number.is_sign_negative() => Err(Unclear::MinusZero),
        Ok(number) if number.is_finite() => Ok(Content::Float(number)),
        _ => Err(Unclear::Infinite),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_based(word: &str) -> bool {
    let all = |digits: &str, base| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base));
    word.strip_prefix("0o").is_some_and(|digits| all(digits, 8))
        || word.strip_prefix("0x").is_some_and(|digits| all(digits, 16))
}

/// `1.5`, `1.`, `.5`, `1e3`, `1.5E-3`; the sign is gone.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_or_none = |text: &str| text.is_empty() || is_digits(text);
    exponent.is_none_or(is_digits)
        && digits_or_none(whole)
        && digits_or_none(fraction)
        && !(whole.is_empty() && fraction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema_words_have_their_meaning() {
        for (word, meaning) in [
            ("", Content::Null { written: false }),
            ("~", Content::Null { written: true }),
            ("Null", Content::Null { written: true }),
            ("TRUE", Content::Bool(true)),
            ("false", Content::Bool(false)),
            ("0", Content::Int(0)),
            ("-17", Content::Int(-17)),
            ("+5", Content::Int(5)),
            ("18446744073709551616", Content::Int(1 << 64)),
            ("1.5", Content::Float(1.5)),
            ("-.5", Content::Float(-0.5)),
            ("1.", Content::Float(1.0)),
            ("1e3", Content::Float(1000.0)),
            ("2.5E-1", Content::Float(0.25)),
        ] {
            assert_eq!(resolve(word), Ok(meaning), "{word}");
        }
    }

    #[test]
    fn booleans_of_yaml_1_1_are_texts() {
        for word in [
            "no",
            "on",
            "y",
            "Yes",
            "off",
            "tRUE",
            "nUll",
            "1_000",
            "1:30",
            "2024-01-01",
            "0b11",
            "1.2.3",
            "1e",
            ".",
            "-",
            "+",
            "e3",
            ".e3",
            "0x",
            "0xg",
            "0o8",
            "-0x1",
            "1e+",
            "192.168.0.1",
            "--1",
            "inf",
            "nan",
            "٣",
        ] {
            let text = Content::Text { text: word.to_owned(), style: Style::Plain };
            assert_eq!(resolve(word), Ok(text), "{word}");
        }
    }

    #[test]
    fn ambiguous_numbers_are_refused() {
        for (word, why) in [
            ("0123", Unclear::LeadingZero),
            ("-00", Unclear::LeadingZero),
            ("0o17", Unclear::Base),
            ("0x1F", Unclear::Base),
            ("1e999999999", Unclear::Infinite),
            ("-.inf", Unclear::Infinite),
            (".NaN", Unclear::NotANumber),
            ("-0.0", Unclear::MinusZero),
            ("-0e1", Unclear::MinusZero),
            ("1000000000000000000000000000000000000000", Unclear::TooWide),
        ] {
            assert_eq!(resolve(word), Err(why), "{word}");
        }
    }
}
