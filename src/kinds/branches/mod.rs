//! The branches of a project. Each is a project of its own, with a ref that no list of projects has.
//!
//! They are listed by their parent only: the read of a single one shows its database's password. The default branch is the
//! project itself, and branches of pull requests come and go with these; neither is an item unless a manifest names it.

mod sizes;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::diag::codes::plan;
use crate::exit::Exit;
use crate::kind::prelude::*;
use crate::kind::{by_action, live_of, settings_body, written};
use crate::model::{DisplayValue, Finding, Origin, Problem, ProjectRef};

type LiveItems = BTreeMap<String, Map<String, Value>>;

/// `branches`: a collection by name.
pub struct Branches;

const LIST: &str = "/v1/projects/{ref}/branches";
const ONE: &str = "/v1/branches/{branch_id_or_ref}";

/// Makes a branch whose disk has a size from the beginning.
const WITH_DISK: &str = "/v2/projects/{ref}/branches";

/// How long a new branch may take to be up, in seconds: minutes were seen where the platform had none in stock.
const UP_WITHIN: u32 = 600;

/// How long the list may show the old values after a write, in seconds.
const LAGS: u32 = 60;

/// Fields that are chosen when a branch is made, and that the API never shows.
const UNSEEN: [&str; 3] = ["region", "desired_instance_size", DISK];

const DISK: &str = "desired_disk_size_gb";

/// The status of the list where branching is off.
const OFF: u16 = 422;

/// The member that says until when a branch is deleted.
const SCHEDULED: &str = "deletion_scheduled_at";

const COSTS: &str = "its compute and its disk cost money as long as it exists";

static INFO: KindInfo = KindInfo {
    name: "branches",
    doc: "Branches of the project: databases of their own for staging and previews, each with a ref and a price of its own.",
    shape: Shape::Collection {
        path: LIST,
        key: "name",
        scalar: None,
        reserved: None,
        bad_name,
        delete_risk: "its database is lost with everything in it",
        items: None,
    },
    fields: &[&[
        text("git_branch")
            .cleared_as(&[Literal::Null, Literal::Text("")])
            .example("develop")
            .harmless("it decides which pushes are deployed, from the next one on")
            .doc("The git branch that it follows, where the project is connected with a repository."),
        flag("persistent")
            .default(Literal::Bool(false))
            .entitlement("branching_persistent")
            .risks(&[
                Risk {
                    when: When::On,
                    impact: Impact::Billed,
                    why: "is never paused while nobody uses it, so that it costs its compute all the time",
                },
                Risk {
                    when: When::Off,
                    impact: Impact::Destructive,
                    why: "is then paused while nobody uses it, and deleted together with its pull request",
                },
            ])
            .doc("Whether it stays: a branch that does not is paused while nobody uses it."),
        text("notify_url")
            .form(&address::CALLED)
            .example("https://ci.example.com/branches")
            .harmless("it receives the status of the branch, and nothing of its data")
            .doc("Where changes of its status are posted; the API has no way to take the address away again."),
        text("region")
            .fixed()
            .example("eu-central-1")
            .harmless("it is chosen once, when the branch is created")
            .doc("Where a new branch runs; the API does not show it afterwards, so it is not compared."),
        choice("desired_instance_size", sizes::NAMES)
            .fixed()
            .example("small")
            .risks(&[Risk { when: When::Set, impact: Impact::Billed, why: "decides the price of the branch" }])
            .doc("The compute size of a new branch; the API does not show it afterwards, so it is not compared."),
        int(DISK, 8, 61_440)
            .fixed()
            .example("20")
            .risks(&[Risk { when: When::Set, impact: Impact::Billed, why: "decides the price of the branch's disk" }])
            .doc("The size of a new branch's disk; the API does not show it with the branch afterwards, so it is not compared."),
        flag("with_data")
            .fixed()
            .default(Literal::Bool(false))
            .risks(&[
                Risk {
                    when: When::On,
                    impact: Impact::Security,
                    why: "copies the data of the project, to whoever has access to the branch",
                },
                Risk {
                    when: When::On,
                    impact: Impact::Billed,
                    why: "gives the branch the compute size and the disk of the project",
                },
            ])
            .doc("Whether a new branch starts with the project's data, which needs point-in-time recovery."),
        text("renamed_from").identity().example("staging").doc(
            "The name that the branch had before: where only that one exists, it is renamed instead of made anew.",
        ),
    ]],
    own_members: &["branch_name", "is_default", "postgres_engine", "release_channel", "secrets"],
    // A branch is made of all that its project has. A hostname waits for others, and so would the branch.
    after: &[
        "auth",
        "sso_providers",
        "third_party_auth",
        "postgres",
        "pooler",
        "ssl_enforcement",
        "data_api",
        "realtime",
        "storage",
        "secrets",
        "functions",
        "database_webhooks",
        "migrations",
        "api_keys",
        "legacy_api_keys",
        "network_restrictions",
    ],
    example: "branches:\n  staging: {git_branch: develop, persistent: true}",
    read_only: &[
        "id",
        "project_ref",
        "parent_project_ref",
        "is_default",
        "pr_number",
        "latest_check_run_id",
        "status",
        "created_at",
        "updated_at",
        "review_requested_at",
        "deletion_scheduled_at",
        "preview_project_status",
    ],
    patterns: true,
    also_made_by: Some((WITH_DISK, "/data/attributes")),
    creation: Some((Impact::Billed, COSTS)),
    lags: LAGS,
    ..KindInfo::PLAIN
};

