//! Kinds for these tests: one field of every sort, so that the language is tested apart from the real table.

use supaform::kind::{Kind, KindInfo, Registry, Shape, Writes};
use supaform::kinds::secrets::Secrets;
use supaform::schema::{
    Digest, Field, Form, ListAs, Literal, TextRule, Type, Unit, Wire, choice, flag, int, list, long_text, map, number,
    object, text,
};

const URL: Type = Type::Text(TextRule { form: None, max_chars: Some(100), long: false });
const CODE: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });
const ID: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });
const ADDRESS: Form = Form {
    expected: "an address such as `name@example.com`",
    pattern: "@",
    holds: |text| text.contains('@'),
    refuses: None,
};
const FEATURES: &[Field] = &[flag("images"), int("size", 1, 10)];

static AUTH: KindInfo = KindInfo {
    name: "auth",
    doc: "A kind for tests.",
    shape: Shape::Settings { path: "/v1/projects/{ref}/a", write: Writes::Patch, seen_at: None, sent_at: None },
    fields: &[
        &[
            text("site_url"),
            list("uri_allow_list", &URL, ListAs::Set).wire(Wire::Joined(",")),
            int("jwt_exp", 0, 604_800).unit(Unit::Seconds).cleared_as(&[Literal::Int(3600)]),
            number("sessions_timebox", 0.0, 1000.0).unit(Unit::Hours),
            flag("disable_signup").default(Literal::Bool(false)),
            choice("characters", &["", "abc:123"]).aliases(&[("none", ""), ("letters_digits", "abc:123")]),
            choice("sms_provider", &["twilio", "vonage"]),
        ],
        &[
            text("smtp_pass").secret(Digest::HmacOfRef).cleared_as(&[Literal::Null]),
            text("smtp_admin_email").form(&ADDRESS).cleared_as(&[Literal::Null]),
            text("smtp_sender_name").max_chars(20),
            text("hook_secrets").secret(Digest::HmacOfRef).wire(Wire::Joined("|")),
            long_text("template"),
            list("client_id", &ID, ListAs::Set).wire(Wire::Folded("additional_client_ids")),
            map("test_otp", &CODE).wire(Wire::Pairs),
            object("features", FEATURES),
        ],
    ],
    ..KindInfo::PLAIN
};

static STORAGE: KindInfo = KindInfo {
    name: "storage",
    doc: "A kind for tests.",
    shape: Shape::Settings { path: "/v1/projects/{ref}/s", write: Writes::Patch, seen_at: None, sent_at: None },
    fields: &[&[int("file_size_limit", 0, 1 << 40).unit(Unit::Bytes)]],
    ..KindInfo::PLAIN
};

static SSO: KindInfo = KindInfo {
    name: "sso_providers",
    doc: "A kind for tests.",
    shape: Shape::Collection {
        path: "/v1/projects/{ref}/sso",
        key: "id",
        scalar: None,
        reserved: None,
        bad_name: |name| name.is_empty().then(|| "a provider needs a name".to_owned()),
        delete_risk: "its users cannot sign in",
        items: None,
    },
    fields: &[&[
        list("domains", &URL, ListAs::Set),
        text("metadata_url").cleared_as(&[Literal::Null]),
        map("attributes", &CODE),
    ]],
    ..KindInfo::PLAIN
};

struct Plain(&'static KindInfo);

impl Kind for Plain {
    fn info(&self) -> &'static KindInfo {
        self.0
    }
}

pub(crate) static TABLE: Registry = {
    const ALL: &[&dyn Kind] = &[&Plain(&AUTH), &Plain(&STORAGE), &Plain(&SSO), &Secrets];
    ALL
};
