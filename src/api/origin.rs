//! The address of the API, and who may see the token.

use std::fmt;

use url::{Host, Url};
use zeroize::Zeroizing;

use crate::secret::hmac;

/// The host that the token belongs to.
const HOME: &str = "api.supabase.com";

/// The address of the API: https, or plain http on the own machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    loopback: bool,
}

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It is not an address.
    #[error("`{0}` is not an address such as `https://api.supabase.com`")]
    Malformed(String),
    /// It is not encrypted.
    #[error("`{0}` is not https; plain http is only allowed for the own machine")]
    NotHttps(String),
    /// It has more than a scheme and a host.
    #[error("the address must be a scheme and a host, without user, path or query")]
    TooMuch,
    /// The token does not belong to that host.
    #[error("the token belongs to {HOME} and is not sent to `{0}`")]
    Foreign(String),
}

impl Origin {
    /// Parses an address; `allowed` are further hosts that may see the token.
    ///
    /// # Errors
    /// When it is not https, has more than a scheme and a host, or names a host that may not see the token.
    pub fn parse(text: &str, allowed: &[String]) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError::Malformed(text.to_owned()))?;
        let host = match url.host() {
            Some(host) => host.to_owned(),
            None => return Err(OriginError::Malformed(text.to_owned())),
        };
        let bare =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !bare || url.path() != "/" {
            return Err(OriginError::TooMuch);
        }
        let loopback = match &host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(name) => name == "localhost",
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(OriginError::NotHttps(text.to_owned()));
        }
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        let name = format!("{host}{port}");
        if !loopback && name != HOME && !allowed.contains(&name) {
            return Err(OriginError::Foreign(name));
        }
        Ok(Self {
            text: format!("{}://{name}", url.scheme()),
            host: name,
            loopback: loopback && url.scheme() == "http",
        })
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, with its port unless it is the usual one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is plain http on the own machine.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }
}

/// An access token. It has no `Display`, and is wiped when dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Parses a token: 20 to 512 printable ASCII characters without spaces and quotes; one line break at the end is
    /// dropped.
    ///
    /// # Errors
    /// With the mistake, never with the token.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        if text.is_empty() {
            return Err("is empty");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\'') {
            return Err("has spaces, quotes or other characters that a token never has");
        }
        if !(20..=512).contains(&text.len()) {
            return Err("is too short or too long for a token");
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// A mark of a text that nobody can make without the token; it does not reveal the token.
    #[must_use]
    pub fn mark(&self, text: &str) -> String {
        hmac(self.0.as_bytes(), text.as_bytes())
    }

    /// The token itself; only for the header of a request and for removing it from answers.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[token]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_sent_to_its_own_origin_only() {
        let parse = |text: &str| Origin::parse(text, &["gateway.acme.com:8443".to_owned()]);
        assert_eq!(parse("https://api.supabase.com/").unwrap().as_str(), "https://api.supabase.com");
        assert!(parse("https://gateway.acme.com:8443").is_ok());
        assert!(parse("http://127.0.0.1:8080").unwrap().is_loopback());
        assert!(parse("http://[::1]:8080").unwrap().is_loopback());
        for (text, expected) in [
            ("http://api.supabase.com", "is not https"),
            ("https://api.supabase.com.evil.tld", "not sent"),
            ("https://gateway.acme.com", "not sent"),
            ("https://api.supabase.com:8443", "not sent"),
            ("https://u:p@api.supabase.com", "without user"),
            ("https://api.supabase.com/v1", "without user, path"),
            ("https://аpi.supabase.com", "not sent"),
            ("https://203.0.113.7", "not sent"),
            ("http://127.0.0.1.evil.tld", "is not https"),
            ("api.supabase.com", "not an address"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_token_is_checked_and_never_shown() {
        assert!(Token::parse(&format!("sbp_{}\n", "0".repeat(40))).is_ok());
        for text in
            ["", "tiny", "sbp_0000000000000000000\r\nX-Evil: 1", "\"sbp_00000000000000000000\"", &"x".repeat(10_240)]
        {
            let error = Token::parse(text).expect_err(text);
            assert!(text.is_empty() || !error.contains(text));
        }
        assert_eq!(format!("{:?}", Token::parse(&"t".repeat(40)).unwrap()), "[token]");
    }
}
