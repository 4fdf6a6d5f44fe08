//! What a statement does, as far as its words tell.

use super::lexer::{Statement, Token, dollar_body, statements};

/// A class of harm, and a sentence for people without the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Data is lost.
    Destroys(&'static str),
    /// Data may be seen or changed by others.
    Opens(&'static str),
}

/// How a statement goes with transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// It begins or ends one.
    Controls,
    /// The server runs it outside of a transaction only.
    Refuses,
}

/// What can be dropped and made again without losing data.
const WITHOUT_DATA: &[&str] = &[
    "policy",
    "function",
    "procedure",
    "routine",
    "trigger",
    "event",
    "view",
    "index",
    "rule",
    "aggregate",
    "cast",
    "collation",
    "conversion",
    "operator",
    "statistics",
    "text",
    "transform",
    "constraint",
    "default",
    "not",
    "identity",
    "expression",
    "domain",
];

impl Statement<'_> {
    /// How it goes with transactions; `None` for ordinary statements.
    #[must_use]
    pub fn transaction(&self) -> Option<Transaction> {
        let controls = ["begin", "commit", "end", "abort"].iter().any(|word| self.begins(&[word]))
            || self.begins(&["start", "transaction"])
            || self.begins(&["prepare", "transaction"])
            || self.begins(&["rollback"]) && !self.tokens.iter().any(|(token, _)| token.is("to"));
        if controls {
            return Some(Transaction::Controls);
        }
        let concurrently = || self.tokens.iter().take(8).any(|(token, _)| token.is("concurrently"));
        let outside = [
            &["vacuum"][..],
            &["alter", "system"],
            &["create", "subscription"],
            &["drop", "subscription"],
            &["create", "database"],
            &["drop", "database"],
            &["create", "tablespace"],
            &["drop", "tablespace"],
            &["reindex", "database"],
            &["reindex", "schema"],
            &["reindex", "system"],
        ];
        let indexes = [&["create", "index"][..], &["create", "unique", "index"], &["drop", "index"], &["reindex"]];
        let refuses = outside.iter().any(|words| self.begins(words))
            || indexes.iter().any(|words| self.begins(words)) && concurrently()
            || self.begins(&["alter", "table"])
                && self.tokens.iter().any(|(token, _)| token.is("detach"))
                && self.tokens.last().is_some_and(|(token, _)| token.is("concurrently"));
        refuses.then_some(Transaction::Refuses)
    }

    /// What it may destroy or open, each with its place, in order.
    #[must_use]
    pub fn harms(&self) -> Vec<(Harm, usize)> {
        let mut found = harms(&self.tokens);
        // The body of a function is run later, if at all; that of `DO` is run now.
        if self.begins(&["do"]) {
            for (token, at) in &self.tokens {
                if let Token::Dollar(text) = token
                    && let Some(body) = dollar_body(text)
                {
                    let start = at + (text.len() - body.len()) / 2;
                    let inner = statements(body).unwrap_or_default();
                    found.extend(inner.iter().flat_map(|it| harms(&it.tokens)).map(|(harm, at)| (harm, start + at)));
                }
            }
        }
        found
    }
}

