//! Times and ids that are the same in every run.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

/// Midnight of the first of January 2026, in seconds: the start of the sandbox's time.
const EPOCH: i64 = 1_767_225_600;

/// A time of the sandbox as the API writes it.
pub(super) fn timestamp(ms: u64) -> String {
    let at = EPOCH.saturating_mul(1000).saturating_add(i64::try_from(ms).unwrap_or_default());
    jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_string()
}

/// The same as a header has it.
pub(super) fn date(ms: u64) -> String {
    let at = jiff::Timestamp::from_millisecond(epoch_ms(ms)).unwrap_or_default();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}

/// The same in milliseconds.
pub(super) fn epoch_ms(ms: u64) -> i64 {
    EPOCH.saturating_mul(1000).saturating_add(i64::try_from(ms).unwrap_or_default())
}

/// 64 bits that depend on a seed only (`SplitMix64`).
pub(super) fn bits(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// The ref of the project with this number.
pub(super) fn reference(number: u32) -> String {
    let letter = |at: u64| {
        let index = bits(u64::from(number) * 64 + at) % 26;
        char::from(b'a' + u8::try_from(index).unwrap_or_default())
    };
    (0..20).map(letter).collect()
}

/// A UUID that depends on a text only.
pub(super) fn uuid(text: &str) -> String {
    let seed = text.bytes().fold(7_u64, |seed, byte| bits(seed ^ u64::from(byte)));
    let (high, low) = (bits(seed), bits(seed ^ 1));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// A token that looks like a key of a project, with an invalid signature.
pub(super) fn jwt(claims: &Value, signature: &str) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", encoded(&header), encoded(claims))
}

/// The number of a project in some answers of the API.
pub(super) fn number(reference: &str) -> u32 {
    let folded = reference.bytes().fold(0_u64, |seed, byte| bits(seed ^ u64::from(byte)));
    u32::try_from(folded % 900_000).unwrap_or_default() + 100_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refs_and_ids_have_their_form_and_repeat() {
        for number in 0..1000 {
            assert!(crate::model::ProjectRef::parse(&reference(number)).is_some());
        }
        assert_eq!(uuid("a"), uuid("a"));
        assert_ne!(uuid("a"), uuid("b"));
        assert_eq!(uuid("a").split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(timestamp(1500), "2026-01-01T00:00:01.5Z");
    }
}
