//! The secrets of edge functions.

use crate::kind::by_action;
use crate::kind::prelude::*;
use crate::model::Finding;

/// `secrets`: a collection that the API shows as digests and writes in bulk.
pub struct Secrets;

const PATH: &str = "/v1/projects/{ref}/secrets";

/// The most secrets of a project, and the most in one request, by the API's limits.
pub const MOST: usize = 100;

static INFO: KindInfo = KindInfo {
    name: "secrets",
    doc: "The secrets of edge functions, which read them as environment variables.",
    shape: Shape::Collection {
        path: PATH,
        key: "name",
        scalar: Some("value"),
        reserved: Some(is_reserved),
        bad_name,
        delete_risk: "its value cannot be recovered from Supabase",
        items: Some(Items::Bulk { most: MOST }),
    },
    fields: &[&[text("value")
        .secret(Digest::Sha256)
        .max_chars(24_576)
        .doc("The value, as a reference to a secret or as `{plain: …}` where it is not secret.")]],
    example: "secrets:\n  STRIPE_KEY: {secret: STRIPE_KEY}\n  APP_ENV: {plain: production}",
    ..KindInfo::PLAIN
};

/// Names that the platform reserves; they are ignored.
fn is_reserved(name: &str) -> bool {
    name.starts_with("SUPABASE_")
}

fn bad_name(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("a secret needs a name".to_owned())
    } else if is_reserved(name) {
        Some("names that start with `SUPABASE_` are the platform's own".to_owned())
    } else if name.chars().count() > 256 {
        Some("a name may have at most 256 characters".to_owned())
    } else {
        None
    }
}

impl Kind for Secrets {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        let LiveKind::Items(live) = job.live else { return };
        let (written, deleted) = by_action(job.changes);
        let new = written.iter().filter(|&&index| job.changes[index].action == Action::Create).count();
        let after = live.len() + new - deleted.len();
        if after > MOST {
            out.push(Refusal {
                at: Address::section(job.target.project, INFO.name),
                finding: Finding {
                    code: crate::diag::codes::plan::TOO_MANY_ITEMS,
                    message: format!("the project would have {after} secrets; the API stores at most {MOST}"),
                    hints: vec!["Remove secrets that nothing reads, or store several values in one.".to_owned()],
                    origin: Some(job.section.origin.clone()),
                },
                allow: None,
            });
        }
    }
}
