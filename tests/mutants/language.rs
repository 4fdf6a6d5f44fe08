//! Sections, markers, merging, variables, references, files.

use super::harness::{Mutant, breaks, file};

const BASE: &str = "profiles/base.yaml";
const STRICT: &str = "profiles/strict.yaml";
const ACME: &str = "projects/acme.yaml";
const PROD: &str = "projects/prod.yaml";
const AUTH: &str = "projects/prod-auth.yaml";
const HTML: &str = "templates/confirm.html";

pub(crate) fn mutants() -> Vec<Mutant> {
    [sections(), merging(), variables(), dormant(), files(), secrets()].concat()
}

fn sections() -> Vec<Mutant> {
    let mut mutants = vec![
        breaks(
            "a section of nothing",
            "E0246",
            AUTH,
            "pooler: {default_pool_size: 20, pool_mode: transaction}",
            "«pooler»:",
        ),
        breaks("a section of a boolean", "E0246", AUTH, "{default_pool_size: 20, pool_mode: transaction}", "«false»"),
        breaks("a section of null", "E0246", AUTH, "{default_pool_size: 20, pool_mode: transaction}", "«null»"),
        breaks("a section of a list", "E0246", AUTH, "{default_pool_size: 20, pool_mode: transaction}", "«[20]»"),
        breaks(
            "a collection of a list",
            "E0246",
            ACME,
            "secrets: {LEGACY_KEY: null, KEPT: {unmanaged: true}, LONG: {value: {exec: [pass, show, long]}}}",
            "secrets: «[LEGACY_KEY]»",
        ),
        breaks(
            "a section that is let go",
            "E0205",
            AUTH,
            "{default_pool_size: 20, pool_mode: transaction}",
            "{«unmanaged»: true}",
        ),
        breaks("a reserved name", "E0245", ACME, "LEGACY_KEY:", "«SUPABASE_URL»:"),
        breaks("a name of 257 letters", "E0245", ACME, "LEGACY_KEY:", &format!("«{}»:", "X".repeat(257))),
        breaks("a name of nothing", "E0245", ACME, "LEGACY_KEY:", "«\"\"»:"),
        breaks("an item of nothing", "E0301", BASE, "STRIPE_KEY: {secret: STRIPE_KEY}", "«STRIPE_KEY»:"),
        breaks("an item half let go", "E0240", ACME, "{unmanaged: true}, LONG", "{unmanaged: «false»}, LONG"),
        breaks(
            "a marker with company",
            "E0240",
            ACME,
            "KEPT: {unmanaged: true}",
            "KEPT: {unmanaged: true, «value»: {secret: A}}",
        ),
        breaks(
            "`extra` of a list",
            "E0246",
            AUTH,
            "extra: {brand_new: {deep: [1, 2.5, null]}}",
            "extra: «[brand_new]»",
        ),
        breaks("`extra` of nothing", "E0246", AUTH, "extra: {brand_new: {deep: [1, 2.5, null]}}", "«extra»:"),
        breaks("`extra_secrets` of a text", "E0246", AUTH, "{brand_new_secret: {secret: NEW_SECRET}}", "«hunter2»"),
        breaks("a known field under `extra`", "E0247", AUTH, "{brand_new:", "{«jwt_exp»: 3600, brand_new:"),
        breaks("a known secret under `extra`", "E0247", AUTH, "{brand_new:", "{«smtp_pass»: hunter2, brand_new:"),
        breaks(
            "under both extras",
            "E0247",
            AUTH,
            "{brand_new_secret:",
            "{«brand_new»: {secret: A}, brand_new_secret:",
        ),
        breaks("a secret under `extra`", "E0402", AUTH, "[1, 2.5, null]", "[1, «sb_secret_hunter2hunter2»]"),
        breaks("a number that JSON rounds", "E0312", AUTH, "[1, 2.5, null]", "[«18446744073709551616»]"),
        breaks(
            "nothing under `extra`",
            "E0301",
            AUTH,
            "extra: {brand_new: {deep: [1, 2.5, null]}}",
            "extra:\n    «brand_new»:",
        ),
        breaks("a literal under `extra_secrets`", "E0400", AUTH, "{secret: NEW_SECRET}", "«hunter2»"),
        breaks("a plain value under `extra_secrets`", "E0407", AUTH, "{secret: NEW_SECRET}", "{plain: «hunter2»}"),
        breaks("null under `extra_secrets`", "E0400", AUTH, "{secret: NEW_SECRET}", "«null»"),
    ];
    for (what, value) in [("true", "true"), ("a number", "12"), ("a text", "hunter2"), ("a list", "[hunter2]")] {
        mutants.push(breaks(
            &format!("an item that is {what}"),
            "E0400",
            BASE,
            "{secret: STRIPE_KEY}",
            &format!("«{value}»"),
        ));
    }
    mutants
}