fn harms(tokens: &[(Token<'_>, usize)]) -> Vec<(Harm, usize)> {
    // The body of a function or procedure in standard SQL is not run now.
    let defines = tokens.iter().take(4).any(|(token, _)| token.is("function") || token.is("procedure"));
    if defines && tokens.first().is_some_and(|(token, _)| token.is("create")) {
        return vec![];
    }
    let mut found = vec![];
    for index in 0..tokens.len() {
        let at = tokens[index].1;
        if let Some(harm) = harm(tokens, index) {
            found.push((harm, at));
        }
    }
    found
}

/// What begins at a token.
fn harm(tokens: &[(Token<'_>, usize)], index: usize) -> Option<Harm> {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|(token, _)| token.is(word));
    let follows = |words: &[&str]| index > 0 && words.iter().any(|word| is(index - 1, word));
    // A command stands at the start, after a parenthesis of `WITH`, or after a word of PL/pgSQL.
    let leads = index == 0 || follows(&["(", ")", "begin", "then", "else", "loop"]);
    let within = is(0, "alter");
    if is(index, "drop") && (leads || within) {
        let what = tokens.get(index + 1)?.0;
        let cascades = tokens.get(index..)?.iter().any(|(token, _)| token.is("cascade"));
        if WITHOUT_DATA.iter().any(|word| what.is(word)) {
            return cascades.then_some(Harm::Destroys("drops whatever depends on it, too (CASCADE)"));
        }
        let known = [
            ("table", "drops a table with its rows"),
            ("foreign", "drops a table with its rows"),
            ("schema", "drops a schema"),
            ("materialized", "drops a materialized view with its rows"),
            ("database", "drops a database"),
            ("role", "drops a role"),
            ("user", "drops a role"),
            ("owned", "drops what a role owns"),
        ];
        let known = known.iter().find(|(word, _)| what.is(word)).map(|(_, why)| *why);
        return Some(Harm::Destroys(match known {
            Some(why) => why,
            None if within && is(1, "type") => "drops an attribute with its values",
            None if within => "drops a column with its values",
            None => "drops what cannot be recovered",
        }));
    }
    if is(index, "truncate") && leads {
        return Some(Harm::Destroys("empties a table (TRUNCATE)"));
    }
    if is(index, "delete") && is(index + 1, "from") && leads && !bounded(tokens, index) {
        return Some(Harm::Destroys("deletes all rows of a table (DELETE without WHERE)"));
    }
    if is(index, "update") && leads && sets(tokens, index) && !bounded(tokens, index) {
        return Some(Harm::Destroys("changes all rows of a table (UPDATE without WHERE)"));
    }
    if is(index, "disable") && is(index + 1, "row") && within {
        return Some(Harm::Opens("switches row-level security off for a table"));
    }
    None
}

/// The tokens of the command at a token, without those within parentheses of its own.
fn command<'a, 't>(tokens: &'a [(Token<'t>, usize)], index: usize) -> impl Iterator<Item = Token<'t>> + use<'a, 't> {
    let mut depth = 0_i32;
    tokens
        .get(index..)
        .unwrap_or_default()
        .iter()
        .map_while(move |(token, _)| {
            depth += i32::from(token.is("("));
            let inside = depth > 0;
            depth -= i32::from(token.is(")"));
            (depth >= 0).then_some((*token, inside))
        })
        .filter(|(_, inside)| !inside)
        .map(|(token, _)| token)
}

fn bounded(tokens: &[(Token<'_>, usize)], index: usize) -> bool {
    command(tokens, index).any(|token| token.is("where"))
}

fn sets(tokens: &[(Token<'_>, usize)], index: usize) -> bool {
    command(tokens, index).any(|token| token.is("set"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destroys(text: &str) -> Vec<usize> {
        let all = statements(text).unwrap();
        all.iter()
            .flat_map(Statement::harms)
            .filter(|(it, _)| matches!(it, Harm::Destroys(_)))
            .map(|(_, at)| at)
            .collect()
    }

    #[test]
    fn what_destroys_data_is_found_where_it_stands() {
        for (text, places) in [
            ("drop table a", vec![0]),
            ("create table a (); drop table if exists a", vec![19]),
            ("alter table a drop column b", vec![14]),
            ("alter table a drop b, add c int", vec![14]),
            ("alter table a add b int, drop if exists c cascade", vec![25]),
            ("truncate a", vec![0]),
            ("delete from a", vec![0]),
            ("update a set b = 1", vec![0]),
            ("update a set b = (select 1 from c where true)", vec![0]),
            ("with x as (delete from a returning *) select * from x where true", vec![11]),
            ("with x as (select 1) delete from a", vec![21]),
            ("do $$ begin drop table a; end $$", vec![12]),
            ("do $$ begin if true then delete from a; end if; end $$", vec![25]),
            ("drop view a cascade", vec![0]),
            ("drop schema a", vec![0]),
            ("drop type a", vec![0]),
        ] {
            assert_eq!(destroys(text), places, "{text}");
        }
    }

    #[test]
    fn what_destroys_nothing_is_left_alone() {
        for text in [
            "create table a (b int references c on delete cascade on update cascade)",
            "delete from a where b",
            "update a set b = 1 where c",
            "insert into a values (1) on conflict do update set b = 1",
            "select * from a for update",
            "drop policy if exists p on a",
            "drop function f()",
            "drop trigger t on a",
            "alter table a alter column b drop not null, alter column b drop default, drop constraint c",
            "create function f() returns void language sql as $$ delete from a $$",
            "create function f() returns void begin atomic delete from a; end",
            "create trigger t before update or delete on a execute function f()",
            "create policy p on a for delete using (true)",
            "grant delete, update, truncate on a to b",
            "select 'drop table a'",
            "-- drop table a\nselect 1",
            "comment on table a is 'drop table'",
        ] {
            assert_eq!(destroys(text), Vec::<usize>::new(), "{text}");
        }
    }

    #[test]
    fn statements_that_go_with_no_transaction_are_known() {
        let of = |text: &str| statements(text).unwrap()[0].transaction();
        for text in ["BEGIN", "start transaction", "commit", "end", "rollback", "abort", "prepare transaction 'a'"] {
            assert_eq!(of(text), Some(Transaction::Controls), "{text}");
        }
        for text in [
            "create index concurrently a on b (c)",
            "create unique index concurrently if not exists a on b (c)",
            "drop index concurrently a",
            "reindex table concurrently a",
            "reindex (verbose) index concurrently a",
            "VACUUM full a",
            "alter system set a = 1",
            "create subscription a connection 'x' publication b",
            "alter table a detach partition b concurrently",
        ] {
            assert_eq!(of(text), Some(Transaction::Refuses), "{text}");
        }
        for text in
            ["create index a on b (c)", "savepoint a", "rollback to a", "rollback to savepoint a", "reindex table a"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
