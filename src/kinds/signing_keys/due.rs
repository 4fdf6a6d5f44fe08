//! What is not due yet: a key is put into use once it is known, and revoked once what it has signed has expired.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::table::{INFO, status, wanted};
use crate::model::{Address, Awaited, LiveKind, Section};

/// How long copies of the public keys may be older than a key: ten minutes at the edge, and ten more at whoever checks tokens.
const COPIES: SignedDuration = SignedDuration::from_mins(20);

/// How long a token may be taken beyond its time, by clocks that differ and answers that are kept.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// The longest time for which a token can be valid, in seconds: assumed where the token of a run may not see what is set.
const LONGEST: i64 = 604_800;

/// When what is wanted of a key is due, and why.
fn due(name: &str, aim: &str, live: &Map<String, Value>) -> Option<(Timestamp, String)> {
    let since: Timestamp = live.get("updated_at")?.as_str()?.parse().ok()?;
    match (aim, status(Some(live))?) {
        ("in_use", "standby") => {
            let due = since.checked_add(COPIES).ok()?;
            Some((due, format!("cached copies of the public keys may lack `{name}` until {}", told(due))))
        }
        ("revoked", "previously_used") => {
            let lifetime = SignedDuration::from_secs(live.get("jwt_exp").and_then(Value::as_i64).unwrap_or(LONGEST));
            let due = since.checked_add(lifetime).and_then(|at| at.checked_add(MARGIN)).ok()?;
            Some((due, format!("tokens that `{name}` has signed are valid until {}", told(due))))
        }
        _ => None,
    }
}

/// A moment to the second, so that nothing is told too early.
fn told(at: Timestamp) -> String {
    Timestamp::from_second(at.as_millisecond().div_euclid(1000) + i64::from(at.subsec_nanosecond() > 0))
        .unwrap_or(at)
        .to_string()
}

pub(super) fn awaited(project: &str, section: &Section, live: &LiveKind) -> Vec<Awaited> {
    let LiveKind::Items(live) = live else { return vec![] };
    let not_yet = |name: &str, aim: &str| {
        let key = live.get(name)?;
        let now: Option<Timestamp> = key.get("seen_at").and_then(Value::as_str).and_then(|at| at.parse().ok());
        // Where the API does not tell the time, nothing is known to be due.
        let (_, text) = due(name, aim, key).filter(|(due, _)| now.is_none_or(|now| now < *due))?;
        Some(text)
    };
    let next = wanted(section).find(|(.., aim)| *aim == Some("in_use")).map(|(name, ..)| name);
    // A key that is not there yet is added first, and put into use by a later run.
    let next = next.filter(|next| !live.contains_key(*next) || not_yet(next, "in_use").is_some());
    let mut all = vec![];
    for (name, settings, aim) in wanted(section) {
        let is_in_use = status(live.get(name)) == Some("in_use");
        let text = match (aim, next) {
            (Some("previously_used"), Some(next)) if is_in_use => {
                Some(format!("`{name}` steps back once `{next}` is put into use"))
            }
            (Some(aim), _) => not_yet(name, aim),
            (None, _) => None,
        };
        all.extend(text.map(|text| Awaited {
            at: Address::item(project, INFO.name, name),
            text,
            todo: vec![],
            holds: &["status"],
            soon: false,
            ask_again: false,
            origin: settings.fields.get("status").map(|setting| setting.origin.clone()),
        }));
    }
    all
}
