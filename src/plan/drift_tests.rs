//! Drift, and that it is a plan read backwards.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::kinds::KINDS;
use crate::plan::make as make_plan;
use crate::plan::tests::with;
use crate::secret::{Secret, SecretSource, Vault};

fn vault() -> Vault {
    let mut vault = Vault::new();
    vault.put(SecretSource::Env("PASS".to_owned()), Secret::new("what the manifests say".to_owned()));
    vault
}

fn drift(document: &str, live: &Value) -> Drift {
    with(document, live, &vault(), |inputs| make(inputs, vec![], vec![]))
}

/// A change of a field as text: its place, its values before and after, and its risks.
fn told_field(change: &Change, diff: &FieldChange) -> String {
    let shown = |shown: &DisplayValue| match shown {
        DisplayValue::Absent => "nothing".to_owned(),
        DisplayValue::Value(value) => value.to_string(),
        DisplayValue::SecretSet => "a secret".to_owned(),
        DisplayValue::Secret(secret) => secret.to_string(),
    };
    let risks: Vec<String> = diff.risks.iter().map(|(impact, why)| format!("{}: {why}", impact.word())).collect();
    let (before, after) = (shown(&diff.before), shown(&diff.after));
    format!("{}.{} {before} → {after} [{}]", change.at, diff.name(), risks.join("; "))
}

/// The drift of a document over what is live.
fn told(document: &str, live: &Value) -> Vec<String> {
    let drift = drift(document, live);
    let of = |change: &Change| -> Vec<String> {
        let mut lines: Vec<String> = change.fields.iter().map(|diff| told_field(change, diff)).collect();
        if change.action != Action::Update {
            lines.insert(0, format!("{} {:?}", change.at, change.action));
        }
        lines
    };
    drift.projects["a"].changes.iter().flat_map(of).collect()
}

#[test]
fn each_change_is_described_as_what_happened_to_live() {
    let cases = [
        (
            "network_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}",
            json!({"network_restrictions": {"mode": "open", "ipv4": ["0.0.0.0/0"], "ipv6": ["::/0"]}}),
            &[
                "a/network_restrictions.ipv4 [\"203.0.113.0/24\"] → [\"0.0.0.0/0\"] [security: lets more addresses connect to the database]",
                "a/network_restrictions.ipv6 [] → [\"::/0\"] []",
            ][..],
        ),
        (
            "network_restrictions: {mode: open}",
            json!({"network_restrictions": {"mode": "list", "ipv4": ["203.0.113.0/24"], "ipv6": []}}),
            &[
                "a/network_restrictions.mode \"open\" → \"list\" [lock-out: locks out clients that could connect to the database before]",
            ],
        ),
        (
            "auth: {password_min_length: 14, jwt_exp: 1h}",
            json!({"auth": {"password_min_length": 6, "jwt_exp": 604_800}}),
            &[
                "a/auth.jwt_exp 3600 → 604800 [security: a stolen access token works for more than twice as long]",
                "a/auth.password_min_length 14 → 6 [security: shorter passwords are easier to guess]",
            ],
        ),
        // In the opposite direction nothing is weakened, although undoing it would weaken.
        (
            "auth: {password_min_length: 6}",
            json!({"auth": {"password_min_length": 14}}),
            &["a/auth.password_min_length 6 → 14 []"],
        ),
        (
            "ssl_enforcement: {database: true}",
            json!({"ssl_enforcement": {"database": false}}),
            &["a/ssl_enforcement.database true → false [security: lets clients connect without TLS]"],
        ),
        (
            "auth: {mfa_totp_verify_enabled: true}",
            json!({"auth": {"mfa_totp_verify_enabled": false}}),
            &[
                "a/auth.mfa_totp_verify_enabled true → false [security: people who have this second factor sign in without it]",
            ],
        ),
        (
            "secrets: {KEY: {env: PASS}}",
            json!({"secrets": {"KEY": {"name": "KEY", "value": "0".repeat(64)}}}),
            &["a/secrets/KEY.value $PASS → a secret []"],
        ),
        (
            "secrets: {KEY: {env: PASS}}",
            json!({"secrets": {}}),
            &["a/secrets/KEY Delete", "a/secrets/KEY.value $PASS → nothing []"],
        ),
        (
            "auth: {smtp_pass: {env: PASS}}",
            json!({"auth": {"smtp_pass": null}}),
            &["a/auth.smtp_pass $PASS → nothing []"],
        ),
        (
            "secrets: {}\nmanage: {secrets: {prune: true}}",
            json!({"secrets": {"THEIRS": {"name": "THEIRS", "value": "0".repeat(64)}}}),
            &["a/secrets/THEIRS Create", "a/secrets/THEIRS.value nothing → a secret []"],
        ),
        (
            "api_keys: {}\nmanage: {api_keys: {prune: true}}",
            json!({"api_keys": {"ci": {"id": "1", "name": "ci", "type": "secret"}}}),
            &[
                "a/api_keys/ci Create",
                "a/api_keys/ci.type nothing → \"secret\" [security: creates a key that bypasses row-level security, unless its template restricts it]",
            ],
        ),
    ];
    for (document, live, expected) in cases {
        assert_eq!(told(document, &live), expected, "{document}");
    }
}

