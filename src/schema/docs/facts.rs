//! The facts of a row in words: one phrase for each column of the table.

use serde_json::Value;

use crate::schema::{
    Digest, Field, Impact, KindInfo, Literal, TextRule, Type, Unit, When, Wire, template, units, wire,
};

/// Bounds from here on mean "as many as the API can count"; to name them helps nobody.
const UNBOUNDED: f64 = 2_147_483_640.0;

/// The values that are allowed: "a whole number of seconds up to 604800, or a duration such as `1h30m`".
#[must_use]
pub fn takes(field: &Field) -> String {
    if field.is_secret() {
        return match field.wire {
            Wire::Joined(_) => "a reference to a secret, or a list of them".to_owned(),
            _ if field.secret == Some(Digest::Sha256) => "a reference to a secret, or `{plain: …}`".to_owned(),
            Wire::Plain | Wire::Pairs | Wire::Folded(_) | Wire::NumberAsText | Wire::Moment | Wire::Switch { .. } => {
                "a reference to a secret".to_owned()
            }
        };
    }
    if !field.aliases.is_empty() {
        let words: Vec<&str> = field.aliases.iter().map(|(word, _)| *word).collect();
        return format!("{}, or the API's own text for one of them", one_of(&words));
    }
    match (&field.ty, field.wire) {
        (Type::List(of, _), Wire::Folded(_)) => format!("{}, or a list of such", type_phrase(of, None)),
        (ty, _) => type_phrase(ty, field.unit),
    }
}

fn type_phrase(ty: &Type, unit: Option<Unit>) -> String {
    #[expect(clippy::cast_precision_loss, reason = "only for showing; bounds beyond 2^53 are not shown")]
    match ty {
        Type::Bool => "`true` or `false`".to_owned(),
        Type::Int { min, max } => number_phrase("a whole number", unit, *min as f64, *max as f64),
        Type::Number { min, max } => number_phrase("a number", unit, *min, *max),
        Type::Text(rule) => text_phrase(rule),
        Type::Choice(words) => one_of(words),
        Type::List(of, _) => format!("a list; each item is {}", type_phrase(of, None)),
        Type::Map(of) => format!("a map; each value is {}", type_phrase(of, None)),
        Type::Object(fields) => {
            let names: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
            format!("a map of {}", names.join(", "))
        }
        Type::Any => "anything".to_owned(),
    }
}

fn number_phrase(what: &str, unit: Option<Unit>, min: f64, max: f64) -> String {
    let (of, or) = match unit {
        None => ("", ""),
        Some(Unit::Seconds) => (" of seconds", ", or a duration such as `90s` or `1h30m`"),
        Some(Unit::Hours) => (" of hours", ", or a duration such as `90m` or `30d`"),
        Some(Unit::Bytes) => (" of bytes", ", or a size such as `50MiB`"),
    };
    let range = match (min > -UNBOUNDED, max < UNBOUNDED) {
        (true, true) => format!(" from {min} to {max}"),
        (true, false) => format!(", at least {min}"),
        (false, true) => format!(", at most {max}"),
        (false, false) => String::new(),
    };
    format!("{what}{of}{range}{or}")
}

fn text_phrase(rule: &TextRule) -> String {
    let what = rule.form.map_or(if rule.long { "a text of one or more lines" } else { "a text" }, |form| form.expected);
    match rule.max_chars {
        Some(most) => format!("{what} of at most {most} characters"),
        None => what.to_owned(),
    }
}

fn one_of(words: &[&str]) -> String {
    joined(words, "or")
}

