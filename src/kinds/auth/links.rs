//! Risks of the texts of mails and SMS for their readers: links to unknown hosts, and codes in new places.

use std::collections::BTreeSet;

use serde_json::Value;

use super::table::INFO;
use crate::kind::prelude::*;
use crate::model::DisplayValue;

/// Adds the risks of the texts that change.
pub(super) fn add_risks(after: &LiveKind, changes: &mut [Change]) {
    let known = known(after);
    for diff in changes.iter_mut().flat_map(|change| &mut change.fields) {
        let Some(row) = diff.row().filter(|row| is_message(row.name)) else { continue };
        let text = |shown: &DisplayValue| match shown {
            DisplayValue::Value(Value::String(text)) => plain(text),
            DisplayValue::Absent | DisplayValue::Value(_) | DisplayValue::SecretSet | DisplayValue::Secret(_) => {
                row.default.map(Literal::to_value).and_then(|it| it.as_str().map(plain)).unwrap_or_default()
            }
        };
        let (before, after) = (text(&diff.before), text(&diff.after));
        let had = hosts(&before);
        if hosts(&after).iter().any(|host| !had.contains(host) && !known.iter().any(|it| it.covers(host))) {
            diff.risks
                .push((Impact::Security, "links to a host that is neither the site's nor one of `uri_allow_list`"));
        }
        if runs(&after) && !runs(&before) {
            diff.risks.push((Impact::Security, "has code that runs where the mail is read"));
        }
        if shows_code(&after) && !shows_code(&before) {
            diff.risks.push((Impact::Security, "newly shows the code that signs a person in"));
        }
    }
}

fn is_message(name: &str) -> bool {
    name.starts_with("mailer_templates_")
        || name.starts_with("mailer_subjects_")
        || matches!(name, "sms_template" | "mfa_phone_template")
}

/// A host that may be linked to: the host itself, or all hosts below it.
struct Known {
    host: String,
    below: bool,
}

impl Known {
    fn covers(&self, host: &str) -> bool {
        let below = || host.strip_suffix(&self.host).is_some_and(|rest| rest.ends_with('.'));
        host == self.host || self.below && below()
    }
}

/// The hosts of the site and of its redirects after the change.
fn known(after: &LiveKind) -> Vec<Known> {
    let value = |name: &str| match (after, INFO.field(name)) {
        (LiveKind::Settings(after), Some(row)) => {
            after.get(name).map_or(Value::Null, |value| wire::from_wire(row, value))
        }
        _ => Value::Null,
    };
    let (site, redirects) = (value("site_url"), value("uri_allow_list"));
    let all = std::iter::once(&site).chain(redirects.as_array().into_iter().flatten());
    let of = |text: &str| {
        let host = hosts(text).into_iter().next()?;
        match host.strip_prefix("*.").or_else(|| host.strip_prefix("**.")) {
            Some(rest) if rest.contains('.') => Some(Known { host: rest.to_owned(), below: true }),
            _ => Some(Known { host, below: false }),
        }
    };
    all.filter_map(Value::as_str).filter_map(of).filter(|known| !known.host.contains('*')).collect()
}

/// The text as a mail program reads it: HTML's character references are replaced, as far as addresses may have them.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('&') {
        out.push_str(before);
        let end = from.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let read = end.and_then(|end| Some((character(from.get(..end)?)?, from.get(end + 1..)?)));
        let (c, after) = read.unwrap_or(('&', from));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out.retain(|c| !matches!(c, '\t' | '\r' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}'));
    out.to_lowercase()
}

fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    match name {
        "colon" => Some(':'),
        "sol" => Some('/'),
        "bsol" => Some('\\'),
        "period" => Some('.'),
        "commat" => Some('@'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => number.and_then(char::from_u32),
    }
}

/// The hosts that a text links to, in lower case. A variable of the template is not a host, unless other text is beside it.
fn hosts(text: &str) -> BTreeSet<String> {
    let text = text.to_lowercase();
    let mut found = BTreeSet::new();
    let slash = |c: char| matches!(c, '/' | '\\');
    for (at, sign) in text.match_indices([':', '"', '\'', '=', '(']) {
        let (before, rest) = text.split_at(at);
        let rest = rest.strip_prefix(sign).unwrap_or_default();
        let after = rest.trim_start_matches(slash);
        // `scheme://host`, `https:host` with one slash, and `//host` where an address may begin.
        let slashes = rest.len() - after.len();
        let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.')).next();
        let special = matches!(scheme, Some("http" | "https" | "ftp" | "ws" | "wss"));
        let begins = slashes >= 2 || sign == ":" && special && slashes == 1;
        if !begins || after.starts_with("{{ .siteurl }}") || after.starts_with("{{.siteurl}}") {
            continue;
        }
        let ends = |c: char| slash(c) || c.is_whitespace() || "?#\"'<>)]`,;".contains(c);
        let authority = after.split(ends).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let port = host.rsplit_once(':').filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit() || c == '*'));
        let host = port.map_or(host, |(host, _)| host).trim_end_matches('.');
        if !host.is_empty() {
            found.insert(host.to_owned());
        }
    }
    found
}

fn runs(text: &str) -> bool {
    ["javascript:", "vbscript:", "data:text", "<script", "<iframe", "<form", "<object", "<embed", "<base"]
        .iter()
        .any(|what| text.contains(what))
}

fn shows_code(text: &str) -> bool {
    text.contains(".token") || text.contains(".code")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        hosts(&plain(text)).into_iter().collect()
    }

    #[test]
    fn hosts_are_found_however_a_link_is_spelt() {
        for text in [
            "<a href=\"https://evil.example/x\">",
            "<a href='//evil.example'>",
            "<a href=//evil.example>",
            "<img src=\"https:\\\\evil.example\\a\">",
            "<a href=\"https:/evil.example\">",
            "<a href=\"HTTPS://EVIL.example:443/\">",
            "<a href=\"https&colon;//evil.example\">",
            "<a href=\"https:&#47;&#x2f;evil&period;example\">",
            "<a href=\"ht\ttps://evil.example\">",
            "url(//evil.example/a.png)",
            "see https://evil.example.",
            "<a href=\"https://acme.com@evil.example/\">",
        ] {
            assert_eq!(of(text), ["evil.example"], "{text}");
        }
        for text in [
            "<a href=\"{{ .ConfirmationURL }}\">",
            "<a href=\"https://{{ .SiteURL }}/x\">",
            "<a href=\"/welcome\">",
            "Note: a/b, 10:30, mailto:a@b.example",
            "",
        ] {
            assert!(of(text).is_empty(), "{text}: {:?}", of(text));
        }
        assert_eq!(of("<a href=\"https://{{ .Data.host }}/x\">").len(), 1);
    }
}
