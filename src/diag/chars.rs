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

/// Whether readers disagree on whether a character is a line break: NEL, LS and PS.
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

/// The notation of a character in messages: `U+001B`.
#[must_use]
pub fn name(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// The ASCII letter that a letter of another alphabet looks like, if there is one.
#[must_use]
pub fn looks_like(character: char) -> Option<char> {
    LOOKALIKES.iter().find(|(odd, _)| *odd == character).map(|(_, letter)| *letter)
}

/// Small letters of Cyrillic and Greek that look like ASCII, and the ASCII.
const LOOKALIKES: &[(char, char)] = &[
    ('\u{430}', 'a'),
    ('\u{435}', 'e'),
    ('\u{43e}', 'o'),
    ('\u{440}', 'p'),
    ('\u{441}', 'c'),
    ('\u{443}', 'y'),
    ('\u{445}', 'x'),
    ('\u{455}', 's'),
    ('\u{456}', 'i'),
    ('\u{458}', 'j'),
    ('\u{4bb}', 'h'),
    ('\u{501}', 'd'),
    ('\u{51b}', 'q'),
    ('\u{51d}', 'w'),
    ('\u{3b1}', 'a'),
    ('\u{3b5}', 'e'),
    ('\u{3b9}', 'i'),
    ('\u{3ba}', 'k'),
    ('\u{3bd}', 'v'),
    ('\u{3bf}', 'o'),
    ('\u{3c1}', 'p'),
    ('\u{3c5}', 'u'),
    ('\u{3c7}', 'x'),
];
