//! The guide and the README do not lie: every YAML file of theirs is valid, every session prints what it says, every command
//! line exists; and the picture of a plan is what a plan looks like.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Workbench, copy};

/// A fenced block.
struct Block {
    page: String,
    line: usize,
    language: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<_> = docs.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).expect("a page");
    let mut blocks = vec![];
    let mut open: Option<Block> = None;
    for (line, content) in text.lines().enumerate() {
        match (&mut open, content.strip_prefix("```")) {
            (None, Some(language)) => {
                let page = page.file_name().expect("a name").to_string_lossy().into_owned();
                open = Some(Block { page, line: line + 2, language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text.extend([content, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a fence is not closed", page.display());
    blocks
}

/// The file that a block of YAML says it is, in its first line.
fn file(block: &Block) -> Option<&str> {
    let path = block.text.lines().next()?.strip_prefix("# ")?.split([':', ' ']).next()?;
    (Path::new(path).extension()? == "yaml").then_some(path)
}

/// A page is a workspace: its files are written as they come, its sessions played in it.
#[test]
fn pages_hold() {
    for page in pages() {
        let bench = Workbench::new();
        bench.write("supaform.yaml", "version: 1\n");
        bench.write("templates/confirm.html", "<p>Hello</p>\n");
        let mut written = 0;
        for block in blocks(&page) {
            let at = format!("{}:{}", block.page, block.line);
            match block.language.as_str() {
                "yaml" if file(&block).is_some() => {
                    bench.write(file(&block).expect("just looked"), &block.text);
                    written += 1;
                }
                "console" => play(&bench, &block, &at),
                "sh" => block.text.lines().for_each(|line| exists(line, &at)),
                _ => {}
            }
        }
        if written > 0 {
            let valid = bench.run(&["validate"]);
            assert_eq!(valid.code, Some(0), "{}: {valid}", page.display());
            let formatted = bench.run(&["fmt", "--check"]);
            assert_eq!(formatted.code, Some(0), "{}: {formatted}", page.display());
        }
    }
}

/// Runs the commands of a session; `…` stands for lines that are left out.
fn play(bench: &Workbench, block: &Block, at: &str) {
    for part in block.text.split("$ supaform ").skip(1) {
        let (command, said) = part.split_once('\n').expect("a line");
        let output = bench.run(&words(command).iter().map(String::as_str).collect::<Vec<_>>());
        let mut pieces = said.split("…\n");
        let mut rest = output.stdout.strip_prefix(pieces.next().unwrap_or_default());
        for piece in pieces {
            rest = rest.and_then(|rest| Some(rest.split_once(piece)?.1));
        }
        let holds = rest.is_some_and(|rest| said.contains("…\n") || rest.is_empty());
        assert!(holds, "{at}: `{command}` prints\n{output}");
    }
}

/// Whether the program knows every option of a command line.
fn exists(line: &str, at: &str) {
    for part in line.split(" | ") {
        let part = part.split(" > ").next().unwrap_or_default().split(" # ").next().unwrap_or_default();
        let Some(arguments) = part.trim().strip_prefix("supaform ") else { continue };
        let mut words = words(arguments);
        words.push("--help".to_owned());
        let output = Workbench::new().run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output.code, Some(0), "{at}: `{line}`: {output}");
    }
}

/// The words of a command line, as a shell would see them, with 1 for what it would compute.
fn words(line: &str) -> Vec<String> {
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

/// Links within the repository lead to something.
#[test]
fn links_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let whole = page.parent().expect("a folder").join(path);
            assert!(whole.exists(), "{}: `{target}` leads nowhere", page.display());
        }
    }
}

/// `SUPAFORM_UPDATE=1 cargo test --test docs` draws it.
#[test]
fn the_picture_is_what_a_plan_looks_like() {
    let bench = Workbench::new();
    copy(&root().join("examples/environments"), &bench.path());
    let planned = bench.run(&[
        "plan",
        "--sandbox",
        "demo",
        "--world",
        "world.json",
        "--secrets-from",
        "fake-secrets.env",
        "--select",
        "acme-prod",
        "--color",
        "always",
    ]);
    let picture = draw(&planned.stdout);
    let path = root().join("docs/plan.svg");
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
    if std::env::var_os("SUPAFORM_UPDATE").is_some() {
        fs::write(&path, picture).expect("it can be written");
        return;
    }
    let drawn = fs::read_to_string(&path).unwrap_or_default();
    assert!(drawn == picture, "docs/plan.svg is out of date: run `SUPAFORM_UPDATE=1 cargo test --test docs`");
}

/// A terminal's text as a picture that looks the same on light and on dark pages.
fn draw(text: &str) -> String {
    const LINE: usize = 18;
    const LETTER: f64 = 7.83;
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let longest = lines.iter().map(|line| plain(line).chars().count()).max().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a width on a page")]
    let width = (longest as f64).mul_add(LETTER, 48.0).ceil();
    let height = lines.len() * LINE + 40;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\" \
         aria-label=\"A plan in the terminal\">\n<rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"#161b22\"/>\n\
         <g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"13\" \
         fill=\"#e6edf3\" xml:space=\"preserve\">\n"
    );
    for (index, line) in lines.iter().enumerate() {
        let y = 32 + index * LINE;
        let cells = plain(line).chars().count();
        if cells > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a length on a page")]
            let length = cells as f64 * LETTER;
            // Told how long it is, the line is as long with any font.
            writeln!(svg, "<text x=\"24\" y=\"{y}\" textLength=\"{length:.1}\">{}</text>", spans(line))
                .expect("a text");
        }
    }
    svg + "</g>\n</svg>\n"
}

fn plain(line: &str) -> String {
    line.split('\u{1b}').enumerate().map(|(index, part)| if index == 0 { part } else { after(part).1 }).collect()
}

/// The code of a colour, and the text behind it.
fn after(part: &str) -> (&str, &str) {
    part.strip_prefix('[').and_then(|part| part.split_once('m')).expect("only colours")
}

fn spans(line: &str) -> String {
    let mut out = String::new();
    let (mut colour, mut bold) = (None, false);
    for (index, part) in line.split('\u{1b}').enumerate() {
        let text = if index == 0 {
            part
        } else {
            let (code, text) = after(part);
            match code {
                "0" => (colour, bold) = (None, false),
                "1" => bold = true,
                "2" => colour = Some("#8b949e"),
                "31" => colour = Some("#ff7b72"),
                "32" => colour = Some("#7ee787"),
                "33" => colour = Some("#e3b341"),
                "35" => colour = Some("#d2a8ff"),
                "36" => colour = Some("#79c0ff"),
                other => panic!("no colour for {other}"),
            }
            text
        };
        if text.is_empty() {
            continue;
        }
        // Spaces that are no-break ones are kept by every renderer.
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace(' ', "\u{a0}");
        let fill = colour.map_or(String::new(), |colour| format!(" fill=\"{colour}\""));
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        write!(out, "<tspan{fill}{weight}>{text}</tspan>").expect("a text");
    }
    out
}
