//! Characters that people do not see, or that move what they see. The reader refuses them and the printers escape them.

/// Whether a character steers a terminal or a reader instead of being text: C0 but for tab, line feed and carriage
/// return, DEL, C1 but for NEL, and the non-characters U+FFFE and U+FFFF.
#[must_use]
pub const fn is_control(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'..='\u{84}'
            | '\u{86}'..='\u{9f}'
            | '\u{fffe}'
            | '\u{ffff}'
    )
}

/// Whether some readers take a character for a line break and others do not: NEL, LS and PS.
#[must_use]
pub const fn is_foreign_break(character: char) -> bool {
    matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character is not seen or reorders what is seen: marks and overrides of direction, characters without
/// width, fillers, tags and variation selectors that only machines read. Not U+FE0F, which every emoji has.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e01ef}'
    )
}

/// How a character is named in a message: `U+001B`.
#[must_use]
pub fn name(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}
