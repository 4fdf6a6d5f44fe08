//! Words in which texts of several projects differ, and the variables that take their place.

use std::collections::BTreeSet;

/// The most variables of one's own; more would be harder to read than what they replace.
const MOST: usize = 4;
/// The longest word, in characters.
const LONGEST: usize = 80;

/// A variable: how it is written, and its word in each project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// `project.ref`, `document`, `var.domain`.
    pub(super) name: String,
    /// The word that it stands for, by project.
    pub(super) words: Vec<String>,
}

/// The texts that one field has in all projects.
pub(super) type Texts<'t> = Vec<&'t str>;

/// A text with variables in place of words.
pub(super) fn abstracted(text: &str, variables: &[Variable], project: usize) -> Option<String> {
    let mut words: Vec<(&str, &str)> = variables
        .iter()
        .filter_map(|variable| Some((variable.words.get(project)?.as_str(), variable.name.as_str())))
        .collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    let (mut out, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
    while let Some(first) = rest.chars().next() {
        let hit = words.iter().find(|(word, _)| stands_at(rest, word, before));
        match hit {
            // `$` before a variable would be read as a part of `$${`.
            Some(_) if before == Some('$') => return None,
            Some((word, name)) => {
                out.push_str("${");
                out.push_str(name);
                out.push('}');
                before = word.chars().last();
                rest = rest.get(word.len()..)?;
            }
            None => {
                out.push(first);
                before = Some(first);
                rest = rest.get(first.len_utf8()..)?;
            }
        }
    }
    Some(out)
}

/// Whether a word begins here and ends before something that would make it longer.
fn stands_at(rest: &str, word: &str, before: Option<char>) -> bool {
    let Some(after) = rest.strip_prefix(word).filter(|_| !word.is_empty()) else { return false };
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !joins(before) && !joins(after.chars().next())
}

/// The variables, beside those that the projects `have`, that make the most fields equal: those that every project has anyway,
/// then some of one's own.
pub(super) fn variables(
    fields: &[Texts<'_>],
    have: &[Variable],
    known: Vec<Variable>,
    hosts: Option<&Vec<String>>,
) -> Vec<Variable> {
    let mut chosen: Vec<Variable> = have.to_vec();
    for variable in known.into_iter().filter(|it| is_word(&it.words)) {
        if gain(fields, &chosen, &variable) > 0 {
            chosen.push(variable);
        }
    }
    let mut candidates: BTreeSet<Vec<String>> = fields.iter().filter_map(|texts| middle(texts)).collect();
    candidates.extend(hosts.filter(|words| is_word(words)).cloned());
    for _ in 0..MOST {
        let best = candidates
            .iter()
            .map(|words| {
                let name = format!("var.{}", name(words, hosts, &chosen));
                let variable = Variable { name, words: words.clone() };
                (gain(fields, &chosen, &variable), hosts == Some(words), variable)
            })
            .max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.words.cmp(&a.2.words)));
        match best {
            Some((gain, _, variable)) if gain >= 2 => {
                candidates.remove(&variable.words);
                chosen.push(variable);
            }
            _ => break,
        }
    }
    chosen.split_off(have.len())
}

