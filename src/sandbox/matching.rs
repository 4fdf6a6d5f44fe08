//! Finds the route of a request.

use super::answer::Answered;
use super::visit::RequestContext;

/// A route of the API.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) template: &'static str,
    /// `METHOD template`: its name in limits, faults and the log.
    pub(super) name: &'static str,
    /// Requests a minute.
    pub(super) limit: u32,
    /// The permissions that a fine-grained token needs, all of them.
    pub(super) needs: &'static [&'static str],
    /// The message of the 500 that is answered where the project's services cannot accept a write.
    pub(super) failure: &'static str,
    pub(super) handle: fn(&mut RequestContext<'_>) -> Answered,
}

/// The route of a request among these, and the values of its template.
pub(super) fn find(
    routes: &'static [Route],
    method: &str,
    path: &str,
) -> Option<(&'static Route, Vec<(&'static str, String)>)> {
    // A server that answers GET also answers HEAD, without the body; a slash at the end changes nothing.
    let method = if method == "HEAD" { "GET" } else { method };
    let path = path.strip_suffix('/').unwrap_or(path);
    routes
        .iter()
        .filter(|route| route.method == method)
        .filter_map(|route| Some((route, fill(route.template, path)?)))
        // A literal segment has priority over a parameter.
        .min_by_key(|(_, params)| params.len())
}

fn fill(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut params = vec![];
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(wanted), Some(given)) => match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !given.is_empty() => params.push((name, decode(given))),
                None if wanted == given => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// A segment without percent escapes.
fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
