//! Live projects as somebody may have set them up over the years: every field of every kind, at random.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::sandbox::{
    ApiKey, Branch, History, Migration, Project, SsoProvider, State, StoredSecret, ThirdPartyAuth,
};
use supaform::schema::{Field, KindInfo, Type, members, wire};

use crate::support::scene::REF;

/// Texts that YAML, variables or people could take for something else.
const TEXTS: [&str; 19] = [
    "on",
    "1e3",
    "0123",
    "",
    "a: b #c",
    "${x}",
    "it's \"it\"",
    "Zoë 🦀",
    "2026-01-31",
    "~",
    "- a",
    "[a",
    " led",
    "null",
    "no",
    "0x1F",
    "one\r\ntwo",
    "a\u{0}b",
    "a\u{200b}b",
];
const LONG: [&str; 7] = [
    "a  \n b \n\n\n",
    "x\u{0}\ny\r",
    "<p>Hi</p>",
    "<h1>${x}</h1>\n<p>{{ .ConfirmationURL }}</p>\n",
    "a\n\n b\n",
    "one\r\ntwo\r\n",
    "\n\nlate",
];

/// A live value of a field, in the form in which people write it.
fn value(row: &'static Field) -> BoxedStrategy<Value> {
    let example = row.example.and_then(|text| serde_yaml::from_str::<Value>(text).ok());
    let known = example
        .into_iter()
        .chain(members::untouched(row))
        .filter(|it| !it.is_null() && (it.is_object() == matches!(row.ty, Type::Map(_) | Type::Object(_) | Type::Any)));
    let known: Vec<Value> =
        known.filter(|it| it.as_str().is_none_or(|text| row.unit.is_none() || text.is_empty())).collect();
    let own = of(&row.ty);
    if known.is_empty() { own } else { prop_oneof![3 => own, 1 => prop::sample::select(known)].boxed() }
}

fn of(ty: &'static Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Int { min, max } => {
            prop_oneof![Just(*min), Just(*max), *min..=*max, *min..=(*max).min(min.saturating_add(5000))]
                .prop_map(Value::from)
                .boxed()
        }
        Type::Number { min, max } => {
            prop_oneof![Just(*min), (*min..=(*max).min(min + 500.0)).prop_map(|it| (it * 4.0).round() / 4.0)]
                .prop_map(Value::from)
                .boxed()
        }
        Type::Choice(words) => prop::sample::select(*words).prop_map(Value::from).boxed(),
        Type::Text(rule) if rule.form.is_some() => Just(json!("https://acme.example/x?y=%C3%A9")).boxed(),
        Type::Text(rule) if rule.long => prop::sample::select(&LONG[..]).prop_map(Value::from).boxed(),
        Type::Text(rule) => {
            let most = rule.max_chars.unwrap_or(usize::MAX);
            prop::sample::select(&TEXTS[..])
                .prop_map(move |it| it.chars().take(most).collect::<String>().into())
                .boxed()
        }
        Type::List(item, _) => prop::collection::vec(of(item), 0..4).prop_map(Value::from).boxed(),
        Type::Map(item) => prop::collection::btree_map("[1-9][0-9]{7}", of(item), 0..3)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()))
            .boxed(),
        Type::Object(rows) => {
            let members: Vec<_> =
                rows.iter().map(|row| prop::option::of(value(row)).prop_map(|it| (row.name, it))).collect();
            members
                .prop_map(|all| {
                    Value::Object(all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect())
                })
                .boxed()
        }
        Type::Any => Just(json!({"role": "service_role"})).boxed(),
    }
}

/// The live document of a kind, in the API's form: some of its fields.
pub(super) fn document(info: &'static KindInfo, share: f64) -> BoxedStrategy<Map<String, Value>> {
    let field = move |row: &'static Field| {
        let live = match row.secret {
            Some(_) => prop::sample::select(vec![
                json!("fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"),
                json!(""),
                json!(null),
            ])
            .boxed(),
            None => value(row).prop_map(move |it| wire::to_wire(row, &it)).boxed(),
        };
        prop::option::weighted(share, live).prop_map(move |it| (row.name, it))
    };
    let own = |row: &&Field| row.api_name.is_none() && !matches!(row.wire, supaform::schema::Wire::Switch { .. });
    let fields: Vec<_> = info.all_fields().filter(own).map(field).collect();
    fields.prop_map(|all| all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect()).boxed()
}

pub(super) fn info(name: &str) -> &'static KindInfo {
    infos(KINDS).find(|info| info.name == name).unwrap()
}

const FORMATS: [&str; 4] = [
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
];

