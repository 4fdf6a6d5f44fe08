//! Where the PostgreSQL behind a sandbox is.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::secret::Secret;

/// Where the PostgreSQL behind a sandbox is.
#[derive(Debug, Clone)]
pub enum PostgresAt {
    /// A new one, of installed programs, that ends with the sandbox.
    Auto,
    /// One that runs already.
    Server(Address),
    /// Nowhere: why what was given is no place. What was given is not kept, because it may have a password.
    Malformed(String),
}

/// A server, and who connects to it.
#[derive(Clone)]
pub struct Address {
    /// A host, or the folder of a socket.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Option<Secret>,
    /// A database that is there.
    pub(super) database: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// Without its password.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

/// Never fails: the message of an option that is malformed would repeat it, and it may have a password.
impl FromStr for PostgresAt {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let address = || Address::parse(text).map_or_else(Self::Malformed, Self::Server);
        Ok(if text == "auto" { Self::Auto } else { address() })
    }
}

impl Address {
    fn parse(text: &str) -> Result<Self, String> {
        let expected =
            || "expected `auto`, or an address such as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`".to_owned();
        let url = Url::parse(text).map_err(|_| expected())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(expected());
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| expected());
        let mut host = decoded(url.host_str().unwrap_or_default())?;
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("host", folder) if folder.starts_with('/') => folder.clone_into(&mut host),
                ("sslmode", "disable" | "allow" | "prefer") => {}
                ("sslmode", _) => return Err("the sandbox connects to PostgreSQL without TLS only".to_owned()),
                (other, _) => return Err(format!("the parameter `{other}` of the address is not known")),
            }
        }
        let named =
            |text: &str, otherwise: &str| if text.is_empty() { Ok(otherwise.to_owned()) } else { decoded(text) };
        let user = named(url.username(), "postgres")?;
        Ok(Self {
            host: if host.is_empty() { "localhost".to_owned() } else { host },
            port: url.port().unwrap_or(5432),
            password: url.password().map(decoded).transpose()?.map(Secret::new),
            database: named(url.path().trim_start_matches('/'), &user)?,
            user,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_its_password_never_shown() {
        let PostgresAt::Server(address) = "postgres://me:a%20secret@db:6543/work".parse().unwrap() else { panic!() };
        assert_eq!(address.to_string(), "me@db:6543/work");
        assert_eq!(address.password.as_ref().map(Secret::expose), Some("a secret"));
        assert!(!format!("{:?}", PostgresAt::Server(address)).contains("secret"));
        let PostgresAt::Server(address) = "postgresql:///?host=/var/run/postgresql".parse().unwrap() else { panic!() };
        assert_eq!(address.to_string(), "postgres@/var/run/postgresql:5432/postgres");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in ["", "automatic", "me:secret@db", "mysql://secret@db", "postgres://secret@db/?sslmode=require"] {
            let Ok(PostgresAt::Malformed(why)) = text.parse() else { panic!("{text}") };
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
