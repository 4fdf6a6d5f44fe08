//! Checks the value in a manifest against the row of a field: type, bounds, choices, form.
//!
//! References, variables and merging are done before. Main function: [`check`].

mod text;

use serde_json::{Map, Value};

use text::shortened;
pub use text::{literal, nothing, perhaps_unfilled, revealed, revealed_plain, text_fault, unfilled};

use super::units::Amount;
use super::{Field, TextRule, Type, Unit, Wire, units};
use crate::diag::{Diagnostic, Diagnostics, Sources, codes::value as codes};
use crate::yaml::{Content, Node};

/// A value that a field may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    /// This value, in the form in which people write it; units are resolved.
    Value(Value),
    /// A written `null`: the field is cleared.
    Clear,
}

/// Checks the value of a field, or reports in `out` why it is refused. A secret field may only be null here.
pub fn check(field: &'static Field, node: &Node, sources: &Sources, out: &mut Diagnostics) -> Option<Checked> {
    match &node.content {
        Content::Null { written: false } => {
            out.push(nothing(field.name, node.span, field.nullable()));
            None
        }
        Content::Null { written: true } if field.nullable() => Some(Checked::Clear),
        Content::Null { written: true } => {
            let hint = match field.default {
                Some(default) => format!(
                    "Write the value, such as the default `{}`, or remove the line to leave the field as it is.",
                    default.to_value()
                ),
                None => "Write the value, or remove the line to leave the field as it is.".to_owned(),
            };
            let message = format!("`{}` cannot be cleared", field.name);
            out.push(Diagnostic::error(codes::NULL_REFUSED, node.span, message).hint(hint));
            None
        }
        _ if field.is_secret() => {
            out.push(literal(field.name, node));
            None
        }

        Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::Text { .. }
        | Content::List(_)
        | Content::Map(_) => Checker { field, sources, out }.value(&field.ty, node).map(Checked::Value),
    }
}

/// The value as JSON, where the table has no row for it. Numbers that JSON cannot carry and secrets are refused.
pub fn json(name: &str, node: &Node, out: &mut Diagnostics) -> Option<Value> {
    match &node.content {
        Content::Null { written: true } => Some(Value::Null),
        Content::Null { written: false } => {
            out.push(nothing(name, node.span, true));
            None
        }
        Content::Bool(it) => Some((*it).into()),
        Content::Int(it) => {
            let number = i64::try_from(*it).map(Value::from).or_else(|_| u64::try_from(*it).map(Value::from)).ok();
            if number.is_none() {
                let message = format!("{it} is too large for `{name}`");
                out.push(Diagnostic::error(codes::NOT_JSON, node.span, message).hint("Quote it if it is a text."));
            }
            number
        }
        Content::Float(it) => Some((*it).into()),
        Content::Text { text, .. } => match revealed(name, text, node.span) {
            Some(found) => {
                out.push(found);
                None
            }
            None => {
                let found = perhaps_unfilled(name, text, node.span);
                let refused = found.as_ref().is_some_and(|found| found.severity == crate::diag::Severity::Error);
                if let Some(found) = found {
                    out.push(found);
                }
                (!refused).then(|| text.as_str().into())
            }
        },
        Content::List(items) => {
            let items: Vec<_> = items.iter().map(|item| json(name, item, out)).collect();
            items.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Content::Map(entries) => {
            let members: Vec<_> =
                entries.iter().map(|entry| Some((entry.key.name.clone(), json(name, &entry.value, out)?))).collect();
            members.into_iter().collect::<Option<Map<_, _>>>().map(Value::Object)
        }
    }
}

struct Checker<'a> {
    field: &'static Field,
    sources: &'a Sources,
    out: &'a mut Diagnostics,
}

