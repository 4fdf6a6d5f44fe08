//! The codes of group `manifest`.

use super::codes;

codes! {}
