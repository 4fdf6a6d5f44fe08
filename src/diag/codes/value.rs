//! The codes of group `value`.

use super::codes;

codes! {}
