//! The long text of a code.

use crate::diag::Code;

const WIDTH: usize = 80;

/// What `supaform explain` prints: title, explanation and an example.
#[must_use]
pub fn explain(code: Code) -> String {
    let info = code.info();
    let mut text = format!("{}: {}\n\n{}", info.id, info.title, wrap(info.explanation));
    if !info.example.is_empty() {
        text.push_str("\nFor example:\n\n");
        for line in info.example.lines() {
            text.push_str(format!("    {line}").trim_end());
            text.push('\n');
        }
    }
    text
}

/// Breaks between words.
fn wrap(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped.push('\n');
    wrapped
}
