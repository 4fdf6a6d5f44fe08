//! Where "send what is desired, read, compare" goes wrong with this API: one test for each trap that concerns today's kinds,
//! named after its number in the list of traps.

use crate::support::scene::{REF, Scene};
use serde_json::{Value, json};
use supaform::diag::codes::{plan as plan_codes, run as codes};
use supaform::exit::Exit;
use supaform::model::Shown;
use supaform::sandbox::Fault;
use supaform::schema::{Digest, Impact};

const AUTH: &str = "PATCH /v1/projects/{ref}/config/auth";

/// Applies, and then nothing is left to do.
async fn settles(scene: &Scene) {
    let ran = scene.run().await;
    assert_eq!(ran.report.map(|report| report.exit()), Some(Exit::Done));
    assert!(scene.plan().await.is_empty(), "something is left");
}

/// What the first step sends along as it is.
fn along(plan: &supaform::model::Plan) -> Vec<&str> {
    plan.steps[0].sent_along.iter().map(supaform::model::FieldKey::name).collect()
}

/// The bodies that were sent to auth.
fn bodies(scene: &Scene) -> Vec<Value> {
    scene.log().into_iter().filter(|entry| entry["method"] == "PATCH").map(|entry| entry["body"].clone()).collect()
}

#[tokio::test]
async fn trap_01_secrets_are_compared_by_digest_and_sent_only_when_they_differ() {
    let scene = Scene::new("auth: {external_github_secret: {env: PASS}}");
    settles(&scene).await;
    assert_eq!(
        scene.live(|project| project.auth["external_github_secret"].clone()),
        Digest::HmacOfRef.of("pass-phrase", REF).unwrap()
    );
    assert_eq!(bodies(&scene), [json!({"external_github_secret": "[secret]"})]);
    // Stars, as older answers had them, are no digest: nothing is known and nothing is written.
    scene.live(|project| project.auth.insert("external_github_secret".to_owned(), "****".into()));
    assert!(scene.plan().await.steps.is_empty());
}

#[tokio::test]
async fn trap_02_the_answer_of_a_patch_is_never_taken_for_live() {
    // The answer shows null for these until they were set; believing it would make a difference of every default.
    let scene = Scene::new("auth: {jwt_exp: 10m, sms_provider: twilio, security_captcha_provider: hcaptcha}");
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"jwt_exp": 600})]);
}

#[tokio::test]
async fn trap_03_only_what_changes_is_sent() {
    let scene = Scene::new("auth: {jwt_exp: 10m, site_url: \"http://localhost:3000\", disable_signup: false}");
    scene.sandbox.edit(|state| "free".clone_into(&mut state.organizations.get_mut("acme-inc").unwrap().plan));
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"jwt_exp": 600})]);
    // What the plan of the organization does not include is refused, and the line is blamed.
    let gated = Scene::new("auth: {mailer_subjects_invite: Hello}");
    gated.sandbox.edit(|state| "free".clone_into(&mut state.organizations.get_mut("acme-inc").unwrap().plan));
    let report = gated.run().await.report.unwrap();
    let problem = report.projects["p"].steps[0].outcome.problem().unwrap();
    assert_eq!((problem.code, report.exit()), (codes::API_REFUSED, Exit::Failed));
    assert!(problem.origin.is_some());
}

#[tokio::test]
async fn trap_04_folded_ids_are_one_set() {
    let mut scene = Scene::new("auth: {external_apple_client_id: [web, app]}");
    scene.live(|project| project.auth.insert("external_apple_additional_client_ids".to_owned(), "app".into()));
    settles(&scene).await;
    scene.want("auth: {external_apple_client_id: [app, web]}");
    assert!(scene.plan().await.is_empty(), "the order does not matter");
}

#[tokio::test]
async fn trap_05_lists_are_compared_as_sets_and_sent_as_written() {
    let scene = Scene::new("auth: {uri_allow_list: [\"https://b.example\", \"https://a.example\"]}");
    scene.live(|project| {
        project.auth.insert("uri_allow_list".to_owned(), "https://a.example,  https://b.example".into())
    });
    assert!(scene.plan().await.is_empty(), "blanks and order do not matter");
    scene.live(|project| project.auth.remove("uri_allow_list"));
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"uri_allow_list": "https://b.example,https://a.example"})]);
    let codes = Scene::new("auth: {sms_test_otp: {\"15551234567\": \"123456\", \"15557654321\": \"654321\"}}");
    codes
        .live(|project| project.auth.insert("sms_test_otp".to_owned(), "15557654321=654321,15551234567=123456".into()));
    assert!(codes.plan().await.is_empty());
}