fn bad_name(name: &str) -> Option<String> {
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Some("the name of a branch is a text of one line that is not empty".to_owned());
    }
    None
}

fn is_set(item: &Map<String, Value>, member: &str) -> bool {
    item.get(member).is_some_and(|value| !value.is_null())
}

fn is_on(item: &Map<String, Value>, member: &str) -> bool {
    item.get(member) == Some(&Value::Bool(true))
}

/// The name that live has for an item, which is not its own before it is renamed.
fn live_name(item: &Map<String, Value>) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}

/// Whether the live branch still has the name from which the manifest renames it.
fn is_to_be_renamed(name: &str, item: &Map<String, Value>) -> bool {
    live_name(item).is_some_and(|live| live != name)
}

impl Kind for Branches {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// A project without branching answers like one without branches, or with a refusal.
    fn reads(&self, reference: &ProjectRef) -> Vec<ReadCall> {
        vec![ReadCall::get(LIST).param("ref", reference.as_str()).or_refused(OFF, "")]
    }

    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        match answers.first() {
            Some(answer) if answer.status == OFF => match answer.body.get("message").and_then(Value::as_str) {
                Some(message) if message.contains("not enabled") => Ok(LiveKind::Items(LiveItems::new())),
                _ => Err(UnexpectedShape { pointer: "/message".to_owned(), expected: "a list of branches".to_owned() }),
            },
            _ => crate::kind::default_observe(&INFO, answers),
        }
    }

    fn is_apart(&self, item: &Map<String, Value>) -> bool {
        is_on(item, "is_default") || is_set(item, "pr_number")
    }

    /// Leaves out what comes with the project and with pull requests, unless it is named; follows `renamed_from`; and takes
    /// over what the API does not show.
    fn align(&self, project: &str, section: &Section, live: LiveKind) -> Result<LiveKind, Box<Problem>> {
        let LiveKind::Items(mut live) = live else { return Ok(live) };
        let SectionBody::Items(items) = &section.body else { return Ok(LiveKind::Items(live)) };
        live.retain(|name, seen| match items.get(name) {
            Some(Item::Present(..) | Item::Unmanaged(_)) => true,
            Some(Item::Absent(_)) => !is_set(seen, SCHEDULED),
            None => !self.is_apart(seen) && !is_set(seen, SCHEDULED),
        });
        for (name, item) in items {
            let Item::Present(settings, origin) = item else { continue };
            follow(&mut live, items, name, settings);
            let Some(seen) = live.get_mut(name) else { continue };
            if is_set(seen, SCHEDULED) {
                return Err(Box::new(scheduled(project, name, origin)));
            }
            for field in UNSEEN {
                if let Some(DesiredValue::Value(value)) = settings.fields.get(field).map(|setting| &setting.value) {
                    seen.insert(field.to_owned(), value.clone());
                }
            }
        }
        Ok(LiveKind::Items(live))
    }

    /// A new branch has nothing yet that could be lost.
    fn add_risks(&self, _: Sides<'_>, changes: &mut [Change]) {
        for change in changes.iter_mut().filter(|change| change.action == Action::Create) {
            for field in &mut change.fields {
                field.risks.retain(|(impact, _)| *impact != Impact::Destructive);
            }
        }
    }

    /// Says the price, unless it is that of the project's own size.
    fn creation_risk(&self, change: &Change) -> Option<(Impact, String)> {
        let new = |name: &str| match &change.fields.iter().find(|field| field.name() == name)?.after {
            DisplayValue::Value(value) => Some(value),
            DisplayValue::Absent | DisplayValue::SecretSet | DisplayValue::Secret(_) => None,
        };
        let price = match new("with_data") {
            Some(Value::Bool(true)) => None,
            _ => sizes::price(new("desired_instance_size").and_then(Value::as_str).unwrap_or(sizes::USUAL)),
        };
        let price = price.map_or_else(String::new, |price| format!(" ({price}; without its disk)"));
        Some((Impact::Billed, format!("{COSTS}{price}")))
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        for change in job.changes {
            let Some(live) = live_of(job, change) else { continue };
            let fixed = change.fields.iter().find(|field| field.row().is_some_and(|row| row.fixed));
            let (message, hint) = if is_on(live, "is_default") {
                ("it is the default branch, which is the project itself", "Write its settings as those of the project.")
            } else if let (Action::Update, Some(_)) = (change.action, fixed) {
                (
                    "`with_data` is chosen when a branch is created",
                    "To have it otherwise, remove the branch (`NAME: null`), apply, and create it anew; its database is lost.",
                )
            } else {
                continue;
            };
            let origin = fixed.and_then(|field| field.origin.clone()).or_else(|| change.origin.clone());
            out.push(Refusal {
                at: change.at.clone(),
                finding: Finding {
                    code: plan::CANNOT_BECOME,
                    message: message.to_owned(),
                    hints: vec![hint.to_owned()],
                    origin,
                },
                allow: None,
            });
        }
    }

    fn notes(&self, live: &LiveKind) -> Vec<String> {
        let LiveKind::Items(items) = live else { return vec![] };
        let paused = items.iter().filter(|(_, item)| status(item) == Some("INACTIVE"));
        let paused = paused.map(|(name, _)| format!("the branch `{name}` is paused: nobody has used it for a while"));
        // Deprecated: it tells of success too early. What it tells of failure is right.
        let failed = items.iter().filter_map(|(name, item)| {
            let word = item.get("status").and_then(Value::as_str).filter(|word| word.ends_with("_FAILED"))?;
            let so = "what it should have brought may be missing; its log is in the dashboard";
            Some(format!("the last run of the branch `{name}` has failed ({word}): {so}"))
        });
        paused.chain(failed).collect()
    }

    fn operations(&self) -> Vec<Operation> {
        let all = [
            (Method::Get, LIST),
            (Method::Post, LIST),
            (Method::Patch, ONE),
            (Method::Delete, ONE),
            (Method::Post, WITH_DISK),
        ];
        all.into_iter().map(|(method, template)| Operation { method, template }).collect()
    }

    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        let (made, removed) = by_action(job.changes);
        made.into_iter().chain(removed).flat_map(|index| calls(job, index)).collect()
    }
}