fn merging() -> Vec<Mutant> {
    vec![
        breaks("nothing inherited", "E0241", ACME, "    auth:\n", "    auth:\n      webauthn_rp_origins: «{append: [\"https://a.example\"]}»\n"),
        breaks("null inherited", "E0241", STRICT, "uri_allow_list: {append", "uri_allow_list: «{append").and(STRICT, "localhost:3000\"]}", "localhost:3000\"]}»").and(BASE, "uri_allow_list:\n    - https://${var.domain}/callback\n    - ${var.redirects}\n    - http://localhost:3000\n", "uri_allow_list: null\n").and(BASE, "redirects: [], ", "").and(AUTH, "{remove: [\"https://status.example.com\"]}", "[]"),
        breaks("an absent member", "E0242", STRICT, "[\"http://localhost:3000\"]", "[«\"http://localhost:300\"»]").hint("`http://localhost:3000`"),
        breaks("a member removed twice", "E0242", STRICT, "remove: [\"http://localhost:3000\"]", "remove: [\"http://localhost:3000\", «\"http://localhost:3000\"»]"),
        breaks("an absent number", "E0242", STRICT, "[\"http://localhost:3000\"]", "[«3000»]"),
        breaks("`append` of nothing", "E0240", STRICT, "{append: [\"https://status.example.com\"], remove: [\"http://localhost:3000\"]}", "\n      «append»:").and(AUTH, "{remove: [\"https://status.example.com\"]}", "[]"),
        breaks("`append` with company", "E0240", STRICT, "remove: [\"http", "«removed»: [\"http").hint("either"),
        breaks("a comma in what is appended", "E0309", STRICT, "\"https://status.example.com\"", "«\"https://a.example,https://b.example\"»").and(AUTH, "{remove: [\"https://status.example.com\"]}", "{remove: []}"),
        breaks("`append` to no list", "E0303", STRICT, "jwt_exp: 600", "jwt_exp: «{append: [1]}»"),
    ]
}

