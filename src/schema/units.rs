//! Durations and sizes as people write them: `1h30m`, `50MiB`.

use super::Unit;

/// Why a text is not an amount of a unit, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAmount {
    /// What is wrong: lower case, for a message.
    pub why: String,
    /// What to do: a sentence.
    pub hint: String,
}

/// An amount in the unit that the API counts in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// A whole number of it.
    Whole(i128),
    /// Hundredths, where the API accepts parts.
    Part(f64),
}

/// A unit of our notation: its sign, how many of the smallest unit it has, and its word.
struct Measure(&'static str, i128, &'static str);

/// Durations in milliseconds, longest first.
const DURATIONS: &[Measure] = &[
    Measure("w", 604_800_000, "week"),
    Measure("d", 86_400_000, "day"),
    Measure("h", 3_600_000, "hour"),
    Measure("m", 60_000, "minute"),
    Measure("s", 1_000, "second"),
    Measure("ms", 1, "millisecond"),
];
/// Sizes in bytes, greatest first.
const SIZES: &[Measure] = &[
    Measure("GiB", 1 << 30, "GiB"),
    Measure("MiB", 1 << 20, "MiB"),
    Measure("KiB", 1 << 10, "KiB"),
    Measure("B", 1, "byte"),
];

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

    /// The unit's sign: `s`.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Hours => "h",
            Self::Bytes => "B",
        }
    }

    /// Whether the API accepts parts of the unit: sessions count in hours, and `1.5` is one and a half.
    const fn has_parts(self) -> bool {
        matches!(self, Self::Hours)
    }

    /// The pattern of what [`parse`] reads, for JSON Schema.
    #[must_use]
    pub fn pattern(self) -> String {
        let mut signs: Vec<&str> = self.table().0.iter().map(|measure| measure.0).collect();
        signs.sort_by_key(|sign| std::cmp::Reverse(sign.len()));
        format!("^([0-9]+(\\.[0-9]+)?({}))+$", signs.join("|"))
    }

    /// The units of the notation, and how many of the smallest the API's own unit has.
    const fn table(self) -> (&'static [Measure], i128) {
        match self {
            Self::Seconds => (DURATIONS, 1_000),
            Self::Hours => (DURATIONS, 3_600_000),
            Self::Bytes => (SIZES, 1),
        }
    }
}

/// Reads `1h30m`, `1.5h` or `50MiB` as a number of the API's unit.
///
/// # Errors
/// When the text is not such an amount, or is not a number of units that the API can count.
pub fn parse(text: &str, unit: Unit) -> Result<Amount, NoAmount> {
    let (units, own) = unit.table();
    let mut total: i128 = 0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(unreadable(text, unit));
    }
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (word, after) = split(after, char::is_alphabetic);
        let (many, parts) = decimal(digits).ok_or_else(|| unreadable(text, unit))?;
        let Some(&Measure(_, size, _)) = units.iter().find(|measure| measure.0 == word) else {
            return Err(foreign(text, word, unit));
        };
        let scaled = many.checked_mul(size).ok_or_else(|| unreadable(text, unit))?;
        if scaled % parts != 0 {
            return Err(uneven(text, scaled / parts, unit));
        }
        total = total.checked_add(scaled / parts).ok_or_else(|| unreadable(text, unit))?;
        rest = after;
    }
    if total % own == 0 {
        return Ok(Amount::Whole(total / own));
    }
    match total.checked_mul(100) {
        Some(hundredfold) if unit.has_parts() && hundredfold % own == 0 =>
        {
            #[expect(clippy::cast_precision_loss, reason = "what is greater is out of bounds anyway")]
            Ok(Amount::Part((hundredfold / own) as f64 / 100.0))
        }
        _ => Err(uneven(text, total, unit)),
    }
}

/// `1.5` as 15 of 10; `None` where the text is not a number.
fn decimal(digits: &str) -> Option<(i128, i128)> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || digits.ends_with('.') || fraction.contains('.') {
        return None;
    }
    let parts = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let number: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some((number, parts))
}

