//! Hostile values: pieces of what steers a reader, a terminal or a CI system, put together by a seeded generator.

/// What attackers write.
const PIECES: &[&str] = &[
    // Markdown
    "*",
    "**b**",
    "_",
    "`",
    "``",
    "```",
    "````",
    "~~~",
    "~~s~~",
    "\n```\n",
    "\n~~~\n",
    "\n\n",
    "\n# h",
    "\n- ",
    "\n1. ",
    "1. ",
    "> ",
    "\n> [!NOTE]\n",
    "[x](javascript:alert(1))",
    "[x](https://evil.example)",
    "[x\\](https://evil.example)",
    "![i](https://evil.example/p.png)",
    "[x]: https://evil.example\n",
    "[^1]",
    "[^1]: f\n",
    "<https://evil.example>",
    "https://evil.example",
    "www.evil.example",
    "mail@evil.example",
    "| a | b |\n|---|---|\n",
    "- [x] ",
    "---\n",
    "\\",
    "\\`",
    "$x$",
    "$`x`$",
    "$$\nx\n$$",
    ":+1:",
    "{{ x }}",
    "{0}",
    "](",
    "[",
    "]",
    "==m==",
    "^s^",
    "~s~",
    // mentions and references
    "@everyone",
    "@org/team",
    "#1",
    "GH-1",
    "org/repo#1",
    "!1",
    "deadbeef",
    "0123456789abcdef0123456789abcdef01234567",
    "JIRA-1",
    // HTML and XML
    "<b>",
    "</b>",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</details>",
    "</summary>",
    "</code>",
    "</code><b>",
    "<details>",
    "<!--",
    "-->",
    "<!-- supaform:plan -->",
    "&lt;",
    "&#64;",
    "&amp;",
    "&",
    "<![CDATA[",
    "]]>",
    "<?xml?>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
    "\"",
    "'",
    "' x='",
    "\" onload=\"x",
    // workflow commands: GitHub, Azure, GitLab, and TeamCity
    "::error::x",
    "\n::error::x",
    "\n  ::set-output name=a::b",
    "::stop-commands::t",
    "::add-mask::x",
    "::",
    ":",
    "::error file=a,line=1::",
    ",line=9",
    "%0A::error::x",
    "%0a",
    "%25",
    "%",
    "##[group]x",
    "##[add-mask]x",
    "\n##[error]x",
    "###[x]",
    "##",
    "##vso[task.setvariable variable=a]b",
    "\n##vso[task.complete result=Failed;]",
    "##VSO[x]y",
    "section_start:1:x\r\u{1b}[0Ky",
    "\nsection_end:1:x\r\u{1b}[0K",
    "##teamcity[message text='x']",
    "\n##teamcity[x]",
    // terminals
    "\u{1b}[2J",
    "\u{1b}]8;;https://evil.example\u{7}x\u{1b}]8;;\u{7}",
    "\u{1b}]52;c;eA==\u{7}",
    "\u{9b}31m",
    "\u{90}x\u{9c}",
    "\r",
    "\r\n",
    "\u{8}\u{8}",
    "\u{7}",
    "\0",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{7f}",
    // characters that hide or reorder
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{ad}",
    "\u{e0041}",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{fff9}",
    "\u{3164}",
    "\u{a0}",
    "\u{3000}",
    // words and shapes that are ours
    "\n+ add",
    "\n- remove",
    "\n@@ x @@",
    "Refused",
    " · id ",
    "…",
    "null",
    "true",
    "-",
    "--",
    " ",
    "  ",
    "a",
    "value",
    "é",
    "東京",
    "❤\u{fe0f}",
    "\u{1f600}",
    "/",
    "..",
    "../../etc/passwd",
    "C:\\x",
];

/// A generator of values: the same seed gives the same values.
pub(crate) struct Values(u64);

impl Values {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// `SplitMix64`.
    fn draw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (below as u64)).expect("small")
    }

    pub(crate) fn next(&mut self) -> String {
        let pieces = 1 + self.draw(5);
        (0..pieces).map(|_| self.piece()).collect()
    }

    fn piece(&mut self) -> String {
        match self.draw(8) {
            0 => char::from_u32(u32::try_from(self.draw(0x11_0000)).expect("small"))
                .map(String::from)
                .unwrap_or_default(),
            1 => char::from(u8::try_from(self.draw(128)).expect("small")).to_string(),
            2 => ["`", "#", ":", "[", "<", "@"][self.draw(6)].repeat(1 + self.draw(12)),
            _ => PIECES[self.draw(PIECES.len())].to_owned(),
        }
    }
}