/// The status of the project that a branch is.
fn status(item: &Map<String, Value>) -> Option<&str> {
    item.get("preview_project_status").and_then(Value::as_str)
}

/// Shows the branch that is to be renamed under its new name. One that has been renamed shows the old name as it is written,
/// so that nothing differs; where neither is live, the branch is made under the new one.
fn follow(live: &mut LiveItems, items: &BTreeMap<String, Item>, name: &str, settings: &Settings) {
    let Some(old) = written(settings, "renamed_from") else { return };
    let is_free = !matches!(items.get(old), Some(Item::Present(..) | Item::Unmanaged(_)));
    if let Some(seen) = live.get_mut(name) {
        seen.insert("renamed_from".to_owned(), old.into());
    } else if is_free && let Some(seen) = live.remove(old) {
        live.insert(name.to_owned(), seen);
    }
}

fn scheduled(project: &str, name: &str, origin: &Origin) -> Problem {
    Problem {
        finding: Finding {
            code: plan::CANNOT_BECOME,
            message: format!(
                "{}: the branch is to be deleted within the hour, as somebody has asked for it",
                Address::item(project, INFO.name, name)
            ),
            hints: vec![format!(
                "To keep it, run `supaform branch restore {project}/{}/{name}`; otherwise remove it from the manifest.",
                INFO.name
            )],
            origin: Some(origin.clone()),
        },
        exit: Exit::Refused,
    }
}