/// Claims, and the attributes that they come from; empty members are never live.
fn mapping() -> impl Strategy<Value = Map<String, Value>> {
    let names = || prop::sample::select(&TEXTS[..]).prop_filter("a name", |it| !it.is_empty());
    let default =
        prop_oneof![names().prop_map(Value::from), (1..9).prop_map(Value::from), Just(json!({"a": ["${x}"]}))];
    let claim = (
        prop::option::of(names()),
        prop::option::of(prop::collection::vec(names(), 1..3)),
        prop::option::of(default),
        prop::option::of(Just(true)),
    );
    let claim = claim.prop_map(|(name, names, default, array)| {
        let said = [
            ("name", name.map(Value::from)),
            ("names", names.map(Value::from)),
            ("default", default),
            ("array", array.map(Value::from)),
        ];
        Value::Object(said.into_iter().filter_map(|(member, it)| Some((member.to_owned(), it?))).collect())
    });
    prop::collection::btree_map(prop::sample::select(&TEXTS[..]), claim, 0..3)
        .prop_map(|claims| claims.into_iter().map(|(claim, from)| (claim.to_owned(), from)).collect())
}

/// What somebody has set at the dashboard over the years.
pub(super) fn project() -> impl Strategy<Value = Project> {
    let settings = ["auth", "postgres", "pooler", "data_api", "realtime", "storage"].map(|name| {
        prop_oneof![4 => Just(0.001), 3 => Just(0.02), 1 => Just(0.6)]
            .prop_flat_map(move |share| document(info(name), share))
    });
    let secrets = prop::collection::btree_set("[A-Z][A-Z0-9_]{0,8}|[a-z]{3}", 0..4);
    let provider = (mapping(), prop::option::of(prop::sample::select(&FORMATS[..])), any::<bool>());
    let domains = prop::collection::btree_map("[a-z]{3,8}\\.example", provider, 0..3);
    let issuers =
        prop::collection::vec(prop_oneof!["https://[a-z]{3}\\.example", Just("https://same.example".to_owned())], 0..3);
    let keys =
        prop::collection::vec(("[a-z]{4,6}", any::<bool>(), prop::option::of(prop::sample::select(&TEXTS[..]))), 0..3);
    let networks = prop_oneof![
        Just((vec!["0.0.0.0/0"], vec!["::/0"])),
        Just((vec![], vec![])),
        Just((vec!["203.0.113.0/24", "192.0.2.7/32"], vec![])),
        Just((vec!["0.0.0.0/0"], vec![])),
    ];
    let hostname = prop::option::weighted(0.2, prop_oneof![Just("2_initiated"), Just("5_services_reconfigured")]);
    (settings, secrets, domains, issuers, keys, networks, hostname, any::<(bool, bool)>()).prop_map(
        |(
            [auth, postgres, pooler, data_api, realtime, storage],
            secrets,
            domains,
            issuers,
            keys,
            (ipv4, ipv6),
            hostname,
            (ssl, legacy),
        )| {
            let id = |number: usize| format!("8a1c2e34-5b6d-4f70-8a9b-{number:012}");
            let texts = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
            let mut project = untouched();
            let digest = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9".to_owned();
            project.secrets = secrets
                .into_iter()
                .map(|name| (name, StoredSecret { digest: digest.clone(), updated_ms: 0 }))
                .collect();
            let provider = |(number, (domain, said)): (usize, (String, _))| {
                let (keys, format, by_url): (Map<String, Value>, Option<&str>, bool) = said;
                let provider = SsoProvider {
                    entity_id: format!("https://idp.{domain}"),
                    metadata_url: by_url.then(|| format!("https://idp.{domain}/metadata")),
                    metadata_xml: format!("<EntityDescriptor entityID=\"https://idp.{domain}\"/>\n"),
                    domains: vec![domain],
                    attribute_mapping: keys,
                    name_id_format: format.map(str::to_owned),
                    created_ms: 0,
                    updated_ms: 0,
                };
                (id(number), provider)
            };
            project.sso_providers = domains.into_iter().enumerate().map(provider).collect();
            let issuer = |(number, url)| {
                (
                    id(number),
                    ThirdPartyAuth { oidc_issuer_url: Some(url), jwks_url: None, custom_jwks: None, created_ms: 0 },
                )
            };
            project.third_party_auth = issuers.into_iter().enumerate().map(issuer).collect();
            let key = |(number, (name, is_secret, description)): (usize, (String, bool, Option<&str>))| ApiKey {
                id: id(number),
                name,
                kind: if is_secret { "secret" } else { "publishable" }.to_owned(),
                description: description.map(str::to_owned),
                secret_jwt_template: is_secret.then(|| Map::from_iter([("role".to_owned(), json!("service_role"))])),
                created_ms: 0,
                updated_ms: 0,
            };
            project.api_keys = Some(keys.into_iter().enumerate().map(key).collect());
            (project.network.ipv4, project.network.ipv6) = (texts(ipv4), texts(ipv6));
            project.network.updated_ms = Some(1);
            (project.ssl_enforced, project.legacy_api_keys_off) = (ssl, legacy);
            project.custom_hostname = hostname.map(|status| {
                serde_json::from_value(json!({"hostname": "api.acme.example", "status": status})).unwrap()
            });
            let mut auth = auth;
            if !project.sso_providers.is_empty() {
                auth.insert("saml_enabled".to_owned(), json!(true));
            }
            Project { auth, postgres, pooler, data_api, realtime, storage, ..project }
        },
    )
}

