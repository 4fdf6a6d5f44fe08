//! What is no YAML, or no YAML of ours.

use super::harness::{Mutant, breaks, file};

const BASE: &str = "profiles/base.yaml";
const MORE: &str = "more.yaml";
const OTHER: &str = "project: other\nref: oooooooooooooooooooo\n";

pub(crate) fn mutants() -> Vec<Mutant> {
    let ten = |name: &str| [name; 10].join(", ");
    let laughs = format!(
        "{OTHER}a: &a [{}]\nb: &b [{}]\nc: &c [{}]\nd: [{}, «*c», *c]\n",
        ten("x"),
        ten("*a"),
        ten("*b"),
        ["*c"; 7].join(", ")
    );
    let maps = format!(
        "{OTHER}a: &a {{{}}}\nb: &b {{{}}}\nc: &c {{{}}}\nd: {{{}, i: «*c»}}\n",
        (0..10).map(|i| format!("k{i}: x")).collect::<Vec<_>>().join(", "),
        (0..10).map(|i| format!("k{i}: *a")).collect::<Vec<_>>().join(", "),
        (0..10).map(|i| format!("k{i}: *b")).collect::<Vec<_>>().join(", "),
        (0..3).map(|i| format!("k{i}: *c")).collect::<Vec<_>>().join(", "),
    );
    let mut mutants = vec![
        // Aliases and depth.
        file("laughs by lists", "E0104", MORE, &laughs),
        file("laughs by maps", "E0104", MORE, &maps),
        file("an alias in itself", "E0116", MORE, &format!("{OTHER}auth: &a {{extra: {{x: [«*a»]}}}}\n")),
        breaks("a merge key", "E0113", MORE, "auth: &same {jwt_exp: 900}", "auth: {«<<»: {jwt_exp: 900}}"),
        file("a merge of an alias", "E0113", MORE, &format!("{OTHER}labels: &l {{a: b}}\nauth:\n  «<<»: *l\n")),
        file(
            "deep by dashes",
            "E0106",
            MORE,
            &format!("{OTHER}auth: {{extra: {{x: [1]}}}}\nd:\n  {}«-» - 1\n", "- ".repeat(31)),
        ),
        file("deep by brackets", "E0106", MORE, &format!("{OTHER}x: {}«[»{}\n", "[".repeat(31), "]".repeat(32))),
        // Of brackets that are never closed the reader sees no map around them.
        file("deep by brackets only", "E0106", MORE, &format!("{OTHER}x: {}«[»{}\n", "[".repeat(32), "[".repeat(1000))),
        file("deep by braces", "E0106", MORE, &format!("{OTHER}x: {}«{{»a: {{a: 1\n", "{a: ".repeat(31))),
        file("question marks", "E0112", MORE, &format!("{OTHER}{}\n", "? «»".to_owned() + &"? ".repeat(200))),
        file("a large file", "E0103", MORE, &format!("«»{OTHER}{}", "# comment\n".repeat(110_000))),
        file("many values", "E0104", MORE, &format!("{OTHER}x: [{}«1»{}]\n", "1,".repeat(9993), ",1".repeat(50))),
        file("a long text", "E0105", MORE, &format!("{OTHER}auth: {{sms_template: «x»{}}}\n", "x".repeat(256 * 1024))),
        file("a long key", "E0105", MORE, &format!("{OTHER}auth: {{? «k»{} : 1}}\n", "k".repeat(256 * 1024))),
        // Keys.
        breaks("a key twice", "E0111", BASE, "jwt_exp: 1h", "jwt_exp: 1h\n  «jwt_exp»: 1h"),
        breaks("twice by quotes", "E0111", BASE, "jwt_exp: 1h", "jwt_exp: 1h\n  «\"jwt_exp\"»: 1h"),
        breaks("a section twice", "E0111", BASE, "postgres:\n  max", "postgres: {}\n«postgres»:\n  max"),
        breaks(
            "twice by normal form",
            "E0111",
            BASE,
            "labels: {product: acme}",
            "labels: {product: acme, \u{e9}: x, «e\u{301}»: y}",
        ),
        breaks("a number as key", "E0112", BASE, "secrets:\n", "secrets:\n  «123»: {secret: A}\n"),
        breaks("a boolean as key", "E0112", BASE, "secrets:\n", "secrets:\n  «true»: {secret: A}\n"),
        breaks("null as key", "E0112", BASE, "secrets:\n", "secrets:\n  «~»: {secret: A}\n"),
        breaks("a list as key", "E0112", BASE, "secrets:\n", "secrets:\n  ? «[»a]\n  : {secret: A}\n"),
        breaks("a map as key", "E0112", BASE, "secrets:\n", "secrets:\n  ? «{»a: b}\n  : {secret: A}\n"),
        breaks(
            "an alias as key",
            "E0112",
            MORE,
            "auth: &same {jwt_exp: 900}",
            "labels: {a: &n x}\nsecrets:\n  «*n» : {secret: A}",
        ),
        breaks("nothing as key", "E0112", MORE, "auth: &same {jwt_exp: 900}", "secrets:\n  «»: {secret: A}"),
        breaks("a key of two lines", "E0112", BASE, "secrets:\n", "secrets:\n  ? «\"a\\nb\"»\n  : {secret: A}\n"),
        // Characters.
        breaks("escape", "E0107", BASE, "jwt_exp: 1h", "site_url_: a«\u{1b}»[2J"),
        breaks("NUL", "E0107", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\0»"),
        breaks("DEL", "E0107", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\u{7f}»"),
        breaks("C1", "E0107", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\u{9b}»"),
        breaks("an escaped escape", "E0107", BASE, "https://${var.domain}\n", "\"https://«\\e»[2J\"\n"),
        breaks("an escaped NUL", "E0107", BASE, "https://${var.domain}\n", "\"https://«\\x00»\"\n"),
        breaks("an escaped override", "E0109", BASE, "https://${var.domain}\n", "\"https://«\\u202e»\"\n"),
        breaks("an escaped return", "E0107", BASE, "https://${var.domain}\n", "\"https://«\\r»\"\n"),
        breaks("a mark within", "E0109", BASE, "jwt_exp: 1h", "jwt«\u{feff}»_exp: 1h"),
        breaks("a tab before a key", "E0110", BASE, "  jwt_exp: 1h", "«\t»jwt_exp: 1h"),
        breaks("a tab among spaces", "E0110", BASE, "  jwt_exp: 1h", "  «\t»jwt_exp: 1h"),
        breaks("a lone return", "E0108", BASE, "jwt_exp: 1h", "jwt_exp: 1h«\r»  x: 1"),
        breaks("NEL", "E0108", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\u{85}»"),
        breaks("LS", "E0108", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\u{2028}»"),
        breaks("PS", "E0108", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\u{2029}»"),
        breaks("no width in a key", "E0109", BASE, "site_url:", "site«\u{200b}»_url:"),
        breaks("an override in a key", "E0109", BASE, "site_url:", "«\u{202e}»site_url:"),
        breaks("a tag character in a key", "E0109", BASE, "site_url:", "site_url«\u{e0041}»:"),
        breaks("an override in a comment", "E0109", BASE, "jwt_exp: 1h", "jwt_exp: 1h # «\u{202e}»").warns(),
        breaks("a Cyrillic section", "E0204", BASE, "auth:\n", "«\u{430}uth»:\n").hint("U+0430"),
        breaks("a Cyrillic field", "E0205", BASE, "site_url:", "«sit\u{435}_url»:").hint("U+0435"),
        breaks("a Greek key", "E0204", "projects/prod.yaml", "name: Acme", "«nam\u{3b5}»: Acme").hint("U+03B5"),
        // Scalars.
        breaks("wider than any number", "E0120", BASE, "jwt_exp: 1h", &format!("jwt_exp: «1{}»", "0".repeat(39))),
        breaks("infinite", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «.inf»"),
        breaks("infinite by its exponent", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «1e999999999»"),
        breaks("none", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «.nan»"),
        breaks("minus zero", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «-0.0»"),
        breaks("octal", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «0o17»"),
        breaks("hexadecimal", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «0x1F»"),
        breaks("a leading zero", "E0120", BASE, "jwt_exp: 1h", "jwt_exp: «0123»"),
        breaks("`1_000`", "E0308", BASE, "jwt_exp: 1h", "jwt_exp: «1_000»"),
        breaks("`1:30`", "E0308", BASE, "jwt_exp: 1h", "jwt_exp: «1:30»"),
        breaks("`no`", "E0303", BASE, "disable_signup: false", "disable_signup: «no»").hint("`false`"),
        breaks("`on`", "E0303", BASE, "disable_signup: false", "disable_signup: «on»").hint("`true`"),
        // Tags, aliases, directives, documents.
        breaks("`!!python`", "E0114", BASE, "jwt_exp: 1h", "jwt_exp: «!!python/object/apply:os.system» 1h"),
        breaks("`!include`", "E0114", BASE, "jwt_exp: 1h", "jwt_exp: «!include» /etc/passwd"),
        breaks("`!env`", "E0114", BASE, "smtp_pass: {env: SMTP_PASS}", "smtp_pass: «!env» SMTP_PASS"),
        breaks("`!!binary`", "E0114", BASE, "jwt_exp: 1h", "jwt_exp: «!!binary» aGk="),
        breaks("`!!str`", "E0114", BASE, "jwt_exp: 1h", "jwt_exp: «!!str» 1h"),
        breaks("a tagged map", "E0114", MORE, "&same {jwt_exp: 900}", "«!!map» {jwt_exp: 900}"),
        breaks("no anchor", "E0115", BASE, "jwt_exp: 1h", "jwt_exp: «*nowhere»"),
        breaks("a star without quotes", "E0115", BASE, "- ${var.redirects}", "- «*.acme.com»"),
        file("`%YAML`", "E0117", MORE, &format!("«%»YAML 9.9\n---\n{OTHER}")),
        file("`%TAG`", "E0117", MORE, &format!("«%»TAG ! tag:x,2000:\n---\n{OTHER}")),
        breaks("a second document", "E0118", MORE, "project: other\n", "project: other\n«---»\nproject: next\n"),
        file("an empty file", "E0119", MORE, "«»"),
        file("a comment only", "E0119", MORE, "«»# nothing\n"),
        file("null", "E0119", MORE, "«null»\n"),
        file("two empty documents", "E0118", MORE, "---\n«---»\n"),
        breaks(
            "an interpolation in brackets",
            "E0121",
            BASE,
            "- https://${var.domain}/callback",
            "- [https://«${var.domain}»/callback]",
        ),
    ];
    // What breaks the syntax: the place is where reading stopped.
    for (name, old, new) in [
        ("a list that is not closed", "jwt_exp: 1h", "uri: [a, b\n  jwt_exp«:» 1h"),
        ("a quote that is not closed", "{plain: \"${label.env}\"}", "{plain: «\"»${label.env}}"),
        ("a colon in a text", "jwt_exp: 1h", "jwt_exp: a«:» b"),
        ("a key without its colon", "jwt_exp: 1h", "«j»wt_exp 1h"),
        ("a bracket of the wrong kind", "jwt_exp: 1h", "jwt_exp: «[»1}"),
        ("a bracket too many", "jwt_exp: 1h", "jwt_exp: [1]«]»"),
        ("an at sign", "jwt_exp: 1h", "jwt_exp: «@»x"),
        ("a wrong escape", "jwt_exp: 1h", "jwt_exp: «\"»\\q\""),
        ("less indentation", "  jwt_exp: 1h", " «j»wt_exp: 1h"),
        ("more indentation", "  jwt_exp: 1h", "    «j»wt_exp: 1h"),
        ("a text after a quote", "jwt_exp: 1h", "jwt_exp: \"1\" «h»"),
    ] {
        mutants.push(breaks(name, "E0101", BASE, old, new));
    }
    mutants
}
