//! What the end of a request means for its step: how it is told, at which line, and how the run ends.

use super::{Outcome, Problem};
use crate::api::{ApiError, Class};
use crate::diag::{Code, codes::run as codes};
use crate::exit::Exit;
use crate::kind::find;
use crate::kinds::KINDS;
use crate::model::{FieldDiff, Method, Step};

/// How a step ends that the API refused, or that could not be sent.
pub(super) fn failed(step: &Step, why: &ApiError) -> Outcome {
    if why.class == Class::Stopped {
        return Outcome::Stopped;
    }
    // The read before this write was answered with the same token, so a 401 speaks of the value, not of the token.
    let refused_value = why.class == Class::Auth && why.operation.method != Method::Get;
    let (code, exit) = match why.class {
        Class::Auth if !refused_value => (codes::BAD_TOKEN, Exit::Denied),
        Class::Permission => (codes::NO_PERMISSION, Exit::Denied),
        Class::Auth | Class::Invalid | Class::PlanLimit => (codes::API_REFUSED, Exit::Failed),
        Class::Gone | Class::NotFound => (codes::STALE, Exit::Stale),
        _ => (codes::API_FAILED, Exit::Failed),
    };
    let mut problem = problem(step, code, why.to_string(), exit);
    problem.hints = if refused_value { vec![] } else { why.hints() };
    let blamed = blamed(step, why);
    if code == codes::API_REFUSED {
        let known = blamed.filter(|diff| diff.field.is_some());
        let what = known.map_or(step.at.kind.to_owned(), |diff| format!("{}.{}", step.at.kind, diff.name));
        let hint = "Nothing of this request took effect: correct the value and apply again.";
        // The project itself is no section.
        let more = if find(KINDS, step.at.kind).is_some() {
            format!(" `supaform explain {what}` tells what it takes.")
        } else {
            String::new()
        };
        problem.hints.push(format!("{hint}{more}"));
    }
    if let Some(origin) = blamed.and_then(|diff| diff.origin.clone()) {
        problem.origin = Some(origin);
    }
    if let Some(key) = entitlement(step, why) {
        problem.hints.push(format!("It needs a plan with `{key}`: compare the organization's plan."));
    }
    Outcome::Failed(problem)
}

/// The field that an answer blames: the one that it names, in any case and place.
fn blamed<'s>(step: &'s Step, why: &ApiError) -> Option<&'s FieldDiff> {
    let said = why.message.to_ascii_lowercase();
    let fields = || step.changes.iter().flat_map(|change| &change.fields);
    let exact = fields().find(|diff| why.field.as_deref() == Some(diff.name.as_str()));
    let named = || fields().filter(|diff| said.contains(&diff.name.to_ascii_lowercase()));
    let longest = || named().max_by_key(|diff| diff.name.len());
    exact.or_else(longest)
}

fn entitlement(step: &Step, why: &ApiError) -> Option<&'static str> {
    let refused = matches!(why.class, Class::PlanLimit | Class::Permission | Class::Invalid);
    let fields = step.changes.iter().flat_map(|change| &change.fields);
    let mut keys = fields.filter_map(|diff| diff.field.and_then(|field| field.entitlement));
    let said = why.message.to_ascii_lowercase();
    let about_plans = ["plan", "tier", "upgrade", "entitle"].iter().any(|word| said.contains(word));
    if refused && about_plans { keys.next() } else { None }
}

/// How a step ends that may have taken effect.
pub(super) fn fate_unknown(step: &Step, why: &ApiError) -> Outcome {
    let message = format!("whether {} took effect is not known: {why}", step.call.operation);
    let mut problem = problem(step, codes::FATE_UNKNOWN, message, Exit::Attention);
    problem.hints = vec!["Run plan: it shows what is left to do.".to_owned()];
    Outcome::Unknown(problem)
}

/// A problem of a step, at the line that the step comes from.
pub(super) fn problem(step: &Step, code: Code, message: String, exit: Exit) -> Problem {
    let origin = step
        .changes
        .iter()
        .find_map(|change| change.fields.iter().find_map(|diff| diff.origin.clone()).or_else(|| change.origin.clone()));
    Problem { code, message, hints: vec![], origin, exit }
}
