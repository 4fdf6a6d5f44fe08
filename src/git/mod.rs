//! Other states of the workspace, as git has them: a [`Tree`] is the files of a commit, a [`Merge`] what a branch is to become,
//! [`Tracked`] what of the folder is as it was committed. Only objects are read; nothing that somebody works with is touched.

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
