//! Durations and sizes as people write them: `1h30m`, `50MiB`.

use super::Unit;

/// Why a text is no amount of a unit: for a message, lower case; and what to do, a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAmount {
    /// What is wrong.
    pub why: String,
    /// What to do.
    pub hint: String,
}

/// Milliseconds of each duration unit, longest first.
const DURATIONS: &[(&str, i128)] =
    &[("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
/// Bytes of each size unit.
const SIZES: &[(&str, i128)] = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl Unit {
    /// The unit in words, for messages: "seconds".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Hours => "hours",
            Self::Bytes => "bytes",
        }
    }

    /// The units that may be written, and how many small ones the API's own unit has.
    const fn table(self) -> (&'static [(&'static str, i128)], i128) {
        match self {
            Self::Seconds => (DURATIONS, 1_000),
            Self::Hours => (DURATIONS, 3_600_000),
            Self::Bytes => (SIZES, 1),
        }
    }
}

/// Reads `1h30m` or `50MiB` as a whole number of the API's unit.
///
/// # Errors
/// When it is no such amount, or does not come out whole.
pub fn parse(text: &str, unit: Unit) -> Result<i128, NoAmount> {
    let (units, own) = unit.table();
    let mut total: i128 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(unreadable(text, unit));
    }
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        let (word, after) = split(after, char::is_alphabetic);
        let many: i128 = digits.parse().map_err(|_| unreadable(text, unit))?;
        let Some(&(_, size)) = units.iter().find(|(name, _)| *name == word) else {
            return Err(foreign(text, word, unit));
        };
        let part = many.checked_mul(size).and_then(|part| total.checked_add(part));
        total = part.ok_or_else(|| unreadable(text, unit))?;
        rest = after;
    }
    if total % own == 0 {
        return Ok(total / own);
    }
    Err(NoAmount {
        why: format!("`{text}` is no whole number of {}", unit.words()),
        hint: format!("The API counts this in {}; round it.", unit.words()),
    })
}

/// A number of the API's unit as people write it, in the largest unit that divides it: `2h`. Nothing where none does.
#[must_use]
pub fn spell(number: i64, unit: Unit) -> Option<String> {
    let (units, own) = unit.table();
    let total = i128::from(number) * own;
    let (name, size) = units.iter().find(|(_, size)| total > 0 && total % size == 0)?;
    Some(format!("{}{name}", total / size))
}

fn split(text: &str, of: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !of(c)).unwrap_or(text.len()))
}

fn unreadable(text: &str, unit: Unit) -> NoAmount {
    NoAmount { why: format!("`{text}` is no number of {}", unit.words()), hint: examples(unit) }
}

fn foreign(text: &str, word: &str, unit: Unit) -> NoAmount {
    let clear = match word {
        "KB" | "kB" | "K" | "k" | "kb" => "KiB",
        "MB" | "M" | "mb" => "MiB",
        "GB" | "G" | "gb" => "GiB",
        _ => return unreadable(text, unit),
    };
    if unit != Unit::Bytes {
        return unreadable(text, unit);
    }
    NoAmount {
        why: format!("`{word}` may mean thousands or 1024s"),
        hint: format!("Write `{}`, which counts in 1024s.", text.replace(word, clear)),
    }
}

fn examples(unit: Unit) -> String {
    match unit {
        Unit::Seconds | Unit::Hours => {
            format!("Write a number of {}, or a duration such as `1h30m` (units: ms s m h d w).", unit.words())
        }
        Unit::Bytes => "Write a number of bytes, or a size such as `50MiB` (units: B KiB MiB GiB).".to_owned(),
    }
}

/// A number with its unit as people would write it: `3600 seconds`.
#[must_use]
pub fn with_unit(number: impl std::fmt::Display, unit: Option<Unit>) -> String {
    unit.map_or_else(|| number.to_string(), |unit| format!("{number} {}", unit.words()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_come_out_in_the_unit_of_the_api() {
        for (text, unit, wanted) in [
            ("1h", Unit::Seconds, 3600),
            ("1h30m", Unit::Seconds, 5400),
            ("2w", Unit::Seconds, 1_209_600),
            ("1000ms", Unit::Seconds, 1),
            ("0s", Unit::Seconds, 0),
            ("3d", Unit::Hours, 72),
            ("60m", Unit::Hours, 1),
            ("50MiB", Unit::Bytes, 52_428_800),
            ("1GiB512MiB", Unit::Bytes, 1_610_612_736),
            ("7B", Unit::Bytes, 7),
        ] {
            assert_eq!(parse(text, unit), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_says_why() {
        for (text, unit, part) in [
            ("90m", Unit::Hours, "no whole number of hours"),
            ("1ms", Unit::Seconds, "no whole number of seconds"),
            ("50MB", Unit::Bytes, "`MB` may mean thousands or 1024s"),
            ("1h ", Unit::Bytes, "no number of bytes"),
            ("", Unit::Seconds, "no number of seconds"),
            ("h", Unit::Seconds, "no number of seconds"),
            ("5MB", Unit::Seconds, "no number of seconds"),
            ("-1s", Unit::Seconds, "no number of seconds"),
            ("999999999999999999999999999999999999999999w", Unit::Seconds, "no number of seconds"),
        ] {
            let said = parse(text, unit).unwrap_err();
            assert!(said.why.contains(part), "{text}: {}", said.why);
            assert!(said.hint.ends_with('.'), "{}", said.hint);
        }
        assert_eq!(parse("50MB", Unit::Bytes).unwrap_err().hint, "Write `50MiB`, which counts in 1024s.");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            for unit in [Unit::Seconds, Unit::Hours, Unit::Bytes] {
                prop_assert!(parse(&text, unit).is_err() || text.contains(|c: char| c.is_ascii_digit()));
            }
        }

        #[test]
        fn parts_add_up(hours in 0_i128..10_000, minutes in 0_i128..600, seconds in 0_i128..600) {
            let text = format!("{hours}h{minutes}m{seconds}s");
            prop_assert_eq!(parse(&text, Unit::Seconds), Ok(hours * 3600 + minutes * 60 + seconds));
        }
    }
}