#[tokio::test]
async fn trap_06_null_is_satisfied_by_the_default() {
    let mut scene = Scene::new("auth: {jwt_exp: null, password_required_characters: null, sms_provider: null}");
    assert!(scene.plan().await.is_empty());
    scene.live(|project| project.auth.insert("jwt_exp".to_owned(), 60.into()));
    scene.live(|project| project.auth.insert("password_required_characters".to_owned(), "".into()));
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"jwt_exp": null})]);
    scene.want("auth: {password_required_characters: \"\"}");
    scene.live(|project| project.auth.remove("password_required_characters"));
    assert!(scene.plan().await.is_empty(), "null and an empty text are one for that choice");
}

#[tokio::test]
async fn trap_07_numbers_travel_in_the_apis_own_form() {
    let relay = "smtp_host: h.example, smtp_user: u, smtp_pass: {env: PASS}, smtp_admin_email: a@example.com";
    let scene =
        Scene::new(&format!("auth: {{{relay}, smtp_port: 587, sessions_timebox: 30d, smtp_max_frequency: 1m30s}}"));
    settles(&scene).await;
    let sent = &bodies(&scene)[0];
    assert_eq!(
        (&sent["smtp_port"], &sent["sessions_timebox"], &sent["smtp_max_frequency"]),
        (&json!("587"), &json!(720), &json!(90))
    );
}

#[tokio::test]
async fn trap_08_what_changes_along_is_told_and_is_no_failure() {
    let relay =
        "smtp_host: h.example, smtp_port: 587, smtp_user: u, smtp_pass: {env: PASS}, smtp_admin_email: a@example.com";
    let scene = Scene::new(&format!("auth: {{{relay}}}"));
    let ran = scene.run().await;
    let along = ran.plan.projects["p"].changes[0].fields.iter().filter(|field| field.along);
    let along: Vec<_> = along.map(|field| (field.name(), &field.before, &field.after)).collect();
    assert_eq!(
        along,
        [("rate_limit_email_sent", &Shown::Value(json!(2)), &Shown::Value(json!(30)))],
        "it is in the plan"
    );
    let report = ran.report.unwrap();
    assert_eq!((report.exit(), report.projects["p"].steps[0].notes.len()), (Exit::Done, 0));
    assert!(scene.plan().await.is_empty());
    // Managed together with the relay, it is as the manifest says.
    let managed = Scene::new(&format!("auth: {{{relay}, rate_limit_email_sent: 100}}"));
    settles(&managed).await;
    assert_eq!(managed.live(|project| project.auth["rate_limit_email_sent"].clone()), 100);
}

#[tokio::test]
async fn trap_09_what_the_server_ignores_is_not_called_done() {
    let scene = Scene::new("auth: {jwt_exp: 10m}");
    scene.fault(AUTH, 1, 1, Fault::Ignore { fields: vec!["jwt_exp".to_owned()] });
    let report = scene.run().await.report.unwrap();
    let problem = report.projects["p"].steps[0].outcome.problem().unwrap();
    assert_eq!((problem.code, report.exit()), (codes::DID_NOT_TAKE, Exit::Failed));
    let sent = bodies(&scene).len();
    assert_eq!(sent, 1, "it is waited for, not written again");
    // By `extra`, too: the field that a PATCH silently ignores.
    let mut extra = Scene::new("auth: {extra: {audit_log_disable_postgres: false}}");
    extra.beyond_specification = true;
    let report = extra.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Failed);
}

#[tokio::test]
async fn trap_10_what_costs_money_is_flagged() {
    let scene = Scene::new("auth: {mfa_phone_verify_enabled: true, mfa_phone_enroll_enabled: true}");
    let plan = scene.plan().await;
    let billed = plan.steps.iter().flat_map(|step| &step.flags).filter(|flag| flag.impact == Impact::Billed).count();
    assert!(billed > 0);
}

