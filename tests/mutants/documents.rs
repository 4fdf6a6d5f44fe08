//! What a file is, what stands beside its sections, and which documents go together.

use super::harness::{Mutant, breaks, file};

const ROOT: &str = "supaform.yaml";
const BASE: &str = "profiles/base.yaml";
const STRICT: &str = "profiles/strict.yaml";
const ACME: &str = "projects/acme.yaml";
const PROD: &str = "projects/prod.yaml";
const AUTH: &str = "projects/prod-auth.yaml";
const MORE: &str = "more.yaml";
const NEW: &str = "projects/zzz.yaml";

pub(crate) fn mutants() -> Vec<Mutant> {
    [root(), documents(), envelope(), values_of_the_envelope(), policies()].concat()
}

/// A workspace with these rules of `allow:`.
fn allows(rule: &str, code: &'static str, rules: &str) -> Mutant {
    let new = format!("version: 1\nallow: {rules}");
    breaks(&format!("`allow` with {rule}"), code, ROOT, "version: 1", &new)
}

/// A workspace with these rules of `ignore:`.
fn ignores(rule: &str, code: &'static str, rules: &str) -> Mutant {
    let new = format!("version: 1\nignore: {rules}");
    breaks(&format!("`ignore` with {rule}"), code, ROOT, "version: 1", &new)
}

fn root() -> Vec<Mutant> {
    vec![
        file("no version", "E0206", ROOT, "«m»anifests: [profiles, projects/**, more.yaml]\n"),
        breaks("another version", "E0206", ROOT, "version: 1", "version: «2»"),
        breaks("a version as text", "E0206", ROOT, "version: 1", "version: «\"1\"»"),
        breaks("a version of nothing", "E0206", ROOT, "version: 1", "«version»:"),
        breaks("`manifests` is no list", "E0209", ROOT, "[profiles, projects/**, more.yaml]", "«profiles»"),
        breaks("a pattern out of the root", "E0209", ROOT, "profiles,", "profiles, «../other»,"),
        breaks("an absolute pattern", "E0209", ROOT, "profiles,", "profiles, «/etc»,"),
        breaks("a number as pattern", "E0209", ROOT, "profiles,", "profiles, «1»,"),
        breaks("an empty pattern", "E0209", ROOT, "profiles,", "profiles, «\"\"»,"),
        breaks("a broken pattern", "E0209", ROOT, "profiles,", "profiles, «\"a[\"»,"),
        breaks("a pattern that matches nothing", "E0208", ROOT, "profiles,", "profiles, «profile»,"),
        breaks("the API's address", "E0204", ROOT, "version: 1\n", "version: 1\n«api_url»: https://evil.example\n"),
        breaks("a limit", "E0204", ROOT, "version: 1\n", "version: 1\n«max_files»: 5\n"),
        breaks("an allow list", "E0204", ROOT, "version: 1\n", "version: 1\n«allow_env»: [A]\n"),
        breaks("a typo in the marker", "E0204", ROOT, "manifests:", "«manifest»:").hint("`manifests`"),
        file("a marker below the root", "E0207", "projects/supaform.yaml", "«v»ersion: 1\n"),
        file("a marker that is a list", "E0202", ROOT, "«[»version]\n"),
        allows("no list", "E0283", "«yes»"),
        allows("a rule without a reason", "E0283", "[«{»classes: restart, select: acme-prod}]"),
        allows("an unknown key", "E0283", "[{«class»: restart, select: acme-prod, reason: r}]").hint("`classes`"),
        allows("an unknown class", "E0283", "[{classes: [restart, «restrat»], select: acme-prod, reason: r}]")
            .hint("`restart`"),
        allows("no class", "E0283", "[{classes: «[]», select: acme-prod, reason: r}]"),
        allows("no selector", "E0283", "[{classes: restart, select: «a/b/c», reason: r}]").hint("PROJECT/SECTION"),
        allows("a number for a selector", "E0283", "[{classes: restart, select: «5», reason: r}]"),
        allows("nothing that is there", "E0284", "[«{classes: restart, select: acme-prdo, reason: r}»]").warns(),
        ignores("no list", "E0280", "«3»"),
        ignores("a rule that is no map", "E0280", "[«acme-prod/auth/site_url»]"),
        ignores("a rule without an owner", "E0280", "[«{»path: acme-prod/auth, reason: r, until: 2027-01-31}]"),
        ignores("an unknown key", "E0280", "[{path: acme-prod/auth, reason: r, «ownr»: o, until: 2027-01-31}]")
            .hint("`owner`"),
        ignores("no address", "E0280", "[{path: «acme-prod», reason: r, owner: o, until: 2027-01-31}]"),
        ignores("no such section", "E0280", "[{path: «acme-prod/auht», reason: r, owner: o, until: 2027-01-31}]")
            .hint("`auth`"),
        ignores("an empty reason", "E0280", "[{path: acme-prod/auth, reason: «\"\"», owner: o, until: 2027-01-31}]"),
        ignores("no day", "E0280", "[{path: acme-prod/auth, reason: r, owner: o, until: «tomorrow»}]"),
        ignores("a number for a day", "E0280", "[{path: acme-prod/auth, reason: r, owner: o, until: «2027»}]"),
        ignores(
            "nothing that is managed",
            "E0281",
            "[{path: «acme-prod/auth/jwt_exq», reason: r, owner: o, until: 2027-01-31}]",
        )
        .warns(),
    ]
}

