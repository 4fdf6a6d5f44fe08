//! Our Markdown without HTML, for readers that would show the tags.

use super::escape::{code, longest_run};

/// The same text without HTML: markers are removed, folds are open below their summaries, notices become quotes. The result
/// is never longer.
#[must_use]
pub fn without_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence = None;
    for line in text.lines() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            Some(open) if line.len() == open && ticks == open => fence = None,
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                if let Some(line) = outside(line) {
                    out.push_str(&line);
                    out.push('\n');
                }
                continue;
            }
            Some(_) => {}
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A line outside of a fence; `None` where it is all HTML.
fn outside(line: &str) -> Option<String> {
    let is_markup = matches!(line, "<details>" | "<details open>" | "</details>")
        || (line.starts_with("<!-- ") && line.ends_with(" -->"))
        || line.starts_with("> [!");
    if is_markup {
        return None;
    }
    let summary = line.strip_prefix("<summary>").and_then(|line| line.strip_suffix("</summary>"));
    Some(summary.map_or_else(|| line.to_owned(), |summary| format!("**{}**", spans(summary))))
}

/// A summary with code spans in place of HTML's code.
fn spans(summary: &str) -> String {
    let mut out = String::new();
    for (index, part) in summary.split("<code>").enumerate() {
        let (html, words) = part.split_once("</code>").filter(|_| index > 0).unwrap_or(("", part));
        if index > 0 {
            let text = ["&lt;<", "&gt;>", "&quot;\"", "&amp;&"].iter().fold(html.to_owned(), |text, pair| {
                let (entity, character) = pair.split_at(pair.len() - 1);
                text.replace(entity, character)
            });
            // A span around back quotes may be longer than the tags were.
            let text = if longest_run(&text) > 4 { text.replace('`', "'") } else { text };
            out.push_str(&code(&text));
        }
        out.push_str(words);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_goes_and_what_it_held_stays() {
        let text = "<!-- supaform:plan -->\n**Plan**\n\n> [!CAUTION]\n> **Cannot be undone**\n> - gone: `a`\n\n<details open>\n\
                    <summary><code>a&amp;lt;`@b</code> (<code>&lt;img&gt;</code>): 1 to add</summary>\n\n````diff\n+ <details>\n```\n</details>\n````\n\n</details>\n";
        let plain = "**Plan**\n\n> **Cannot be undone**\n> - gone: `a`\n\n**``a&lt;`@b`` (`<img>`): 1 to add**\n\n````diff\n+ <details>\n```\n</details>\n````\n\n";
        assert_eq!(without_html(text), plain);
    }
}
