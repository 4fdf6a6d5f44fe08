//! The picture of a plan in the README.

use std::fmt::Write as _;
use std::fs;

use super::{root, updating};
use crate::support::{Workbench, copy};

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
    let drawn = draw(&planned.stdout);
    let path = root().join("docs/plan.svg");
    if updating() {
        fs::write(&path, drawn).expect("it can be written");
        return;
    }
    let is = fs::read_to_string(&path).unwrap_or_default();
    assert!(is == drawn, "docs/plan.svg is out of date: run `SUPAFORM_UPDATE=1 cargo test docs::`");
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
