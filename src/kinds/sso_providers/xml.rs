//! The parts of SAML metadata that matter here: the identity provider's entity id, and whether two texts mean the same.

use serde_json::Value;

enum Piece<'a> {
    Tag(&'a str),
    Text(&'a str),
}

/// The tags and the texts between them; comments and declarations are left out.
fn pieces(xml: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![];
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        pieces.push(Piece::Text(text));
        let skip = [("!--", "-->"), ("?", "?>")].into_iter().find(|(start, _)| after.starts_with(start));
        if let Some((_, end)) = skip {
            rest = after.split_once(end).map_or("", |(_, rest)| rest);
            continue;
        }
        let mut quote = None;
        let end = after.find(|letter| {
            match quote {
                Some(open) if open == letter => quote = None,
                None if matches!(letter, '"' | '\'') => quote = Some(letter),
                _ => {}
            }
            letter == '>' && quote.is_none()
        });
        let (tag, left) = after.split_at(end.unwrap_or(after.len()));
        pieces.push(Piece::Tag(tag));
        rest = left.strip_prefix('>').unwrap_or_default();
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The name of a tag and its attributes, sorted.
fn parts(tag: &str) -> (&str, Vec<(&str, &str)>) {
    let tag = tag.trim_end_matches('/').trim_end();
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = vec![];
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { break };
        let Some((value, left)) = after.strip_prefix(quote).and_then(|after| after.split_once(quote)) else { break };
        attributes.push((name.trim(), value));
        rest = left;
    }
    attributes.sort_unstable();
    (name, attributes)
}

/// The entity id of the first identity provider in metadata.
pub(super) fn entity_id(xml: &str) -> Option<String> {
    let descriptors = pieces(xml).into_iter().filter_map(|piece| match piece {
        Piece::Tag(tag) => Some(parts(tag)),
        Piece::Text(_) => None,
    });
    let mut descriptors =
        descriptors.filter(|(name, _)| name.rsplit(':').next().is_some_and(|name| name == "EntityDescriptor"));
    let (_, attributes) = descriptors.next()?;
    let (_, id) = attributes.into_iter().find(|(name, _)| *name == "entityID")?;
    Some(unescaped(id)).filter(|id| !id.is_empty())
}

fn unescaped(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    named.iter().fold(text.to_owned(), |text, (escape, letter)| text.replace(escape, letter))
}

/// Metadata without what has no meaning: comments, declarations, blanks between tags, the order and quotes of attributes.
pub(super) fn canonical(value: Value) -> Value {
    let Value::String(xml) = &value else { return value };
    let said = pieces(xml).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Piece::Tag(tag) => {
            let (name, attributes) = parts(tag);
            let quoted = |value: &str| if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") };
            let attributes: String =
                attributes.iter().map(|(name, value)| format!(" {name}={}", quoted(value))).collect();
            format!("<{name}{attributes}{}>", if tag.ends_with('/') { "/" } else { "" })
        }
    });
    said.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_entity_id_is_found_in_every_notation() {
        for (xml, id) in [
            (r#"<EntityDescriptor entityID="https://a"/>"#, Some("https://a")),
            (
                "<?xml version='1.0'?><!-- <x entityID='no'> -->\n<md:EntityDescriptor x=\"a>b\"\n entityID = 'urn:a&amp;b'>",
                Some("urn:a&b"),
            ),
            (
                r#"<EntitiesDescriptor Name="n"><EntityDescriptor entityID="one"></EntityDescriptor></EntitiesDescriptor>"#,
                Some("one"),
            ),
            (r#"<EntityDescriptor ID="entityID"/>"#, None),
            (r#"<EntityDescriptor entityID=""/>"#, None),
            (r#"<Other entityID="x"/>"#, None),
            ("<EntityDescriptor entityID=\"x", None),
            ("", None),
        ] {
            assert_eq!(entity_id(xml).as_deref(), id, "{xml}");
        }
    }

    #[test]
    fn equal_meanings_have_one_canonical_form() {
        let same = |a: &str, b: &str| canonical(json!(a)) == canonical(json!(b));
        let plain = r#"<E a="1" b="2"><K>AB CD</K></E>"#;
        for other in [
            "<?xml version=\"1.0\"?>\n<E b=\"2\"   a='1'>\n  <!-- of 2026 --><K>\n AB\n CD </K>\n</E>\n",
            "<E  a = \"1\"\n\tb=\"2\" ><K>AB CD</K></E>",
        ] {
            assert!(same(plain, other), "{other}");
        }
        for other in [r#"<E a="1" b="3"><K>AB CD</K></E>"#, r#"<E a="1" b="2"><K>AB CE</K></E>"#, "", "<E"] {
            assert!(!same(plain, other), "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd_to_be_looked_at(text in "[<>?!/=a-c\"' \n-]{0,40}") {
            proptest::prop_assert!(entity_id(&text).is_none(), "these letters spell no id");
            canonical(json!(text));
        }

        #[test]
        fn the_canonical_form_is_one(xml in "(<a>|</a>|<a b=\"c\" a='\"'>|<a  b = '>'/>|<!-- < -->|[?]|x y| |\n){0,9}") {
            let once = canonical(json!(xml));
            proptest::prop_assert_eq!(canonical(once.clone()), once);
        }
    }
}