/// `a`, `b` or `c`.
fn joined(words: &[&str], by: &str) -> String {
    let quoted: Vec<_> =
        words.iter().map(|word| if word.is_empty() { "`\"\"`".to_owned() } else { format!("`{word}`") }).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {by} {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The default as people would write it, with its meaning: "3600 (1 hour)".
#[must_use]
pub fn default(field: &Field) -> Option<String> {
    let default = field.default?;
    if default == Literal::Null {
        return None;
    }
    let value = wire::from_wire(field, &default.to_value());
    Some(match (&value, &field.ty) {
        (Value::String(text), Type::Text(rule)) if rule.long && text.contains('\n') => {
            "the text that comes with the platform".to_owned()
        }
        (Value::Number(number), _) => match (field.unit, number.as_i64()) {
            (Some(unit), Some(count)) => {
                units::meaning(unit, count).map_or_else(|| value.to_string(), |it| format!("{count} ({it})"))
            }
            _ => value.to_string(),
        },
        (Value::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    })
}

/// The effect of a written null.
#[must_use]
pub fn null(field: &Field) -> &'static str {
    match (field.nullable(), field.default) {
        (false, _) => "refused: write the desired value",
        (true, _) if field.is_secret() => "clears the secret, whose value cannot be recovered",
        (true, Some(Literal::Null) | None) => "clears it",
        (true, Some(_)) => "resets it to the default",
    }
}

/// The variables of a template: "`.Email`, `.Token`".
#[must_use]
pub fn variables(field: &Field) -> Option<String> {
    (!field.variables.is_empty()).then(|| template::listed(field.variables))
}

/// What must be set with the field, a phrase for each need: "`a` and `b` when it is switched on".
pub fn needs(field: &Field) -> impl Iterator<Item = String> {
    field.needs.iter().filter_map(|needs| {
        let others: Vec<_> = needs.fields.iter().copied().filter(|name| *name != field.name).collect();
        (!others.is_empty())
            .then(|| format!("{} {}, in the manifest or live already", joined(&others, "and"), when(needs.when)))
    })
}

/// The risks of changing the field, a phrase each.
pub fn risks(field: &Field) -> impl Iterator<Item = String> {
    field.risks.iter().map(|risk| format!("{}, {}: {}", impact(risk.impact), when(risk.when), risk.why))
}

const fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::Destructive => "loss",
        Impact::LockOut => "lock-out",
        Impact::History => "history",
        Impact::Restart => "restart",
        Impact::Access => "access",
        Impact::Billed => "cost",
        Impact::Security => "security",
    }
}

const fn when(when: When) -> &'static str {
    match when {
        When::Set => "when it is set",
        When::Changed => "when it changes",
        When::On => "when it is switched on",
        When::Off => "when it is switched off",
        When::Lower => "when it goes down",
        When::Doubled => "when it more than doubles",
        When::Higher => "when it goes up",
        When::Grows => "when something is added",
        When::Cleared => "when it is cleared",
        When::Where(case) => case.when,
    }
}

/// How the API carries the value, where that differs from how it is written.
#[must_use]
pub fn carried(field: &Field) -> Option<String> {
    match field.wire {
        Wire::Plain | Wire::Moment | Wire::Switch { .. } => field.api_name.map(|name| format!("`{name}`")),
        Wire::Joined(between) => Some(format!("one text, the items joined with `{between}`")),
        Wire::Pairs => Some("one text, `key=value,key=value`".to_owned()),
        Wire::Folded(with) => Some(format!("one text, the items joined with `,`, together with those of `{with}`")),
        Wire::NumberAsText => Some("the number as a text".to_owned()),
    }
}

/// A line of YAML that sets the field: its own example, else a line of the kind's example, else one made from its type.
#[must_use]
pub fn example(info: &KindInfo, field: &Field) -> String {
    let prefix = format!("{}: ", field.name);
    let of_kind = || info.example.lines().find_map(|line| line.trim().strip_prefix(&prefix)).map(str::to_owned);
    let value = field.example.map(str::to_owned).or_else(of_kind).unwrap_or_else(|| suggestion(field));
    prefix + &value
}

fn suggestion(field: &Field) -> String {
    if field.is_secret() {
        return format!("{{secret: {}}}", field.name.to_uppercase().replace('.', "_"));
    }
    match (&field.ty, field.default) {
        // The example of a switch is the opposite of its default.
        (Type::Bool, default) => (default != Some(Literal::Bool(true))).to_string(),
        (Type::Choice(choices), _) => field.aliases.first().map_or(choices[0], |(word, _)| word).to_owned(),
        (Type::Int { .. } | Type::Number { .. }, Some(Literal::Int(number))) => number.to_string(),
        (Type::Int { min, max }, _) => (*min).max(1).min(*max).to_string(),
        (Type::Number { min, .. }, _) => min.to_string(),
        (Type::Text(_), Some(Literal::Text(text))) if !text.is_empty() => Value::from(text).to_string(),
        (Type::Text(_) | Type::Any, _) => "…".to_owned(),
        (Type::List(..), _) => "[…]".to_owned(),
        (Type::Map(_) | Type::Object(_), _) => "{…: …}".to_owned(),
    }
}