fn variables() -> Vec<Mutant> {
    vec![
        breaks("a variable that is not defined", "E0230", BASE, "https://${var.domain}\n", "https://${var.«domian»}\n")
            .hint("`var.domain`"),
        breaks("a label that is not defined", "E0230", BASE, "${label.product}", "${label.«produkt»}")
            .hint("`label.product`"),
        breaks("in a name", "E0230", ACME, "Acme ${label.env}", "Acme ${label.«evn»}").hint("`label.env`"),
        breaks("in a region", "E0230", BASE, "region: eu-central-1", "region: ${var.«zone»}"),
        breaks("in a text that is filled in", "E0230", HTML, "${var.domain}", "${var.domian}")
            .and(BASE, "{file: ../templates/confirm.html,", "{file: «../templates/confirm.html»,")
            .hint("`var.domain`"),
        breaks("what a profile requires", "E0231", PROD, "project: acme-prod", "project: «acme-prod»").and(
            PROD,
            "domain: example.com, ",
            "",
        ),
        breaks("of one of many", "E0231", ACME, "  acme-new:", "  «acme-new»:").and(ACME, ", connections: 100", ""),
        breaks("used by nothing", "E0232", PROD, "domain: example.com", "«region»: x, domain: example.com"),
        breaks("used by nothing, of a profile", "E0232", BASE, "sender: Acme", "«sendr»: Acme, sender: A"),
        breaks("used by nothing, of `common`", "E0232", ACME, "common:\n", "common:\n  vars: {«spare»: 1}\n"),
        breaks("another's words", "E0233", BASE, "https://${var.domain}\n", "«https://${env.HOST}»\n"),
        breaks("the environment", "E0233", BASE, "https://${var.domain}\n", "«https://${env:SUPABASE_ACCESS_TOKEN}»\n"),
        breaks("nested", "E0233", BASE, "https://${var.domain}\n", "«https://${var.${label.env}}»\n"),
        breaks("not closed", "E0233", BASE, "https://${var.domain}\n", "«https://${var.domain»\n"),
        breaks("empty", "E0233", BASE, "https://${var.domain}\n", "«https://${}»\n"),
        breaks("spaces", "E0233", BASE, "https://${var.domain}\n", "«https://${ var.domain }»\n"),
        breaks("grows", "E0233", BASE, "https://${var.domain}\n", &format!("«\"{}\"»\n", "${var.sender}".repeat(3)))
            .and(BASE, "sender: Acme", &format!("sender: {}", "x".repeat(100_000)))
            .and(BASE, "  smtp_sender_name: ${var.sender} ${label.product}\n", ""),
        breaks(
            "a list within a text",
            "E0234",
            BASE,
            "https://${var.domain}\n",
            "https://${var.«redirects»}.example\n",
        ),
        breaks(
            "a ref that is not known in time",
            "E0235",
            ACME,
            "{secret: DATABASE}",
            "{file: \"keys/${«project.ref»}\"}",
        ),
        breaks(
            "a name that wants the ref",
            "E0235",
            ACME,
            "    name: Acme ${label.env}\n    create",
            "    name: Acme ${«project.ref»}\n    create",
        ),
        breaks("a name within itself", "E0233", ACME, "Acme ${label.env}", "«Acme ${project.name}»"),
        breaks(
            "a variable of the wrong type",
            "E0303",
            BASE,
            "disable_signup: false",
            "disable_signup: «${var.sender}»",
        )
        .and(ACME, "disable_signup: true, ", ""),
        breaks(
            "a variable out of bounds",
            "E0304",
            BASE,
            "max_connections: ${var.connections}",
            "max_connections: «${var.connections}»",
        )
        .and(PROD, "connections: 160", "connections: 999999"),
        breaks("a list for a text", "E0303", BASE, "https://${var.domain}\n", "«${var.redirects}»\n"),
        breaks("spliced items are items", "E0309", BASE, "- ${var.redirects}", "- «${var.redirects}»").and(
            PROD,
            "connections: 160",
            "connections: 160, redirects: [\"a,b\"]",
        ),
        breaks("not in keys", "E0205", BASE, "jwt_exp: 1h", "«\"${var.domain}\"»: 1h"),
    ]
}

/// What no project has, because nothing extends it or something stronger is written.
fn dormant() -> Vec<Mutant> {
    // That nothing extends the profile is told beside.
    let idle = |rule: &str, code, text: &str| {
        let text = format!("profile: «idle»\nextends: [base]\n{text}\n");
        file(rule, "E0225", "profiles/idle.yaml", &text).also(code).warns()
    };
    vec![
        idle("an idle number", "E0304", "auth: {jwt_exp: «700000»}"),
        idle("an idle secret", "E0400", "auth: {smtp_pass: «hunter2»}"),
        idle("an idle item", "E0402", "secrets: {A: {plain: «sb_secret_hunter2hunter2»}}"),
        idle("idle under `extra`", "E0312", "auth: {extra: {x: «99999999999999999999»}}"),
        idle("an idle path", "E0250", "auth: {sms_template: {file: «nowhere.txt»}}"),
        idle("an idle edit", "E0309", "auth: {uri_allow_list: {append: [«\"a,b\"»]}}"),
        breaks("a number that all override", "E0304", BASE, "jwt_exp: 1h", "mfa_max_enrolled_factors: «-1»"),
        breaks(
            "a secret that all override",
            "E0400",
            ACME,
            "common:\n",
            "common:\n  secrets: {LEGACY_KEY: «hunter2»}\n",
        )
        .and(ACME, "  acme-new:\n", "  acme-new:\n    secrets: {LEGACY_KEY: {secret: A}}\n"),
        breaks(
            "beside a profile that is not there",
            "E0220",
            PROD,
            "labels:",
            "pooler: {default_pool_size: «-1»}\nlabels:",
        )
        .and(PROD, "[strict]", "[«strct»]")
        .also("E0304")
        .and(AUTH, "pooler: {default_pool_size: 20, pool_mode: transaction}\n", ""),
    ]
}

