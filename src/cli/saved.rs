//! Saved plans and reports: writing and reading them, and holding a plan to one that was approved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::diag::codes::{run as codes, trust};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{self, Readers, Refused, Root};
use crate::forge::approval::Approved;
use crate::model::Blocked;
use crate::record::{PlanRecord, Record, StepRecord, Unreadable};
use crate::session::Planned;
use crate::view::unapproved;

/// The largest file that is taken for a record.
const MOST: u64 = 16 * 1024 * 1024;

/// Reads a saved plan or report.
pub(super) fn read(path: &Path) -> Result<Record, Failure> {
    let failed = |code, why: &str| Failure::new(Exit::Invalid, code, format!("`{}` {why}", path.display()));
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed(codes::NO_RECORD, "is no file"));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let text = Root::new(folder).read_text(&name.to_string_lossy(), MOST);
    let text = text.map_err(|why| failed(codes::NO_RECORD, &format!("cannot be read: {why}")))?;
    Record::read(&text).map_err(|why| {
        let code = match why {
            Unreadable::Foreign(_) => codes::NO_RECORD,
            Unreadable::Version(..) => codes::OTHER_VERSION,
            Unreadable::Edited => codes::EDITED,
            Unreadable::Contradicts(_) => codes::FORGED,
        };
        failed(code, &why.to_string())
    })
}

/// Reads a plan that was approved.
pub(super) fn approved(path: &Path) -> Result<PlanRecord, Failure> {
    match read(path)? {
        Record::Plan(plan) => Ok(plan),
        other @ (Record::Drift(_) | Record::Report(_) | Record::Failure(_)) => {
            let what =
                if matches!(other, Record::Drift(_)) { "what has happened to live" } else { "an apply or a failure" };
            let message = format!("`{}` is no plan: {what} was saved there", path.display());
            Err(Failure::with_hint(Exit::Invalid, codes::NO_RECORD, message, "Save a plan with `plan --out FILE`."))
        }
    }
}

/// Withholds each project that would go beyond what was approved; tells which approved steps are no longer needed.
pub(super) fn bind(planned: &mut Planned, approved: &PlanRecord) -> Result<Vec<String>, Failure> {
    let plan = &planned.plan;
    if approved.api != plan.api {
        let message = format!("the plan was made for {}, and this is {}", approved.api, plan.api);
        let hint = "Plan again for this API, have that reviewed, and apply it.";
        return Err(Failure::with_hint(Exit::Stale, trust::NOT_APPROVED, message, hint));
    }
    let hashes = approved.steps.iter().map(|step| step.hash.clone()).collect();
    let hint = "Nothing of this project is written. Plan again, have that reviewed, and apply it.";
    let (withheld, now) = withheld(planned, &hashes, Some(approved), "not what was approved", hint);
    let done = |step: &&StepRecord| !now.steps.iter().any(|record| record.hash == step.hash);
    let unneeded = approved.steps.iter().filter(done).filter(|step| !withheld.contains_key(&step.address.project));
    let unneeded = unneeded.map(|step| format!("{} {}", step.method, step.address)).collect();
    planned.withhold(withheld);
    Ok(unneeded)
}

/// Withholds each project that would go beyond what merged requests approve.
pub(super) fn bind_to_requests(planned: &mut Planned, approved: &Approved) {
    let numbers: Vec<String> = approved.requests.iter().map(|(number, _)| format!("#{number}")).collect();
    let what = match numbers.as_slice() {
        [] => "no request that was merged approves it".to_owned(),
        all => format!("not approved by {}", all.join(", ")),
    };
    let hint =
        "Nothing of this project is written. Open a request whose plan shows it, have that reviewed, and merge it.";
    let (withheld, _) = withheld(planned, &approved.steps(), None, &what, hint);
    planned.withhold(withheld);
}

/// The projects with steps beyond those that were approved, and why; and the plan as a record.
fn withheld(
    planned: &Planned,
    hashes: &BTreeSet<String>,
    approved: Option<&PlanRecord>,
    what: &str,
    hint: &str,
) -> (BTreeMap<String, Blocked>, PlanRecord) {
    let now = PlanRecord::of(&planned.plan, &planned.workspace.sources);
    let withheld = planned.unapproved(hashes).into_iter().map(|(name, steps)| {
        let why = steps.iter().filter_map(|step| {
            let record = now.steps.iter().find(|record| record.hash == step.hash)?;
            Some(unapproved(approved, &now, record))
        });
        let message = format!("{what}: {}", why.collect::<Vec<_>>().join("; "));
        let origin = steps.first().and_then(|step| step.changes.first()?.origin.clone());
        let hints = vec![hint.to_owned()];
        (name.to_owned(), Blocked { code: trust::NOT_APPROVED, message, hints, exit: Exit::Stale, origin })
    });
    (withheld.collect(), now)
}

/// Why a file that `--out` and its like name was not written.
pub(super) fn cannot_save(path: &Path, why: &Refused) -> Failure {
    let message = format!("`{}` cannot be written: {why}", path.display());
    match why {
        Refused::Link | Refused::Irregular => {
            let hint = "Name a file that is not there yet, or a regular one: nothing else is written over.";
            Failure::with_hint(Exit::Failed, codes::CANNOT_SAVE, message, hint)
        }
        _ => Failure::new(Exit::Failed, codes::CANNOT_SAVE, message),
    }
}

/// Saves a record, whole or not at all, for its owner only.
pub(super) fn save(path: &Path, record: &Value) -> Result<(), Refused> {
    let text = serde_json::to_string_pretty(record).unwrap_or_default() + "\n";
    files::save(path, text.as_bytes(), Readers::Owner)
}