#[tokio::test]
async fn trap_17_tls_is_waited_for_and_the_same_value_is_not_sent() {
    let mut scene = Scene::new("ssl_enforcement: {database: true}");
    settles(&scene).await;
    let asked: Vec<String> = scene.requests().into_iter().map(|(_, path)| path).collect();
    assert!(asked.iter().any(|path| path.ends_with("/health")), "{asked:?}");
    scene.want("ssl_enforcement: {database: false}");
    let plan = scene.plan().await;
    let flags: Vec<Impact> = plan.steps[0].flags.iter().map(|flag| flag.impact).collect();
    assert_eq!(flags, [Impact::Restart, Impact::Security]);
    settles(&scene).await;
    assert_eq!(scene.requests().iter().filter(|(method, _)| method == "PUT").count(), 2);
}

#[tokio::test]
async fn trap_24_nothing_is_planned_on_a_parked_project() {
    let scene = Scene::new("secrets: {A: {plain: b}}");
    scene.live(|project| "INACTIVE".clone_into(&mut project.status));
    let plan = scene.plan().await;
    assert_eq!(
        plan.projects["p"].blocked.as_ref().map(|blocked| (blocked.code, blocked.exit)),
        Some((plan_codes::PROJECT_PAUSED, Exit::Refused))
    );
    assert!(scene.requests().iter().all(|(_, path)| !path.ends_with("/secrets")), "its lists are not even read");
}

#[tokio::test]
async fn trap_26_the_platforms_own_secrets_do_not_exist_for_us() {
    let scene = Scene::new("manage: {secrets: {prune: true}}\nsecrets: {A: {plain: bar}}");
    scene.live(|project| {
        for name in ["SUPABASE_URL", "SUPABASE_DB_URL", "A", "THEIRS"] {
            let digest = Digest::Sha256.of("bar", "").unwrap();
            project.secrets.insert(name.to_owned(), serde_json::from_value(json!({"digest": digest})).unwrap());
        }
    });
    let plan = scene.plan().await;
    let gone: Vec<_> =
        plan.projects["p"].changes.iter().filter_map(|change| change.at.subject.item().map(str::to_owned)).collect();
    assert_eq!(gone, ["THEIRS"]);
    settles(&scene).await;
    assert_eq!(scene.live(|project| project.secrets.len()), 3);
}

#[tokio::test]
async fn trap_27_the_cap_of_secrets_is_known_before_anything_is_sent() {
    let live = |scene: &Scene, many: u32| {
        scene.live(|project| {
            for number in 0..many {
                let secret = serde_json::from_value(json!({"digest": "0".repeat(64)})).unwrap();
                project.secrets.insert(format!("S{number}"), secret);
            }
        });
    };
    let full = Scene::new("secrets: {NEW: {plain: x}}");
    live(&full, 100);
    let plan = full.plan().await;
    assert_eq!(plan.projects["p"].refusals[0].code, plan_codes::TOO_MANY_ITEMS);
    // One goes and one comes: the old one goes first, or the new one would not fit.
    let swap = Scene::new("secrets: {NEW: {plain: x}, S0: null}");
    live(&swap, 100);
    settles(&swap).await;
    let writes: Vec<String> =
        swap.requests().into_iter().map(|(method, _)| method).filter(|method| method != "GET").collect();
    assert_eq!(writes, ["DELETE", "POST"]);
}

#[tokio::test]
async fn trap_43_a_project_that_is_not_there_is_not_made() {
    let scene = Scene::new("auth: {jwt_exp: 10m}");
    scene.live(|project| "Somebody Else's".clone_into(&mut project.name));
    let plan = scene.plan().await;
    assert_eq!(plan.projects["p"].blocked.as_ref().map(|blocked| blocked.code), Some(plan_codes::PROJECT_NOT_FOUND));
    assert!(scene.requests().iter().all(|(method, _)| method == "GET"));
}

