//! The client of the Management API: one that only reads ([`Reader`]), and one that may also write ([`Writer`]).
//!
//! Secrets exist in clear text only inside `client::Inner::attempt`, for the time of one request. A `Reader` cannot write:
//!
//! ```compile_fail
//! async fn plan(reader: supaform::api::Reader, call: supaform::model::Call) {
//!     reader.send(&call).await; // there is no such method
//! }
//! ```

mod client;
mod connect;
mod error;
mod form;
mod hook;
mod limit;
mod memory;
mod origin;
mod overlay;
mod path;
mod retry;
mod scrub;
mod tls;
mod transport;
mod tries;

pub use client::{ClientOptions, PARALLEL, Reader, SendError, Writer};
pub use error::{ApiError, Class};
pub use hook::{Hook, PATIENCE, post};
pub use memory::Memory;
pub use origin::{Origin, OriginError, Token};
pub use path::PathError;
pub use retry::{Budget, Decision, Manner, Seen, decide};
pub use transport::{Broken, Https, InProcess, Transport};
pub use tries::{Ended, Tries};

pub use crate::stop::Stop;