/// What was deployed, migrated and switched on beside the settings.
fn deployed() -> impl Strategy<Value = Project> {
    let source =
        prop::sample::select(&["Deno.serve(() => new Response())\n", "// ${x}\r\nexport {}\n", "\u{feff}// Zoë\n"][..]);
    let functions = prop::collection::btree_map("[a-z]{3,6}", (source, any::<bool>(), any::<bool>()), 0..3);
    let migrations = prop::collection::btree_map("2026010[1-9]1200[0-5][0-9]", prop::option::of("[a-z]{1,5}"), 0..4);
    let vanity = prop::option::weighted(0.2, "[a-z]{5,9}");
    let standby = prop::option::weighted(0.3, Just(()));
    (functions, migrations, vanity, standby, any::<bool>()).prop_map(
        |(functions, migrations, vanity, standby, database_webhooks)| {
            let function = |(slug, (source, verify_jwt, has_map)): (String, (&str, bool, bool))| {
                let folder = format!("supabase/functions/{slug}");
                let mut files = Map::from_iter([(format!("{folder}/index.ts"), json!(source))]);
                files.extend(has_map.then(|| (format!("{folder}/deno.json"), json!("{}\n"))));
                let function = json!({
                    "id": slug, "name": slug, "version": 1, "verify_jwt": verify_jwt, "files": files,
                    "entrypoint_path": format!("{folder}/index.ts"),
                    "import_map_path": has_map.then(|| format!("{folder}/deno.json")),
                });
                (slug, serde_json::from_value(function).unwrap())
            };
            let row = |(version, name)| Migration {
                statements: Some(vec![
                    format!("create table t{version} (a text default '${{x}}')"),
                    "select 1;".to_owned(),
                ]),
                version,
                name,
                ..Migration::default()
            };
            let table = !migrations.is_empty();
            let standby = standby.map(|()| {
                json!([
                    {"id": "8a1c2e34-5b6d-4f70-8a9b-0000000000aa", "algorithm": "ES256", "status": "in_use",
                        "public_jwk": {"kty": "EC", "crv": "P-256", "x": "XXXX", "y": "YYYY"}},
                    {"id": "8a1c2e34-5b6d-4f70-8a9b-0000000000ab", "algorithm": "RS256", "status": "standby"},
                ])
            });
            Project {
                functions: functions.into_iter().map(function).collect(),
                migrations: History { table, rows: migrations.into_iter().map(row).collect() },
                signing_keys: standby.map(|keys| serde_json::from_value(keys).unwrap()),
                vanity,
                database_webhooks,
                ..untouched()
            }
        },
    )
}

/// A project with everything that can be live.
fn whole() -> impl Strategy<Value = Project> {
    (project(), deployed()).prop_map(|(project, more)| {
        let Project { functions, migrations, signing_keys, vanity, database_webhooks, .. } = more;
        // A host of one's own excludes a name below the platform's.
        let vanity = vanity.filter(|_| project.custom_hostname.is_none());
        Project { functions, migrations, signing_keys, vanity, database_webhooks, ..project }
    })
}

/// A project that nobody has touched.
pub(super) fn untouched() -> Project {
    serde_json::from_value(json!({
        "name": "Acme Quickstart", "organization": "acme-inc", "region": "eu-central-1", "status": "ACTIVE_HEALTHY",
    }))
    .unwrap()
}

/// Every word that the API has for the state of a project, with whether its settings can be imported.
pub(super) const STATES: [(&str, bool); 15] = [
    ("ACTIVE_HEALTHY", true),
    ("ACTIVE_UNHEALTHY", false),
    ("COMING_UP", false),
    ("GOING_DOWN", false),
    ("INACTIVE", false),
    ("INIT_FAILED", false),
    ("PAUSE_FAILED", false),
    ("PAUSING", false),
    ("REMOVED", false),
    ("RESIZING", false),
    ("RESTARTING", false),
    ("RESTORE_FAILED", false),
    ("RESTORING", false),
    ("UNKNOWN", false),
    ("UPGRADING", false),
];

