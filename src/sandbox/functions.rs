//! Edge functions as the platform keeps them: a row each, beside what is served; and how writes at the same time lose rows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::bits;

/// An edge function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, named in the file")]
pub struct Function {
    /// Its id.
    pub id: String,
    /// Its name; the slug is its key.
    pub name: String,
    /// How often it was deployed.
    pub version: u32,
    /// Whether a call needs a valid token.
    #[serde(default = "yes")]
    pub verify_jwt: bool,
    /// The file where it begins, as it was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint_path: Option<String>,
    /// The import map, as it was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_map_path: Option<String>,
    /// Its sources by path: a text, or `{base64: …}`.
    #[serde(default)]
    pub files: BTreeMap<String, Value>,
    /// Whether only the bundle is kept, so that no source can be read back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bundle_only: bool,
    /// Whether its row was lost: it is served, but in no list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ghost: bool,
    /// Whether a bundle was stored and its row never changed: later deployments are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub orphaned: bool,
    /// SHA-256 of the bundle.
    #[serde(default)]
    pub ezbr_sha256: String,
    /// When it was created, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
    /// When it was last deployed, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub updated_ms: u64,
    /// From when on lists show its row as it is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub listed_from_ms: u64,
    /// The row that lists show until then; `None`: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_before: Option<Value>,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What happens to the rows of functions that are written at the same time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Some are lost, as measured
    #[default]
    Lose,
    /// None is lost
    Serialise,
}

/// What a bundle without a row does to later deployments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrphanBundle {
    /// They are refused
    #[default]
    #[serde(rename = "conflict_409")]
    Conflict,
    /// They go through
    #[serde(rename = "accept")]
    Accept,
}

/// The switches for open facts of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, named in the world")]
pub struct FunctionSwitches {
    /// What happens to writes at the same time.
    pub overlap: Overlap,
    /// Whether a function whose row was lost is still served.
    pub ghosts: bool,
    /// What a bundle without a row does.
    pub orphan_bundle: OrphanBundle,
    /// Whether a change of name or `verify_jwt` alone raises the version.
    pub patch_bumps_version: bool,
    /// Whether the row that completes a bundle must name the bundle's digest.
    pub put_checks_sha: bool,
    /// Whether sources can be read back as a form.
    pub body_multipart: bool,
    /// The largest upload, in MB.
    pub max_request_mb: u32,
    /// For how long lists show a function as it was before a deployment, in milliseconds.
    pub list_lag_ms: u64,
}

impl Default for FunctionSwitches {
    fn default() -> Self {
        Self {
            overlap: Overlap::default(),
            ghosts: true,
            orphan_bundle: OrphanBundle::default(),
            patch_bumps_version: true,
            put_checks_sha: false,
            body_multipart: true,
            max_request_mb: 5,
            list_lag_ms: 0,
        }
    }
}

/// Of a hundred rows that are written at once, how many are kept, by how many are in flight: 17 of 24 at 2, 9 to 13 at 4,
/// 4 to 10 at 8, 2 to 5 at 24 were measured.
pub(super) fn is_kept(width: u32, seed: u64) -> bool {
    let kept = match width {
        0 | 1 => 100,
        2 => 70,
        3..=5 => 45,
        6..=12 => 29,
        _ => 15,
    };
    bits(seed) % 100 < kept
}

/// The writes of functions that are in flight, by project.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<BTreeMap<String, Vec<Arc<AtomicU32>>>>);

/// A write in flight; it lands when it is dropped.
pub(super) struct Flight<'f> {
    flights: &'f Flights,
    project: String,
    width: Arc<AtomicU32>,
}

impl Flights {
    pub(super) fn begin(&self, project: &str) -> Flight<'_> {
        let width = Arc::new(AtomicU32::new(1));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = all.entry(project.to_owned()).or_default();
        beside.push(Arc::clone(&width));
        let now = u32::try_from(beside.len()).unwrap_or(u32::MAX);
        for other in &*beside {
            other.fetch_max(now, Ordering::Relaxed);
        }
        Flight { flights: self, project: project.to_owned(), width }
    }
}

impl Flight<'_> {
    /// The most writes that were in flight together with it.
    pub(super) fn width(&self) -> u32 {
        self.width.load(Ordering::Relaxed)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut all = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(beside) = all.get_mut(&self.project) {
            beside.retain(|other| !Arc::ptr_eq(other, &self.width));
        }
    }
}
