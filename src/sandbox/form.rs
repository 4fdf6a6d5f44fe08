//! Bodies that are no JSON: forms of several parts, and bundles.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::answer::{Answer, refuse};
use crate::secret::hex;

/// The type of a bundle.
const BUNDLE: &str = "application/vnd.denoland.eszip";

/// A body as JSON: of a form, the parts that are JSON or texts by name, and the files in a list `file`, each with its name and its
/// content; of a bundle, its size and digest.
pub(super) fn read(content_type: &str, bytes: &[u8]) -> Result<Option<Value>, Answer> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("multipart/form-data") {
        let malformed = || refuse(400, "Multipart: Unexpected end of form");
        let boundary = boundary(content_type).ok_or_else(|| refuse(400, "Multipart: Boundary not found"))?;
        return parts(boundary, bytes).map(Some).ok_or_else(malformed);
    }
    if kind.eq_ignore_ascii_case(BUNDLE) || kind.eq_ignore_ascii_case("application/octet-stream") {
        return Ok(Some(json!({"bundle": {"bytes": bytes.len(), "sha256": hex(&Sha256::digest(bytes))}})));
    }
    Ok(None)
}

fn boundary(content_type: &str) -> Option<&str> {
    let (_, rest) = content_type.split_once("boundary=")?;
    Some(rest.split(';').next()?.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

fn parts(boundary: &str, bytes: &[u8]) -> Option<Value> {
    let mark = format!("--{boundary}");
    let mut rest = bytes.get(find(bytes, mark.as_bytes())? + mark.len()..)?;
    let (mut form, mut files) = (Map::new(), vec![]);
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let head = find(rest, b"\r\n\r\n")?;
        let headers = String::from_utf8_lossy(rest.get(..head)?).into_owned();
        let body = rest.get(head + 4..)?;
        let end = find(body, format!("\r\n{mark}").as_bytes())?;
        let content = body.get(..end)?;
        rest = body.get(end + 2 + mark.len()..)?;
        let disposition = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = parameter(disposition, "name")?;
        if name == "file" {
            let path = parameter(disposition, "filename").unwrap_or_default();
            files.push(json!({"name": path, "content": stored(content)}));
        } else {
            let text = String::from_utf8_lossy(content);
            form.insert(name, serde_json::from_str(&text).unwrap_or_else(|_| text.into()));
        }
    }
    form.insert("file".to_owned(), files.into());
    Some(form.into())
}

fn parameter(header: &str, name: &str) -> Option<String> {
    let mut is_quoted = false;
    let parts = header.split(move |c| {
        is_quoted ^= c == '"';
        c == ';' && !is_quoted
    });
    let mut given = parts.skip(1).filter_map(|part| part.trim().split_once('='));
    let (_, value) = given.find(|(known, _)| known.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"').replace("%22", "\""))
}

/// A content as it is stored: a text, or base64.
fn stored(content: &[u8]) -> Value {
    match std::str::from_utf8(content) {
        Ok(text) => text.into(),
        Err(_) => json!({"base64": BASE64_STANDARD.encode(content)}),
    }
}

/// The bytes of a stored content.
pub(super) fn bytes_of(stored: &Value) -> Vec<u8> {
    match stored {
        Value::String(text) => text.as_bytes().to_vec(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            let coded = other.get("base64").and_then(Value::as_str).unwrap_or_default();
            BASE64_STANDARD.decode(coded).unwrap_or_default()
        }
    }
}

/// A form of files: its type, and its bytes.
pub(super) fn write(metadata: &Value, files: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let whole: Vec<u8> = files.iter().flat_map(|(_, content)| content.iter().copied()).collect();
    let mut boundary = hex(&Sha256::digest(&whole));
    boundary.truncate(24);
    let boundary = format!("----sandbox{boundary}");
    let mut out = vec![];
    let mut part = |disposition: &str, content_type: &str, content: &[u8]| {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {content_type}\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    };
    part("name=\"metadata\"", "application/json", metadata.to_string().as_bytes());
    for (name, content) in files {
        part(&format!("name=\"file\"; filename=\"{name}\""), "application/octet-stream", content);
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), out)
}

/// A bundle that nobody can take apart.
pub(super) fn bundle(digest: &str) -> (String, Vec<u8>) {
    (BUNDLE.to_owned(), [b"EZBR".as_slice(), digest.as_bytes()].concat())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
