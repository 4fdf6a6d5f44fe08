//! Secrets that nobody prints, and a look for whoever does.

use serde_json::Value;
use supaform::schema::Digest;

use super::scene::REF;

pub(crate) const CANARY: &str = "canary-Ü\"quoted\"-7f3a9c51";

/// The same where a secret has a form.
pub(crate) const SIGNING: &str = "v1,whsec_Y2FuYXJ5LTdmM2E5YzUxLWNhbmFyeS03ZjNhOWM1MQ==";

/// The same as a key in JSON.
pub(crate) const JWK: &str = r#"{"kty": "EC", "crv": "P-256", "kid": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    "x": "XXXX", "y": "YYYY", "d": "canary-7f3a9c51-of-a-private-key"}"#;

/// Neither the text of a secret, in any of the forms in which it could be printed, nor a digest of it.
pub(crate) fn assert_unseen(printed: &str) {
    let forms = [
        CANARY.to_owned(),
        Value::from(CANARY).to_string(),
        "7f3a9c51".to_owned(),
        Digest::HmacOfRef.of(CANARY, REF).expect("a ref"),
        Digest::Sha256.of(CANARY, REF).expect("a ref"),
        SIGNING.to_owned(),
        Digest::HmacOfRef.of(SIGNING, REF).expect("a ref"),
        Digest::Sha256.of(JWK, REF).expect("a ref"),
    ];
    for form in forms {
        assert!(!printed.contains(&form), "a secret is shown: {printed}");
    }
}
