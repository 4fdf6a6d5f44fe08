//! Other states of the workspace in git: a [`Tree`] is the files of a commit, a [`Merge`] is a branch merged with its base,
//! [`Tracked`] limits the folder to committed files. Only objects are read; the user's files are never changed.

mod ask;
mod history;
mod merge;
mod tracked;
mod tree;

pub use ask::commit;
pub use history::{branch, commits, earlier, is_shallow, place, trailers};
pub use merge::Merge;
pub use tracked::Tracked;
pub use tree::Tree;