#[tokio::test]
async fn trap_49_a_status_means_what_the_body_says() {
    // 401 on a write, with a token that has just been good for reading: the value is refused, not the token.
    let value = Scene::new("auth: {jwt_exp: 10m}");
    value.fault(AUTH, 1, 1, Fault::Refuse { status: 401, message: "Custom SMTP required".to_owned() });
    let report = value.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Failed);
    // 401 on a read: the token.
    let token = Scene::new("auth: {jwt_exp: 10m}");
    token.fault("*", 1, 99, Fault::Refuse { status: 401, message: "JWT could not be decoded".to_owned() });
    assert_eq!(token.plan().await.projects["p"].blocked.as_ref().map(|blocked| blocked.exit), Some(Exit::Denied));
    // 400 with these words: the project is gone. A write that meets it is stale, and nothing is made anew.
    let gone = Scene::new("auth: {jwt_exp: 10m}");
    gone.fault(AUTH, 1, 1, Fault::Refuse { status: 400, message: "Resource has been removed".to_owned() });
    assert_eq!(gone.run().await.report.unwrap().exit(), Exit::Stale);
}

#[tokio::test]
async fn trap_53_services_may_be_down_for_a_while_after_a_restart() {
    let scene = Scene::new("ssl_enforcement: {database: true}");
    let message = "Failed to retrieve project's db service health".to_owned();
    scene.fault("GET /v1/projects/{ref}/health", 1, 3, Fault::Refuse { status: 500, message });
    settles(&scene).await;
}

/// The restart begins a second after the write: what is healthy until then says nothing.
#[tokio::test]
async fn trap_53_a_restart_is_waited_for_also_where_it_has_not_begun() {
    const HEALTH: &str = "GET /v1/projects/{ref}/health";
    for sections in ["postgres: {max_connections: 160}", "ssl_enforcement: {database: true}"] {
        let scene = Scene::new(sections);
        let ran = scene.run().await;
        assert_eq!(ran.report.map(|report| report.exit()), Some(Exit::Done));
        let restarting = scene.live(|project| (project.restarts_at_ms, project.restarting_until_ms));
        assert_eq!(restarting, (None, None), "{sections}: it still restarts");
    }
    // One that nobody sees begin is not waited for until the deadline.
    let unseen = Scene::new("postgres: {max_connections: 160}");
    let pointer = format!("/projects/{REF}/restarting_until_ms");
    unseen.fault(HEALTH, 1, 1, Fault::Ghost { pointer, value: Value::Null });
    settles(&unseen).await;
    let looks = unseen.requests().iter().filter(|(_, path)| path.ends_with("/health")).count();
    assert!((4..=6).contains(&looks), "looked {looks} times");
}

/// The bodies of a method that were sent to a path.
fn sent(scene: &Scene, method: &str, path: &str) -> Vec<Value> {
    let ours = |entry: &Value| entry["method"] == method && entry["path"].as_str().is_some_and(|it| it.ends_with(path));
    scene.log().into_iter().filter(ours).map(|entry| entry["body"].clone()).collect()
}

#[tokio::test]
async fn trap_11_somebodys_own_override_survives() {
    let mut scene = Scene::new("postgres: {max_connections: 160, work_mem: null}");
    scene.live(|project| {
        let live = json!({"max_connections": 100, "work_mem": "8MB", "statement_timeout": "9s"});
        project.postgres.clone_from(live.as_object().unwrap());
    });
    let plan = scene.plan().await;
    assert_eq!(along(&plan), ["statement_timeout"], "it is told that it is sent along");
    settles(&scene).await;
    let expected = json!({"max_connections": 160, "statement_timeout": "9s", "restart_database": true});
    assert_eq!(sent(&scene, "PUT", "/config/database/postgres"), [expected]);
    // Without a parameter that needs it, nothing restarts; and where it is to be later, neither.
    scene.want("postgres: {statement_timeout: 8s}");
    settles(&scene).await;
    scene.want("manage: {postgres: {restart: later}}\npostgres: {max_connections: 161}");
    settles(&scene).await;
    let restarts: Vec<Value> =
        sent(&scene, "PUT", "/config/database/postgres").iter().map(|it| it["restart_database"].clone()).collect();
    assert_eq!(restarts, [true, false, false]);
}

#[tokio::test]
async fn trap_12_amounts_of_postgres_are_compared_by_meaning() {
    let scene = Scene::new("postgres: {shared_buffers: 1GB, statement_timeout: 8s, checkpoint_timeout: 5min}");
    scene.live(|project| {
        let live = json!({"shared_buffers": "1024MB", "statement_timeout": "8000", "checkpoint_timeout": "300"});
        project.postgres.clone_from(live.as_object().unwrap());
    });
    assert!(scene.plan().await.is_empty());
}