/// The finding for an amount that the API cannot count, with the nearest ones that it can.
fn uneven(text: &str, small: i128, unit: Unit) -> NoAmount {
    let (_, own) = unit.table();
    // Of an hour, twentieths: the whole minutes that are hundredths of an hour.
    let step = if unit.has_parts() { own / 20 } else { own };
    let below = small / step * step;
    let near: Vec<_> = [Some(below), below.checked_add(step)].into_iter().flatten().filter(|it| *it > 0).collect();
    let near: Vec<_> = near.into_iter().map(|it| format!("`{}`", compound(it, unit))).collect();
    let how = if unit.has_parts() { "whole number of hundredths" } else { "whole number" };
    NoAmount {
        why: format!("`{text}` is not a {how} of {}", unit.words()),
        hint: format!("The API counts in {}: write {}.", unit.words(), near.join(" or ")),
    }
}

/// An amount of the smallest unit as people write it, with several units if necessary: `1h30m`.
fn compound(small: i128, unit: Unit) -> String {
    let mut left = small;
    let mut text = String::new();
    for Measure(sign, size, _) in unit.table().0 {
        if left >= *size {
            text.push_str(&format!("{}{sign}", left / size));
            left %= size;
        }
    }
    text
}

/// A number of the API's unit as people write it, in the largest unit that divides it: `2h`. `None` where none does.
#[must_use]
pub fn spell(number: i64, unit: Unit) -> Option<String> {
    let (units, own) = unit.table();
    let total = i128::from(number) * own;
    let Measure(sign, size, _) = units.iter().find(|measure| total > 0 && total % measure.1 == 0)?;
    Some(format!("{}{sign}", total / size))
}

/// A number of the API's unit as people would write it, whatever the number: `90m`, `1h30m` for one hour and a half, `0h`.
#[must_use]
pub fn written(number: &serde_json::Number, unit: Unit) -> String {
    let whole = number.as_i64().and_then(|count| spell(count, unit));
    let part = || {
        let hundredths = number.as_f64().filter(|it| unit.has_parts() && *it > 0.0)? * 100.0;
        #[expect(clippy::cast_possible_truncation, reason = "what is greater is out of bounds anyway")]
        let small = hundredths.round() as i128;
        Some(compound(small.checked_mul(unit.table().1)? / 100, unit))
    };
    whole.or_else(part).unwrap_or_else(|| format!("{number}{}", unit.sign()))
}

/// What a count means in larger units, where it comes out whole: 3600 seconds are "1 hour".
#[must_use]
pub fn meaning(unit: Unit, count: i64) -> Option<String> {
    let (units, own) = unit.table();
    let total = i128::from(count) * own;
    let larger = units.iter().find(|measure| measure.1 > own && count != 0 && total % measure.1 == 0);
    let Measure(_, size, word) = larger?;
    let many = total / size;
    let plural = if many == 1 || unit == Unit::Bytes { "" } else { "s" };
    Some(format!("{many} {word}{plural}"))
}

fn split(text: &str, of: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !of(c)).unwrap_or(text.len()))
}

