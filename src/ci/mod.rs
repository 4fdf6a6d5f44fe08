//! The CI system of a run: where the code is hosted and which request the run is for ([`Ci`]), and whether the manifests
//! may be a stranger's ([`trust`]). Everything is read from the [`Environment`].

mod address;
mod detect;
mod environment;
mod jobs;
mod pages;
mod run;
mod systems;
pub mod trust;

pub use environment::Environment;
pub use run::{Ci, Phase};
pub use trust::Trust;
