//! The codes of group `yaml`.

use super::codes;

codes! {
    SYNTAX = "E0100", "not YAML", "The text is not YAML 1.2; the message says what the reader met and where it met it.", "a: [";
}
