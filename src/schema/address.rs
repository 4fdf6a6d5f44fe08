//! Addresses: those that the platform may be made to call, and those that people may be sent to. One place for every field
//! that holds one.
//!
//! The text alone is judged: a name may still lead anywhere once it is resolved.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;
use url::{Host, Url};

use super::{Case, Form, Refused};
use crate::diag::codes::value as codes;

const INSIDE: Refused = Refused {
    code: codes::PRIVATE_ADDRESS,
    why: "leads to one machine or into a private network",
    hint: "The platform connects to the address from its own network. Give an address that everybody can reach.",
};
const LOGIN: Refused = Refused {
    code: codes::LOGIN_IN_ADDRESS,
    why: "has a user or a password in it, which everybody can read here",
    hint: "Remove the part before the `@`; if the password is real, replace it where it was issued.",
};
const SCRIPT: Refused = Refused {
    code: codes::SCRIPT_ADDRESS,
    why: "is not a page, but something that a browser runs or opens by itself",
    hint: "Write an address such as `https://example.com`, or one of your app's own scheme.",
};
const NO_ADDRESS: Refused = Refused {
    code: codes::BAD_FORM,
    why: "is not an address",
    hint: "Write an address such as `https://example.com/path`.",
};

/// An address that the platform calls: https, and reachable by everybody.
pub static CALLED: Form = Form {
    expected: "an address that starts with `https://`",
    pattern: r"^https://[^\s/]+\S*$",
    holds: |text| {
        let rest = text.strip_prefix("https://").unwrap_or_default();
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace)
    },
    refuses: Some(called),
};

/// An address, or a pattern of addresses, to which people are sent; the API joins several with commas.
pub static SHOWN: Form = Form {
    expected: "a text without commas",
    pattern: "^[^,]+$",
    holds: |text| !text.is_empty() && !text.contains(','),
    refuses: Some(shown),
};

/// What is wrong with an address that the platform calls.
#[must_use]
pub fn called(text: &str) -> Option<Refused> {
    if has_login(text) {
        return Some(LOGIN);
    }
    match Url::parse(text) {
        Ok(url) => url.host().is_none_or(|host| !is_public(&host)).then_some(INSIDE),
        Err(_) => (CALLED.holds)(text).then_some(NO_ADDRESS),
    }
}

/// What is wrong with the address of a hook, which may be a function of the database.
#[must_use]
pub fn hook(text: &str) -> Option<Refused> {
    let web = text.trim_start().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
    if web { called(text) } else { None }
}

/// What is wrong with the name of a host that the platform connects to.
#[must_use]
pub fn connected(text: &str) -> Option<Refused> {
    if text.contains('@') {
        return Some(LOGIN);
    }
    let host = text.trim().trim_start_matches('[').trim_end_matches(']');
    let ip = host.parse::<Ipv6Addr>().ok().map(Host::Ipv6);
    let parsed = ip.or_else(|| Host::parse(host).ok());
    parsed.is_some_and(|host| !is_public(&as_ref(&host))).then_some(INSIDE)
}

fn as_ref(host: &Host<String>) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

/// What is wrong with an address, or a pattern of addresses, to which people are sent.
#[must_use]
pub fn shown(text: &str) -> Option<Refused> {
    const RUN: [&str; 8] = ["javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"];
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
    let scheme: String = text.chars().take_while(|c| *c != ':').collect::<String>().to_ascii_lowercase();
    if text.contains(':') && RUN.contains(&scheme.trim()) {
        return Some(SCRIPT);
    }
    has_login(text).then_some(LOGIN)
}

/// Whether a user or a password is before the host. Browsers treat a backslash as a slash.
fn has_login(text: &str) -> bool {
    let slash = |c: char| matches!(c, '/' | '\\');
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    if scheme.contains(slash) || !rest.starts_with(slash) {
        return false;
    }
    let ends = |c: char| slash(c) || matches!(c, '?' | '#');
    rest.trim_start_matches(slash).split(ends).next().is_some_and(|authority| authority.contains('@'))
}