/// What a token sees: a project with everything, its branches, and projects in all states.
#[derive(Debug, Clone)]
pub(super) struct World {
    /// The project with everything.
    pub(super) project: Project,
    /// Its branches, each a project of its own.
    branches: Vec<(Branch, Project)>,
    /// Others, in some state.
    others: Vec<Project>,
}

impl World {
    /// Puts it in place of what is there.
    pub(super) fn put_into(&self, state: &mut State) {
        let mut project = self.project.clone();
        project.branches = self.branches.iter().map(|(branch, _)| branch.clone()).collect();
        let own = self.branches.iter().filter(|(branch, _)| !branch.is_default);
        let branches = own.map(|(branch, project)| (branch.reference.clone(), project.clone()));
        let others = self.others.iter().enumerate().map(|(number, it)| (reference('o', number), it.clone()));
        state.projects = std::iter::once((REF.to_owned(), project)).chain(branches).chain(others).collect();
    }

    /// Another project beside the same others.
    pub(super) fn others_of(&self, project: Project) -> Self {
        Self { project, branches: vec![], others: self.others.clone() }
    }

    /// How many projects are not up.
    pub(super) fn skipped(&self) -> usize {
        self.others.iter().filter(|it| !is_up(&it.status)).count()
    }

    /// The branches that are up, and how many are not.
    pub(super) fn branches(&self) -> (usize, usize) {
        let own = || self.branches.iter().filter(|(branch, _)| !branch.is_default);
        let up = own().filter(|(_, project)| is_up(&project.status)).count();
        (up, own().count() - up)
    }
}

fn is_up(status: &str) -> bool {
    STATES.contains(&(status, true))
}

fn reference(letter: char, number: usize) -> String {
    format!("{}{}", letter.to_string().repeat(19), char::from(b'a' + u8::try_from(number).unwrap()))
}

fn state() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just("ACTIVE_HEALTHY"), 1 => prop::sample::select(&STATES[..]).prop_map(|(word, _)| word)]
        .prop_map(str::to_owned)
}

fn branches() -> impl Strategy<Value = Vec<(Branch, Project)>> {
    let names =
        prop_oneof!["[a-z]{3,6}", "[a-z]{2}/[a-z]{2}", prop::sample::select(&NAMES[..]).prop_map(str::to_owned)];
    let git = prop::option::of(prop::sample::select(&["develop", "feature/x", "on", "1e3"][..]));
    let address = prop::option::weighted(0.3, Just("https://ci.acme.example/b"));
    let settings = (document(info("auth"), 0.01), document(info("postgres"), 0.02));
    let number = prop::option::weighted(0.2, 1_u32..99);
    let one = (git, address, number, any::<(bool, bool)>(), settings, state());
    (prop::collection::btree_map(names, one, 0..4), any::<bool>()).prop_map(|(all, has_default)| {
        let made = |(number, (name, (git, address, pull, (persistent, with_data), settings, status)))| {
            let reference = reference('b', number);
            let branch = json!({
                "id": format!("8a1c2e34-5b6d-4f70-8a9b-{number:012}"), "name": name, "reference": reference,
                "git_branch": git, "notify_url": address, "pull_request": pull, "persistent": persistent,
                "with_data": with_data,
            });
            let (auth, postgres) = settings;
            let project = Project { name, auth, postgres, status, branch_of: Some(REF.to_owned()), ..untouched() };
            (serde_json::from_value(branch).unwrap(), project)
        };
        let mut all: Vec<(Branch, Project)> = all.into_iter().enumerate().map(made).collect();
        if has_default && !all.is_empty() {
            let id = "8a1c2e34-5b6d-4f70-8a9b-0000000000ff";
            let own = json!({"id": id, "name": "main", "reference": REF, "is_default": true});
            all.push((serde_json::from_value(own).unwrap(), untouched()));
        }
        all
    })
}

/// Names of branches that YAML, addresses or variables could take for something else.
const NAMES: [&str; 8] = ["on", "1e3", "Zoë 🦀", "${x}", "a@b", "*", "a: b", "no"];

/// A world with everything that can be live.
pub(super) fn world() -> impl Strategy<Value = World> {
    let others = prop::collection::vec((state(), document(info("auth"), 0.01)), 0..3);
    (whole(), branches(), others).prop_map(|(project, branches, others)| {
        let other = |(status, auth)| Project { status, auth, ..untouched() };
        World { project, branches, others: others.into_iter().map(other).collect() }
    })
}
