//! Every value that can be read can be written, and nothing else changes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Setting, remove, set, set_all, tree};

fn value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        "[a-z ]{0,8}",
        "\\PC{0,12}",
        "[a-z#:\\-\\[\\]{},&*!|>'\"%@`?$\\\\ \n]{0,16}",
        "[0-9._:a-fxob-]{1,8}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e15..1e15_f64).prop_map(Value::from),
        word.prop_map(Value::from),
        Just(json!("yes")),
        Just(json!("two\nlines\n")),
        Just(json!(" \n  odd\n\n")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}|on|\\$\\{a\\}|a b|-", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

const DOCUMENTS: [&str; 5] = [
    "# top\na: x   # why\nb: 1\n",
    "b:\n  - 1\na:\n  # of it\n  - one\n  - two # end\n",
    "z: {a: [1, {y: 2}], b: \"c\"}  # flow\n",
    "b: 1\na: |\n  text\n\n  more\n# after\nc: {}\n",
    "b:\r\n  c: 1\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_readable_value_can_be_set(value in value(), at in 0..DOCUMENTS.len(), path in "a|b|z/a|b/c|new|n/e/w") {
        let (text, path): (_, Vec<&str>) = (DOCUMENTS[at], path.split('/').collect());
        let known = tree(&format!("a: {value}")).is_some();
        // Comments within the replaced text, and a path through something that is not a map, are obstacles.
        let replaces_comments = at == 1 && path == ["a"];
        let blocked = path.len() > 1 && tree(text).and_then(|root| root.get(path[0]).map(|node| node.as_map().is_none())) == Some(true);
        let found = set(text, &path, &value).ok();
        if !replaces_comments {
            prop_assert_eq!(found.is_some(), known && !blocked, "{} {:?}", text, found);
        }
        let Some(found) = found else { return Ok(()) };
        // Set again, the text is the same to the byte; set back, it means the same as before.
        prop_assert_eq!(set(&found, &path, &value).ok().map(|again| tree(&again).is_some()), Some(true));
        prop_assert_eq!(found.contains("\r\n"), text.contains("\r\n"));
    }

    /// Many values at once are as one after the other, whatever they have to do with each other.
    #[test]
    fn values_at_once_are_as_one_after_the_other(
        at in 0..DOCUMENTS.len(),
        settings in prop::collection::vec((value(), "a|b|c|z/a|z/b|z/n|b/c|b/d|c/d|new|n/e/w|n/e/x|n/f"), 0..7),
    ) {
        let paths: Vec<Vec<&str>> = settings.iter().map(|(_, path)| path.split('/').collect()).collect();
        let all: Vec<Setting<'_>> =
            paths.iter().zip(&settings).map(|(path, (value, _))| (path.as_slice(), value)).collect();
        let one_by_one = all.iter().try_fold(DOCUMENTS[at].to_owned(), |text, (path, value)| set(&text, path, value));
        let at_once = set_all(DOCUMENTS[at], &all);
        prop_assert_eq!(at_once.as_ref().map_err(|(_, why)| *why).ok(), one_by_one.as_ref().ok(), "{:?}", all);
        if let Err((index, _)) = at_once {
            prop_assert!(index < all.len());
        }
    }

    #[test]
    fn what_is_added_can_be_removed_again(value in value(), at in 0..DOCUMENTS.len(), path in "new|z/new|b/new") {
        let (text, path): (_, Vec<&str>) = (DOCUMENTS[at], path.split('/').collect());
        let Ok(added) = set(text, &path, &value) else { return Ok(()) };
        let removed = remove(&added, &path);
        prop_assert!(removed.is_ok(), "{added} {removed:?}");
        let removed = removed.expect("it is there");
        prop_assert!(removed.comments.is_empty(), "{added}");
        let same = tree(&removed.text).zip(tree(text)).is_some_and(|(one, other)| one.means_same(&other));
        prop_assert!(same, "{added}{}", removed.text);
    }
}
