//! The custom hostname of a project. Supabase gets it going in stages, and between them somebody has to set DNS records; each run
//! sees from one read how far it is, and does what can be done.

use serde_json::{Map, Value, json};

use crate::diag::codes::plan as codes;
use crate::kind::no_further_fields;
use crate::kind::prelude::*;
use crate::model::{DisplayValue, FieldChange, Finding, ProjectRef};

/// `custom_hostname`: one host, or none.
pub struct CustomHostname;

const PATH: &str = "/v1/projects/{ref}/custom-hostname";
const INITIALIZE: &str = "/v1/projects/{ref}/custom-hostname/initialize";
const REVERIFY: &str = "/v1/projects/{ref}/custom-hostname/reverify";
const ACTIVATE: &str = "/v1/projects/{ref}/custom-hostname/activate";
const ADDONS: &str = "/v1/projects/{ref}/billing/addons";

/// What the API says where a project has none: a refusal, with the status of many others.
const NONE: &str = "No custom hostname configuration found.";

/// How long a run waits for a verification that has found the records, in seconds; two minutes were usual.
const PATIENCE: u32 = 300;

/// What the API says of an activation that comes too early; right after a verification this was seen, too.
const NOT_YET: (&[&str], u32) = (&["Verification has not been completed."], 60);

const ACTIVATION: &str = "sends people who sign in to the host from then on: OAuth providers must know its callback, \
                          and SAML providers its entity id";
const OUTAGE: &str = "takes the present host out of service at once: whoever uses it fails until they use another one";

static HOST: Form = Form {
    expected: "a subdomain such as `api.example.com`",
    pattern: r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){2,}[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    holds: is_host,
    refuses: None,
};

fn is_host(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').count() > 2 && text.split('.').all(is_label)
}

static INFO: KindInfo = KindInfo {
    name: "custom_hostname",
    doc: "A host of your own for the project's APIs, made ready over several runs because somebody has to set DNS records.",
    shape: Shape::Settings { path: PATH, write: Writes::Post(INITIALIZE), seen_at: None, sent_at: None },
    fields: &[&[
        text("custom_hostname")
            .form(&HOST)
            .api_name("custom_hostname")
            .resets_to(&[Literal::Null])
            .judged()
            .example("api.example.com")
            .doc("The host: a subdomain, for which its domain gets a CNAME and TXT records; `null` removes it."),
        flag("activate")
            .api_name("custom_hostname")
            .reached(|wanted, seen| wanted == &Value::Bool(false) && seen.is_boolean())
            .needs(&[Needs { when: When::Set, fields: &["custom_hostname"] }])
            .risks(&[Risk { when: When::On, impact: Impact::Security, why: ACTIVATION }])
            .doc("Whether it goes into service once it is verified; `false` gets it ready and stops there."),
    ]],
    // A project has one of the two, so that the other one goes first.
    after: &["vanity_subdomain"],
    read_only: &["status", "target", "records", "errors", "is_proven", "addon"],
    example: "custom_hostname:\n  custom_hostname: api.example.com\n  activate: true",
    ..KindInfo::PLAIN
};

/// How far it is, in the API's words.
const STAGES: [&str; 5] =
    ["1_not_started", "2_initiated", "3_challenge_verified", "4_origin_setup_completed", "5_services_reconfigured"];

fn unexpected(pointer: &str, expected: &str) -> UnexpectedShape {
    UnexpectedShape { pointer: pointer.to_owned(), expected: expected.to_owned() }
}

/// The records that are to be set, each with its name and value. What is done shows empty texts, or nothing.
fn records(result: &Value) -> Vec<Value> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let ownership = result.get("ownership_verification");
    let certificate = result.pointer("/ssl/validation_records").and_then(Value::as_array).into_iter().flatten();
    let named = |record: &Value, name: &str, value: &str| {
        Some(json!({"name": text(record.get(name))?, "value": text(record.get(value))?}))
    };
    let certificate = certificate.filter_map(|record| named(record, "txt_name", "txt_value"));
    ownership.and_then(|record| named(record, "name", "value")).into_iter().chain(certificate).collect()
}

fn errors(result: &Value) -> Vec<Value> {
    let list = |pointer: &str| result.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let of_ssl = list("/ssl/validation_errors").into_iter().filter_map(|it| it.get("message").cloned());
    list("/verification_errors").into_iter().chain(of_ssl).collect()
}

/// Whether the project has the add-on; `None` where the token may not see that.
fn has_addon(answer: Option<&Answer>) -> Option<bool> {
    let selected = answer?.body.get("selected_addons")?.as_array()?;
    Some(selected.iter().any(|it| it.get("type").and_then(Value::as_str) == Some("custom_domain")))
}

fn text_of<'a>(live: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    live.get(member).and_then(Value::as_str)
}