#[tokio::test]
async fn trap_13_14_the_data_api_is_not_reloaded_for_nothing() {
    let scene = Scene::new(
        "data_api: {db_schema: [public, graphql_public], db_extra_search_path: [public, extensions], enabled: true}",
    );
    assert!(scene.plan().await.is_empty(), "blanks behind commas do not matter");
    let reordered = Scene::new("data_api: {db_schema: [graphql_public, public]}");
    assert!(!reordered.plan().await.is_empty(), "the first schema is the one that requests mean");
    settles(&reordered).await;
    assert_eq!(sent(&reordered, "PATCH", "/postgrest"), [json!({"db_schema": "graphql_public,public"})]);
}

#[tokio::test]
async fn trap_15_the_data_api_is_switched_off_by_name() {
    let mut scene = Scene::new("data_api: {enabled: false}");
    settles(&scene).await;
    scene.want("data_api: {enabled: true}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", "/postgrest"), [json!({"db_schema": ""}), json!({"db_schema": "public"})]);
    let plan = scene.plan().await;
    assert!(!format!("{plan:?}").contains("jwt-secret"), "key material of the answer is dropped");
}

#[tokio::test]
async fn trap_31_realtime_has_no_way_back_to_null() {
    let scene = Scene::new("realtime: {max_events_per_second: 500}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", "/config/realtime"), [json!({"max_events_per_second": 500})]);
}

#[tokio::test]
async fn trap_37_the_pooler_of_the_primary_is_meant() {
    let mut scene = Scene::new("pooler: {default_pool_size: 20}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", "/config/database/pooler"), [json!({"default_pool_size": 20})]);
    // Another mode drops connections: that is told as a restart, which nobody has to allow by name (R26).
    scene.want("pooler: {default_pool_size: 20, pool_mode: session}");
    let plan = scene.plan().await;
    assert!(plan.projects["p"].refusals.is_empty());
    assert_eq!(plan.steps[0].flags.iter().map(|flag| flag.impact).collect::<Vec<_>>(), [Impact::Restart]);
}

#[tokio::test]
async fn trap_16_networks_are_written_together_and_lock_outs_are_told() {
    let mut scene = Scene::new("network_restrictions: {ipv4: [203.0.113.0/24], ipv6: [\"2001:db8::/32\"]}");
    let plan = scene.plan().await;
    let refused: Vec<String> = plan.projects["p"].refusals.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(refused, ["p/network_restrictions/ipv4"], "somebody must name a lock-out");
    settles(&scene).await;
    let expected = json!({"dbAllowedCidrs": ["203.0.113.0/24"], "dbAllowedCidrsV6": ["2001:db8::/32"]});
    assert_eq!(sent(&scene, "POST", "/network-restrictions/apply"), [expected]);
    // Host bits and order do not matter, and nothing is written for them.
    scene.want("network_restrictions: {ipv4: [203.0.113.9/24], ipv6: [\"2001:db8::1/32\"]}");
    assert!(scene.plan().await.is_empty());
    // Opening locks nobody out; it is told as what it is.
    scene.want("network_restrictions: {mode: open}");
    let plan = scene.plan().await;
    assert!(plan.projects["p"].refusals.is_empty());
    assert_eq!(plan.steps[0].flags.iter().map(|flag| flag.impact).collect::<Vec<_>>(), [Impact::Security]);
    settles(&scene).await;
    scene.want("network_restrictions: {mode: closed}");
    settles(&scene).await;
    assert!(scene.live(|project| project.network.ipv4.is_empty() && project.network.ipv6.is_empty()));
}

#[tokio::test]
async fn restrictions_come_last() {
    let all = "
auth: {jwt_exp: 10m}
postgres: {max_connections: 100}
ssl_enforcement: {database: true}
data_api: {max_rows: 5}
secrets: {A: {plain: b}}
network_restrictions: {mode: closed}
";
    let plan = Scene::new(all).plan().await;
    let order: Vec<&str> = plan.steps.iter().filter_map(|step| step.at.subject.kind()).collect();
    assert_eq!(order.last(), Some(&"network_restrictions"));
    let place = |kind: &str| order.iter().position(|it| *it == kind).unwrap();
    assert!(place("postgres") < place("ssl_enforcement"), "{order:?}");
}