fn documents() -> Vec<Mutant> {
    vec![
        file("no manifest", "E0202", NEW, "«s»ervices: {web: {image: nginx}}\n"),
        file("a list", "E0202", NEW, "«-» project: x\n"),
        file("a text", "E0202", NEW, "«h»ello\n"),
        file("`projcet`", "E0202", NEW, "«p»rojcet: x\nref: xxxxxxxxxxxxxxxxxxxx\n"),
        file("a project and a profile", "E0203", NEW, "project: x\n«profile»: x\n"),
        file("a project and projects", "E0203", NEW, "project: x\n«projects»: {}\n"),
        file("`common` without projects", "E0203", NEW, "«common»: {labels: {a: b}}\n"),
        file("a section beside projects", "E0204", NEW, "projects: {}\n«auth»: {jwt_exp: 600}\n"),
        file("a key beside projects", "E0204", NEW, "projects: {}\n«labels»: {a: b}\n"),
        file("`projects` of a text", "E0209", NEW, "projects: «x»\n"),
        file("`projects` of a list", "E0209", NEW, "projects: «[x]»\n"),
        file("`projects` of nothing", "E0209", NEW, "«projects»:\n"),
        file("a project of nothing", "E0209", NEW, "projects:\n  «x»:\n"),
        file("a project of a text", "E0209", NEW, "projects:\n  x: «y»\n"),
        breaks(
            "`common` of a list",
            "E0209",
            ACME,
            "common:\n  extends: [base]\n  labels: {team: \"42\"}\n  auth: {disable_signup: true, mfa_max_enrolled_factors: 3}",
            "common: «[]»",
        ),
        file("a name with a slash", "E0210", NEW, "project: «acme/prod»\nref: xxxxxxxxxxxxxxxxxxxx\n"),
        file("a name that starts with a dash", "E0210", NEW, "project: «-x»\nref: xxxxxxxxxxxxxxxxxxxx\n"),
        file(
            "a name of 65 letters",
            "E0210",
            NEW,
            &format!("project: «{}»\nref: xxxxxxxxxxxxxxxxxxxx\n", "x".repeat(65)),
        ),
        file("a name beyond ASCII", "E0210", NEW, "project: «zürich»\nref: xxxxxxxxxxxxxxxxxxxx\n"),
        file("a number as name", "E0210", NEW, "project: «12»\nref: xxxxxxxxxxxxxxxxxxxx\n"),
        file("a map as name", "E0210", NEW, "project: «{ref: xxxxxxxxxxxxxxxxxxxx}»\n"),
        file("a name of nothing", "E0210", NEW, "«project»:\nref: xxxxxxxxxxxxxxxxxxxx\n"),
        file("a bad name below projects", "E0210", NEW, "projects:\n  «a b»: {ref: xxxxxxxxxxxxxxxxxxxx}\n"),
        breaks("a bad name of a profile", "E0210", STRICT, "profile: strict", "profile: «a.b»")
            .and(PROD, "[strict]", "[base]")
            .and(AUTH, "{remove: [\"https://status.example.com\"]}", "[]"),
        file("a second envelope", "E0212", NEW, "project: acme-prod\n«labels»: {a: b}\n"),
        file("a second ref", "E0212", NEW, "project: acme-prod\n«ref»: cccccccccccccccccccc\n"),
        file(
            "a name in the dashboard that is not written",
            "E0265",
            NEW,
            "project: b\nref: xxxxxxxxxxxxxxxxxxxx\nauth: {smtp_sender_name: \"x ${«project.name»}\"}\n",
        )
        .hint("`${document}`"),
        file("a second section", "E0213", NEW, "project: acme-prod\n«pooler»: {default_pool_size: 30}\n"),
        file("one ref for two", "E0214", NEW, "project: x\nref: «cccccccccccccccccccc»\n"),
        file("found as the same", "E0215", NEW, "project: «x»\norganization: acme-inc\nname: Acme new\n"),
        file("alike by case", "E0215", NEW, "project: OTHER\nref: xxxxxxxxxxxxxxxxxxxx\n").and(
            MORE,
            "project: other",
            "project: «other»",
        ),
        file("neither ref nor organization", "E0216", NEW, "project: «x»\n"),
        file(
            "create without region",
            "E0217",
            NEW,
            "project: x\norganization: acme-inc\ndatabase_password: {env: P}\ncreate: «true»\n",
        ),
        file(
            "create without organization",
            "E0217",
            NEW,
            "project: x\nregion: eu-central-1\ndatabase_password: {env: P}\ncreate: «true»\n",
        ),
        breaks(
            "create without a password",
            "E0217",
            ACME,
            "    create: true\n    database_password: {secret: DATABASE}\n",
            "    create: «true»\n",
        ),
        breaks("a password in clear", "E0400", ACME, "{secret: DATABASE}", "«hunter2hunter2»"),
        breaks("no project", "E0225", ROOT, "[profiles, projects/**, more.yaml]", "[templates]")
            .and("templates/x.yaml", "", "profile: «x»\n")
            .also("E0201")
            .warns(),
        breaks("a section that is misspelt", "E0204", AUTH, "pooler:", "«poler»:").hint("`pooler`"),
        breaks("a key that is misspelt", "E0204", PROD, "labels:", "«lables»:").hint("`labels`"),
        breaks("a kind of nothing", "E0204", AUTH, "pooler:", "«balloons»:"),
        breaks("a section within a section", "E0205", BASE, "  jwt_exp: 1h", "  «pooler»: {default_pool_size: 1}")
            .hint("a section of its own"),
        breaks("an envelope key within a section", "E0205", BASE, "  jwt_exp: 1h", "  «labels»: {a: b}")
            .hint("belongs to the document"),
        breaks("a field of another section", "E0205", BASE, "  jwt_exp: 1h", "  «max_rows»: 1").hint("`data_api`"),
        breaks("`requires` of a project", "E0204", PROD, "labels:", "«requires»: [domain]\nlabels:"),
        breaks("`ref` of a profile", "E0204", STRICT, "protected: true", "«ref»: cccccccccccccccccccc"),
        breaks("`name` of a profile", "E0204", STRICT, "protected: true", "«name»: x"),
        breaks("`create` of a profile", "E0204", STRICT, "protected: true", "«create»: true"),
        breaks("`ref` of `common`", "E0204", ACME, "common:\n", "common:\n  «ref»: cccccccccccccccccccc\n"),
        breaks("`version` of a project", "E0204", PROD, "labels:", "«version»: 1\nlabels:"),
        breaks("a proxy", "E0204", PROD, "labels:", "«proxy»: http://evil.example\nlabels:"),
        breaks("a secret's field at the top", "E0204", PROD, "labels:", "«smtp_pass»: hunter2\nlabels:"),
    ]
}