fn files() -> Vec<Mutant> {
    const CONFIRM: &str = "{file: ../templates/confirm.html, fill: true}";
    let mut mutants = vec![
        breaks("`fill` of a text", "E0240", BASE, CONFIRM, "{file: ../templates/confirm.html, fill: «yes»}"),
        breaks("a word beside `file`", "E0240", BASE, CONFIRM, "{file: ../templates/confirm.html, «filled»: true}"),
        breaks("a path of a number", "E0403", BASE, CONFIRM, "{file: «12»}"),
        breaks("a path of a list", "E0403", BASE, CONFIRM, "{file: «[a]»}"),
        breaks("an empty path", "E0403", BASE, CONFIRM, "{file: «\"\"»}"),
        breaks(
            "a secret within the file",
            "E0402",
            BASE,
            "{file: ../templates/confirm.html,",
            "{file: «../templates/confirm.html»,",
        )
        .and(HTML, "Confirm", "sb_secret_hunter2hunter2"),
        breaks(
            "a control character within the file",
            "E0310",
            BASE,
            "{file: ../templates/confirm.html,",
            "{file: «../templates/confirm.html»,",
        )
        .and(HTML, "Confirm", "\u{1b}[2J"),
        breaks(
            "`${…}` within the file",
            "E0233",
            BASE,
            "{file: ../templates/confirm.html,",
            "{file: «../templates/confirm.html»,",
        )
        .and(HTML, "${var.domain}", "${DOMAIN}"),
    ];
    for (what, path) in [
        ("up and out", "../../etc/passwd"),
        ("absolute", "/etc/passwd"),
        ("a drive", "\"C:/secrets.txt\""),
        ("a share", "\"\\\\\\\\host\\\\share\""),
        ("an address", "file:///etc/passwd"),
        ("far out", "../templates/../../../x"),
        ("a tool's folder", "../.git/config"),
        ("a tool's file", "../templates/.env"),
        ("a tool's folder in another case", "../.GIT/config"),
        ("an installed package", "../node_modules/x/key.html"),
        ("not there", "../templates/nowhere.html"),
        ("not beside the file that says it", "templates/confirm.html"),
    ] {
        mutants.push(breaks(what, "E0250", BASE, CONFIRM, &format!("{{file: «{path}»}}")));
    }
    for (what, path) in
        [("the same file", "../templates/confirm.html"), ("in another case", "../templates/Confirm.html")]
    {
        let of_secret = format!("{{file: {path}}}");
        let mutant = breaks(what, "E0226", BASE, "{env: SMTP_PASS}", &of_secret);
        mutants.push(mutant.and(BASE, CONFIRM, "{file: «../templates/confirm.html», fill: true}"));
    }
    for (what, path) in [("a secret up and out", "../../id_rsa"), ("a secret's address", "https://x.example/y")] {
        mutants.push(breaks(what, "E0418", BASE, "{env: SMTP_PASS}", &format!("{{file: «{path}»}}")));
    }
    mutants
}

