//! The one way by which a text gets into a page.

use std::fmt::{Result, Write};

use askama::filters::Escaper;

use crate::view::markdown::entities;

/// Text that stays text: markup is spelled out, and so are characters that steer a reader.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::view) struct Text;

impl Escaper for Text {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> Result {
        dest.write_str(&entities(string))
    }
}
