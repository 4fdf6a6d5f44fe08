//! What holds for a whole page.

use super::index::Index;
use crate::view::Detail;
use crate::view::document::Links;

/// Up to how many entries a fold stands open.
const OPEN: usize = 12;

/// Up to how many changes of a page all of its folds stand open.
const FEW: usize = 40;

/// From how many changes on no fold stands open, so that the page is seen at once.
const MANY: usize = 600;

/// How a page is printed.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) detail: Detail,
    pub(super) index: &'a Index,
    pub(super) links: Option<&'a Links>,
}

impl Context<'_> {
    /// Whether a fold of so many entries stands open.
    pub(super) fn opens(self, many: usize) -> bool {
        self.index.changes <= FEW || (many <= OPEN && self.index.changes <= MANY)
    }
}
