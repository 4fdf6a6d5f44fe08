//! The schema of drift.

use serde_json::{Value, json};

use super::parts::{document, list, number, object, or_null, problem, reference, text};
use super::plan;
use crate::record::seal::{DRIFT, VERSION};

/// The schema of `drift --format json`, and of the member `drift` of a webhook's notification.
#[must_use]
pub fn drift() -> Value {
    let members = [
        ("api", "The API's origin.", text()),
        ("summary", "The drift in numbers.", reference("counts")),
        ("projects", "The projects, by the name of their document.", list(&reference("project"))),
        ("ignored", "Differences that rules of `ignore` leave alone.", list(&reference("ignored"))),
        ("unadopted", "Live projects that no document adopts.", list(&reference("unadopted"))),
        ("shard", "The part of the fleet that it is about, with `--shard`: `3/8`.", or_null(&text())),
    ];
    document("Supaform drift", (DRIFT, VERSION), &members, definitions())
}

fn definitions() -> Vec<(&'static str, Value)> {
    let happened = || {
        let what = "What has happened: `removed` is desired and not live, `added` is live and not desired.";
        ("happened", what, json!({"enum": ["added", "changed", "removed"]}))
    };
    let shared = ["value", "secret", "note", "awaited"];
    let mut all: Vec<_> = plan::definitions().into_iter().filter(|(name, _)| shared.contains(name)).collect();
    all.extend([
        (
            "unadopted",
            object(&[
                ("ref", "Its ref.", text()),
                ("name", "Its name in the dashboard.", text()),
                ("organization", "Its organization's slug.", text()),
                ("region", "Its region.", text()),
                ("status", "Its status, in the API's word.", text()),
            ]),
        ),
        (
            "counts",
            object(&[
                ("added", "Resources that are live and not desired.", number()),
                ("changed", "Resources that are not as the manifests say.", number()),
                ("fields", "Fields that differ in them.", number()),
                ("removed", "Resources that are desired and not live.", number()),
                ("weakened", "Fields whose change makes a project easier to attack.", number()),
                ("blocked", "Projects that could not be compared.", number()),
            ]),
        ),
        (
            "project",
            plan::with_awaited(
                &[
                    plan::whose(),
                    vec![
                        ("sections", "The sections that are managed.", list(&text())),
                        ("changes", "The changes, by address.", list(&reference("change"))),
                        ("notes", "Notes that are no differences.", list(&reference("note"))),
                        (
                            "not_compared",
                            "Secrets that live has, and whose values are not at hand.",
                            list(&plan::not_compared()),
                        ),
                        ("blocked", "Why the project could not be compared.", or_null(&problem())),
                        ("unmanaged", "Live settings that are not managed.", plan::unmanaged()),
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
                ("fields", "Its fields that differ; of an added resource, all fields.", list(&reference("field"))),
            ]),
        ),
        (
            "field",
            object(&[
                ("name", "The API's name of the field.", text()),
                ("wanted", "The desired value.", or_null(&reference("value"))),
                ("live", "The live value.", or_null(&reference("value"))),
                ("risks", "The consequences of the change from desired to live.", list(&plan::risk())),
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
