//! Which addresses may connect to the database and its pooler.

use crate::model::Finding;
use ipnet::{IpNet, Ipv6Net};
use serde_json::{Map, Value, json};

use crate::diag::codes::{plan, value as codes};
use crate::kind::prelude::*;

/// `network_restrictions`: two lists that are always written together, and a keyword for their meaning.
pub struct NetworkRestrictions;

const PATH: &str = "/v1/projects/{ref}/network-restrictions";
const EVERYBODY: [&str; 2] = ["0.0.0.0/0", "::/0"];
const NETWORK: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });

static INFO: KindInfo = KindInfo {
    name: "network_restrictions",
    doc: "Which addresses may connect to Postgres and the pooler; the HTTPS APIs are not affected.",
    shape: Shape::Settings {
        path: PATH,
        write: Writes::Post("/v1/projects/{ref}/network-restrictions/apply"),
        seen_at: None,
        sent_at: None,
    },
    fields: &[&[
        choice("mode", &["open", "list", "closed"]).api_name("dbAllowedCidrs").default(Literal::Text("open")).judged().example("closed").doc(
            "Whether everybody, the listed networks or nobody may connect; it may be left out where lists are given.",
        ),
        list("ipv4", &NETWORK, ListAs::Set)
            .api_name("dbAllowedCidrs")
            .canonical(networks)
            .judged()
            .example("[203.0.113.0/24]")
            .doc("The IPv4 networks that may connect; given together with `ipv6`."),
        list("ipv6", &NETWORK, ListAs::Set)
            .api_name("dbAllowedCidrsV6")
            .canonical(networks)
            .judged()
            .example("[\"2001:db8::/32\"]")
            .doc("The IPv6 networks that may connect; direct connections often use IPv6."),
    ]],
    read_only: &["entitlement", "pending_config"],
    // What could lock somebody out comes last.
    after: &[
        "auth",
        "sso_providers",
        "postgres",
        "pooler",
        "ssl_enforcement",
        "data_api",
        "realtime",
        "secrets",
        "functions",
        "database_webhooks",
        "migrations",
    ],
    example: "network_restrictions:\n  ipv4: [203.0.113.0/24]\n  ipv6: [\"2001:db8::/32\"]",
    settles: Settles::Seen {
        read: PATH,
        until: &[("/status", Until::Is(Literal::Text("applied")))],
        healthy: &[],
        deadline: 120,
    },
    aggregate: Some(Aggregate { at: "/database/network_restrictions", as_own, effective: &[] }),
    ..KindInfo::PLAIN
};

/// The networks of both families are in one list there, each with its family.
fn as_own(restrictions: &Value) -> Option<Value> {
    let mut own = json!({
        "entitlement": restrictions.get("entitlement")?,
        "config": by_family(restrictions.get("allowed_cidrs")?)?,
    });
    if let Some(applied_at) = restrictions.get("applied_at") {
        own["applied_at"] = applied_at.clone();
    }
    if let Some(pending) = restrictions.get("pending_allowed_cidrs") {
        own["pending_config"] = by_family(pending)?;
    }
    Some(own)
}

fn by_family(tagged: &Value) -> Option<Value> {
    let (mut v4, mut v6) = (vec![], vec![]);
    for network in tagged.as_array()? {
        let of_family = match network.get("type")?.as_str()? {
            "v4" => &mut v4,
            "v6" => &mut v6,
            _ => return None,
        };
        of_family.push(network.get("address")?.as_str()?);
    }
    Some(json!({"dbAllowedCidrs": v4, "dbAllowedCidrsV6": v6}))
}

/// Networks as a set, without host bits: for comparing, not for sending.
fn networks(value: Value) -> Value {
    let Value::Array(items) = &value else { return value };
    let mut canonical: Vec<String> = items
        .iter()
        .filter_map(Value::as_str)
        .map(|text| parse(text).map_or(text.to_owned(), |net| net.to_string()))
        .collect();
    canonical.sort();
    canonical.dedup();
    canonical.into()
}

fn parse(text: &str) -> Option<IpNet> {
    text.trim().parse::<IpNet>().ok().map(|net| net.trunc())
}