impl Checker<'_> {
    fn value(&mut self, ty: &'static Type, node: &Node) -> Option<Value> {
        // First, because the messages of other findings quote the value.
        if let Some(found) = node.as_text().and_then(|text| revealed(self.field.name, text, node.span)) {
            return self.refuse(found);
        }
        match ty {
            Type::Bool => self.boolean(node),
            Type::Int { min, max } => self.whole(node, *min, *max),
            Type::Number { min, max } => self.number(node, *min, *max),
            Type::Text(rule) => self.text(node, *rule),
            Type::Choice(words) => self.choice(node, words),
            Type::List(of, _) => self.list(node, of),
            Type::Map(of) => self.map(node, of),
            Type::Object(fields) => self.object(node, fields),
            Type::Any => json(self.field.name, node, self.out),
        }
    }

    fn refuse(&mut self, found: Diagnostic) -> Option<Value> {
        self.out.push(found);
        None
    }

    fn mistyped(&self, node: &Node, wanted: &str) -> Diagnostic {
        let message = format!("`{}` must be {wanted}, not {}", self.field.name, node.what());
        Diagnostic::error(codes::WRONG_TYPE, node.span, message)
    }

    fn boolean(&mut self, node: &Node) -> Option<Value> {
        if let Content::Bool(it) = node.content {
            return Some(it.into());
        }
        let mut found = self.mistyped(node, "`true` or `false`");
        let word = match &node.content {
            Content::Text { text, .. } => text.to_ascii_lowercase(),
            Content::Int(it @ (0 | 1)) => it.to_string(),
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Float(_)
            | Content::List(_)
            | Content::Map(_) => String::new(),
        };
        let meant = match word.as_str() {
            "yes" | "on" | "y" | "true" | "1" => Some("true"),
            "no" | "off" | "n" | "false" | "0" => Some("false"),
            _ => None,
        };
        if let Some(meant) = meant {
            found = found
                .hint(format!("In YAML 1.2 only `true` and `false` are booleans: write `{meant}`."))
                .fix(node.span, meant);
        }
        self.refuse(found)
    }

    fn whole(&mut self, node: &Node, min: i64, max: i64) -> Option<Value> {
        let number = match &node.content {
            Content::Int(it) => *it,
            Content::Null { .. }
            | Content::Bool(_)
            | Content::Float(_)
            | Content::Text { .. }
            | Content::List(_)
            | Content::Map(_) => match self.amount(node, "a whole number")? {
                Amount::Whole(it) => it,
                Amount::Part(_) => {
                    let found = self.mistyped(node, "a whole number");
                    return self.refuse(found);
                }
            },
        };
        let within = i64::try_from(number).ok().filter(|it| (min..=max).contains(it));
        if within.is_none() {
            return self.outside(node, number, min, max);
        }
        within.map(Value::from)
    }

    fn number(&mut self, node: &Node, min: f64, max: f64) -> Option<Value> {
        let (value, number): (Value, f64) = match &node.content {
            Content::Float(it) => ((*it).into(), *it),
            other @ (Content::Null { .. }
            | Content::Bool(_)
            | Content::Int(_)
            | Content::Text { .. }
            | Content::List(_)
            | Content::Map(_)) => {
                let whole = match other {
                    Content::Int(it) => *it,
                    Content::Null { .. }
                    | Content::Bool(_)
                    | Content::Float(_)
                    | Content::Text { .. }
                    | Content::List(_)
                    | Content::Map(_) => match self.amount(node, "a number")? {
                        Amount::Whole(it) => it,
                        Amount::Part(it) if it >= min && it <= max => return Some(it.into()),
                        Amount::Part(it) => return self.outside(node, it, min, max),
                    },
                };
                let Ok(whole) = i64::try_from(whole) else { return self.outside(node, whole, min, max) };
                #[expect(clippy::cast_precision_loss, reason = "only compared with bounds")]
                (whole.into(), whole as f64)
            }
        };
        if number < min || number > max {
            return self.outside(node, number, min, max);
        }
        Some(value)
    }

    fn outside<N: std::fmt::Display>(
        &mut self,
        node: &Node,
        number: impl std::fmt::Display,
        min: N,
        max: N,
    ) -> Option<Value> {
        let bounds = units::with_unit(format!("{min} to {max}"), self.field.unit);
        let message = format!("`{}` must be {bounds}, not {number}", self.field.name);
        self.refuse(Diagnostic::error(codes::OUT_OF_RANGE, node.span, message))
    }

    /// A number that was written as a text with a unit.
    fn amount(&mut self, node: &Node, wanted: &str) -> Option<Amount> {
        let whole = matches!(self.field.ty, Type::Int { .. });
        let unquoted = |text: &str| {
            if whole {
                text.trim().parse::<i64>().is_ok()
            } else {
                text.trim().parse::<f64>().is_ok_and(f64::is_finite)
            }
        };
        let found = match (node.as_text(), self.field.unit) {
            (Some(text), _) if unquoted(text) => {
                self.mistyped(node, wanted).hint("Remove the quotes.").fix(node.span, text.trim())
            }
            (Some(text), Some(unit)) => match units::parse(text, unit) {
                Ok(amount) => return Some(amount),
                Err(no) => {
                    Diagnostic::error(codes::BAD_AMOUNT, node.span, format!("`{}`: {}", self.field.name, no.why))
                        .hint(no.hint)
                }
            },
            (_, Some(unit)) => {
                self.mistyped(node, &format!("{wanted} of {}", Unit::words(unit))).hint(units::examples(unit))
            }
            _ => self.mistyped(node, wanted),
        };
        self.refuse(found);
        None
    }

    fn text(&mut self, node: &Node, rule: TextRule) -> Option<Value> {
        let Content::Text { text, .. } = &node.content else {
            let mut found = self.mistyped(node, "a text");
            if matches!(node.content, Content::Int(_) | Content::Float(_) | Content::Bool(_)) {
                let quoted = format!("\"{}\"", self.sources.slice(node.span));
                found = found.hint("Put it into quotes to make it a text.").fix(node.span, quoted);
            }
            return self.refuse(found);
        };
        let foreign = if self.field.is_free_text() { perhaps_unfilled } else { unfilled };
        match foreign(self.field.name, text, node.span) {
            Some(found) if found.severity == crate::diag::Severity::Error => return self.refuse(found),
            Some(found) => self.out.push(found),
            None => {}
        }
        if let Some(found) = text_fault(self.field, text, rule, node.span) {
            return self.refuse(found);
        }
        Some(text.as_str().into())
    }

    fn choice(&mut self, node: &Node, choices: &'static [&'static str]) -> Option<Value> {
        let words = self.field.aliases;
        if let Some(text) = node.as_text() {
            if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
                return Some((*value).into());
            }
            if choices.contains(&text) {
                return Some(text.into());
            }
        }
        let hidden = |value: &&str| words.iter().any(|(_, hard)| hard == value);
        let known: Vec<&str> =
            words.iter().map(|(word, _)| *word).chain(choices.iter().copied().filter(|it| !hidden(it))).collect();
        let listed = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let found = match node.as_text() {
            Some(text) => {
                let message = format!("`{}` cannot be `{}`", self.field.name, shortened(text));
                let found = Diagnostic::error(codes::UNKNOWN_WORD, node.span, message);
                if self.out.may_guess() { found.did_you_mean(text, known) } else { found }
            }
            None => self.mistyped(node, "one of its values"),
        };
        self.refuse(found.hint(format!("Possible values: {listed}.")))
    }

    fn list(&mut self, node: &Node, of: &'static Type) -> Option<Value> {
        let single = matches!(self.field.wire, Wire::Folded(_)).then(|| std::slice::from_ref(node));
        let Some(items) = node.as_list().or(single.filter(|_| node.as_text().is_some())) else {
            let mut found = self.mistyped(node, "a list");
            if let Some(text) = node.as_text() {
                let parts: Vec<_> = text.split(',').map(|part| format!("\"{}\"", part.trim())).collect();
                let list = format!("[{}]", parts.join(", "));
                found = found.hint(format!("Write `{}`.", shortened(&list))).fix(node.span, list);
            }
            return self.refuse(found);
        };
        let before = self.out.len();
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            if self.stays_apart(item)
                && let Some(value) = self.value(of, item)
            {
                values.push(value);
            }
        }
        (self.out.len() == before).then(|| values.into())
    }

    /// Whether an item of a joined list would come back from the API unchanged.
    fn stays_apart(&mut self, item: &Node) -> bool {
        let between = match self.field.wire {
            Wire::Joined(between) => between,
            Wire::Folded(_) => ",",
            Wire::Plain | Wire::Pairs | Wire::NumberAsText | Wire::Moment | Wire::Switch { .. } => return true,
        };
        let Some(text) = item.as_text() else { return true };
        let (why, hint) = if text.contains(between) {
            ("holds the separator", format!("The API joins the items with `{between}`; write each item on its own."))
        } else if text.trim() != text {
            ("has blanks at its ends", "Remove the blanks; the API does not keep them.".to_owned())
        } else if text.is_empty() {
            ("is empty", "Remove the item; the API does not keep it.".to_owned())
        } else {
            return true;
        };
        let message = format!("an item of `{}` {why}", self.field.name);
        self.out.push(Diagnostic::error(codes::BAD_ITEM, item.span, message).hint(hint));
        false
    }

    fn map(&mut self, node: &Node, of: &'static Type) -> Option<Value> {
        let Some(entries) = node.as_map() else {
            let found = self.mistyped(node, "a map");
            return self.refuse(found);
        };
        let pairs = self.field.wire == Wire::Pairs;
        let before = self.out.len();
        let mut values = Map::new();
        for entry in entries {
            if let Some(found) = revealed(self.field.name, &entry.key.name, entry.key.span) {
                self.out.push(found);
                continue;
            }
            let clean = |text: &str| !text.contains([',', '=']) && text.trim() == text && !text.is_empty();
            let unclean = [(Some(entry.key.name.as_str()), entry.key.span), (entry.value.as_text(), entry.value.span)];
            let unclean = unclean.into_iter().find(|(text, _)| pairs && text.is_some_and(|text| !clean(text)));
            if let Some((_, span)) = unclean {
                let message = format!("an entry of `{}` is empty, or has `,`, `=` or outer blanks", self.field.name);
                let hint = "The API joins the entries as `key=value,key=value`.";
                self.out.push(Diagnostic::error(codes::BAD_ITEM, span, message).hint(hint));
                continue;
            }
            if let Some(value) = self.value(of, &entry.value) {
                values.insert(entry.key.name.clone(), value);
            }
        }
        (self.out.len() == before).then(|| values.into())
    }

    fn object(&mut self, node: &Node, fields: &'static [Field]) -> Option<Value> {
        let Some(entries) = node.as_map() else {
            let found = self.mistyped(node, "a map");
            return self.refuse(found);
        };
        let before = self.out.len();
        let mut values = Map::new();
        for entry in entries {
            let name = &entry.key.name;
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                let message = format!("`{}` has no `{name}`", self.field.name);
                let found = Diagnostic::error(codes::UNKNOWN_MEMBER, entry.key.span, message);
                self.out.push_guessing(found, name, fields.iter().map(|field| field.name));
                continue;
            };
            match check(field, &entry.value, self.sources, self.out) {
                Some(Checked::Value(value)) => values.insert(name.clone(), value),
                Some(Checked::Clear) => values.insert(name.clone(), Value::Null),
                None => None,
            };
        }
        (self.out.len() == before).then(|| values.into())
    }
}

#[cfg(test)]
mod tests;
