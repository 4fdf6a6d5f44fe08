//! A field in a project: the desired value and its place, the weaker values below it, and the live value.

use super::build::facts::{fact, item_field};
use super::{Line, Role, StyledText};
use crate::compare::{Fact, Place, is_as_wanted};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::record::{Explained, origin_text};

/// Renders the field for people, below its documentation.
pub fn explained_text(explained: &Explained<'_>, sources: &Sources) -> StyledText {
    let mut page = StyledText::new();
    let name = |place: &Place| {
        let field = item_field(place);
        format!(
            "{}/{}{}{field}",
            explained.project,
            place.subject.kind_name(),
            if place.subject.item().is_some() { "/" } else { "." }
        )
    };
    for (place, wanted, live) in &explained.places {
        page.gap();
        page.push(Line::of(Role::Heading, escape(&name(place))));
        page.push(Line::new());
        match wanted {
            None => page.push(label("Wanted").plain("not managed: no manifest sets it")),
            Some(wanted) => {
                let at = wanted.origin.as_ref().map(|origin| origin_text(sources, origin));
                page.push(label("Wanted").then(Role::Add, fact(wanted)).at(at));
                for over in wanted.over.iter().rev() {
                    page.push(label("Over").then(Role::Dim, origin_text(sources, over)));
                }
            }
        }
        page.push(label("Live").append(live_line(*wanted, *live, explained.unread)));
    }
    page
}

fn label(text: &str) -> Line {
    Line::new().plain(format!("  {text}")).pad_to(12)
}

fn live_line(wanted: Option<&Fact>, live: Option<&Fact>, unread: Option<&str>) -> Line {
    if let Some(why) = unread {
        return Line::of(Role::Dim, format!("not read: {}", escape(why)));
    }
    let shown = live.map_or("(not set)".to_owned(), fact);
    let Some(wanted) = wanted else { return Line::of(Role::Plain, shown) };
    match is_as_wanted(wanted, live) {
        Some(true) => Line::of(Role::Good, shown).plain("  as wanted"),
        Some(false) => Line::of(Role::Change, shown).plain("  differs"),
        None => Line::of(Role::Plain, shown).then(Role::Dim, "  is set; `plan` shows whether it is the desired one"),
    }
}
