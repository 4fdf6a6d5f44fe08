//! The regions for projects.

use serde_json::{Value, json};

use super::organizations;
use crate::sandbox::answer::{Answer, Answered, answer};
use crate::sandbox::catalogue;
use crate::sandbox::validate::{expected, one_of};
use crate::sandbox::visit::RequestContext;

/// A region: its code, its name, and its smart group.
struct Region {
    code: &'static str,
    name: &'static str,
    group: &'static str,
}

const fn region(code: &'static str, name: &'static str, group: &'static str) -> Region {
    Region { code, name, group }
}

/// Every region; the first of a smart group is the one that the group chooses.
const REGIONS: &[Region] = &[
    region("us-east-1", "East US (North Virginia)", "americas"),
    region("us-east-2", "East US (Ohio)", "americas"),
    region("us-west-1", "West US (North California)", "americas"),
    region("us-west-2", "West US (Oregon)", "americas"),
    region("ca-central-1", "Canada (Central)", "americas"),
    region("sa-east-1", "South America (São Paulo)", "americas"),
    region("eu-central-1", "Central EU (Frankfurt)", "emea"),
    region("eu-central-2", "Central Europe (Zurich)", "emea"),
    region("eu-west-1", "West EU (Ireland)", "emea"),
    region("eu-west-2", "West Europe (London)", "emea"),
    region("eu-west-3", "West EU (Paris)", "emea"),
    region("eu-north-1", "North EU (Stockholm)", "emea"),
    region("ap-southeast-1", "Southeast Asia (Singapore)", "apac"),
    region("ap-southeast-2", "Oceania (Sydney)", "apac"),
    region("ap-northeast-1", "Northeast Asia (Tokyo)", "apac"),
    region("ap-northeast-2", "Northeast Asia (Seoul)", "apac"),
    region("ap-south-1", "South Asia (Mumbai)", "apac"),
    region("ap-east-1", "East Asia (Hong Kong)", "apac"),
];

/// Smart groups: code and name.
const GROUPS: &[(&str, &str)] =
    &[("americas", "Americas"), ("emea", "Europe, Middle East & Africa"), ("apac", "Asia-Pacific")];

/// Continents and the smart group recommended for each.
const CONTINENTS: &[(&str, &str)] = &[
    ("NA", "americas"),
    ("SA", "americas"),
    ("EU", "emea"),
    ("AF", "emea"),
    ("AS", "apac"),
    ("OC", "apac"),
    ("AN", "apac"),
];

/// Whether a project can be created there.
pub(super) fn is_region(code: &str) -> bool {
    REGIONS.iter().any(|region| region.code == code)
}

/// The region that a smart group chooses.
pub(super) fn of_group(group: &str) -> Option<&'static str> {
    REGIONS.iter().find(|region| region.group == group).map(|region| region.code)
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let one = |name: &str| visit.asked(name).next();
    let slug = one("organization_slug").ok_or_else(|| expected("organization_slug", "string", None))?;
    let continent = one("continent").unwrap_or("NA");
    let group = CONTINENTS.iter().find(|(code, _)| *code == continent).map(|(_, group)| *group);
    let group = group.ok_or_else(|| among("continent", continent, CONTINENTS.iter().map(|(code, _)| *code)))?;
    if let Some(size) = one("desired_instance_size") {
        one_of("desired_instance_size", size, catalogue::SIZES)?;
    }
    organizations::named(visit, slug)?;
    let smart = |(code, name): &(&str, &str)| json!({"name": name, "code": code, "type": "smartGroup"});
    let specific =
        |region: &Region| json!({"name": region.name, "code": region.code, "type": "specific", "provider": "AWS"});
    let near = REGIONS.iter().filter(|region| region.group == group).map(specific).collect::<Vec<Value>>();
    answer(json!({
        "recommendations": {
            "smartGroup": GROUPS.iter().find(|(code, _)| *code == group).map(smart),
            "specific": near,
        },
        "all": {
            "smartGroup": GROUPS.iter().map(smart).collect::<Vec<Value>>(),
            "specific": REGIONS.iter().map(specific).collect::<Vec<Value>>(),
        },
    }))
}

/// The refusal of a value that is not one of a choice.
fn among(name: &str, given: &str, words: impl Iterator<Item = &'static str>) -> Answer {
    let words: Vec<&str> = words.collect();
    one_of(name, given, &words).err().unwrap_or_else(|| expected(name, "string", None))
}