fn texts(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The two lists that settings ask for; `None` where they set neither.
fn wanted(settings: &Settings) -> Option<[Vec<String>; 2]> {
    let value = |name: &str| match settings.fields.get(name).map(|setting| &setting.value) {
        Some(DesiredValue::Value(value)) => Some(value),
        _ => None,
    };
    match value("mode").and_then(Value::as_str) {
        Some("open") => Some(EVERYBODY.map(|network| vec![network.to_owned()])),
        Some("closed") => Some([vec![], vec![]]),
        _ => Some([texts(Some(value("ipv4")?)), texts(Some(value("ipv6")?))]),
    }
}

/// The networks of one side, by its keyword or by its lists.
fn networks_of(side: &LiveKind, by_mode: bool) -> Option<Vec<String>> {
    let LiveKind::Settings(side) = side else { return None };
    match side.get("mode").and_then(Value::as_str).filter(|_| by_mode) {
        Some("open") => Some(EVERYBODY.map(str::to_owned).to_vec()),
        Some("closed") => Some(vec![]),
        _ => Some(["ipv4", "ipv6"].map(|name| texts(side.get(name))).concat()),
    }
}

/// Whether every address of `net` is in one of `nets`.
fn covered(net: &str, nets: &[String]) -> bool {
    parse(net).is_some_and(|net| nets.iter().filter_map(|other| parse(other)).any(|other| other.contains(&net)))
}

impl Kind for NetworkRestrictions {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// Two empty lists that were never applied mean everybody, as on a new project.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let unexpected =
            || UnexpectedShape { pointer: "/config".to_owned(), expected: "the lists of networks".to_owned() };
        let body = &answers.first().ok_or_else(unexpected)?.body;
        let config = body.get("config").filter(|config| config.is_object()).ok_or_else(unexpected)?;
        let [mut v4, mut v6] = ["dbAllowedCidrs", "dbAllowedCidrsV6"].map(|key| texts(config.get(key)));
        if v4.is_empty() && v6.is_empty() && body.get("applied_at").is_none_or(Value::is_null) {
            [v4, v6] = EVERYBODY.map(|network| vec![network.to_owned()]);
        }
        let mode = match (v4.is_empty() && v6.is_empty(), covered(EVERYBODY[0], &v4) && covered(EVERYBODY[1], &v6)) {
            (true, _) => "closed",
            (false, true) => "open",
            (false, false) => "list",
        };
        let live = json!({
            "mode": mode, "ipv4": v4, "ipv6": v6,
            "entitlement": body.get("entitlement"), "pending_config": body.get("pending_config"),
        });
        Ok(LiveKind::Settings(live.as_object().cloned().unwrap_or_default()))
    }

    /// The keyword says what the lists are, or the lists are the networks.
    fn not_imported(&self, live: &Map<String, Value>) -> &'static [&'static str] {
        if live.get("mode").and_then(Value::as_str) == Some("list") { &["mode"] } else { &["ipv4", "ipv6"] }
    }

    fn notes(&self, live: &LiveKind) -> Vec<String> {
        let LiveKind::Settings(live) = live else { return vec![] };
        let pending = live.get("pending_config").filter(|pending| !pending.is_null());
        pending
            .map(|_| "another change of the networks awaits review in the dashboard; a write replaces it".to_owned())
            .into_iter()
            .collect()
    }

    fn check(&self, section: &Section, out: &mut Diagnostics) {
        let SectionBody::Settings(settings) = &section.body else { return };
        for (name, v6) in [("ipv4", false), ("ipv6", true)] {
            let Some(setting) = settings.fields.get(name) else { continue };
            let DesiredValue::Value(value) = &setting.value else { continue };
            for (index, text) in texts(Some(value)).iter().enumerate() {
                if let Some(why) = fault(text, v6) {
                    let place = setting.place(index);
                    let finding = Diagnostic::error(codes::BAD_NETWORK, place, format!("`{text}`: {why}"));
                    out.push(match single(text, v6) {
                        Some(whole) => finding
                            .hint(format!("A single address is written `{whole}`."))
                            .fix(place, format!("{whole:?}")),
                        None => finding.hint("Write networks such as `203.0.113.0/24` or `2001:db8::/32`."),
                    });
                }
            }
        }
        let mode = settings.fields.get("mode").map(|setting| &setting.value);
        let word =
            mode.and_then(
                |mode| if let DesiredValue::Value(Value::String(word)) = mode { Some(word.as_str()) } else { None },
            );
        let [v4, v6] = ["ipv4", "ipv6"].map(|name| settings.fields.get(name));
        let wrong = match (word, v4, v6) {
            (Some("open" | "closed"), None, None) => None,
            (Some(word @ ("open" | "closed")), ..) => Some(format!("`mode: {word}` cannot be combined with lists")),
            (_, Some(_), Some(_)) if wanted(settings).is_some_and(|[v4, v6]| v4.is_empty() && v6.is_empty()) => {
                Some("both lists are empty; to let nobody connect, write `mode: closed`".to_owned())
            }
            (_, Some(_), Some(_)) => None,
            _ => Some("both `ipv4` and `ipv6` must be given, because they are written together".to_owned()),
        };
        if let Some(wrong) = wrong {
            let finding = Diagnostic::error(codes::NETWORK_MODE, section.origin.span, wrong);
            out.push(
                finding
                    .hint("Write `mode: open`, `mode: closed`, or both `ipv4:` and `ipv6:` (one of them may be `[]`)."),
            );
        }
    }

    /// Adds the risks: clients that can no longer connect are locked out, and new ones are let in.
    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        let Some(change) = changes.first_mut() else { return };
        // Lists without the keyword mean what they list, whatever the keyword was before.
        let says_mode = change.fields.iter().any(|diff| diff.name() == "mode");
        let (Some(today), Some(wanted)) = (networks_of(sides.before, says_mode), networks_of(sides.after, says_mode))
        else {
            return;
        };
        let Some(first) = change.fields.first_mut() else { return };
        if today.iter().any(|net| !covered(net, &wanted)) {
            first.risks.push((Impact::LockOut, "locks out clients that could connect to the database before"));
        }
        if wanted.iter().any(|net| !covered(net, &today)) {
            first.risks.push((Impact::Security, "lets more addresses connect to the database"));
        }
    }

    fn validate(&self, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
        if context.live.get("entitlement") == Some(&"disallowed".into()) {
            out.push(Refusal {
                at: Address::section(context.target.project, INFO.name),
                finding: Finding {
                    code: plan::NOT_ENTITLED,
                    message: "the organization's plan does not include network restrictions".to_owned(),
                    hints: vec!["Remove the section, or upgrade the organization.".to_owned()],
                    origin: Some(context.section.origin.clone()),
                },
                allow: None,
            });
        }
    }

    /// Both lists, whatever changes.
    fn document(&self, job: &KindChanges<'_>) -> Option<Value> {
        let SectionBody::Settings(settings) = &job.section.body else { return None };
        let [v4, v6] = wanted(settings)?;
        Some(json!({"dbAllowedCidrs": v4, "dbAllowedCidrsV6": v6}))
    }
}

