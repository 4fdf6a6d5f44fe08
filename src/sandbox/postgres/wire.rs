//! A connection to PostgreSQL: it runs texts of SQL, and answers with their rows or with the server's error.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a server tells more than is asked, and its messages are not all known"
)]

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::backend::{ErrorFields, Message};
use postgres_protocol::message::frontend;
use postgres_protocol::{IsNull, Oid};
use serde_json::{Map, Value};

use super::place::Address;
use super::values::read;

/// How long a server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a text was not run.
#[derive(Debug)]
pub(super) enum Failed {
    /// The server cannot be reached, or broke off.
    Unreachable(String),
    /// The server refuses it.
    Refused(ServerError),
}

/// An error of the server.
#[derive(Debug, Default)]
pub(super) struct ServerError {
    pub(super) severity: String,
    /// Its SQLSTATE.
    pub(super) code: String,
    pub(super) message: String,
    /// The number of the character in the text, from 1.
    pub(super) position: Option<usize>,
    pub(super) detail: Option<String>,
    pub(super) hint: Option<String>,
    pub(super) internal_query: Option<String>,
    pub(super) context: Option<String>,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Unreachable(error.to_string())
    }
}

/// A row, as JSON.
pub(super) type Row = Map<String, Value>;

/// The bytes to and from a server.
trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A connection.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    received: BytesMut,
}

impl Connection {
    /// Connects to a database with these parameters of the session.
    pub(super) fn open(at: &Address, database: &str, parameters: &[(&str, &str)]) -> Result<Self, Failed> {
        let mut connection = Self { stream: stream(at)?, received: BytesMut::new() };
        let first = [("user", at.user.as_str()), ("database", database), ("client_encoding", "UTF8")];
        let mut out = BytesMut::new();
        frontend::startup_message(first.into_iter().chain(parameters.iter().copied()), &mut out)?;
        connection.send(&out)?;
        connection.identify(at)?;
        Ok(connection)
    }

    fn identify(&mut self, at: &Address) -> Result<(), Failed> {
        let refused = |why: String| Failed::Unreachable(why);
        let password = || {
            let password = at.password.as_ref().map(|password| password.expose().as_bytes());
            password.ok_or_else(|| refused(format!("the server wants a password for `{}`", at.user)))
        };
        let mut scram = None;
        loop {
            let mut out = BytesMut::new();
            match self.next()? {
                Message::ReadyForQuery(_) => return Ok(()),
                Message::ErrorResponse(body) => return Err(Failed::Refused(error(body.fields())?)),
                Message::AuthenticationCleartextPassword => {
                    return Err(refused("the server wants the password in clear text".to_owned()));
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(at.user.as_bytes(), password()?, body.salt());
                    frontend::password_message(hash.as_bytes(), &mut out)?;
                }
                Message::AuthenticationSasl(body) => {
                    let mut ways = body.mechanisms();
                    if !ways.any(|way| Ok(way == sasl::SCRAM_SHA_256))? {
                        return Err(refused("the server wants a way of authentication that is not known".to_owned()));
                    }
                    let begun = sasl::ScramSha256::new(password()?, sasl::ChannelBinding::unsupported());
                    frontend::sasl_initial_response(sasl::SCRAM_SHA_256, begun.message(), &mut out)?;
                    scram = Some(begun);
                }
                Message::AuthenticationSaslContinue(body) => {
                    if let Some(scram) = &mut scram {
                        scram.update(body.data())?;
                        frontend::sasl_response(scram.message(), &mut out)?;
                    }
                }
                Message::AuthenticationSaslFinal(body) => {
                    if let Some(scram) = &mut scram {
                        scram.finish(body.data())?;
                    }
                }
                Message::AuthenticationGss | Message::AuthenticationSspi | Message::AuthenticationKerberosV5 => {
                    return Err(refused("the server wants a way of authentication that is not known".to_owned()));
                }
                _ => {}
            }
            self.send(&out)?;
        }
    }

