//! A field in a project, as a record.

use serde_json::{Value, json};

use super::compared::{place_json, says_json};
use super::seal::VERSION;
use crate::compare::{Fact, Place, is_as_wanted};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::model::{Layer, Origin};

/// A field or an item of a project.
#[derive(Debug)]
pub struct Explained<'a> {
    /// The name of the project's document.
    pub project: &'a str,
    /// The places that were asked for, each with its desired and its live value.
    pub places: Vec<(&'a Place, Option<&'a Fact>, Option<&'a Fact>)>,
    /// Why live was not read; `None` where it was.
    pub unread: Option<&'a str>,
}

/// `profiles/acme.yaml:8:3 (profile acme)`.
#[must_use]
pub fn origin_text(sources: &Sources, origin: &Origin) -> String {
    let layer = match &origin.layer {
        Layer::Profile(name) => format!(" (profile {name})"),
        Layer::Common => " (common)".to_owned(),
        Layer::Document => String::new(),
    };
    escape(&(sources.locate(origin.span) + &layer)).into_owned()
}

/// The same as JSON.
#[must_use]
pub fn explained_json(explained: &Explained<'_>, sources: &Sources) -> Value {
    let at =
        |origin: &Origin| json!({"place": place_json(Some(origin), sources), "text": origin_text(sources, origin)});
    let fields = explained.places.iter().map(|(place, wanted, live)| {
        json!({
            "section": place.subject.kind(),
            "item": place.subject.item(),
            "field": place.field,
            "wanted": wanted.map(|fact| json!({
                "says": says_json(&fact.says),
                "at": fact.origin.as_ref().map(at),
                "over": fact.over.iter().map(at).collect::<Vec<_>>(),
            })),
            "live": if explained.unread.is_some() { Value::Null } else { json!({
                "says": live.map(|fact| says_json(&fact.says)),
                "as_wanted": wanted.and_then(|wanted| is_as_wanted(wanted, *live)),
            }) },
        })
    });
    json!({
        "format": "supaform.explanation",
        "version": VERSION,
        "project": explained.project,
        "unread": explained.unread,
        "fields": fields.collect::<Vec<_>>(),
    })
}
