use super::*;
use crate::model::FieldKey;
use crate::model::{Answers, BodyPlace, Certainty, Method, StepId};

fn exec(words: &[&str]) -> SecretUse {
    SecretUse::one(SecretSource::Exec(words.iter().map(|word| (*word).to_owned()).collect()))
}

/// A step with a value in every member.
fn step() -> Step {
    let base =
        Call::new(Method::Get, "/v1/projects/{ref}/x", Repeat::Safe).param("ref", Param::Known("abc".to_owned()));
    let mut set = JsonBody::of(
        json!({"b": 1, "a": {"x": [1, 2], "w": 0}, "restart_database": true, "url": "https://??? is up"}),
        BTreeMap::from([(BodyPlace::member(["a", "y"]), exec(&["sh", "-c", "one"]))]),
    );
    set.refer("???", &Reference::RefOf("new".to_owned()));
    let body = Body::Overlay { base: Box::new(base), at: "/inner", set, unset: vec!["gone".to_owned()], only: None };
    let call = Call::new(Method::Put, "/v1/projects/{ref}/x/{id}", Repeat::Idempotent)
        .param("ref", Param::Known("abc".to_owned()))
        .param("id", Param::Known("1".to_owned()))
        .query("reveal", "false")
        .body(body);
    let diff = |name: &str, before: DisplayValue, after: DisplayValue| FieldChange {
        key: FieldKey::Extra(name.to_owned()),
        before,
        after,
        certainty: Certainty::Known,
        at_hand: true,
        origin: None,
        risks: vec![],
        along: false,
    };
    let fields = vec![
        diff("b", DisplayValue::Value(json!(0)), DisplayValue::Value(json!(1))),
        diff("a", DisplayValue::SecretSet, DisplayValue::Secret(exec(&["sh", "-c", "one"]))),
    ];
    Step {
        id: StepId(1),
        hash: String::new(),
        at: Address::section("p", "x"),
        call,
        after: BTreeSet::new(),
        wait: Some(Wait::Healthy { services: &["db"], deadline: 180 }),
        flags: vec![],
        changes: vec![Change {
            at: Address::section("p", "x"),
            action: Action::Update,
            fields: fields.into(),
            origin: None,
        }],
        sent_along: vec![FieldKey::Extra("theirs".to_owned())],
        answers: Answers::default(),
    }
}

fn hash(step: &Step) -> String {
    of_step("https://api.supabase.com", None, step)
}

fn set(step: &mut Step) -> &mut JsonBody {
    let Body::Overlay { set, .. } = &mut step.call.body else { panic!("it lays over") };
    set
}

/// Any change of what is sent, waited for or shown makes another step; each row names one that was not approved.
#[test]
fn everything_of_the_request_is_in_the_hash() {
    type Edit = fn(&mut Step);
    let edits: [(&str, Edit); 24] = [
        ("another method", |it| it.call.operation.method = Method::Post),
        ("another path", |it| it.call.operation.template = "/v1/projects/{ref}/y/{id}"),
        ("another ref", |it| it.call.params[0].1 = Param::Known("abd".to_owned())),
        ("a ref to be", |it| it.call.params[0].1 = Param::Later(Reference::RefOf("abc".to_owned()))),
        ("another id", |it| it.call.params[1].1 = Param::Known("2".to_owned())),
        ("another query", |it| it.call.query[0].1 = "true".to_owned()),
        ("a query more", |it| it.call.query.push(("force", "true".to_owned()))),
        ("a flag of the body that no field has", |it| set(it).value["restart_database"] = false.into()),
        ("a value in the body", |it| set(it).value["a"]["x"] = json!([2, 1])),
        ("what another step makes", |it| {
            set(it).later.values_mut().for_each(|it| it[1] = Piece::Later(Reference::RefOf("other".to_owned())));
        }),
        ("another text around it", |it| {
            set(it).later.values_mut().for_each(|it| it[2] = Piece::Text(" is down".to_owned()));
        }),
        ("a member more", |it| set(it).value["c"] = Value::Null),
        ("an argument of a secret's command", |it| {
            set(it).secrets.insert(BodyPlace::member(["a", "y"]), exec(&["sh", "-c", "two"]));
        }),
        ("a secret elsewhere", |it| {
            let secret = set(it).secrets.remove(&BodyPlace::member(["a", "y"])).expect("it is there");
            set(it).secrets.insert(BodyPlace::member(["y"]), secret);
        }),
        ("no body", |it| it.call.body = Body::Empty),
        ("a body that is not laid over what is live", |it| it.call.body = Body::Json(set(it).clone())),
        ("another document to be laid over", |it| {
            let Body::Overlay { base, .. } = &mut it.call.body else { panic!("it lays over") };
            base.operation.template = "/v1/projects/{ref}/y";
        }),
        ("another part of it", |it| {
            let Body::Overlay { at, .. } = &mut it.call.body else { panic!("it lays over") };
            *at = "";
        }),
        ("a key that is left out", |it| {
            let Body::Overlay { unset, .. } = &mut it.call.body else { panic!("it lays over") };
            unset.clear();
        }),
        ("less that goes along", |it| {
            let Body::Overlay { only, .. } = &mut it.call.body else { panic!("it lays over") };
            *only = Some(vec![]);
        }),
        ("a wait that is gone", |it| it.wait = None),
        ("another wait", |it| it.wait = Some(Wait::Healthy { services: &["db", "pooler"], deadline: 180 })),
        ("a field that was not shown", |it| it.changes[0].fields[0].key = FieldKey::Extra("c".to_owned())),
        ("a value that was live", |it| it.changes[0].fields[0].before = DisplayValue::Absent),
    ];
    let mut seen = BTreeSet::from([hash(&step())]);
    for (what, edit) in edits {
        let mut other = step();
        edit(&mut other);
        assert!(seen.insert(hash(&other)), "{what} is the same step");
    }
    for (api, reference) in
        [("https://api.example.com", None), ("https://api.supabase.com", ProjectRef::parse("aaaaaaaaaaaaaaaaaaaa"))]
    {
        assert!(seen.insert(of_step(api, reference.as_ref(), &step())), "{api} {reference:?} is the same");
    }
}

