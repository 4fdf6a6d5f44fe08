use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::{Digest, ListAs, Literal, flag, int, list, long_text, text};

const ITEM: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });
const EXPIRY: Field = int("jwt_exp", 0, 604_800).unit(Unit::Seconds).cleared_as(&[Literal::Int(3600)]);
const SIGNUP: Field = flag("disable_signup");
const SUBJECT: Field = text("subject").max_chars(5);
const BODY: Field = long_text("body");
const PASSWORD: Field = text("smtp_pass").secret(Digest::HmacOfRef).cleared_as(&[Literal::Null]);
const ORIGINS: Field = list("origins", &ITEM, ListAs::Set).wire(Wire::Joined(","));

fn checked(field: &'static Field, yaml: &str) -> Result<Checked, Vec<Diagnostic>> {
    let mut sources = Sources::new();
    let mut out = Diagnostics::new();
    let id = sources.add("a.yaml", format!("x: {yaml}\n"));
    let node = crate::yaml::read(&sources, id, &mut out).expect("YAML");
    let value = check(field, node.get("x").expect("a value"), &sources, &mut out);
    let findings: Vec<_> = out.sorted().into_iter().cloned().collect();
    assert_eq!(value.is_none(), !findings.is_empty(), "a value or a finding");
    value.ok_or(findings)
}

fn value(field: &'static Field, yaml: &str) -> Value {
    match checked(field, yaml) {
        Ok(Checked::Value(value)) => value,
        other => panic!("{yaml}: {other:?}"),
    }
}

fn code(field: &'static Field, yaml: &str) -> &'static str {
    checked(field, yaml).expect_err(yaml)[0].code.id()
}

#[test]
fn values_come_out_in_the_units_of_the_api() {
    assert_eq!(value(&EXPIRY, "3600"), json!(3600));
    assert_eq!(value(&EXPIRY, "7d"), json!(604_800));
    assert_eq!(value(&SUBJECT, "ÄÖÜäö"), json!("ÄÖÜäö"));
    assert_eq!(value(&ORIGINS, "[a, b]"), json!(["a", "b"]));
    assert_eq!(checked(&EXPIRY, "null"), Ok(Checked::Clear));
}

#[test]
fn bounds_are_tight() {
    assert_eq!(value(&EXPIRY, "0"), json!(0));
    assert_eq!(code(&EXPIRY, "-1"), "E0304");
    assert_eq!(code(&EXPIRY, "604801"), "E0304");
    assert_eq!(code(&EXPIRY, "170141183460469231731687303715884105727"), "E0304");
    assert_eq!(code(&EXPIRY, "1.5"), "E0303");
    assert_eq!(code(&SUBJECT, "ÄÖÜäöü"), "E0307");
}

#[test]
fn a_null_must_be_written_and_allowed() {
    assert_eq!(code(&EXPIRY, ""), "E0301");
    assert_eq!(code(&SIGNUP, "~"), "E0302");
}

#[test]
fn words_that_are_booleans_elsewhere_get_a_fix() {
    for (word, meant) in [("yes", "true"), ("On", "true"), ("no", "false"), ("\"false\"", "false"), ("1", "true")] {
        let found = checked(&SIGNUP, word).unwrap_err();
        assert_eq!(found[0].fix.as_ref().unwrap().replacement, meant, "{word}");
    }
    assert!(checked(&SIGNUP, "maybe").unwrap_err()[0].fix.is_none());
}

#[test]
fn only_long_texts_may_have_line_breaks() {
    assert_eq!(value(&BODY, "\"a\\n\\tb\""), json!("a\n\tb"));
    assert_eq!(code(&SUBJECT, "\"a\\nb\""), "E0310");
}

#[test]
fn items_that_would_not_survive_joining_are_refused() {
    for item in ["\"a,b\"", "\" a\"", "\"\""] {
        assert_eq!(code(&ORIGINS, &format!("[{item}]")), "E0309", "{item}");
    }
}

#[test]
fn no_finding_on_a_secret_holds_it() {
    let digest = "ab".repeat(32);
    for (written, code) in
        [("hunter2", "E0400"), ("12345", "E0400"), ("[hunter2]", "E0400"), (digest.as_str(), "E0401")]
    {
        let found = checked(&PASSWORD, written).unwrap_err();
        assert!(found[0].private && found[0].fix.is_none(), "{written}");
        assert_eq!(found[0].code.id(), code, "{written}");
        assert!(!format!("{found:?}").contains(written.trim_matches(['[', ']'])), "{found:?}");
    }
    assert_eq!(code(&PASSWORD, "env(SMTP_PASS)"), "E0406");
    // A secret in the wrong field is reported before the message about that field could quote it.
    let key = format!("sb_secret_{}", "x".repeat(20));
    for field in [&EXPIRY, &SIGNUP, &SUBJECT, &BODY] {
        let found = checked(field, &key).unwrap_err();
        assert!(found.len() == 1 && found[0].private && !format!("{found:?}").contains(&key), "{found:?}");
    }
}

#[test]
fn numbers_that_json_cannot_carry_are_refused() {
    let mut sources = Sources::new();
    let mut out = Diagnostics::new();
    let id = sources.add("a.yaml", "a: [1, 18446744073709551615, 1.5, null, x]\nb: 99999999999999999999\n");
    let node = crate::yaml::read(&sources, id, &mut out).unwrap();
    assert_eq!(json("a", node.get("a").unwrap(), &mut out), Some(json!([1, u64::MAX, 1.5, null, "x"])));
    assert!(out.is_empty());
    assert_eq!(json("b", node.get("b").unwrap(), &mut out), None);
    assert_eq!(out.sorted()[0].code, codes::NOT_JSON);
}

proptest! {
    #[test]
    fn whole_numbers_within_bounds_are_kept(number in any::<i64>()) {
        let within = (0..=604_800).contains(&number);
        prop_assert_eq!(checked(&EXPIRY, &number.to_string()).is_ok(), within);
    }

    #[test]
    fn any_text_is_answered(text in "[a-z0-9 ,.{}\\[\\]\"$-]{1,20}") {
        let mut sources = Sources::new();
        let mut out = Diagnostics::new();
        let id = sources.add("a.yaml", format!("x: {text}\n"));
        if let Some(node) = crate::yaml::read(&sources, id, &mut out) {
            for field in [&EXPIRY, &SIGNUP, &SUBJECT, &BODY, &ORIGINS, &PASSWORD] {
                let before = out.len();
                let taken = check(field, &node, &sources, &mut out);
                prop_assert_eq!(taken.is_some(), out.len() == before);
            }
        }
    }
}
