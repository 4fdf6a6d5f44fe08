//! Groups of options that several commands have.

pub(super) mod allow;
pub(super) mod approval;
pub(super) mod detail;
pub(super) mod forge;
pub(super) mod global;
pub(super) mod notify;
