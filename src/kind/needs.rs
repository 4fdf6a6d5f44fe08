//! Fields that do not work without others: contradictions in the manifest.

use serde_json::Value;

use crate::diag::{
    Diagnostic, Diagnostics,
    codes::{manifest, value as codes},
};
use crate::model::{DesiredValue, Section, SectionBody, Setting};
use crate::schema::{KindInfo, When};

/// Reports fields that a section switches on while it clears others that they need.
pub fn check_needs(section: &Section, out: &mut Diagnostics) {
    let SectionBody::Settings(settings) = &section.body else { return };
    let on = |setting: &&Setting| setting.value == DesiredValue::Value(Value::Bool(true));
    for setting in settings.fields.values().filter(on) {
        let needed =
            setting.field.needs.iter().filter(|need| matches!(need.when, When::On)).flat_map(|need| need.fields);
        for taken in needed.filter_map(|name| settings.fields.get(name)).filter(|other| is_taken(&other.value)) {
            let (name, other) = (setting.field.name, taken.field.name);
            let is = match &taken.value {
                DesiredValue::Clear => "cleared",
                DesiredValue::Value(Value::Bool(_)) => "off",
                DesiredValue::Value(_) | DesiredValue::Secret(_) => "empty",
            };
            let message = format!("`{name}` is on, and `{other}`, which it needs, is {is}");
            let found = Diagnostic::error(codes::SWITCHED_ON_WITHOUT, taken.origin.span, message);
            let found = found.label(setting.origin.span, "switched on here");
            out.push(found.hint(format!("Give `{other}` a value, or write `{name}: false`.")));
        }
    }
}

fn is_taken(value: &DesiredValue) -> bool {
    match value {
        DesiredValue::Clear | DesiredValue::Value(Value::Null | Value::Bool(false)) => true,
        DesiredValue::Value(Value::String(text)) => text.is_empty(),
        DesiredValue::Value(Value::Array(items)) => items.is_empty(),
        DesiredValue::Value(_) | DesiredValue::Secret(_) => false,
    }
}

/// Refuses `extra:` and `extra_secrets:` of a kind whose request has no fields to add them to.
pub fn no_further_fields(info: &KindInfo, section: &Section, out: &mut Diagnostics) {
    let SectionBody::Settings(settings) = &section.body else { return };
    let secrets = settings.extra_secrets.values().map(|(_, origin)| origin);
    let extra = settings.extra.keys().filter_map(|name| settings.places.get(name));
    for origin in extra.chain(secrets) {
        let one = if info.all_fields().count() == 1 { "is one switch and " } else { "" };
        let message = format!("`{}` {one}has no further fields", info.name);
        out.push(Diagnostic::error(manifest::UNKNOWN_FIELD, origin.span, message).private());
    }
}