fn setting<'a>(section: &'a Section, name: &str) -> Option<&'a DesiredValue> {
    match &section.body {
        SectionBody::Settings(settings) => settings.fields.get(name).map(|setting| &setting.value),
        SectionBody::Items(_) => None,
    }
}

fn wanted(section: &Section) -> Option<&str> {
    match setting(section, "custom_hostname") {
        Some(DesiredValue::Value(host)) => host.as_str(),
        _ => None,
    }
}

/// The live state where it was read.
fn seen(live: &LiveKind) -> Option<&Map<String, Value>> {
    if let LiveKind::Settings(live) = live { Some(live) } else { None }
}

impl Kind for CustomHostname {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn reads(&self, reference: &ProjectRef) -> Vec<ReadCall> {
        let get = |path| ReadCall::get(path).param("ref", reference.as_str());
        // A token that may not see the add-ons can do without.
        vec![get(PATH).or_refused(400, NONE), get(ADDONS).or_refused(403, "")]
    }

    /// `activate` is null as long as the host is not verified, then whether it is in service.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let [host, addons @ ..] = answers else { return Err(unexpected("", "an object")) };
        let addon = has_addon(addons.first());
        let mut live = json!({"custom_hostname": null, "activate": null, "addon": addon});
        if host.status < 400 {
            let status = host.body.get("status").and_then(Value::as_str);
            let stage = status.and_then(|status| STAGES.iter().position(|stage| *stage == status));
            let stage = stage.ok_or_else(|| unexpected("/status", "a known status"))?;
            let result = host.body.pointer("/data/result").filter(|it| it.is_object());
            let result = result.ok_or_else(|| unexpected("/data/result", "an object"))?;
            let name = host.body.get("custom_hostname").or_else(|| result.get("hostname")).and_then(Value::as_str);
            let name = name.ok_or_else(|| unexpected("/custom_hostname", "a text"))?;
            let is_proven = result.pointer("/ssl/status").and_then(Value::as_str) == Some("active");
            live = json!({
                "custom_hostname": name,
                "activate": match stage { 0 | 1 => Value::Null, 2 | 3 => false.into(), _ => true.into() },
                "status": status,
                "target": result.get("custom_origin_server"),
                "records": records(result),
                "errors": errors(result),
                "is_proven": is_proven,
                "addon": addon,
            });
        }
        Ok(LiveKind::Settings(live.as_object().cloned().unwrap_or_default()))
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        no_further_fields(&INFO, section, out);
    }

    /// A host that is not in service yet is nothing that one has.
    fn not_imported(&self, live: &Map<String, Value>) -> &'static [&'static str] {
        if live.get("activate") == Some(&Value::Bool(true)) { &[] } else { &["custom_hostname", "activate"] }
    }

    fn operations(&self) -> Vec<Operation> {
        let all = [
            (Method::Get, PATH),
            (Method::Get, ADDONS),
            (Method::Post, INITIALIZE),
            (Method::Post, REVERIFY),
            (Method::Post, ACTIVATE),
            (Method::Delete, PATH),
        ];
        all.map(|(method, template)| Operation { method, template }).into()
    }

    /// A host in service that goes, or gives way to another one, takes its users along.
    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        let was = seen(sides.before).filter(|before| before.get("activate") == Some(&Value::Bool(true)));
        let was = was.and_then(|before| text_of(before, "custom_hostname"));
        let fields = changes.iter_mut().flat_map(|change| change.fields.iter_mut());
        if let Some(host) = fields.into_iter().find(|diff| diff.name() == "custom_hostname").filter(|_| was.is_some()) {
            host.risks.push((Impact::LockOut, OUTAGE));
        }
    }

    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        let field = |name: &str| context.changes.iter().flat_map(|it| &it.fields).find(|diff| diff.name() == name);
        let set = |diff: &&FieldChange| diff.after != DisplayValue::Absent;
        let begins = field("custom_hostname").filter(set);
        let is_new = context.target.reference.is_none();
        let section = Address::section(context.target.project, INFO.name);
        if let Some(diff) = begins.filter(|_| is_new || context.live.get("addon") == Some(&Value::Bool(false))) {
            let found = Finding::new(codes::ADDON_MISSING, "the project lacks the add-on `cd_default` (Custom Domain)");
            let way = "Enable it in the dashboard under Add-ons ($10 a month), and run this again.";
            let first =
                "Create the project without the section, and enable it in the dashboard ($10 a month); then add it.";
            let found = found.hint(if is_new { first } else { way }).at(diff.origin.as_ref());
            out.push(Refusal { at: section.clone(), finding: found, allow: None });
        }
        let on = DisplayValue::Value(Value::Bool(true));
        if let Some(diff) = field("activate").filter(|diff| diff.after == on && !is_new) {
            out.push(Refusal {
                at: section.setting("activate"),
                finding: Finding::new(codes::NEEDS_ALLOW, ACTIVATION).at(diff.origin.as_ref()),
                allow: Some(Impact::Security),
            });
        }
    }

    /// What can be done now: whatever comes after the DNS records is for a later run.
    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        let Some(change) = job.changes.first() else { return vec![] };
        let nothing = Map::new();
        let live = seen(job.live).unwrap_or(&nothing);
        let to = |method, path| Call::new(method, path, Repeat::Idempotent).param("ref", job.target.param());
        let settles = |call| PlannedCall::of(call, vec![0]);
        let outside =
            |planned: PlannedCall, patience| PlannedCall { wait: Some(Wait::Outside { patience }), ..planned };
        let mut calls = vec![];
        if change.fields.iter().any(|diff| diff.name() == "custom_hostname") {
            let is_there = text_of(live, "custom_hostname").is_some();
            let Some(host) = wanted(job.section) else { return vec![settles(to(Method::Delete, PATH))] };
            if is_there {
                calls.push(PlannedCall::of(to(Method::Delete, PATH), vec![]));
            }
            let begin = settles(to(Method::Post, INITIALIZE).body(Body::json(json!({"custom_hostname": host}))));
            // The new one is not in service, whatever the old one was.
            let goes_on = setting(job.section, "activate").is_some();
            calls.push(if goes_on { outside(begin, 0) } else { begin });
            return calls;
        }
        let is_verified = live.get("activate").is_some_and(Value::is_boolean);
        let goes_into_service = setting(job.section, "activate") == Some(&DesiredValue::Value(Value::Bool(true)));
        if !is_verified {
            let settled = if goes_into_service { vec![] } else { vec![0] };
            calls.push(outside(PlannedCall::of(to(Method::Post, REVERIFY), settled), PATIENCE));
        }
        if goes_into_service {
            let answers = Answers { not_yet: Some(NOT_YET), ..Answers::default() };
            calls.push(PlannedCall { answers, ..settles(to(Method::Post, ACTIVATE)) });
        }
        calls
    }

    fn awaited(&self, project: &str, section: &Section, live: &LiveKind) -> Vec<Awaited> {
        let (Some(live), Some(host)) = (seen(live), wanted(section)) else { return vec![] };
        let is_pending =
            text_of(live, "custom_hostname") == Some(host) && live.get("activate").is_none_or(Value::is_null);
        if !is_pending {
            return vec![];
        }
        let list = |name: &str| live.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let is_proven = live.get("is_proven") == Some(&Value::Bool(true));
        let records = list("records");
        let told = |record: &Value| {
            let part = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            format!("TXT    {}  {}", part("name"), part("value"))
        };
        let has_challenge = records.iter().any(|it| told(it).contains("_acme-challenge."));
        let (mut text, soon) = match (is_proven, has_challenge) {
            (true, _) => (format!("`{host}` is verified, which Supabase is told next"), true),
            (false, true) => (format!("`{host}` needs these DNS records, set where its domain is managed"), false),
            (false, false) => (format!("`{host}` is being prepared: its DNS records are not known yet"), true),
        };
        for error in list("errors").iter().filter_map(Value::as_str) {
            text.push_str(&format!("; Supabase says: {error}"));
        }
        let mut todo: Vec<String> = records.iter().map(told).collect();
        if let (false, Some(target)) = (todo.is_empty(), text_of(live, "target")) {
            todo.insert(0, format!("CNAME  {host}  {target}"));
        }
        let holds: &[&str] = if setting(section, "activate").is_some() { &["activate"] } else { &[] };
        let origin = Some(section.origin.clone());
        vec![Awaited {
            at: Address::section(project, INFO.name),
            text,
            todo,
            holds,
            soon,
            ask_again: is_proven,
            origin,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_subdomains_in_lower_case() {
        for fine in ["api.example.com", "a.b.example.co.uk", "x-1.example.com", "api.xn--bcher-kva.example"] {
            assert!(is_host(fine), "{fine}");
        }
        for bad in [
            "",
            "example.com",
            "API.example.com",
            "api.bücher.example",
            "api_1.example.com",
            "*.example.com",
            "https://api.example.com",
            "api.example.com.",
            "-a.example.com",
            "a b.c.d",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_done_has_no_records() {
        let blank = json!({"type": "", "name": "", "value": ""});
        let challenge = json!({"txt_name": "_acme-challenge.api.example.com", "txt_value": "B"});
        let pending = json!({"ownership_verification": blank, "ssl": {"validation_records": [challenge]}});
        assert_eq!(records(&pending), [json!({"name": "_acme-challenge.api.example.com", "value": "B"})]);
        let done = json!({"ownership_verification": blank, "ssl": {"status": "active", "validation_records": []}});
        assert_eq!(records(&done), Vec::<Value>::new());
    }
}
