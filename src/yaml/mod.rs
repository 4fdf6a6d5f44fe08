//! YAML text to [`Node`]s with byte spans. Not for writing YAML (that is `serde_yaml`) and not for meaning.
//!
//! [`read`] looks at the raw characters (`scan`), lets the parser make events of them, builds nodes from the events
//! (`load`) and says in words what the parser did not like (`syntax`). No step recurses, and [`limits`] bound each.

mod decode;
mod escapes;
mod interpolation;
pub mod limits;
mod load;
mod node;
mod refusals;
mod scalar;
mod scan;
mod syntax;

pub use decode::{DecodeError, decode};
pub use node::{Content, Entry, Key, Node, Style};

use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};

/// Reads the one document of a source. Says why in `out` whenever it gives nothing, and warns there of what is odd.
pub fn read(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    let text = &*sources.get(id).text;
    if text.len() > limits::FILE_BYTES {
        out.push(too_large(id, text.len()));
        return None;
    }
    let scan = scan::scan(id, text);
    if !scan.refusals.is_empty() {
        scan.refusals.into_iter().for_each(|refusal| out.push(refusal));
        return None;
    }
    let (node, findings) = load::load(id, text, scan.invisible);
    findings.into_iter().for_each(|finding| out.push(finding));
    node
}

fn too_large(id: SourceId, actual: usize) -> Diagnostic {
    let message = format!("the file has {actual} bytes, and {} are allowed", limits::FILE_BYTES);
    Diagnostic::error(codes::FILE_TOO_LARGE, Span::new(id, 0, 0), message)
        .hint("Split it into several files, or put long texts into files of their own with `{file: PATH}`.")
}

#[cfg(test)]
mod probe {
    use super::*;
    #[test]
    #[ignore = "probe"]
    fn probe() {
        let deep = "- ".repeat(50_000);
        let q = "? ".repeat(50_000);
        let br = "[".repeat(100_000);
        let cur = "{a: ".repeat(25_000);
        let bal = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let wide = "k: ".to_owned() + &"x".repeat(300_000);
        let tags = "%TAG !a! x\n".repeat(45_000);
        let nest: String = (0..40).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        let cases: Vec<&str> = vec![
            "a: 1\nb: [x, y]\nc:\n  - p\n  - q\n\n# c\nd: 'x'\n",
            "a:\nb: \n",
            "a: |\n  text\n  more\nb: 1\n",
            "a: \"x y\"",
            "a: &x {b: 1}\nc: *x\n",
            "a:\n\tb: 1\n",
            "\ta: 1\n",
            "a: [\n\tb\n]\n",
            "a:\n  b: 1\n \t c: 2\n",
            "a: |\n  x\n  \ty\n",
            "a:\tb\n",
            "- a\n-\tb: 1\n",
            "a: [x\n",
            "a: {x\n",
            "a: 'x\n",
            "a: x: y\n",
            "a: b\n c: d\n",
            "a\nb: 1\n",
            "a: ]\n",
            "a: [}\n",
            "- a\nb: 1\n",
            "a: 1\n- b\n",
            "a: @x\n",
            "a: %x\n",
            "a: `x`\n",
            "a: 'x' y\n",
            "a: \"\\q\"\n",
            "a: 'x'#c\n",
            "a: & x\n",
            "a: *\n",
            "a: 1\n  b: 2\n",
            "a:\n    b: 1\n  c: 2\n",
            "a: \"x\nb: 1\n",
            "a: [${v.x}]\n",
            "a: {b: ${v.x}, c: 1}\n",
            "a: [https://${v.x}/**, b]\n",
            "a: [x-${v.x}-${v.y}]\n",
            "a: [b,\n  ${c}]\n",
            "<<: *x\n",
            "a: !!str x\n",
            "a: !include /etc/passwd\n",
            "a: ! x\n",
            "a: !<tag:x> y",
            "%YAML 9.9\n---\na: 1\n",
            &tags,
            "a: 1\n---\nb: 2\n",
            "---\n---\n",
            "--- a\n",
            "a: 1\n...\nb: 1\n",
            "a: 1\n...\n",
            "",
            "# c\n",
            "null\n",
            "~",
            "---\n",
            "? a\n: b\n",
            "? [a]\n: b\n",
            "{[a]: b}",
            "1: a\n",
            "true: a\n",
            ": a\n",
            "? \n: a",
            "*a : b\n",
            "a: *b\n",
            "a: &a [*a]\n",
            "a: 1\n\"a\": 2\n",
            "\u{e9}: 1\ne\u{301}: 2\n",
            "{a, b}",
            "[a: b]",
            "[a: b, c]",
            "a: \"\\e[2J\"\nb: \"\\u202e\"",
            "a: \u{1b}x",
            "a: 1\rb: 2",
            "a: 1\r\nb:\r\n  c: x\r\n  d: |\r\n    l\r\n    m\r\n",
            "a: x\u{85}y",
            "\u{feff}a: 1\na: 2",
            "a: \u{feff}b",
            "a\u{200b}: 1",
            "a: x\u{202e}y",
            "a: 0123\nb: 0x1F\nc: .inf\n",
            &deep,
            &q,
            &br,
            &cur,
            &bal,
            &wide,
            &nest,
        ];
        for case in cases {
            let mut sources = Sources::new();
            let id = sources.add("t.yaml", case);
            let mut out = Diagnostics::new();
            #[expect(clippy::disallowed_methods, reason = "probe")]
            let t = std::time::Instant::now();
            let node = read(&sources, id, &mut out);
            let ms = t.elapsed().as_micros();
            println!("--- {:?} {}us", case.chars().take(60).collect::<String>(), ms);
            fn show(s: &Sources, n: &Node, d: usize) {
                println!(
                    "{:d$}   {:?} {:?}",
                    "",
                    s.slice(n.span),
                    if matches!(n.content, Content::Map(_) | Content::List(_)) {
                        String::new()
                    } else {
                        format!("{:?}", n.content)
                    }
                );
                for x in n.as_list().unwrap_or_default() {
                    show(s, x, d + 1)
                }
                for x in n.as_map().unwrap_or_default() {
                    println!("{:d$}  key {:?} {:?}", "", x.key.name, s.slice(x.key.span));
                    show(s, &x.value, d + 1)
                }
            }
            if let Some(n) = &node {
                show(&sources, n, 0);
            }
            for d in out.sorted() {
                println!(
                    "   {:?} {:?} {} {:?} {}  {:?} {:?}",
                    d.code,
                    d.severity,
                    sources.locate(d.labels[0].span),
                    sources.slice(d.labels[0].span).chars().take(20).collect::<String>(),
                    d.message,
                    d.hints,
                    d.fix.as_ref().map(|f| &f.replacement)
                );
            }
        }
    }
}
