//! The codes of group `run`.

use super::codes;

codes! {}
