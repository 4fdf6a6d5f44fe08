//! Storage: limits and features of the service. Buckets are data of a project, and not here.

use crate::model::Finding;
use serde_json::{Map, Value, json};

use crate::diag::codes::plan as codes;
use crate::kind::lacking;
use crate::kind::prelude::*;

/// `storage`: the API accepts all members of a feature or none, so members that no manifest writes are sent with their live
/// values.
pub struct Storage;

const PATH: &str = "/v1/projects/{ref}/config/storage";

static INFO: KindInfo = KindInfo {
    read_only: &["capabilities", "databasePoolMode", "migrationVersion"],
    name: "storage",
    doc: "How large a file may be, and which features the storage service has; buckets are not managed here.",
    shape: Shape::Settings { path: PATH, write: Writes::Patch, seen_at: None, sent_at: None },
    fields: &[&[
        int("fileSizeLimit", 0, 536_870_912_000)
            .unit(Unit::Bytes)
            .default(Literal::Int(52_428_800))
            .example("50MiB")
            .risks(&[Risk { when: When::Higher, impact: Impact::Security, why: "lets people store larger files" }])
            .entitlement("storage.max_file_size")
            .doc("How large a file may be at most; a bucket can have a lower limit of its own."),
        object("features", FEATURES)
            .example("{s3Protocol: {enabled: true}}")
            .doc("The features of the service; fields that are not written stay as they are."),
        object("external", EXTERNAL)
            .example("{upstreamTarget: main}")
            .doc("Internals of the service, which the platform manages itself: best left alone."),
    ]],
    example: "\
storage:
  fileSizeLimit: 100MiB
  features:
    imageTransformation: {enabled: true}
    vectorBuckets: {maxBuckets: 20}",
    services: &["storage"],
    aggregate: Some(Aggregate { at: "/storage", as_own, effective: &[] }),
    ..KindInfo::PLAIN
};

/// The read of all settings has words with underscores, and one level less.
fn as_own(settings: &Value) -> Option<Value> {
    Some(json!({
        "fileSizeLimit": settings.get("file_size_limit")?,
        "features": in_camel_case(settings.get("features")?),
        "external": {"upstreamTarget": settings.get("upstream_target")?},
    }))
}

/// `s3_protocol` is `s3Protocol`.
fn in_camel_case(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let renamed = |name: &str| {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let mut letters = word.chars();
            name + &letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        })
    };
    Value::Object(members.iter().map(|(name, value)| (renamed(name), in_camel_case(value))).collect())
}

const FEATURES: &[Field] = &[
    object(
        "imageTransformation",
        &[flag("enabled")
            .default(Literal::Bool(true))
            .entitlement("storage.image_transformations")
            .risks(&[off("requests for transformed images fail")])
            .doc("Whether images are served in other sizes and formats.")],
    )
    .together()
    .doc("Images in other sizes and formats."),
    object(
        "s3Protocol",
        &[flag("enabled")
            .default(Literal::Bool(true))
            .risks(&[off("clients that speak the S3 protocol are refused")])
            .doc("Whether clients may speak the S3 protocol.")],
    )
    .together()
    .doc("Access for clients that speak S3."),
    object(
        "purgeCache",
        &[flag("enabled")
            .entitlement("storage.purge_cache")
            .harmless("a file that was dropped is fetched again")
            .doc("Whether cached files can be dropped from the CDN on request.")],
    )
    .together()
    .doc("Dropping files from the CDN."),
    object(
        "icebergCatalog",
        &[
            flag("enabled")
                .default(Literal::Bool(true))
                .entitlement("storage.iceberg_catalog")
                .risks(&[off("clients of the Iceberg catalog are refused")])
                .doc("Whether buckets for analytics serve Iceberg tables."),
            many("maxNamespaces").default(Literal::Int(10)).doc("How many Iceberg namespaces there may be."),
            many("maxTables").default(Literal::Int(10)).doc("How many Iceberg tables there may be."),
            many("maxCatalogs").default(Literal::Int(2)).doc("How many Iceberg catalogs there may be."),
        ],
    )
    .together()
    .doc("Buckets for analytics, as Iceberg tables."),
    object(
        "vectorBuckets",
        &[
            flag("enabled")
                .default(Literal::Bool(true))
                .entitlement("storage.vector_buckets")
                .risks(&[off("clients of vector buckets are refused")])
                .doc("Whether buckets for vectors can be used."),
            many("maxBuckets").default(Literal::Int(10)).doc("How many buckets for vectors there may be."),
            many("maxIndexes").default(Literal::Int(5)).doc("How many indexes of vectors there may be."),
        ],
    )
    .together()
    .doc("Buckets for vectors and their search."),
];

const EXTERNAL: &[Field] = &[choice("upstreamTarget", &["main", "canary"])
    .harmless("the platform manages it itself")
    .doc("Which release of the service the project is on.")];

const fn many(name: &'static str) -> Field {
    int(name, 0, i64::MAX).harmless("it is how many there may be, not who may create one")
}

const fn off(why: &'static str) -> Risk {
    Risk { when: When::Off, impact: Impact::Access, why }
}

impl Kind for Storage {
    /// Which release of the service a project is on is the platform's choice.
    fn not_imported(&self, _: &Map<String, Value>) -> &'static [&'static str] {
        &["external"]
    }

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// The other members of a feature must be live; otherwise the API would refuse the whole feature.
    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        let overlaid = Value::Object(context.overlaid.clone());
        let diffs = context.changes.iter().flat_map(|change| &change.fields);
        for missing in lacking(&INFO, &overlaid) {
            let missing = missing.name();
            let feature = missing.rsplit_once('.').map_or("", |(feature, _)| feature);
            let Some(diff) = diffs.clone().find(|diff| diff.name().starts_with(&format!("{feature}."))) else {
                continue;
            };
            out.push(Refusal {
                at: Address::section(context.target.project, INFO.name),
                finding: Finding {
                    code: codes::MISSING_COMPANION,
                    message: format!("`{}` needs `{missing}`: neither live nor in the manifests", diff.name()),
                    hints: vec![format!("Set `{missing}`, too.")],
                    origin: diff.origin.clone(),
                },
                allow: None,
            });
        }
    }
}