/// Whether everybody can reach a host: neither a name that is known only inside a network, nor an address that is not
/// routed.
fn is_public(host: &Host<&str>) -> bool {
    /// Endings of names that no public registry has.
    const WITHIN: [&str; 9] =
        ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa"];
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let within = |end: &&str| name == **end || name.strip_suffix(*end).is_some_and(|rest| rest.ends_with('.'));
            // The parser keeps the host of a scheme unknown to browsers as text, even if it spells an IP address.
            match Host::parse(&name) {
                Ok(Host::Ipv4(address)) => is_public_v4(address),
                _ => name.contains('.') && !WITHIN.iter().any(within),
            }
        }
        Host::Ipv4(address) => is_public_v4(*address),
        Host::Ipv6(address) => is_public_v6(*address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, private networks, providers' own, loopback, link-local with its metadata service; protocol
        // assignments, benchmarks, multicast and what is reserved.
        (0 | 10 | 127 | 224.., ..)
        | (100, 64..=127, _)
        | (169, 254, _)
        | (172, 16..=31, _)
        | (192, 168, _)
        | (192, 0, 0)
        | (198, 18 | 19, _) => true,
        _ => false,
    };
    // Azure's host service answers at this address, which looks like any public one.
    !special && address != Ipv4Addr::new(168, 63, 129, 16)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // Unspecified, loopback, IPv4 in the old form and in the new one, behind a translator, and by 6to4.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        [0x64, 0xff9b, 1, ..] => false,
        // Unique local, link-local, site-local, multicast.
        [first, ..] => {
            first & 0xfe00 != 0xfc00 && first & 0xffc0 != 0xfe80 && first & 0xffc0 != 0xfec0 && first < 0xff00
        }
    }
}

/// An address of one machine, or an unencrypted one, which anybody on the way can read.
pub static INSECURE: Case = Case {
    when: "when it is plain http, or leads to one machine",
    holds: |_, after| {
        let Some(text) = after.as_str() else { return false };
        let Ok(url) = Url::parse(text) else { return false };
        let inside = matches!(url.scheme(), "https" | "wss") && url.host().is_some_and(|host| !is_public(&host));
        matches!(url.scheme(), "http" | "ws") || inside
    },
};

/// A pattern that leaves open whose host it is.
pub static WIDE: Case = Case {
    when: "when a pattern is added that leaves the host open",
    holds: |before, after| {
        let had = before.as_array();
        let items = after.as_array().into_iter().flatten();
        let new = items.filter(|item| !had.is_some_and(|had| had.contains(item)));
        new.filter_map(Value::as_str).any(leaves_host_open)
    },
};

