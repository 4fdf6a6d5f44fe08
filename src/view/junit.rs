//! JUnit's XML: suites of cases, so that drift shows among the tests.

use super::document::{Case, End, Suite};
use crate::diag::render::{escape, escape_lines};

/// Follows the schema of Jenkins' xUnit plugin: only a suite has a count of skipped cases.
#[must_use]
pub fn junit(suites: &[Suite]) -> String {
    let all = || suites.iter().flat_map(|suite| &suite.cases);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"supaform\" {}>\n",
        counts(&all().collect::<Vec<_>>())
    );
    for suite in suites {
        let (name, cases) = (attribute(&suite.name), suite.cases.iter().collect::<Vec<_>>());
        let skipped = count(&cases, |end| matches!(end, End::Skipped));
        xml.push_str(&format!("  <testsuite name=\"{name}\" {} skipped=\"{skipped}\">\n", counts(&cases)));
        for case in &suite.cases {
            let parts = [
                match &case.end {
                    End::Passed => String::new(),
                    End::Skipped => "      <skipped/>\n".to_owned(),
                    End::Failure(line, text) => outcome("failure", line, text),
                    End::Error(line, text) => outcome("error", line, text),
                },
                if case.told.is_empty() {
                    String::new()
                } else {
                    format!("      <system-out>{}</system-out>\n", content(&case.told))
                },
            ];
            let inner = parts.concat();
            xml.push_str(&format!("    <testcase classname=\"{name}\" name=\"{}\"", attribute(&case.name)));
            xml.push_str(&if inner.is_empty() { "/>\n".to_owned() } else { format!(">\n{inner}    </testcase>\n") });
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn outcome(element: &str, line: &str, text: &str) -> String {
    format!("      <{element} message=\"{}\">{}</{element}>\n", attribute(line), content(text))
}

fn count(cases: &[&Case], is: fn(&End) -> bool) -> usize {
    cases.iter().filter(|case| is(&case.end)).count()
}

fn counts(cases: &[&Case]) -> String {
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        cases.len(),
        count(cases, |end| matches!(end, End::Failure(..))),
        count(cases, |end| matches!(end, End::Error(..))),
    )
}

/// Text between tags. Characters that XML 1.0 cannot hold even as a reference (control characters) are made visible.
fn content(text: &str) -> String {
    markup(&escape_lines(text))
}

/// Text of an attribute. A parser would turn its line breaks into spaces, so they are made visible.
fn attribute(text: &str) -> String {
    markup(&escape(text))
}

fn markup(text: &str) -> String {
    // Character by character, so that no markup is left in the text, `]]>` included.
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // `::` at the start of a line could be a command for a CI system.
            ':' if out.ends_with(':') => out.push_str("&#58;"),
            other => out.push(other),
        }
        out
    })
}
