//! What is printed held against what a page shows, and the words of a command line.

/// What stands in a session for lines that are left out.
const LEFT_OUT: &str = "…\n";

/// Whether what is printed is what a page says, [`LEFT_OUT`] standing for any lines.
pub(crate) fn holds(said: &str, printed: &str) -> bool {
    if said == LEFT_OUT {
        return false; // It would say nothing.
    }
    let mut pieces = said.split(LEFT_OUT);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        rest = match pieces.peek() {
            None => return rest.ends_with(piece),
            Some(_) => match rest.split_once(piece) {
                Some((_, rest)) => rest,
                None => return false,
            },
        };
    }
    true
}

/// The words of a command line, as a shell would see them, with 1 for what it would compute.
pub(crate) fn words(line: &str) -> Vec<String> {
    let computed = line.split("$((").enumerate().map(|(index, part)| match part.split_once("))") {
        Some((_, rest)) if index > 0 => format!("1{rest}"),
        _ => part.to_owned(),
    });
    let (mut words, mut quote) = (vec![String::new()], None);
    for letter in computed.collect::<String>().chars() {
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            (' ', None) => words.push(String::new()),
            _ => words.last_mut().expect("a word").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn what_a_session_leaves_out_is_any_lines_and_nothing_else() {
    assert!(holds("a\n…\nd\n", "a\nb\nc\nd\n"));
    assert!(holds("…\nb\n…\n", "a\nb\nc\n"));
    for (said, printed) in
        [("a\n", "a\nb\n"), ("a\n…\nd\n", "b\nc\nd\n"), ("a\n…\nc\n", "a\nb\nc\nd\n"), ("…\n", "a\n")]
    {
        assert!(!holds(said, printed), "{said:?} is not {printed:?}");
    }
}
