//! A refusal of SQL in the words of the service beside the database, which writes an error of the server as `psql` does.

use super::wire::{Failed, ServerError};
use crate::sandbox::answer::{Answer, refuse};

/// The answer to SQL that failed.
pub(super) fn refusal(failed: &Failed, sql: &str) -> Answer {
    match failed {
        Failed::Refused(error) => refuse(400, format!("Failed to run sql query: {}", text(error, sql))),
        Failed::Unreachable(why) => refuse(500, format!("the sandbox's PostgreSQL does not answer: {why}")),
    }
}

fn text(error: &ServerError, sql: &str) -> String {
    let mut text = format!("{}:  {}: {}\n", error.severity, error.code, error.message);
    if let Some(position) = error.position {
        let (number, line, column) = place(sql, position.saturating_sub(1));
        let indent = " ".repeat(format!("LINE {number}: ").len() + column);
        text.push_str(&format!("LINE {number}: {line}\n{indent}^\n"));
    }
    let further = [
        ("DETAIL", &error.detail),
        ("HINT", &error.hint),
        ("QUERY", &error.internal_query),
        ("CONTEXT", &error.context),
    ];
    for (name, said) in further {
        if let Some(said) = said {
            text.push_str(&format!("{name}:  {said}\n"));
        }
    }
    text
}

/// The line of a character, its number from 1, and the column from 0. What is behind the last line is in line 0, which is empty.
fn place(sql: &str, at: usize) -> (usize, &str, usize) {
    let mut begun = 0;
    for (index, line) in sql.split('\n').enumerate() {
        let length = line.chars().count();
        if begun + length > at {
            return (index + 1, line, at.saturating_sub(begun));
        }
        begun += length + 1;
    }
    (0, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_its_line() {
        let error = |position| ServerError {
            severity: "ERROR".to_owned(),
            code: "42703".to_owned(),
            message: "column \"b\" does not exist".to_owned(),
            position: Some(position),
            hint: Some("Look.".to_owned()),
            ..ServerError::default()
        };
        assert_eq!(
            text(&error(16), "-- é\nselect a, b;"),
            "ERROR:  42703: column \"b\" does not exist\nLINE 2: select a, b;\n                  ^\nHINT:  Look.\n"
        );
        assert_eq!(
            text(&error(9), "select 1"),
            "ERROR:  42703: column \"b\" does not exist\nLINE 0: \n        ^\nHINT:  Look.\n"
        );
    }
}