/// A single address as a network of its own, if it belongs in the list.
fn single(text: &str, v6: bool) -> Option<String> {
    let net = IpNet::from(text.trim().parse::<std::net::IpAddr>().ok()?).to_string();
    fault(&net, v6).is_none().then_some(net)
}

/// Why a text is not a network of a list.
fn fault(text: &str, v6: bool) -> Option<&'static str> {
    match text.trim().parse::<IpNet>() {
        Err(_) => Some("it is not a network"),
        Ok(IpNet::V4(_)) if v6 => Some("it is an IPv4 network, which belongs to `ipv4`"),
        Ok(IpNet::V6(_)) if !v6 => Some("it is an IPv6 network, which belongs to `ipv6`"),
        Ok(IpNet::V4(net)) if net.addr().is_private() => Some("a private network cannot reach the database"),
        Ok(IpNet::V6(net)) if net.addr().to_ipv4_mapped().is_some() => Some("it is an IPv4 network written as IPv6"),
        Ok(IpNet::V6(net)) if is_local(net) => Some("a private network cannot reach the database"),
        Ok(IpNet::V4(_) | IpNet::V6(_)) => None,
    }
}

/// Addresses that are not routed: `fc00::/7`.
fn is_local(net: Ipv6Net) -> bool {
    net.addr().segments()[0] & 0xfe00 == 0xfc00
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_the_wrong_family_or_form_are_refused() {
        for (text, v6, fine) in [
            ("203.0.113.0/24", false, true),
            ("183.12.1.1/24", false, true),
            ("0.0.0.0/0", false, true),
            ("203.0.113.0/33", false, false),
            ("2001:db8::/32", false, false),
            ("203.0.113.0/24", true, false),
            ("10.0.0.0/8", false, false),
            ("192.168.1.0/24", false, false),
            ("fd00::/8", true, false),
            ("203.0.113.7", false, false),
        ] {
            assert_eq!(fault(text, v6).is_none(), fine, "{text}");
        }
    }

    #[test]
    fn a_single_address_is_suggested_as_its_own_network() {
        for (text, v6, wanted) in [
            ("203.0.113.7", false, Some("203.0.113.7/32")),
            ("2001:db8::7", true, Some("2001:db8::7/128")),
            ("203.0.113.7", true, None),
            ("10.0.0.1", false, None),
            ("203.0.113.7/33", false, None),
        ] {
            assert_eq!(single(text, v6).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn networks_compare_as_sets_without_host_bits() {
        let same = |a: Value, b: Value| networks(a) == networks(b);
        assert!(same(json!(["183.12.1.1/24", "203.0.113.0/24"]), json!(["203.0.113.0/24", "183.12.1.0/24"])));
        assert!(!same(json!(["183.12.1.0/24"]), json!(["183.12.1.0/25"])));
    }
}
