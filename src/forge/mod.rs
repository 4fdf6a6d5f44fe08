//! Code hosts: where a pull or merge request is, and what may be said there. Not for the Management API.
//!
//! What each host wants is data: [`Host`] makes the requests ([`Ask`]) and reads the answers, one file a host; [`Client`]
//! sends them; [`sticky`] decides, without I/O, what becomes of the comments that are there. Facts are those of each host's published
//! API: <https://docs.github.com/rest>, <https://docs.gitlab.com/api>, <https://developer.atlassian.com/cloud/bitbucket/rest>,
//! <https://docs.gitea.com/api>.

mod answer;
pub mod approval;
mod bitbucket;
mod client;
mod error;
mod gitea;
mod github;
mod gitlab;
mod host;
pub mod sticky;

pub use client::{Client, Options};
pub use error::ForgeError;
pub use host::{Ask, Comment, Head, Hiding, Host, Mark, Merged, Open, Place, Status, Verdict};

/// The hosts that are known, by the word for them.
pub const HOSTS: &[(&str, &dyn Host)] = &[
    ("github", &github::Github),
    ("gitlab", &gitlab::Gitlab),
    ("bitbucket", &bitbucket::Bitbucket),
    ("gitea", &gitea::Gitea),
];