    /// Runs a text of any number of statements in one transaction; returns the rows of the last statement that has some.
    pub(super) fn run(&mut self, text: &str) -> Result<Vec<Row>, Failed> {
        let mut out = BytesMut::new();
        frontend::query(text, &mut out)?;
        self.send(&out)?;
        self.rows()
    }

    /// Runs one statement with values for its parameters.
    pub(super) fn run_with(&mut self, text: &str, parameters: &[Option<String>]) -> Result<Vec<Row>, Failed> {
        let mut out = BytesMut::new();
        frontend::parse("", text, std::iter::empty::<Oid>(), &mut out)?;
        let write = |value: &Option<String>, out: &mut BytesMut| {
            out.extend_from_slice(value.as_deref().unwrap_or_default().as_bytes());
            Ok(if value.is_some() { IsNull::No } else { IsNull::Yes })
        };
        let bound = frontend::bind("", "", [], parameters, write, [], &mut out);
        bound.map_err(|_| Failed::Unreachable("the parameters are too long".to_owned()))?;
        frontend::describe(b'P', "", &mut out)?;
        frontend::execute("", 0, &mut out)?;
        frontend::sync(&mut out);
        self.send(&out)?;
        self.rows()
    }

    /// The answers up to the moment when the server is ready again.
    fn rows(&mut self) -> Result<Vec<Row>, Failed> {
        let (mut columns, mut rows, mut last, mut failed) = (vec![], vec![], vec![], None);
        loop {
            match self.next()? {
                Message::RowDescription(body) => {
                    columns = body.fields().map(|field| Ok((field.name().to_owned(), field.type_oid()))).collect()?;
                }
                Message::DataRow(body) => {
                    let texts: Vec<_> = body.ranges().collect()?;
                    let value = |(oid, range): (Oid, Option<std::ops::Range<usize>>)| {
                        let text = range.and_then(|range| body.buffer().get(range)).map(String::from_utf8_lossy);
                        text.map_or(Value::Null, |text| read(oid, &text))
                    };
                    let row = columns
                        .iter()
                        .zip(texts)
                        .map(|((name, oid), range): (&(String, Oid), _)| (name.clone(), value((*oid, range))));
                    rows.push(row.collect::<Row>());
                }
                Message::CommandComplete(_) if !rows.is_empty() => last = std::mem::take(&mut rows),
                Message::CopyInResponse(_) => {
                    let mut out = BytesMut::new();
                    frontend::copy_fail("there is no data for COPY", &mut out)?;
                    self.send(&out)?;
                }
                Message::ErrorResponse(body) => failed = Some(error(body.fields())?),
                Message::ReadyForQuery(_) => return failed.map_or(Ok(last), |error| Err(Failed::Refused(error))),
                _ => {}
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    fn next(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.received)? {
                return Ok(message);
            }
            let mut bytes = [0; 8192];
            let length = self.stream.read(&mut bytes)?;
            if length == 0 {
                return Err(io::Error::other("the server broke off"));
            }
            self.received.extend_from_slice(bytes.get(..length).unwrap_or_default());
        }
    }
}

fn stream(at: &Address) -> io::Result<Box<dyn Stream>> {
    if at.host.starts_with('/') {
        #[cfg(unix)]
        return Ok(Box::new(UnixStream::connect(format!("{}/.s.PGSQL.{}", at.host, at.port))?));
        #[cfg(not(unix))]
        return Err(io::Error::other("this system has no sockets in folders"));
    }
    let mut last = io::Error::other("the host has no address");
    for address in (at.host.trim_matches(['[', ']']), at.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(Box::new(stream));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn error(mut fields: ErrorFields<'_>) -> io::Result<ServerError> {
    let mut error = ServerError::default();
    while let Some(field) = fields.next()? {
        let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' => error.severity = text,
            b'C' => error.code = text,
            b'M' => error.message = text,
            b'P' => error.position = text.parse().ok(),
            b'D' => error.detail = Some(text),
            b'H' => error.hint = Some(text),
            b'q' => error.internal_query = Some(text),
            b'W' => error.context = Some(text),
            _ => {}
        }
    }
    Ok(error)
}