fn envelope() -> Vec<Mutant> {
    let mut mutants = vec![
        breaks("a ref of 19 letters", "E0211", PROD, "cccccccccccccccccccc", "«ccccccccccccccccccc»"),
        breaks("a ref of 21 letters", "E0211", PROD, "cccccccccccccccccccc", "«ccccccccccccccccccccc»"),
        breaks("a ref in capitals", "E0211", PROD, "cccccccccccccccccccc", "«CCCCCCCCCCCCCCCCCCCC»"),
        breaks("a ref that climbs", "E0211", PROD, "cccccccccccccccccccc", "«../organizations»"),
        breaks("an encoded ref", "E0211", PROD, "cccccccccccccccccccc", "«\"%2e%2ecccccccccccccc\"»"),
        breaks("a ref with a line break", "E0209", PROD, "cccccccccccccccccccc", "«\"cccccccccccccccccccc\\n\"»"),
        breaks(
            "a ref that is an address",
            "E0211",
            PROD,
            "cccccccccccccccccccc",
            "«https://cccccccccccccccccccc.supabase.co»",
        ),
        breaks("a ref that is filled in", "E0211", PROD, "cccccccccccccccccccc", "«${var.domain}»"),
        breaks("a slug with a space", "E0209", BASE, "acme-inc", "«Acme Inc»"),
        breaks("`extends` of a text", "E0209", STRICT, "[base]", "«base»").hint("`[base]`"),
        breaks("`extends` of a number", "E0209", STRICT, "[base]", "[base, «1»]"),
        breaks("`extends` of a bad name", "E0210", STRICT, "[base]", "[base, «a/b»]"),
        breaks("`requires` of a text", "E0209", BASE, "[domain, connections]", "«domain»"),
        breaks("`requires` of a bad name", "E0210", BASE, "[domain, connections]", "[domain, «a b»]"),
        breaks("`vars` of a list", "E0209", PROD, "{domain: example.com, connections: 160}", "«[domain]»"),
        breaks("a variable of null", "E0209", PROD, "domain: example.com", "domain: «null»"),
        breaks(
            "a variable of nothing",
            "E0209",
            PROD,
            "vars: {domain: example.com, connections: 160}",
            "vars:\n  connections: 160\n  «domain»:",
        ),
        breaks("a variable of a map", "E0209", PROD, "domain: example.com", "domain: «{a: b}»"),
        breaks(
            "a variable of a list of maps",
            "E0209",
            PROD,
            "domain: example.com",
            "redirects: [«{a: b}»], domain: x",
        ),
        breaks("a bad name of a variable", "E0210", PROD, "domain: example.com", "«a b»: 1, domain: x"),
        breaks(
            "a variable within a variable",
            "E0233",
            PROD,
            "domain: example.com",
            "domain: «\"a.${var.connections}\"»",
        ),
        breaks("a secret as variable", "E0402", PROD, "domain: example.com", "domain: «sb_secret_hunter2hunter2»"),
        breaks("`labels` of a list", "E0209", PROD, "{env: prod}", "«[prod]»"),
        breaks("a label of a number", "E0209", PROD, "{env: prod}", "{env: «1»}").hint("quotes"),
        breaks("a label of null", "E0209", PROD, "{env: prod}", "{env: «null»}"),
        breaks("a label of an empty text", "E0209", PROD, "{env: prod}", "{env: «\"\"»}"),
        breaks("a bad name of a label", "E0210", PROD, "{env: prod}", "{env: prod, «a b»: c}"),
        breaks("a label that is filled in", "E0233", PROD, "{env: prod}", "{env: «\"${var.domain}\"»}"),
        breaks("a secret as label", "E0402", PROD, "{env: prod}", "{env: «sb_secret_hunter2hunter2»}"),
        breaks("protection lowered", "E0224", PROD, "labels:", "protected: «false»\nlabels:"),
        breaks("protection lowered by a profile", "E0224", STRICT, "protected: true", "protected: «false»").and(
            BASE,
            "organization:",
            "protected: true\norganization:",
        ),
        breaks("a cycle of one", "E0222", BASE, "requires:", "extends: [«base»]\nrequires:"),
        breaks("a cycle of two", "E0222", BASE, "requires:", "extends: [strict]\nrequires:").and(
            STRICT,
            "[base]",
            "[«base»]",
        ),
        breaks("an unknown profile", "E0220", STRICT, "[base]", "[«bsae»]").hint("`base`"),
        breaks("an unknown profile of `common`", "E0220", ACME, "extends: [base]", "extends: [«basis»]"),
        file("a profile twice", "E0221", "profiles/two.yaml", "profile: «strict»\n"),
        file(
            "a profile for nothing",
            "E0225",
            "profiles/idle.yaml",
            "profile: «idle»\npooler: {default_pool_size: 3}\n",
        )
        .warns(),
    ];
    // Eight profiles are few enough, nine are not.
    let mut deep = breaks("nine deep", "E0223", "profiles/p9.yaml", "", "profile: p9\n")
        .and("profiles/p8.yaml", "", "profile: p8\nextends: [«p9»]\n")
        .and(MORE, "project: other\n", "project: other\nextends: [p1]\n");
    for level in 1..8 {
        let text = format!("profile: p{level}\nextends: [p{}]\n", level + 1);
        deep = deep.and(&format!("profiles/p{level}.yaml"), "", &text);
    }
    mutants.push(deep);
    mutants
}

