//! The meaning of a request's end for its step: its message, its line, and how the run ends.

use super::Outcome;
use crate::api::{ApiError, Class};
use crate::diag::{Code, codes::run as codes};
use crate::exit::Exit;
use crate::model::{Answer, FieldChange, Finding, Method, Step};

/// The outcome of a step that the API refused, or that could not be sent.
pub(super) fn failed(step: &Step, why: &ApiError) -> Outcome {
    if why.class == Class::Stopped {
        return Outcome::Stopped;
    }
    // The read before this write was answered with the same token, so a 401 means the value, not the token.
    let refused_value = why.class == Class::Auth && why.operation.method != Method::Get;
    let is_refused = refused_value || matches!(why.class, Class::Invalid | Class::PlanLimit | Class::NotOffered);
    let (code, exit) = if is_refused {
        (codes::API_REFUSED, Exit::Failed)
    } else if matches!(why.class, Class::Gone | Class::NotFound) {
        (codes::STALE, Exit::Stale)
    } else {
        why.ends()
    };
    let mut finding = finding(step, code, why.to_string());
    finding.hints = if refused_value { vec![] } else { why.hints() };
    let blamed = blamed(step, why);
    if code == codes::STALE {
        finding.hints.push("Run plan again: the item no longer exists.".to_owned());
    }
    if code == codes::API_REFUSED && why.class != Class::NotOffered {
        let known = blamed.filter(|diff| diff.row().is_some());
        let hint = "Nothing of this request took effect: correct the value and apply again.";
        // The project itself has no section.
        let more = step.at.subject.kind().map_or_else(String::new, |kind| {
            let what = known.map_or(kind.to_owned(), |diff| format!("{kind}.{}", diff.name()));
            format!(" `supaform explain {what}` shows the allowed values.")
        });
        finding.hints.push(format!("{hint}{more}"));
    }
    if let Some(origin) = blamed.and_then(|diff| diff.origin.clone()) {
        finding.origin = Some(origin);
    }
    if let Some((_, hint)) = step.answers.advice.as_ref().filter(|(part, _)| why.message.contains(part)) {
        finding.hints.push(hint.clone());
    }
    if let Some(key) = entitlement(step, why) {
        finding.hints.push(format!("The setting needs a plan with `{key}`: check the organization's plan."));
    }
    Outcome::Failed(finding.ends(exit))
}

/// The field that an answer blames: the one that it names, in any spelling and place.
fn blamed<'s>(step: &'s Step, why: &ApiError) -> Option<&'s FieldChange> {
    let said = why.message.to_ascii_lowercase();
    let fields = || step.changes.iter().flat_map(|change| &change.fields);
    let exact = fields().find(|diff| why.field.as_deref() == Some(diff.name()));
    let named = || fields().filter(|diff| said.contains(&diff.name().to_ascii_lowercase()));
    let longest = || named().max_by_key(|diff| diff.name().len());
    exact.or_else(longest)
}

fn entitlement(step: &Step, why: &ApiError) -> Option<&'static str> {
    let refused = matches!(why.class, Class::PlanLimit | Class::Permission | Class::Invalid);
    let is_gate = why.class == Class::NotOffered;
    let fields = step.changes.iter().flat_map(|change| &change.fields);
    let mut keys = fields.filter_map(|diff| diff.row().and_then(|field| field.entitlement));
    if (refused && why.is_about_plans()) || is_gate { keys.next() } else { None }
}

/// The outcome of a step that the API accepted, and that could not be read back.
pub(super) fn not_read_back(step: &Step, why: &ApiError) -> Outcome {
    let (why, exit) = match why.class {
        Class::Stopped => ("because the run was interrupted".to_owned(), Exit::Interrupted),
        Class::Expired => ("because the run reached its deadline (`--deadline`)".to_owned(), Exit::Attention),
        Class::Auth
        | Class::Permission
        | Class::Gone
        | Class::NotFound
        | Class::NotOffered
        | Class::Invalid
        | Class::PlanLimit
        | Class::RateLimited
        | Class::Server
        | Class::Unreadable
        | Class::Network
        | Class::Redirect => (format!("since that failed: {why}"), Exit::Attention),
    };
    let message = format!("the API accepted {}; it was not read back, {why}", step.call.operation);
    let finding = finding(step, codes::NOT_READ_BACK, message);
    Outcome::Sent(finding.hint("Run plan: it shows whether live is as desired.").ends(exit))
}

/// The outcome of a creation after which two items exist: what was found, and the item that this run created, by the API's
/// answer.
pub(super) fn made_twice(step: &Step, found: &str, ours: Option<&str>) -> Outcome {
    let message = match ours {
        Some(id) => format!("{found}; this run created {id}, and somebody else created another at the same time"),
        None => format!("{found}; this run created one of them, and somebody else created another at the same time"),
    };
    let mut finding = finding(step, codes::MADE_TWICE, message);
    if let Some(id) = ours {
        let undo = format!("Remove the item of this run with `DELETE {}/{id}`, or in the dashboard.", step.call.path());
        finding = finding.hint(undo);
    }
    let rest =
        "Remove the one of the two that nobody uses; the next run manages the other. Let one apply run at a time.";
    Outcome::Sent(finding.hint(rest).ends(Exit::Attention))
}

/// The outcome of a step that may have taken effect.
pub(super) fn fate_unknown(step: &Step, why: &ApiError, stopped: bool) -> Outcome {
    let message = format!("whether {} took effect is not known: {why}", step.call.operation);
    let exit = if stopped { Exit::Interrupted } else { Exit::Attention };
    let finding = finding(step, codes::FATE_UNKNOWN, message);
    Outcome::Unknown(finding.hint("Run plan: it shows what is left to do.").ends(exit))
}

/// Whether a refusal means "not yet".
pub(super) fn is_not_yet(step: &Step, why: &ApiError) -> bool {
    step.answers.not_yet.is_some_and(|(texts, _)| texts.iter().any(|text| why.message.contains(text)))
}

/// The outcome of a step for which it is too early.
pub(super) fn deferred(step: &Step, why: &ApiError) -> Outcome {
    let finding = finding(step, codes::AWAITED, format!("it is too early: {why}"));
    Outcome::Waiting(finding.hint("Run apply again in some minutes: it goes on from there.").ends(Exit::Attention))
}

/// The outcome of a step that did its part, where more is left than this run planned.
pub(super) fn more_to_do(step: &Step) -> Outcome {
    let finding = finding(step, codes::AWAITED, "this part is done, and another one is left");
    Outcome::Waiting(finding.hint("Run apply again: it goes on from there.").ends(Exit::Attention))
}

/// Checks that a success shows what it must.
pub(super) fn shown(step: &Step, answer: Answer) -> Result<Answer, Box<Outcome>> {
    match &step.answers.shows {
        Some((pointer, value, otherwise)) if answer.body.pointer(pointer) != Some(value) => {
            Err(Box::new(Outcome::Failed(finding(step, codes::API_REFUSED, otherwise.clone()).ends(Exit::Failed))))
        }
        _ => Ok(answer),
    }
}

/// The finding about a step, at the line of the manifest that causes the step.
pub(super) fn finding(step: &Step, code: Code, message: impl Into<String>) -> Finding {
    let mut origins = step
        .changes
        .iter()
        .filter_map(|change| change.fields.iter().find_map(|diff| diff.origin.as_ref()).or(change.origin.as_ref()));
    Finding::new(code, message).at(origins.next())
}
