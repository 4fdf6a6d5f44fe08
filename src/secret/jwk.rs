//! Keys as JSON (RFC 7517): what of one is private, and the thumbprint by which two are compared.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The members that are private, whatever the type of the key is.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The private members of a key that is a text.
pub fn private_members(text: &str) -> Vec<String> {
    let Some(key) = read(text) else { return vec![] };
    PRIVATE.iter().filter_map(|name| key.get(*name)?.as_str().map(str::to_owned)).collect()
}

/// The thumbprint (RFC 7638, SHA-256) of a key: the same of its private and of its public form. A key that both sides
/// share has none that says nothing of it.
pub(super) fn thumbprint(text: &str) -> Option<Vec<u8>> {
    let key = read(text)?;
    let kty = key.get("kty")?.as_str()?;
    // The members that count, in the order of their names.
    let names: &[&str] = match kty {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let member = |name: &&str| Some(((*name).to_owned(), Value::from(key.get(*name)?.as_str()?)));
    let counted = names.iter().map(member).collect::<Option<Map<_, _>>>()?;
    Some(Sha256::digest(Value::Object(counted).to_string()).to_vec())
}

fn read(text: &str) -> Option<Map<String, Value>> {
    match crate::json::read(text.as_bytes()) {
        Ok(Value::Object(key)) => Some(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    #[test]
    fn thumbprints_match_the_published_vector() {
        // The example of RFC 7638.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let public = json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
        let expected = URL_SAFE_NO_PAD.decode("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs").unwrap();
        assert_eq!(thumbprint(&public.to_string()), Some(expected.clone()));
        let mut private = public;
        private["d"] = "secret".into();
        private["kid"] = "another".into();
        assert_eq!(thumbprint(&private.to_string()), Some(expected), "its private form has the same");
    }

    #[test]
    fn what_is_shared_or_no_key_has_no_thumbprint() {
        for text in
            [r#"{"kty": "oct", "k": "c2VjcmV0"}"#, r#"{"kty": "EC", "x": "a"}"#, "no JSON", "[]", r#"{"kty": 1}"#]
        {
            assert_eq!(thumbprint(text), None, "{text}");
        }
    }

    #[test]
    fn private_members_are_known_by_their_names() {
        let key = json!({"kty": "RSA", "n": "n", "e": "AQAB", "d": "dd", "p": "pp", "kid": "id"}).to_string();
        assert_eq!(private_members(&key), ["dd", "pp"]);
        assert_eq!(private_members(r#"{"kty": "oct", "k": "kk"}"#), ["kk"]);
        assert_eq!(private_members("no JSON"), Vec::<String>::new());
    }
}
