//! The kinds: one file or folder each, and one line each here.

pub mod auth;
pub mod secrets;
pub mod ssl_enforcement;

use crate::kind::{Kind, Registry};

/// Every kind, in the order of the documentation.
pub static KINDS: Registry = {
    const ALL: &[&dyn Kind] = &[&auth::Auth, &ssl_enforcement::SslEnforcement, &secrets::Secrets];
    ALL
};
