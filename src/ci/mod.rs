//! What the CI system tells that a run is a part of: where the code lives and which request this is ([`Ci`]), and whether the
//! manifests may be a stranger's ([`trust`]). All of it stands in the [`Environment`].

mod detect;
mod environment;
mod systems;
pub mod trust;

pub use detect::Ci;
pub use environment::Environment;
pub use trust::Trust;