fn secrets() -> Vec<Mutant> {
    let mut mutants = vec![
        breaks("a literal", "E0400", BASE, "{env: SMTP_PASS}", "«hunter2»"),
        breaks("a literal in quotes", "E0400", BASE, "{env: SMTP_PASS}", "«\"hunter2\"»"),
        breaks("a literal of lines", "E0400", BASE, "smtp_pass: {env: SMTP_PASS}", "smtp_pass: |\n    «hunter2\n»"),
        breaks("a variable", "E0400", BASE, "{env: SMTP_PASS}", "«${var.domain}»"),
        breaks("a key in a text", "E0402", BASE, "postmaster@example.com", "«sb_secret_hunter2hunter2»"),
        breaks("a token in a text", "E0402", BASE, "postmaster@example.com", &format!("«sbp_{}»", "hunter2".repeat(5))),
        breaks(
            "a web token in a text",
            "E0402",
            BASE,
            "postmaster@example.com",
            "«eyJhunter2hunter2.eyJhunter2hunter2.hunter2hunter2»",
        ),
        breaks(
            "a private key in a text",
            "E0402",
            BASE,
            "postmaster@example.com",
            "«\"-----BEGIN PRIVATE KEY-----hunter2\"»",
        ),
        breaks("a hook's secret in a text", "E0402", BASE, "postmaster@example.com", "«v1,whsec_hunter2hunter2»"),
        breaks("a secret in a list", "E0402", BASE, "- http://localhost:3000", "- «sb_secret_hunter2hunter2»").and(
            STRICT,
            ", remove: [\"http://localhost:3000\"]",
            "",
        ),
        breaks("a secret as key of a map", "E0402", BASE, "\"15551234567\":", "«sb_secret_hunter2hunter2»:"),
        breaks("a digest", "E0401", BASE, "{env: SMTP_PASS}", &format!("«{}»", "5f".repeat(32))),
        breaks("a digest as item", "E0401", BASE, "{secret: STRIPE_KEY}", &format!("«{}»", "5f".repeat(32))),
        breaks("a call", "E0406", BASE, "{env: SMTP_PASS}", "«env(SMTP_PASS)»").hint("{env: SMTP_PASS}"),
        breaks("another tool's reference", "E0485", BASE, "postmaster@example.com", "«$SMTP_USER»"),
        breaks(
            "another tool's reference in a part",
            "E0485",
            BASE,
            "postmaster@example.com",
            "«a+$SMTP_USER@example.com»",
        ),
        breaks("another tool's reference in a list", "E0485", BASE, "- http://localhost:3000", "- «op://vault/url»")
            .and(STRICT, ", remove: [\"http://localhost:3000\"]", ""),
        breaks("a call in a text", "E0406", BASE, "postmaster@example.com", "«env(SMTP_USER)»"),
        breaks("a call in a list", "E0406", BASE, "- http://localhost:3000", "- «env(URL)»").and(
            STRICT,
            ", remove: [\"http://localhost:3000\"]",
            "",
        ),
        breaks("a name of another document", "E0403", BASE, "{secret: STRIPE_KEY}", "{secret: «acme.STRIPE_KEY»}"),
        breaks("a name of a number", "E0403", BASE, "{secret: STRIPE_KEY}", "{secret: «12»}"),
        breaks("a name of null", "E0403", BASE, "{secret: STRIPE_KEY}", "{secret: «null»}"),
        breaks("an empty map", "E0403", BASE, "{secret: STRIPE_KEY}", "«{}»"),
        breaks("a variable in a text", "E0405", BASE, "user: postmaster@example.com", "user: {env: «SMTP_USER»}")
            .hint("--allow-env SMTP_USER"),
        breaks("a command of numbers", "E0403", ACME, "[pass, show, long]", "[pass, «1»]"),
        breaks("a plain value of a boolean", "E0403", BASE, "{plain: \"${label.env}\"}", "{plain: «true»}"),
        breaks("a plain value that is empty", "E0410", BASE, "{plain: \"${label.env}\"}", "{plain: «\"\"»}"),
        breaks("a plain value of a list", "E0403", BASE, "{plain: \"${label.env}\"}", "{plain: «[a]»}"),
        breaks("a list of no hook's secrets", "E0400", BASE, "{env: SMTP_PASS}", "«[{env: A}, {env: B}]»"),
    ];
    for name in [
        "SUPABASE_ACCESS_TOKEN",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "ACTIONS_RUNTIME_TOKEN",
        "CI_JOB_TOKEN",
        "github_token",
    ] {
        mutants.push(breaks(name, "E0404", BASE, "{env: SMTP_PASS}", &format!("{{env: «{name}»}}")));
        mutants.push(breaks(
            &format!("{name}, shown"),
            "E0404",
            BASE,
            "user: postmaster@example.com",
            &format!("user: {{env: «{name}»}}"),
        ));
    }
    mutants
}