fn unreadable(text: &str, unit: Unit) -> NoAmount {
    NoAmount { why: format!("`{text}` is not a number of {}", unit.words()), hint: examples(unit) }
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

/// The notation in words: a sentence.
#[must_use]
pub fn examples(unit: Unit) -> String {
    let signs: Vec<&str> = unit.table().0.iter().rev().map(|measure| measure.0).collect();
    let (what, such) = match unit {
        Unit::Seconds => ("a whole number of seconds", "a duration such as `90s` or `1h30m`"),
        Unit::Hours => ("a number of hours such as `1.5`", "a duration such as `90m` or `1h30m`"),
        Unit::Bytes => ("a whole number of bytes", "a size such as `50MiB`"),
    };
    format!("Write {what}, or {such} (units: {}).", signs.join(" "))
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
            assert_eq!(parse(text, unit), Ok(Amount::Whole(wanted)), "{text}");
        }
        for (text, unit, wanted) in [
            ("1.5h", Unit::Seconds, Amount::Whole(5400)),
            ("0.5d", Unit::Seconds, Amount::Whole(43_200)),
            ("1.5KiB", Unit::Bytes, Amount::Whole(1536)),
            ("1.5h", Unit::Hours, Amount::Part(1.5)),
            ("1h30m", Unit::Hours, Amount::Part(1.5)),
            ("90m", Unit::Hours, Amount::Part(1.5)),
            ("15m", Unit::Hours, Amount::Part(0.25)),
            ("36s", Unit::Hours, Amount::Part(0.01)),
            ("0.5d", Unit::Hours, Amount::Whole(12)),
        ] {
            assert_eq!(parse(text, unit), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_offered_can_be_written() {
        for (text, unit, wanted) in [
            ("10m", Unit::Hours, "The API counts in hours: write `9m` or `12m`."),
            ("1h10m", Unit::Hours, "The API counts in hours: write `1h9m` or `1h12m`."),
            ("1s", Unit::Hours, "The API counts in hours: write `3m`."),
            ("1500ms", Unit::Seconds, "The API counts in seconds: write `1s` or `2s`."),
            ("1.3KiB", Unit::Bytes, "The API counts in bytes: write `1KiB307B` or `1KiB308B`."),
        ] {
            let hint = parse(text, unit).unwrap_err().hint;
            assert_eq!(hint, wanted, "{text}");
            for offered in hint.split('`').skip(1).step_by(2) {
                assert!(parse(offered, unit).is_ok(), "{text}: {offered}");
            }
        }
        for unit in [Unit::Seconds, Unit::Hours, Unit::Bytes] {
            for example in examples(unit).split('`').skip(1).step_by(2).filter(|it| it.parse::<f64>().is_err()) {
                assert!(parse(example, unit).is_ok(), "{example}");
            }
        }
    }

    #[test]
    fn every_unit_is_read_spelled_and_told_from_one_table() {
        for unit in [Unit::Seconds, Unit::Hours, Unit::Bytes] {
            let pattern = serde_json::json!({"pattern": unit.pattern()});
            let pattern = jsonschema::validator_for(&pattern).unwrap();
            for Measure(sign, ..) in unit.table().0 {
                for text in [format!("7{sign}"), format!("1.5{sign}"), format!("36000{sign}36000{sign}")] {
                    let foreign = parse(&text, unit).is_err_and(|no| no.why.contains("is not a number of "));
                    assert!(pattern.is_valid(&text.clone().into()) && !foreign, "{text}");
                }
            }
            for text in ["", "1", "1.h", ".5h", "h", "1x", "1h 30m", "-1h", "1..5h", " 1h"] {
                assert!(!pattern.is_valid(&text.into()) && parse(text, unit).is_err(), "{text}");
            }
        }
        let week = 604_800;
        assert_eq!(
            (spell(week, Unit::Seconds), meaning(Unit::Seconds, week)),
            (Some("1w".into()), Some("1 week".into()))
        );
        assert_eq!((spell(336, Unit::Hours), meaning(Unit::Hours, 336)), (Some("2w".into()), Some("2 weeks".into())));
        assert_eq!((meaning(Unit::Bytes, 1 << 30), meaning(Unit::Seconds, 61)), (Some("1 GiB".into()), None));
    }

    #[test]
    fn a_number_is_written_as_it_is_read() {
        for (number, unit, wanted) in [
            ("3600", Unit::Seconds, "1h"),
            ("0", Unit::Seconds, "0s"),
            ("0", Unit::Hours, "0h"),
            ("0.0", Unit::Hours, "0.0h"),
            ("1.5", Unit::Hours, "1h30m"),
            ("12.0", Unit::Hours, "12h"),
            ("0", Unit::Bytes, "0B"),
            ("52428800", Unit::Bytes, "50MiB"),
        ] {
            let number = serde_json::from_str(number).unwrap();
            assert_eq!(written(&number, unit), wanted);
            assert!(parse(wanted, unit).is_ok(), "{wanted}");
        }
        assert_eq!(written(&(-1).into(), Unit::Seconds), "-1s");
    }

    #[test]
    fn a_text_that_is_not_an_amount_is_refused_with_the_reason() {
        for (text, unit, part) in [
            ("10m", Unit::Hours, "is not a whole number of hundredths of hours"),
            ("1ms", Unit::Seconds, "is not a whole number of seconds"),
            ("1.5ms", Unit::Seconds, "is not a whole number of seconds"),
            ("1.5", Unit::Seconds, "not a number of seconds"),
            ("1..5h", Unit::Seconds, "not a number of seconds"),
            ("50MB", Unit::Bytes, "`MB` may mean thousands or 1024s"),
            ("1h ", Unit::Bytes, "not a number of bytes"),
            ("", Unit::Seconds, "not a number of seconds"),
            ("h", Unit::Seconds, "not a number of seconds"),
            ("5MB", Unit::Seconds, "not a number of seconds"),
            ("-1s", Unit::Seconds, "not a number of seconds"),
            ("999999999999999999999999999999999999999999w", Unit::Seconds, "not a number of seconds"),
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
            prop_assert_eq!(parse(&text, Unit::Seconds), Ok(Amount::Whole(hours * 3600 + minutes * 60 + seconds)));
        }
    }
}
