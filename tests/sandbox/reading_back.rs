//! What was written is read back, in the API's way: secrets as digests, null as the default, the rest as it was sent.

use serde_json::{Value, json};
use supaform::kinds::KINDS;
use supaform::sandbox::PostgresPut::{Merge, Replace};
use supaform::sandbox::{Options, Switches};
use supaform::schema::{Digest, Literal, Type, Wire};

use super::{REF, auth, on_plan};
use crate::support::http::Api;

/// A value that the API takes, other than the default.
fn other(ty: &Type, wire: Wire, default: &Value) -> Value {
    match ty {
        Type::Bool => json!(default != &json!(true)),
        Type::Int { min, max } => {
            let candidates = [*min + 1, *max];
            candidates.into_iter().map(Value::from).find(|it| it != default).unwrap()
        }
        Type::Number { .. } => json!(1.5),
        Type::Choice(words) => words.iter().map(|word| json!(word)).find(|it| it != default).unwrap(),
        Type::Map(_) => json!("15551234567=123456"),
        Type::List(..) if wire == Wire::Joined("|") => json!("v1,whsec_c2VjcmV0"),
        _ => json!("name@example.com"),
    }
}

#[tokio::test]
async fn every_field_of_auth_reads_back() {
    let info = supaform::kind::find(KINDS, "auth").unwrap().info();
    let enterprise = on_plan("enterprise");
    let relay = json!({
        "smtp_host": "smtp.example.com", "smtp_port": "587", "smtp_user": "u", "smtp_pass": "p",
        "smtp_admin_email": "a@example.com",
    });
    assert_eq!(enterprise.send("PATCH", &auth(), Some(relay)).await.status, 200);
    let before = enterprise.get(&auth()).await;
    let mut seen = 0;
    for field in info.all_fields() {
        // What is not written as it is read: tested by itself.
        let paired = field.name.ends_with("_enroll_enabled") || field.name == "mfa_totp_verify_enabled";
        if field.name.starts_with("smtp_") || field.name.contains("additional_client_ids") || paired {
            continue;
        }
        let (name, default) = (field.name, field.default.map_or(Value::Null, Literal::to_value));
        let value = match name {
            "sms_test_otp_valid_until" => json!("2027-01-31T12:00:00Z"),
            "sessions_tags" => json!("web,mobile"),
            "site_url" | "saml_external_url" | "webauthn_rp_origins" => json!("https://example.com"),
            _ => other(&field.ty, field.wire, &default),
        };
        let answer = enterprise.send("PATCH", &auth(), Some(json!({ name: value }))).await;
        assert_eq!(answer.status, 200, "{name}: {value}: {}", answer.message());
        let expected = match field.secret {
            Some(_) => Digest::HmacOfRef.of(value.as_str().unwrap(), REF).unwrap().into(),
            None => value.clone(),
        };
        let shown = enterprise.get(&auth()).await;
        assert_eq!(shown[name], expected, "{name} reads back");
        assert_eq!(answer.body.unwrap()[name], expected, "{name} is answered");
        let changed: Vec<&String> =
            shown.as_object().unwrap().keys().filter(|key| shown[*key] != before[*key] && *key != name).collect();
        assert_eq!(changed, [""; 0], "{name} changes nothing else");
        if field.nullable() {
            assert_eq!(enterprise.send("PATCH", &auth(), Some(json!({ name: null }))).await.status, 200, "{name}");
            let shown = enterprise.get(&auth()).await;
            assert!(field.cleared_as.iter().any(|lit| lit.to_value() == shown[name]), "{name}: {}", shown[name]);
        } else {
            let back = enterprise.send("PATCH", &auth(), Some(json!({ name: before[name] }))).await;
            assert_eq!(back.status, 200, "{name}");
        }
        seen += 1;
        // `rate_limit_email_sent` is the relay's own until it is set; after that null is the platform's default.
        if name == "rate_limit_email_sent" {
            let back = json!({ name: before[name] });
            enterprise.send("PATCH", &auth(), Some(back)).await;
        }
        if seen % 50 == 0 {
            enterprise.clock.advance(std::time::Duration::from_secs(61));
        }
    }
    assert!(seen > 220, "{seen}");
}

#[tokio::test]
async fn whole_numbers_have_no_fraction() {
    let api = Api::new(Options::default());
    assert_eq!(api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60.0, "sessions_timebox": 2.0}))).await.status, 200);
    let shown = api.get(&auth()).await.to_string();
    assert!(shown.contains("\"jwt_exp\":60,") && shown.contains("\"sessions_timebox\":2,"), "{shown}");
}

