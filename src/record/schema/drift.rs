//! The schema of what has happened to live.

use serde_json::{Value, json};

use super::parts::{document, list, number, object, or_null, problem, reference, text};
use super::plan;
use crate::record::seal::{DRIFT, VERSION};

/// The schema of `drift --format json`, and of the member `drift` of what a webhook is told.
#[must_use]
pub fn drift() -> Value {
    let members = [
        ("api", "The API's origin.", text()),
        ("summary", "What has happened, in numbers.", reference("counts")),
        ("projects", "The projects, by the name of their document.", list(&reference("project"))),
        ("ignored", "Differences that rules of `ignore` leave alone.", list(&reference("ignored"))),
        ("unadopted", "Live projects that no document adopts.", list(&reference("unadopted"))),
        ("shard", "The part of the fleet that it is about, with `--shard`: `3/8`.", or_null(&text())),
    ];
    document("Supaform drift", (DRIFT, VERSION), &members, definitions())
}

fn definitions() -> Vec<(&'static str, Value)> {
    let happened = || {
        let what =
            "What has happened: `removed` is what the manifests say and live lacks, `added` what they want gone.";
        ("happened", what, json!({"enum": ["added", "changed", "removed"]}))
    };
    let shared = ["value", "secret", "note"];
    let mut all: Vec<_> = plan::definitions().into_iter().filter(|(name, _)| shared.contains(name)).collect();
    all.extend([
        (
            "unadopted",
            object(&[
                ("ref", "Its ref.", text()),
                ("name", "Its name at Supabase.", text()),
                ("organization", "Its organization's slug.", text()),
                ("region", "Its region.", text()),
                ("status", "Its status, in the API's word.", text()),
            ]),
        ),
        (
            "counts",
            object(&[
                ("added", "Resources that are live and that the manifests want gone.", number()),
                ("changed", "Resources that are not as the manifests say.", number()),
                ("fields", "Fields that differ in them.", number()),
                ("removed", "Resources that the manifests say and live lacks.", number()),
                ("weakened", "Fields by whose change a project is easier to attack.", number()),
                ("blocked", "Projects that could not be compared.", number()),
            ]),
        ),
        (
            "project",
            object(
                &[
                    plan::whose(),
                    vec![
                        ("sections", "The sections that are managed.", list(&text())),
                        ("changes", "What has happened, by address.", list(&reference("change"))),
                        ("notes", "What is worth knowing and no difference.", list(&reference("note"))),
                        (
                            "not_compared",
                            "Secrets that live has, and whose values are not at hand.",
                            list(&plan::not_compared()),
                        ),
                        ("blocked", "Why the project could not be compared.", or_null(&problem())),
                        ("unmanaged", "What is live and not managed.", plan::unmanaged()),
                    ],
                ]
                .concat(),
            ),
        ),
        (
            "change",
            object(&[
                ("address", "The resource.", reference("address")),
                happened(),
                plan::written_at(),
                ("fields", "Its fields that differ; of what was added, all that it has.", list(&reference("field"))),
            ]),
        ),
        (
            "field",
            object(&[
                ("name", "The API's name of the field.", text()),
                ("wanted", "What the manifests say.", or_null(&reference("value"))),
                ("live", "What is live.", or_null(&reference("value"))),
                ("risks", "What the change from the one to the other does.", list(&plan::risk())),
                plan::written_at(),
            ]),
        ),
        (
            "ignored",
            object(&[
                ("address", "The section or item that differs.", reference("address")),
                happened(),
                ("field", "The field that differs; null where a whole item does.", or_null(&reference("field"))),
                ("rule", "The rule.", plan::ignore_rule()),
            ]),
        ),
    ]);
    all
}
