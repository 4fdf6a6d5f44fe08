//! Forms of several parts (`multipart/form-data`, RFC 7578), as requests have them and as answers do.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::model::FileContent;
use crate::secret::hex;

/// The type of a form.
const FORM: &str = "multipart/form-data";

/// A form of values as JSON and of files: its content type, and its bytes.
pub(super) fn write(metadata: &Value, files: &[(String, FileContent)]) -> (String, Vec<u8>) {
    let mut hash = Sha256::new();
    for (_, content) in files {
        hash.update(&content.0);
    }
    // Nobody can write a file that holds its own digest.
    let boundary = format!("supaform-{}", hex(&hash.finalize()));
    let mut out = vec![];
    let mut part = |disposition: String, content_type: &str, content: &[u8]| {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {content_type}\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    };
    part("name=\"metadata\"".to_owned(), "application/json", metadata.to_string().as_bytes());
    for (name, content) in files {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        part(format!("name=\"file\"; filename=\"{name}\""), "application/octet-stream", &content.0);
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("{FORM}; boundary={boundary}"), out)
}

/// An answer that was asked for as a form, as JSON: `{parts: [{name, path, text or base64}]}`; what is no form, as
/// `{no_form: TYPE}`. `None` where the form is damaged.
pub(super) fn read(content_type: &str, bytes: &[u8]) -> Option<Value> {
    let mut words = content_type.split(';').map(str::trim);
    let kind = words.next().unwrap_or_default();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Some(json!({"no_form": kind}));
    }
    let boundary = words.find_map(|word| word.strip_prefix("boundary="))?.trim_matches('"');
    let mark = [b"--", boundary.as_bytes()].concat();
    let mut rest = bytes.get(find(bytes, &mark)? + mark.len()..)?;
    let (between, mut parts) = ([b"\r\n", mark.as_slice()].concat(), vec![]);
    while !rest.starts_with(b"--") {
        let whole = rest.strip_prefix(b"\r\n")?;
        let end = find(whole, &between)?;
        parts.push(part(whole.get(..end)?)?);
        rest = whole.get(end + between.len()..)?;
    }
    Some(json!({"parts": parts}))
}

/// A part: its name, the path of its file by either of the two headers that have it, and its content.
fn part(bytes: &[u8]) -> Option<Value> {
    let (head, content) = match find(bytes, b"\r\n\r\n") {
        Some(end) => (bytes.get(..end)?, bytes.get(end + 4..)?),
        None => (&[] as &[u8], bytes.strip_prefix(b"\r\n")?),
    };
    let head = String::from_utf8_lossy(head);
    let header = |wanted: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition").unwrap_or_default();
    let given = parameters(disposition);
    let of = |wanted: &str| {
        let value = given.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
        value.map(|value| value.replace("%22", "\""))
    };
    let path = header("supabase-path").map(str::to_owned).or_else(|| of("filename"));
    let mut part = json!({"name": of("name"), "path": path});
    let (key, value) = match std::str::from_utf8(content) {
        Ok(text) => ("text", text.to_owned()),
        Err(_) => ("base64", BASE64_STANDARD.encode(content)),
    };
    part.as_object_mut()?.insert(key.to_owned(), value.into());
    Some(part)
}

/// The parameters of a header, whose values may be in quotes: a path may hold a `;`.
fn parameters(header: &str) -> Vec<(&str, &str)> {
    let mut found = vec![];
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(';').map_or((after.trim_end(), ""), |(value, left)| (value.trim_end(), left)),
        };
        found.push((name.trim(), value));
        rest = left.trim_start_matches([';', ' ']);
    }
    found
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let files = [
            ("a/b.ts".to_owned(), FileContent::from("export {}\r\n--supaform-x\r\n")),
            ("a; b=c.ts".to_owned(), FileContent::from("1")),
            ("q\".bin".to_owned(), FileContent([0xff, 0, 13, 10].as_slice().into())),
            ("empty".to_owned(), FileContent::from("")),
        ];
        let (kind, bytes) = write(&json!({"a": 1}), &files);
        let parts = json!([
            {"name": "metadata", "path": null, "text": "{\"a\":1}"},
            {"name": "file", "path": "a/b.ts", "text": "export {}\r\n--supaform-x\r\n"},
            {"name": "file", "path": "a; b=c.ts", "text": "1"},
            {"name": "file", "path": "q\".bin", "base64": "/wANCg=="},
            {"name": "file", "path": "empty", "text": ""},
        ]);
        assert_eq!(read(&kind, &bytes), Some(json!({"parts": parts})));
        for cut in 0..bytes.len() - 4 {
            assert_eq!(read(&kind, &bytes[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_path_may_stand_in_a_header_of_its_own_and_a_bundle_is_no_form() {
        let body = b"preamble\r\n--x\r\nSupabase-Path: source/index.ts\r\ncontent-disposition: form-data; name=file\r\n\r\n1\r\n--x--";
        let read_back = read("multipart/form-data; boundary=\"x\"", body).expect("a form");
        assert_eq!(read_back["parts"][0], json!({"name": "file", "path": "source/index.ts", "text": "1"}));
        assert_eq!(
            read("application/vnd.denoland.eszip", b"EZBR"),
            Some(json!({"no_form": "application/vnd.denoland.eszip"}))
        );
    }
}
