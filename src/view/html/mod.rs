//! A document as a page of HTML: one file that loads nothing. All of it is there without scripts; its script filters and
//! sorts.
//!
//! Templates print blocks, and `askama.toml` has whatever they print escaped. A page is well-formed XML, too.

mod blocks;
mod change;
mod context;
mod escape;
mod index;
mod parts;
mod texts;
mod words;

use std::sync::LazyLock;

use askama::Template as _;
use askama::filters::Safe;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::Detail;
use super::document::{Document, Topic};
use context::Context;
use index::Index;
use parts::{Part, parts};
use words::phrase;

/// Up to how many projects their table stands open.
const FEW: usize = 8;

/// A document as a page.
#[must_use]
pub fn html(document: &Document, detail: Detail) -> String {
    let index = Index::of(document, detail.full);
    let context = Context { detail, index: &index, links: document.links.as_ref() };
    let page = Page { style: &STYLE, script: &SCRIPT, document, index: &index, parts: parts(document, context) };
    page.render().expect("writing to a text")
}

/// A style or a script that stands in the page, and the hash by which the page's policy lets it be. So nothing else is
/// let be, whatever a text from outside may be taken for.
struct Asset {
    text: String,
    hash: String,
}

impl Asset {
    /// Marked as text for readers of XML.
    fn of(text: &str) -> Self {
        // As a browser reads it, whatever the line ends are here.
        let text = format!("/*<![CDATA[*/\n{}/*]]>*/", text.replace("\r\n", "\n"));
        let hash = BASE64_STANDARD.encode(Sha256::digest(&text));
        Self { text, hash }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| Asset::of(include_str!("page.css")));
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| Asset::of(include_str!("page.js")));

#[derive(askama::Template)]
#[template(path = "page.html")]
struct Page<'a> {
    style: &'static Asset,
    script: &'static Asset,
    document: &'a Document,
    index: &'a Index,
    parts: Vec<Part<'a>>,
}

impl Page<'_> {
    /// What the numbers of a project are.
    const fn counted(&self) -> &'static str {
        if matches!(self.document.topic, Topic::Report) { "Done" } else { "Changes" }
    }

    const fn stopped(&self) -> &'static str {
        if matches!(self.document.topic, Topic::Report) { "Failed" } else { "Refused" }
    }

    /// Whether the table of the projects stands open.
    fn opens_fleet(&self) -> bool {
        self.index.projects.len() <= FEW
    }
}
