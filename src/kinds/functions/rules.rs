//! What keeps a function from being deployed or removed.

use super::calls::upload;
use super::live::SILENT;
use super::table::{INFO, wanted};
use crate::diag::Code;
use crate::diag::codes::plan as codes;
use crate::kind::live_of;
use crate::kind::prelude::*;
use crate::kinds::auth::uses as hooks;
use crate::model::Finding;

/// The largest upload, in bytes: 2 MB were accepted and 8 MB refused; the documentation speaks of 5.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// About how many bytes a form adds to each file: a name, two headers, a boundary.
const PER_FILE: usize = 300;

/// The most functions of a project, on the largest plan.
const MOST: usize = 2000;

/// Whether a section can remove functions.
pub(super) fn removes(section: &Section) -> bool {
    let SectionBody::Items(items) = &section.body else { return false };
    section.policy.prune || items.values().any(|item| matches!(item, Item::Absent(_)))
}

pub(super) fn check(job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
    let mut refuse = |change: &Change, code: Code, message: String, hint: String| {
        let finding = Finding { code, message, hints: vec![hint], origin: change.origin.clone() };
        out.push(Refusal { at: change.at.clone(), finding, allow: None });
    };
    let hooks = hooks::after(job.beside, job.target.reference);
    for change in job.changes {
        let Some(slug) = change.at.subject.item() else { continue };
        let content = wanted(job.section, slug).and_then(|settings| settings.content.as_deref());
        match (change.action, content) {
            (Action::Delete, _) => {
                if let Some((field, _)) = hooks.iter().find(|(_, used)| used == slug) {
                    let message = format!("`auth.{field}` calls it: nobody could sign in any more without that hook");
                    let hint = "Switch the hook off or give it another address in the same plan, or keep the function.";
                    refuse(change, codes::IN_USE, message, hint.to_owned());
                }
                if live_of(job, change).is_some_and(|live| live.contains_key(SILENT)) {
                    let message = "it is listed, and does not answer by its name: another deployment may be on its way";
                    let hint =
                        "Run plan again in a minute. If it stays so, deploy the function once, and then remove it.";
                    refuse(change, codes::CANNOT_BECOME, message.to_owned(), hint.to_owned());
                }
            }
            (Action::Create, None) => {
                let message =
                    format!("a new function needs sources, and there is no `supabase/functions/{slug}/index.ts`");
                let hint = "Write the file, or say with `path:` where it is.".to_owned();
                refuse(change, codes::MISSING_COMPANION, message, hint);
            }
            (_, Some(content)) => {
                let bytes: usize = upload(content).map(|(path, content)| content.0.len() + path.len() + PER_FILE).sum();
                if bytes > MOST_BYTES {
                    let message = format!(
                        "its upload has {} MB, and the API takes {} MB",
                        bytes.div_ceil(1024 * 1024),
                        MOST_BYTES / 1024 / 1024
                    );
                    let hint = format!(
                        "Import less; or bundle locally with `supabase functions deploy {slug}`, which may have 20 MB, and write `{slug}: {{unmanaged: true}}`."
                    );
                    refuse(change, codes::TOO_LARGE, message, hint);
                }
            }
            (Action::Update, None) => {}
        }
    }
    let LiveKind::Items(live) = job.live else { return };
    let count = |action| job.changes.iter().filter(|change| change.action == action).count();
    let after = (live.len() + count(Action::Create)).saturating_sub(count(Action::Delete));
    if after > MOST && count(Action::Create) > 0 {
        out.push(Refusal {
            at: Address::section(job.target.project, INFO.name),
            finding: Finding {
                code: codes::TOO_MANY_ITEMS,
                message: format!("the project would have {after} functions; the largest plan allows {MOST}"),
                hints: vec!["Remove functions that nobody calls, or serve several addresses with one.".to_owned()],
                origin: Some(job.section.origin.clone()),
            },
            allow: None,
        });
    }
}