/// How many more fields a variable makes equal.
fn gain(fields: &[Texts<'_>], chosen: &[Variable], variable: &Variable) -> usize {
    let with: Vec<Variable> = chosen.iter().chain([variable]).cloned().collect();
    fields.iter().filter(|texts| !is_same(texts, chosen) && is_same(texts, &with)).count()
}

/// Whether all texts are the same once variables take the place of words.
pub(super) fn is_same(texts: &[&str], variables: &[Variable]) -> bool {
    let mut all = texts.iter().enumerate().map(|(project, text)| abstracted(text, variables, project));
    let Some(Some(first)) = all.next() else { return false };
    all.all(|text| text.as_ref() == Some(&first))
}

/// The words between what all texts begin and end with.
fn middle(texts: &[&str]) -> Option<Vec<String>> {
    let first: Vec<char> = texts.first()?.chars().collect();
    let (mut start, mut end) = (first.len(), first.len());
    for text in texts {
        start = start.min(first.iter().zip(text.chars()).take_while(|(a, b)| **a == *b).count());
        end = end.min(first.iter().rev().zip(text.chars().rev()).take_while(|(a, b)| **a == *b).count());
    }
    // What is common ends where a word ends.
    while start > 0 && first.get(start - 1).is_some_and(|c| c.is_alphanumeric()) {
        start -= 1;
    }
    while end > 0 && first.get(first.len() - end).is_some_and(|c| c.is_alphanumeric()) {
        end -= 1;
    }
    let words: Vec<String> = texts
        .iter()
        .map(|text| {
            let all: Vec<char> = text.chars().collect();
            all.get(start..all.len().saturating_sub(end)).map(|word| word.iter().collect())
        })
        .collect::<Option<_>>()?;
    is_word(&words).then_some(words)
}

/// Whether each is a word that a variable can hold, and not all are the same.
fn is_word(words: &[String]) -> bool {
    let fits = |word: &String| {
        let bounded = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        word.chars().count() <= LONGEST
            && bounded(word.chars().next())
            && bounded(word.chars().last())
            && !word.contains(['$', '{', '}', '\n', '"', '<', '>'])
    };
    words.iter().all(fits) && words.iter().collect::<BTreeSet<_>>().len() > 1
}

/// A name for words: what they are, as far as one can see.
fn name(words: &[String], hosts: Option<&Vec<String>>, chosen: &[Variable]) -> String {
    let is_domain = |word: &String| word.contains('.') && !word.contains([' ', '/', '@']);
    let base = match () {
        () if hosts.is_some_and(|hosts| hosts == words) => "domain",
        () if words.iter().all(is_domain) => "host",
        () if words.iter().all(|word| word.parse::<f64>().is_ok()) => "number",
        () => "brand",
    };
    let is_free = |name: &String| !chosen.iter().any(|it| it.name == format!("var.{name}"));
    let numbered = (2..).map(|number| format!("{base}{number}"));
    std::iter::once(base.to_owned()).chain(numbered).find(is_free).unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_are_found_where_texts_differ() {
        let found = |texts: &[&str]| middle(texts);
        assert_eq!(found(&["https://acme.example/cb", "https://bolt.example/cb"]), Some(words(&["acme", "bolt"])));
        assert_eq!(found(&["https://a.io", "https://b.dev"]), Some(words(&["a.io", "b.dev"])));
        assert_eq!(found(&["Acme <x>", "Acme Two <x>"]), None, "one has nothing of its own");
        assert_eq!(found(&["same", "same"]), None);
        assert_eq!(found(&["a ${x}", "b ${y}"]), None);
    }

    #[test]
    fn variables_take_the_place_of_whole_words() {
        let all = [Variable { name: "var.domain".to_owned(), words: words(&["a.io", "b.io"]) }];
        let text = |text: &str| abstracted(text, &all, 0);
        assert_eq!(text("https://a.io/x?u=a.io").as_deref(), Some("https://${var.domain}/x?u=${var.domain}"));
        assert_eq!(text("https://aa.io, a.ion").as_deref(), Some("https://aa.io, a.ion"));
        assert_eq!(text("costs $a.io"), None, "it would be read as an escape");
        assert!(is_same(&["mail@a.io", "mail@b.io"], &all) && !is_same(&["mail@a.io", "info@b.io"], &all));
    }

    #[test]
    fn a_variable_is_worth_it_where_two_fields_use_it() {
        let one = vec![vec!["https://a.io", "https://b.io"]];
        let hosts = Some(words(&["a.io", "b.io"]));
        assert_eq!(variables(&one, &[], vec![], hosts.as_ref()), []);
        let two = vec![vec!["https://a.io", "https://b.io"], vec!["hi@a.io", "hi@b.io"]];
        let found = variables(&two, &[], vec![], hosts.as_ref());
        assert_eq!(found, [Variable { name: "var.domain".to_owned(), words: words(&["a.io", "b.io"]) }]);
    }
}
