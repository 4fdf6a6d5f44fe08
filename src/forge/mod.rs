//! Code hosts: comments, statuses and issues there. Not for the Management API.
//!
//! Each host is data: [`Host`] makes the requests ([`Ask`]) and reads the answers, one file per host; [`Client`] sends
//! them; [`sticky`] decides, without I/O, what happens to existing comments. The facts are those of each host's published
//! API: <https://docs.github.com/rest>, <https://docs.gitlab.com/api>,
//! <https://developer.atlassian.com/cloud/bitbucket/rest>, <https://docs.gitea.com/api>,
//! <https://learn.microsoft.com/rest/api/azure/devops/git>, <https://developer.atlassian.com/server/bitbucket/rest>.

mod answer;
pub mod approval;
mod azure;
mod bitbucket;
mod bitbucket_dc;
mod checks;
mod client;
mod error;
mod gitea;
mod github;
mod gitlab;
pub mod growth;
mod host;
pub mod steps;
pub mod sticky;

pub use checks::MOST_SUMMARY;
pub use client::{Client, Options, Text};
pub use error::ForgeError;
pub use host::{Ask, Check, Comment, Head, Hiding, Host, LineRemark, Mark, Merged, Open, Place, Status, Tags, Verdict};

/// The known hosts by name.
pub const HOSTS: &[(&str, &dyn Host)] = &[
    ("github", &github::Github),
    ("gitlab", &gitlab::Gitlab),
    ("bitbucket", &bitbucket::Bitbucket),
    ("gitea", &gitea::Gitea),
    ("azure", &azure::Azure),
    ("bitbucket-dc", &bitbucket_dc::BitbucketDc),
];
