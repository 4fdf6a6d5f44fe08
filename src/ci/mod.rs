//! The CI system of a run: where the code is hosted and which request the run is for ([`Ci`]), and whether the manifests
//! may be a stranger's ([`trust`]). Everything is read from the [`Environment`].

mod detect;
mod environment;
mod systems;
pub mod trust;

pub use detect::{Ci, Phase};
pub use environment::Environment;
pub use trust::Trust;