#[tokio::test]
async fn a_feature_of_storage_is_replaced_and_the_others_stay() {
    let api = Api::new(Options::default());
    let (path, whole) = (format!("/v1/projects/{REF}/config/storage"), format!("/v2/projects/{REF}/config"));
    let before = api.get(&path).await;
    let catalog = json!({"enabled": false, "maxNamespaces": 1, "maxTables": 2, "maxCatalogs": 3});
    let wanted =
        json!({"fileSizeLimit": 7, "features": {"icebergCatalog": catalog}, "external": {"upstreamTarget": "main"}});
    let answer = api.send("PATCH", &path, Some(wanted)).await;
    assert_eq!((answer.status, answer.body), (200, None), "the answer to a write is empty");
    let mut expected = before;
    expected["fileSizeLimit"] = 7.into();
    expected["features"]["icebergCatalog"] = catalog;
    expected["external"]["upstreamTarget"] = "main".into();
    assert_eq!(api.get(&path).await, expected);
    let seen = &api.get(&whole).await["data"]["attributes"]["storage"];
    let catalog = json!({"enabled": false, "max_namespaces": 1, "max_tables": 2, "max_catalogs": 3});
    assert_eq!((&seen["file_size_limit"], &seen["upstream_target"]), (&json!(7), &json!("main")));
    assert_eq!(
        (&seen["features"]["iceberg_catalog"], &seen["features"]["s3_protocol"]),
        (&catalog, &json!({"enabled": true}))
    );
    // What it only shows is not taken, and the free plan has less.
    let refused = api.send("PATCH", &path, Some(json!({"databasePoolMode": "single_use"}))).await;
    assert_eq!((refused.status, refused.message()), (400, "Unrecognized key: \"databasePoolMode\""));
    let free = on_plan("free");
    for (body, status) in [
        (json!({"fileSizeLimit": 52_428_801}), 402),
        (json!({"fileSizeLimit": 52_428_800}), 200),
        (json!({"features": {"imageTransformation": {"enabled": true}}}), 402),
        (json!({"features": {"imageTransformation": {"enabled": false}}}), 200),
    ] {
        assert_eq!(free.send("PATCH", &path, Some(body.clone())).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn parameters_of_postgres_are_replaced_or_merged() {
    let path = format!("/v1/projects/{REF}/config/database/postgres");
    let first = json!({"work_mem": "8MB", "statement_timeout": "9s", "restart_database": false});
    let second = json!({"work_mem": "4MB", "restart_database": false});
    let (alone, merged) = (json!({"work_mem": "4MB"}), json!({"work_mem": "4MB", "statement_timeout": "9s"}));
    for (merges, method, expected) in
        [(Replace, "PUT", &alone), (Merge, "PUT", &merged), (Replace, "PATCH", &merged), (Merge, "PATCH", &merged)]
    {
        let switches = Switches { postgres_put: merges, ..Switches::default() };
        let api = Api::new(Options { switches, ..Options::default() });
        assert_eq!(api.send("PUT", &path, Some(first.clone())).await.status, 200);
        let answer = api.send(method, &path, Some(second.clone())).await;
        assert_eq!(answer.body.as_ref(), Some(expected), "{method}, {merges:?}");
        assert_eq!(&api.get(&path).await, expected, "{method}, {merges:?}");
    }
}

#[tokio::test]
async fn some_networks_are_added_and_taken_away() {
    let api = Api::new(Options::default());
    let path = format!("/v1/projects/{REF}/network-restrictions");
    let lists = |v4: &[&str], v6: &[&str]| json!({"dbAllowedCidrs": v4, "dbAllowedCidrsV6": v6});
    let change = json!({
        "add": lists(&["203.0.113.0/24", "0.0.0.0/0"], &["2001:db8::/32"]),
        "remove": lists(&["192.0.2.0/24"], &["::/0"]),
    });
    let answer = api.send("PATCH", &path, Some(change)).await;
    let one = |address: &str, kind: &str| json!({"address": address, "type": kind});
    let all = [one("0.0.0.0/0", "v4"), one("203.0.113.0/24", "v4"), one("2001:db8::/32", "v6")];
    let body = answer.body.unwrap();
    assert_eq!(
        (answer.status, &body["config"]["dbAllowedCidrs"], &body["status"]),
        (200, &json!(all), &json!("stored"))
    );
    assert_eq!(body["old_config"], json!({"dbAllowedCidrs": [one("0.0.0.0/0", "v4"), one("::/0", "v6")]}));
    let stored = api.get(&path).await;
    assert_eq!(
        stored["config"],
        lists(&["0.0.0.0/0", "203.0.113.0/24"], &["2001:db8::/32"]),
        "a read has the other form"
    );
    api.clock.advance(std::time::Duration::from_secs(2));
    let whole = &api.get(&format!("/v2/projects/{REF}/config")).await["data"]["attributes"]["database"];
    let networks = &whole["network_restrictions"];
    assert_eq!((&networks["allowed_cidrs"], &networks["status"]), (&json!(all), &json!("applied")));
    assert!(networks["applied_at"].is_string() && networks["updated_at"].is_string());
}

#[tokio::test]
async fn a_vanity_subdomain_is_one_projects_and_asked_for_ten_times_a_minute() {
    let api = Api::new(Options::default());
    let new = json!({"db_pass": "password", "name": "Other", "organization_slug": "acme-inc"});
    let other = api.send("POST", "/v1/projects", Some(new)).await.body.unwrap()["ref"].as_str().unwrap().to_owned();
    api.clock.advance(std::time::Duration::from_secs(3));
    let path = |reference: &str, rest: &str| format!("/v1/projects/{reference}/vanity-subdomain{rest}");
    let acme = || Some(json!({"vanity_subdomain": "acme"}));
    assert_eq!(api.get(&path(REF, "")).await, json!({"status": "not-used"}));
    assert_eq!(api.send("POST", &path(REF, "/activate"), acme()).await.status, 201);
    assert_eq!(api.get(&path(REF, "")).await, json!({"status": "active", "custom_domain": "acme.supabase.co"}));
    let available = async |reference: &str| {
        let answer = api.send("POST", &path(reference, "/check-availability"), acme()).await;
        answer.body.unwrap()["available"].clone()
    };
    assert_eq!((available(&other).await, available(REF).await), (json!(false), json!(true)));
    assert_eq!(api.send("POST", &path(&other, "/activate"), acme()).await.status, 400);
    let gone = api.send("DELETE", &path(REF, ""), None).await;
    assert_eq!((gone.status, gone.body), (200, None));
    assert_eq!(available(&other).await, true);
    assert_eq!(on_plan("free").send("POST", &path(REF, "/activate"), acme()).await.status, 402);
    // Two reads so far; the eleventh is one too many, and other routes are not concerned.
    let mut read = api.send("GET", &path(REF, ""), None).await;
    assert_eq!(
        (&read.headers["x-ratelimit-limit"], &read.headers["x-ratelimit-remaining"]),
        (&"10".parse().unwrap(), &"7".parse().unwrap())
    );
    for _ in 0..8 {
        read = api.send("GET", &path(REF, ""), None).await;
    }
    assert_eq!((read.status, &read.headers["retry-after"]), (429, &"60".parse().unwrap()));
    assert_eq!(api.send("GET", &path(&other, ""), None).await.status, 200);
}

#[tokio::test]
async fn bans_are_listed_until_they_are_lifted() {
    let api = Api::new(Options::default());
    let bans = format!("/v1/projects/{REF}/network-bans");
    let banned = ["192.0.2.1", "192.0.2.2"].map(str::to_owned);
    api.sandbox.edit(|state| state.projects.get_mut(REF).unwrap().bans = banned.to_vec());
    let lifted = api.send("DELETE", &bans, Some(json!({"ipv4_addresses": ["192.0.2.1", "192.0.2.9"]}))).await;
    assert_eq!((lifted.status, lifted.body), (200, None));
    let left = api.send("POST", &format!("{bans}/retrieve"), None).await;
    assert_eq!((left.status, left.body.unwrap()), (201, json!({"banned_ipv4_addresses": ["192.0.2.2"]})));
}

#[tokio::test]
async fn a_change_of_networks_that_waits_is_shown_reviewed_or_replaced() {
    let path = format!("/v1/projects/{REF}/network-restrictions");
    let lists = |v4: &str| json!({"dbAllowedCidrs": [v4], "dbAllowedCidrsV6": []});
    let waiting = || {
        let api = Api::new(Options::default());
        api.sandbox.edit(|state| {
            let pending = json!({"ipv4": ["203.0.113.0/24"], "ipv6": [], "requested_ms": 1500});
            state.projects.get_mut(REF).unwrap().network.pending = serde_json::from_value(pending).unwrap();
        });
        api
    };
    let review = |action: &str, at: &str| json!({"action": action, "requested_at": at});
    let (of, now) = ("2026-01-01T00:00:01.5Z", "2026-01-01T00:00:01.500Z");
    for (action, networks) in [("apply", json!(["203.0.113.0/24"])), ("reject", json!(["0.0.0.0/0"]))] {
        let api = waiting();
        let shown = api.get(&path).await;
        assert_eq!((&shown["pending_config"], &shown["pending_requested_at"]), (&lists("203.0.113.0/24"), &json!(of)));
        assert_eq!(shown["config"]["dbAllowedCidrs"], json!(["0.0.0.0/0"]), "what holds is another thing");
        let whole = &api.get(&format!("/v2/projects/{REF}/config")).await["data"]["attributes"]["database"];
        let pending = &whole["network_restrictions"]["pending_allowed_cidrs"];
        assert_eq!(pending, &json!([{"address": "203.0.113.0/24", "type": "v4"}]));
        let review_at = format!("{path}/review");
        let other = api.send("POST", &review_at, Some(review(action, "2026-01-01T00:00:02Z"))).await;
        assert_eq!(other.status, 409, "it is not that which was looked at");
        for wrong in [json!({}), review("approve", of), review(action, "yesterday")] {
            assert_eq!(api.send("POST", &review_at, Some(wrong)).await.status, 400);
        }
        let reviewed = api.send("POST", &review_at, Some(review(action, now))).await;
        assert_eq!(reviewed.status, 200, "{}", reviewed.message());
        let shown = api.get(&path).await;
        assert_eq!((shown.get("pending_config"), &shown["config"]["dbAllowedCidrs"]), (None, &networks));
        assert_eq!(api.send("POST", &review_at, Some(review(action, of))).await.status, 409, "it is over");
    }
    let api = waiting();
    api.send("POST", &format!("{path}/apply"), Some(lists("198.51.100.0/24"))).await;
    assert!(api.get(&path).await.get("pending_config").is_none());
}