#[tokio::test]
async fn trap_30_a_feature_of_storage_is_sent_whole_and_managed_by_member() {
    let mut scene = Scene::new(
        "storage: {fileSizeLimit: 50MiB, features: {vectorBuckets: {maxIndexes: 5}, s3Protocol: {enabled: true}}}",
    );
    assert!(scene.plan().await.is_empty(), "what is not written of a feature is not compared");
    scene.want("storage: {features: {s3Protocol: {enabled: true}, icebergCatalog: {maxTables: 20, maxCatalogs: 2}}}");
    let plan = scene.plan().await;
    let names: Vec<_> = plan.steps[0].changes[0].fields.iter().map(supaform::model::FieldChange::name).collect();
    assert_eq!(names, ["features.icebergCatalog.maxTables"], "only what differs is shown");
    let along = ["enabled", "maxNamespaces", "maxCatalogs"].map(|member| format!("features.icebergCatalog.{member}"));
    assert_eq!(self::along(&plan), along, "it is told that it is sent along");
    assert!(plan.steps[0].flags.is_empty());
    // Somebody changes another member after the plan was made: what goes along is as it is just before the write.
    let theirs = json!({"enabled": false, "maxNamespaces": 7, "maxTables": 10, "maxCatalogs": 2});
    let value = json!({"features": {"icebergCatalog": theirs}});
    let ghost = Fault::Ghost { pointer: format!("/projects/{REF}/storage"), value };
    scene.fault("GET /v1/projects/{ref}/config/storage", 3, 1, ghost);
    settles(&scene).await;
    let catalog = json!({"enabled": false, "maxNamespaces": 7, "maxTables": 20, "maxCatalogs": 2});
    assert_eq!(sent(&scene, "PATCH", "/config/storage"), [json!({"features": {"icebergCatalog": catalog}})]);
}

#[tokio::test]
async fn trap_30_what_has_to_go_along_is_live_or_written() {
    let mut scene = Scene::new("storage: {features: {vectorBuckets: {maxBuckets: 3}}}");
    let partly = json!({"vectorBuckets": {"enabled": true, "maxBuckets": 10}});
    scene.live(|project| project.storage.insert("features".to_owned(), partly));
    let plan = scene.plan().await;
    let refused: Vec<_> = plan.projects["p"].refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    let expected = "`features.vectorBuckets.maxBuckets` needs `features.vectorBuckets.maxIndexes`: neither live nor in the manifests";
    assert_eq!(refused, [expected]);
    scene.want("storage: {features: {vectorBuckets: {maxBuckets: 3, maxIndexes: 4}}}");
    settles(&scene).await;
    // What a switch does is told of that switch, not of all features.
    scene.want("storage: {features: {s3Protocol: {enabled: false}, purgeCache: {enabled: true}}}");
    let flags: Vec<_> = scene.plan().await.steps[0].flags.iter().map(|flag| (flag.impact, flag.what.clone())).collect();
    assert_eq!(flags, [(Impact::Access, "storage.features.s3Protocol.enabled".to_owned())]);
}

/// A project that is coming up is waited for, read, and then sent only what still differs (R24).
#[tokio::test]
async fn a_project_that_is_coming_up_is_waited_for() {
    let scene = Scene::new(
        "auth: {jwt_exp: 10m, site_url: \"http://localhost:3000\"}\nsecrets: {A: {plain: b}}\nnetwork_restrictions: {mode: closed}",
    );
    scene.live(|project| {
        "COMING_UP".clone_into(&mut project.status);
        project.up_at_ms = Some(60_000);
    });
    let ran = scene.run().await;
    assert!(!ran.plan.is_empty());
    let report = ran.report.unwrap();
    let problems: Vec<_> = report.projects["p"].problem.iter().map(|problem| problem.code).collect();
    // The lock-out was not in the plan that was shown, since nothing was read: it is not carried out unseen.
    assert_eq!(problems, [plan_codes::NEEDS_ALLOW]);
    assert_eq!(report.exit(), Exit::Refused);
    let plain = Scene::new("auth: {jwt_exp: 10m, site_url: \"http://localhost:3000\"}\nsecrets: {A: {plain: b}}");
    plain.live(|project| {
        "COMING_UP".clone_into(&mut project.status);
        project.up_at_ms = Some(60_000);
    });
    settles(&plain).await;
    assert_eq!(bodies(&plain), [json!({"jwt_exp": 600})], "only what differs is sent");
}
