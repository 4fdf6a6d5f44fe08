//! What is set elsewhere, as manifests: drafted, factored, printed. Pure; what is read and written is handed in and out.
//!
//! ```text
//!   live project ─┐
//!   config.toml  ─┼─▶ Draft ─factor─▶ Draft ─print─▶ texts of files
//!   Terraform    ─┘
//! ```
//!
//! A draft holds no secret: where one belongs it has a reference, and the value stays where it was.

pub mod config_toml;
mod draft;
pub mod factor;
mod leaves;
pub mod live;
mod names;
mod print;
pub mod terraform;

pub use draft::{Draft, DraftProject, Left, Sections, move_references};
pub use names::slug;
pub use print::{files, profile_file};