/// The calls of one change. A branch that stays must first become one that does not, to be deleted.
fn calls(job: &KindChanges<'_>, index: usize) -> Vec<PlannedCall> {
    let change = &job.changes[index];
    let Some(name) = change.at.subject.item() else { return vec![] };
    if change.action == Action::Create {
        let mut body = settings_body(change, None);
        let mut path = LIST;
        if let Value::Object(members) = &mut body.value {
            members.retain(|_, value| !value.is_null());
            if members.contains_key(DISK) {
                path = WITH_DISK;
                members.insert("name".to_owned(), name.into());
                body.value = json!({"data": {"type": "branch", "attributes": members}});
            } else {
                members.insert("branch_name".to_owned(), name.into());
            }
        }
        // Sent twice, it would be refused: but a second branch would cost as much as the first one.
        let call = Call::new(Method::Post, path, Repeat::OnceOnly).param("ref", job.target.param());
        let wait = Some(Wait::Branch { name: name.to_owned(), deadline: UP_WITHIN });
        return vec![PlannedCall { wait, ..PlannedCall::of(call.body(Body::Json(body)), vec![index]) }];
    }
    let Some(live) = live_of(job, change) else { return vec![] };
    let Some(reference) = live.get("project_ref").and_then(Value::as_str) else { return vec![] };
    let to = |method| {
        let call = Call::new(method, ONE, Repeat::Idempotent);
        call.param("branch_id_or_ref", Param::Known(reference.to_owned()))
    };
    if change.action == Action::Delete {
        let let_go = to(Method::Patch).body(Body::json(json!({"persistent": false})));
        let let_go = is_on(live, "persistent").then(|| PlannedCall::of(let_go, vec![]));
        return let_go.into_iter().chain([PlannedCall::of(to(Method::Delete), vec![index])]).collect();
    }
    let mut change = change.clone();
    change.fields.retain(|field| !field.row().is_some_and(|row| row.fixed));
    if change.fields.is_empty() {
        return vec![];
    }
    let mut body = settings_body(&change, None);
    if let Value::Object(members) = &mut body.value {
        // Null is accepted, and changes nothing.
        if let Some(git) = members.get_mut("git_branch").filter(|git| git.is_null()) {
            *git = "".into();
        }
        if is_to_be_renamed(name, live) {
            members.insert("branch_name".to_owned(), name.into());
        }
    }
    vec![PlannedCall::of(to(Method::Patch).body(Body::Json(body)), vec![index])]
}