/// Whether fewer than the last two labels of the host are written out. After `**`, nothing is certain.
fn leaves_host_open(pattern: &str) -> bool {
    const OPEN: [char; 4] = ['*', '?', '[', '{'];
    // A pattern without a scheme matches everything before the first slash.
    let (scheme, host) = match pattern.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.split(['/', '?', '#']).next().unwrap_or_default()),
        None => ("", pattern),
    };
    let port = host.rsplit_once(':').filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit() || c == '*'));
    let host = port.map_or(host, |(host, _)| host);
    let literal = host.rsplit('.').take_while(|label| !label.is_empty() && !label.contains(OPEN));
    let open_scheme = scheme.contains('*') && scheme != "http*";
    open_scheme || host.contains("**") || host.contains(OPEN) && literal.count() < 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Refuses = fn(&str) -> Option<Refused>;

    fn code(refuses: Refuses, text: &str) -> Option<&'static str> {
        refuses(text).map(|refused| refused.code.id())
    }

    #[test]
    fn addresses_that_only_the_platform_can_reach_are_refused_in_every_spelling() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "db",
            "db.internal",
            "metadata.google.internal",
            "metadata.google.internal.",
            "printer.local",
            "router.lan",
            "nas.home.arpa",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "１２７.0.0.1",
            "127。0。0。1",
            "0.0.0.0",
            "0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[::7f00:1]",
            "[64:ff9b::10.0.0.1]",
            "[2002:7f00:1::]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
        ] {
            for address in [format!("https://{host}/x"), format!("https://{host}:8443/x")] {
                assert_eq!(code(called, &address), Some("E0335"), "{address}");
                assert_eq!(code(hook, &address), Some("E0335"), "{address}");
            }
            assert_eq!(code(hook, &format!("http://{host}/x")), Some("E0335"), "{host}");
            assert_eq!(code(connected, host), Some("E0335"), "{host}");
        }
    }

    #[test]
    fn addresses_that_everybody_can_reach_are_allowed() {
        for host in [
            "example.com",
            "acme.okta.com",
            "localhost.example.com",
            "internal.example.com",
            "xn--bcher-kva.example",
            "refaftercreationonly.supabase.co",
            "203.0.113.7",
            "172.32.0.1",
            "100.128.0.1",
            "[2001:db8::1]",
            "[2606:4700::1111]",
        ] {
            assert_eq!(code(called, &format!("https://{host}/x")), None, "{host}");
            assert_eq!(code(connected, host), None, "{host}");
        }
        assert_eq!(code(hook, "pg-functions://postgres/public/send"), None);
    }

    #[test]
    fn addresses_with_a_login_are_refused() {
        for address in ["https://user:pass@example.com", "https://user@example.com/a", "https:\\\\user@example.com"] {
            for refuses in [called as Refuses, shown, hook] {
                assert_eq!(code(refuses, address), Some("E0336"), "{address}");
            }
        }
        assert_eq!(code(shown, "myapp://user:pass@callback"), Some("E0336"));
        assert_eq!(code(connected, "user@mail.example.com"), Some("E0336"));
        for fine in ["https://example.com/@team", "https://example.com?to=a@b.c", "https://example.com#@", "mailto"] {
            assert_eq!(code(shown, fine), None, "{fine}");
        }
    }

    #[test]
    fn people_are_sent_to_pages_and_apps_only() {
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://example.com/x",
            "javascript://example.com/%0aalert(1)",
        ] {
            assert_eq!(code(shown, address), Some("E0337"), "{address}");
        }
        for fine in
            ["https://example.com", "http://localhost:3000", "myapp://callback", "com.example.app:/x", "**", "x"]
        {
            assert_eq!(code(shown, fine), None, "{fine}");
        }
    }

    #[test]
    fn patterns_that_leave_the_host_open_are_told_from_those_that_do_not() {
        for open in [
            "**",
            "*",
            "https://**",
            "https://*/**",
            "https://*.com/**",
            "https://example.com**",
            "https://a.com*/x",
            "*://a.com/x",
        ] {
            assert!(leaves_host_open(open), "{open}");
        }
        for named in [
            "https://example.com/**",
            "https://*.example.com/**",
            "https://*-team.example.app/**",
            "http://localhost:*/x",
            "myapp://callback",
            "https://example.com/*?x=**",
        ] {
            assert!(!leaves_host_open(named), "{named}");
        }
        let wide = |before: Value, after: Value| (WIDE.holds)(&before, &after);
        assert!(wide(Value::Null, json!(["https://**"])));
        assert!(!wide(json!(["https://**"]), json!(["https://**", "https://a.example.com/x"])));
    }

    #[test]
    fn plain_http_and_one_machine_are_insecure() {
        let insecure = |after: &str| (INSECURE.holds)(&Value::Null, &after.into());
        for address in ["http://example.com", "http://localhost:3000", "https://localhost", "https://10.0.0.1"] {
            assert!(insecure(address), "{address}");
        }
        for address in ["https://example.com", "myapp://callback", "x"] {
            assert!(!insecure(address), "{address}");
        }
    }
}