#[test]
fn what_the_api_changes_along_with_a_repair_has_not_happened() {
    let live = json!({"auth": {"smtp_host": "mail.example.com", "smtp_user": "post", "smtp_pass": "0".repeat(64)}});
    let document = "auth: {smtp_host: null}";
    let along = with(document, &live, &vault(), make_plan).projects["a"].changes[0].fields.len();
    assert!(along > 1, "the API clears more than the host");
    let drift = drift(document, &live);
    assert_eq!(drift.projects["a"].changes[0].fields.len(), 1);
    assert!(drift.projects["a"].notes.is_empty());
}

/// Fields with values as people write them.
fn samples() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let flag = || vec![json!(true), json!(false)];
    let mail = ["<p>{{ .ConfirmationURL }}</p>", "<a href=\"https://evil.example/\">x</a>", "<b>{{ .Token }}</b>"];
    vec![
        ("auth", "jwt_exp", vec![json!(60), json!(3600), json!(604_800)]),
        ("auth", "password_min_length", vec![json!(6), json!(14), json!(30)]),
        ("auth", "disable_signup", flag()),
        ("auth", "mailer_autoconfirm", flag()),
        ("auth", "mfa_totp_verify_enabled", flag()),
        ("auth", "site_url", vec![json!("https://a.example"), json!("https://evil.example")]),
        (
            "auth",
            "uri_allow_list",
            vec![json!(["https://a.example"]), json!(["https://a.example", "https://b.example/**"])],
        ),
        ("auth", "mailer_templates_confirmation_content", mail.map(Value::from).into()),
        ("ssl_enforcement", "database", flag()),
        (
            "network_restrictions",
            "ipv4",
            vec![json!(["203.0.113.0/24"]), json!(["203.0.113.0/25"]), json!(["198.51.100.0/24"])],
        ),
        ("network_restrictions", "ipv6", vec![json!(["2001:db8::/32"]), json!(["2001:db8::/33", "2001:db9::/32"])]),
        ("postgres", "max_connections", vec![json!(60), json!(200)]),
    ]
}

/// One side: a value of each sample.
fn side(picks: &[usize]) -> Vec<(&'static str, &'static str, Value)> {
    let pick =
        |((kind, field, values), at): ((_, _, Vec<Value>), &usize)| (kind, field, values[at % values.len()].clone());
    samples().into_iter().zip(picks).map(pick).collect()
}

fn document(side: &[(&str, &str, Value)]) -> String {
    let mut sections: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (kind, field, value) in side {
        sections.entry(kind).or_default().insert((*field).to_owned(), value.clone());
    }
    sections.iter().map(|(kind, fields)| format!("{kind}: {}\n", Value::Object(fields.clone()))).collect()
}

fn live(side: &[(&str, &str, Value)]) -> Value {
    let mut sections = json!({"network_restrictions": {"mode": "list"}});
    for (kind, field, value) in side {
        let row = kind::find(KINDS, kind).unwrap().info().field(field).unwrap();
        sections[kind][field] = wire::to_wire(row, value);
    }
    sections
}

fn lines(changes: &[Change]) -> Vec<String> {
    let fields = changes.iter().flat_map(|change| change.fields.iter().map(move |diff| (change, diff)));
    fields
        .map(|(change, diff)| {
            let mut diff = diff.clone();
            diff.risks.retain(|(impact, _)| *impact != Impact::Restart);
            told_field(change, &diff)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Drift equals the plan that is made with desired and live swapped, where live is as the manifests say.
    #[test]
    fn drift_is_the_plan_of_the_two_sides_swapped(ours in prop::collection::vec(0..3_usize, 12), theirs in prop::collection::vec(0..3_usize, 12)) {
        let (ours, theirs) = (side(&ours), side(&theirs));
        let drift = drift(&document(&ours), &live(&theirs));
        let swapped = with(&document(&theirs), &live(&ours), &vault(), make_plan);
        prop_assert_eq!(lines(&drift.projects["a"].changes), lines(&swapped.projects["a"].changes));
    }

    #[test]
    fn a_mirror_of_a_mirror_is_the_change(ours in prop::collection::vec(0..3_usize, 12), theirs in prop::collection::vec(0..3_usize, 12)) {
        let (ours, theirs) = (side(&ours), side(&theirs));
        let plan = with(&document(&ours), &live(&theirs), &vault(), make_plan);
        for change in &plan.projects["a"].changes {
            let back = mirror(&mirror(change));
            prop_assert_eq!((&back.at, back.action, back.fields.len()), (&change.at, change.action, change.fields.len()));
            for (one, other) in back.fields.iter().zip(&change.fields) {
                prop_assert_eq!((one.name(), &one.before, &one.after), (other.name(), &other.before, &other.after));
                let said = diff::risks(one.row().unwrap(), &other.before, &other.after);
                prop_assert_eq!(&one.risks, &said);
            }
        }
    }
}
