//! Check runs: a verdict with its page, and with each finding at its line. Only GitHub has them, for tokens of an app or of a
//! workflow: <https://docs.github.com/rest/checks/runs>.

use http::Method;
use serde_json::{Value, json};

use super::{Ask, Check, Client, ForgeError, LineRemark, Place, Verdict};
use crate::exit::Exit;

/// The most remarks of one request; each further request adds to those before it.
const MOST_REMARKS: usize = 50;
/// The most characters of the page.
pub const MOST_SUMMARY: usize = 65_535;
/// The most bytes of a remark, of the 64 KiB that are allowed.
const MOST_MESSAGE: usize = 60_000;

fn sent(remark: &LineRemark) -> Value {
    let cut = remark.message.floor_char_boundary(MOST_MESSAGE);
    json!({
        "path": remark.file, "start_line": remark.line, "end_line": remark.line, "annotation_level": remark.level,
        "title": remark.title, "message": remark.message.get(..cut).unwrap_or_default(),
    })
}

/// The requests' shared part: what the check shows, with some of its remarks.
fn output(check: &Check, remarks: &[LineRemark]) -> Value {
    let remarks: Vec<Value> = remarks.iter().map(sent).collect();
    json!({"title": check.title, "summary": check.summary, "annotations": remarks})
}

/// Makes a check run on GitHub, with the first remarks.
pub(super) fn made(place: &Place, check: &Check) -> Ask {
    let first = check.remarks.get(..MOST_REMARKS).unwrap_or(&check.remarks);
    let conclusion = match check.verdict {
        Verdict::Good => "success",
        Verdict::Bad => "failure",
    };
    let mut body = json!({
        "name": check.name, "head_sha": check.commit, "status": "completed", "conclusion": conclusion,
        "output": output(check, first),
    });
    if let Some(url) = &check.url {
        body["details_url"] = url.as_str().into();
    }
    Ask::send(Method::POST, format!("/repos/{}/check-runs", place.repository), body)
}

impl Client<'_> {
    /// Makes a check run with all of its remarks; returns their number. A run that is made twice, after a lost answer, is
    /// shown once: the later of a name takes the place of the earlier.
    ///
    /// # Errors
    /// When the host has no check runs, refuses or does not answer.
    pub async fn check(&self, place: &Place, check: &Check) -> Result<usize, ForgeError> {
        let Some(ask) = self.host().check(place, check) else {
            let message = format!("{} has no check runs", self.host().name());
            return Err(ForgeError::new(Exit::Invalid, message, "Leave out `--check`; only GitHub has them."));
        };
        let made = self.send(&ask).await.map_err(denied)?;
        let Some(id) = made.body["id"].as_u64() else { return Err(self.odd(&ask)) };
        for more in check.remarks.chunks(MOST_REMARKS).skip(1) {
            let path = format!("{}/{id}", ask.path);
            self.send(&Ask::send(Method::PATCH, path, json!({"output": output(check, more)}))).await.map_err(denied)?;
        }
        Ok(check.remarks.len())
    }
}

/// The permission for check runs is one of its own.
fn denied(mut error: ForgeError) -> ForgeError {
    if error.problem.exit == Exit::Denied {
        let hint =
            "It needs `checks: write`, and must be the token of a workflow or of an app; nobody else makes check runs.";
        error.problem.finding.hints = vec![hint.to_owned()];
    }
    error
}