/// Each key with each sort of value that it does not take.
fn values_of_the_envelope() -> Vec<Mutant> {
    const TEXTS: &[&str] = &["ref", "organization", "name", "region"];
    let takes = |key: &str, value: &str| match key {
        _ if TEXTS.contains(&key) => false,
        "extends" | "requires" => value == "[]",
        "vars" | "labels" | "manage" => value == "{}",
        _ => value == "true",
    };
    let mut mutants = vec![];
    for key in ["ref", "organization", "name", "region", "extends", "vars", "labels", "protected", "create", "manage"] {
        let text = |line: &str| {
            format!("project: x\n{line}\n{}", if key == "ref" { "" } else { "ref: xxxxxxxxxxxxxxxxxxxx\n" })
        };
        let mut add = |what: &str, code, line: &str| {
            mutants.push(file(&format!("`{key}` of {what}"), code, NEW, &text(line)));
        };
        for (what, value) in
            [("null", "null"), ("a number", "12"), ("a boolean", "true"), ("a list", "[]"), ("a map", "{}")]
        {
            if !takes(key, value) {
                add(what, "E0209", &format!("{key}: «{value}»"));
            }
        }
        add("nothing", "E0301", &format!("«{key}»:"));
        add("twice", "E0111", &format!("{key}: null\n«{key}»: null"));
        if TEXTS.contains(&key) {
            add("an empty text", "E0209", &format!("{key}: «\"\"»"));
            add("two lines", "E0209", &format!("{key}: «\"a\\nb\"»"));
            add("a secret", "E0402", &format!("{key}: «sb_secret_hunter2hunter2»"));
        }
    }
    mutants
}

