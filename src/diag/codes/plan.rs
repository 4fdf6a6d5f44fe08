//! The codes of planning.

use super::codes;

codes! {
    TOO_MANY_ITEMS = "E0501", "more items than the API stores",
        "The API stores a limited number of items of this kind in a project, and the plan would leave more than that. Items that no manifest manages count too.",
        "";
}
