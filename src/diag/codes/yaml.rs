//! The codes of group `yaml`.

use super::codes;

codes! {}