fn policies() -> Vec<Mutant> {
    vec![
        breaks("a section that is not there", "E0243", BASE, "pooler: true", "«poolr»: true").hint("`pooler`"),
        breaks("`prune` of settings", "E0243", BASE, "pooler: true", "pooler: {«prune»: true}"),
        breaks("`prune` of a text", "E0243", ACME, "{prune: true}", "{«prune»: yes}"),
        breaks("an unknown policy", "E0243", ACME, "{prune: true}", "{«purge»: true}"),
        breaks("`restart` of a collection", "E0243", ACME, "{prune: true}", "{«restart»: later}"),
        breaks("`restart` where nothing restarts", "E0243", BASE, "pooler: true", "pooler: {«restart»: later}"),
        breaks("`restart` at some other time", "E0243", BASE, "{restart: later}", "{«restart»: tomorrow}"),
        breaks("a policy of null", "E0243", BASE, "pooler: true", "pooler: «null»"),
        breaks(
            "a policy of nothing",
            "E0243",
            BASE,
            "manage: {postgres: {restart: later}, pooler: true}",
            "manage:\n  «pooler»:",
        ),
        breaks("a policy of a text", "E0243", BASE, "pooler: true", "pooler: «no»"),
        breaks("a policy of a list", "E0243", BASE, "pooler: true", "pooler: «[]»"),
        breaks(
            "`prune` without a section",
            "E0243",
            MORE,
            "auth: &same",
            "manage: {secrets: «{prune: true}»}\nauth: &same",
        ),
        breaks("hands off what is written", "E0244", ACME, "manage: {auth: true,", "manage: {auth: false,").and(
            ACME,
            "    auth:\n",
            "    «auth»:\n",
        ),
        breaks("hands off by `common`", "E0244", ACME, "common:\n", "common:\n  manage: {auth: false}\n")
            .and(ACME, "manage: {auth: true, secrets", "manage: {secrets")
            .and(ACME, "  auth: {disable", "  «auth»: {disable"),
    ]
}
