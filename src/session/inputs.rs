//! Files that options of a run name: tokens, addresses, secrets.

use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{self, Refused};

/// The largest file with a token or an address, which is one line.
pub const MOST_LINE: u64 = 8 * 1024;
/// The largest file of secrets; no fleet has as many.
pub(super) const MOST_SECRETS: u64 = 1024 * 1024;

/// The text of a file with a secret. `what` describes the file in messages: `the token in`.
pub fn text(path: &Path, most: u64, what: &str) -> Result<Zeroizing<String>, Failure> {
    files::given_text(path, most)
        .map(Zeroizing::new)
        .map_err(|why| unreadable(&format!("{what} `{}`", path.display()), &why))
}

/// The text of standard input.
pub(super) fn stdin(most: u64, what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(vec![]);
    let read = std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes);
    let text = read.map_err(|error| Refused::System(error.kind())).and_then(|_| {
        if bytes.len() as u64 > most {
            return Err(Refused::TooLarge { most });
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| Refused::NotText { at: error.valid_up_to() })?;
        Ok(Zeroizing::new(text.to_owned()))
    });
    text.map_err(|why| unreadable(what, &why))
}

fn unreadable(what: &str, why: &Refused) -> Failure {
    let message = format!("{what} cannot be read: {why}");
    if *why == Refused::Irregular {
        let hint = "Name a file, or a link to one; a pipe, a device or a folder is not opened.";
        return Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, hint);
    }
    Failure::new(Exit::Invalid, codes::BAD_OPTION, message)
}
