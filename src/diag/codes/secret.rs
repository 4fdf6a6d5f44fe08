//! The codes of group `secret`.

use super::codes;

codes! {}