/// Changes that need nobody's approval do not make another step.
#[test]
fn nothing_else_is_in_the_hash() {
    type Edit = fn(&mut Step);
    let edits: [(&str, Edit); 8] = [
        ("its place", |it| it.id = StepId(9)),
        ("what is done before", |it| it.after = BTreeSet::from([StepId(3)])),
        ("what is live of others", |it| it.sent_along = vec![FieldKey::Extra("more".to_owned())]),
        ("whether a secret is live", |it| it.changes[0].fields[1].before = DisplayValue::Absent),
        ("whether a secret is known to differ", |it| it.changes[0].fields[1].certainty = Certainty::Unknowable),
        ("the order of fields", |it| it.changes[0].fields.reverse()),
        ("the order of members", |it| {
            set(it).value = json!({"restart_database": true, "a": {"w": 0, "x": [1, 2]}, "b": 1});
        }),
        ("whether a secret is at hand", |it| it.changes[0].fields[1].at_hand = false),
    ];
    for (what, edit) in edits {
        let mut other = step();
        edit(&mut other);
        assert_eq!(hash(&other), hash(&step()), "{what}");
    }
}

/// A saved plan has the same forms, and so the same hashes, after it was written and read.
#[test]
fn forms_come_back_as_they_were_saved() {
    let step = step();
    let request = RequestForm::of(&step.call);
    let saved = serde_json::to_string(&(&request, step.wait.as_ref().map(WaitForm::of))).unwrap();
    let (read, wait): (RequestForm, Option<WaitForm>) = serde_json::from_str(&saved).unwrap();
    assert_eq!((&read, &wait), (&request, &step.wait.as_ref().map(WaitForm::of)));
    assert_eq!(read.path(), step.call.path());
    let changes: Vec<ChangeForm> = step.changes.iter().map(ChangeForm::of).collect();
    assert_eq!(step_hash("https://api.supabase.com", None, "p", &read, wait.as_ref(), &changes), hash(&step));
}

#[test]
fn a_secret_is_all_of_its_source() {
    for secret in [
        exec(&["sh", "-c", "one"]),
        SecretUse::one(SecretSource::Named { document: "p".to_owned(), name: "A".to_owned() }),
        SecretUse { parts: vec![SecretSource::Env("A".to_owned()), SecretSource::File("b".to_owned())], between: "|" },
        SecretUse::one(SecretSource::Plain("x".to_owned())),
    ] {
        let form = SecretForm::of(&secret);
        assert_eq!(serde_json::to_value(&form).unwrap(), secret.identity(), "one word for one source");
        assert_eq!(form.to_string(), secret.to_string());
    }
}

#[test]
fn a_hash_is_32_small_hex_digits() {
    assert!(is_hash(&hash(&step())) && is_hash(&plan_id([])));
    for other in ["", "abc", &"A".repeat(32), &"0".repeat(31), &format!("{}-->", "0".repeat(29)), &"é".repeat(16)] {
        assert!(!is_hash(other), "{other}");
    }
}
