//! The auth service: sign-in, providers, mail, sessions, hooks.

use crate::kind::prelude::*;

/// `auth`.
pub struct Auth;

static INFO: KindInfo = KindInfo {
    name: "auth",
    doc: "The settings of the auth service.",
    shape: Shape::Settings {
        path: "/v1/projects/{ref}/config/auth",
        write: Writes::Patch,
        seen_at: None,
        sent_at: None,
    },
    fields: &[&[
        int("jwt_exp", 0, 604_800)
            .unit(Unit::Seconds)
            .default(Lit::Int(3600))
            .unset(&[Lit::Int(3600)])
            .doc("How long an access token stays valid."),
        text("smtp_pass").secret(Digest::HmacOfRef).unset(&[Lit::Null]).doc("The password for the mail relay."),
    ]],
    after: &[],
    example: "auth:\n  jwt_exp: 1h",
};

impl Kind for Auth {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }
}
