//! Addresses of repositories and requests: which code host they are of, and where its API is.

/// What an address tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whereabouts {
    /// The name of the code host.
    pub host: &'static str,
    /// The address of its API, where not all users share one.
    pub api: Option<String>,
    /// The repository, with its owner or project.
    pub repository: String,
    /// The number of the request.
    pub number: Option<u64>,
}

/// Hosts that everybody knows, by their names on the network.
const KNOWN: &[(&str, &str, Option<&str>)] = &[
    ("github.com", "github", None),
    ("gitlab.com", "gitlab", None),
    ("bitbucket.org", "bitbucket", None),
    ("codeberg.org", "gitea", Some("https://codeberg.org/api/v1")),
];

/// What stands before the number in the address of a request, with the host and the path of its API on a server of one's own.
const REQUESTS: &[(&str, &str, &str)] = &[
    ("/-/merge_requests/", "gitlab", "/api/v4"),
    ("/merge_requests/", "gitlab", "/api/v4"),
    ("/pull-requests/", "bitbucket", ""),
    ("/pullrequest/", "azure", ""),
    ("/pulls/", "gitea", "/api/v1"),
    ("/pull/", "github", "/api/v3"),
];

/// Reads the address of a request, or of a repository on a host that everybody knows.
pub(super) fn read(address: &str) -> Option<Whereabouts> {
    let (server, path) = server_and_path(address)?;
    let name = server.rsplit_once('/').map_or(server.as_str(), |(_, name)| name);
    let request = REQUESTS.iter().find_map(|(word, host, api)| {
        let (repository, rest) = path.split_once(word)?;
        let number = rest.split(['/', '?', '#']).next()?.parse().ok()?;
        Some((repository.to_owned(), number, *host, *api))
    });
    let below = request.as_ref().map_or(path.as_str(), |(below, ..)| below).trim_matches('/').to_owned();
    let number = request.as_ref().map(|(_, number, ..)| *number);
    if name == "ssh.dev.azure.com" || below.contains("/_git/") || name == "dev.azure.com" {
        return azure(&server, &below, number);
    }
    if let Some((_, host, api)) = KNOWN.iter().find(|(known, ..)| *known == name) {
        return Some(Whereabouts { host, api: api.map(str::to_owned), repository: below, number });
    }
    let (_, number, host, api) = request?;
    if host == "bitbucket" {
        return data_center(&server, &below, number);
    }
    Some(Whereabouts { host, api: Some(format!("{server}{api}")), repository: below, number: Some(number) })
}

/// The address of a server without user and password, and the path of a repository, in any of git's forms.
fn server_and_path(address: &str) -> Option<(String, String)> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (if scheme == "http" { "http" } else { "https" }, rest.to_owned()),
        // `git@host:path` is git's short form of an address.
        None => ("https", address.replacen(':', "/", 1)),
    };
    let (server, path) = rest.split_once('/')?;
    let server = server.rsplit_once('@').map_or(server, |(_, server)| server);
    let path = path.trim_end_matches('/');
    (!server.is_empty())
        .then(|| (format!("{scheme}://{server}"), format!("/{}", path.strip_suffix(".git").unwrap_or(path))))
}

/// `https://dev.azure.com/acme/shop/_git/infra`, `git@ssh.dev.azure.com:v3/acme/shop/infra`, or a collection of a server.
fn azure(server: &str, path: &str, number: Option<u64>) -> Option<Whereabouts> {
    let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    let parts: Vec<&str> = path.split('/').filter(|part| *part != "_git").collect();
    let (collection, project, name) = match parts.as_slice() {
        ["v3", organization, project, name] => (format!("https://dev.azure.com/{organization}"), project, name),
        // A project's first repository has its name.
        [collection @ .., name] if path.ends_with(&format!("/_git/{name}")) && collection.len() == 1 => {
            (format!("{server}/{}", collection.join("/")), name, name)
        }
        [collection @ .., project, name] => (format!("{server}/{}", collection.join("/")), project, name),
        _ => return None,
    };
    let api = Some(collection.trim_end_matches('/').to_owned());
    Some(Whereabouts { host: "azure", api, repository: format!("{project}/{name}"), number })
}

/// `https://git.acme.com/projects/SHOP/repos/infra/pull-requests/3`, below any path; people have projects of their own.
fn data_center(server: &str, path: &str, number: u64) -> Option<Whereabouts> {
    let parts: Vec<&str> = path.split('/').collect();
    let [context @ .., kind @ ("projects" | "users"), owner, "repos", name] = parts.as_slice() else { return None };
    let context: String = context.iter().flat_map(|part| ["/", part]).collect();
    let of_person = if *kind == "users" { "~" } else { "" };
    let (api, repository) = (Some(format!("{server}{context}/rest")), format!("{of_person}{owner}/{name}"));
    Some(Whereabouts { host: "bitbucket-dc", api, repository, number: Some(number) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_host_are_read() {
        for (address, host, api, repository, number) in [
            ("git@github.com:acme/infra.git", "github", None, "acme/infra", None),
            ("https://x-token:secret@github.com/acme/infra/", "github", None, "acme/infra", None),
            ("https://github.com/acme/infra/pull/3#issue-1", "github", None, "acme/infra", Some(3)),
            (
                "https://git.acme.com/acme/infra/pull/3",
                "github",
                Some("https://git.acme.com/api/v3"),
                "acme/infra",
                Some(3),
            ),
            ("https://gitlab.com/acme/deep/infra/-/merge_requests/3", "gitlab", None, "acme/deep/infra", Some(3)),
            (
                "https://git.acme.com:8443/acme/infra/-/merge_requests/3",
                "gitlab",
                Some("https://git.acme.com:8443/api/v4"),
                "acme/infra",
                Some(3),
            ),
            ("ssh://git@codeberg.org/acme/infra.git", "gitea", Some("https://codeberg.org/api/v1"), "acme/infra", None),
            (
                "https://git.acme.com/acme/infra/pulls/3",
                "gitea",
                Some("https://git.acme.com/api/v1"),
                "acme/infra",
                Some(3),
            ),
            ("https://bitbucket.org/acme/infra/pull-requests/3", "bitbucket", None, "acme/infra", Some(3)),
            (
                "https://git.acme.com/bb/projects/SHOP/repos/infra/pull-requests/3/overview",
                "bitbucket-dc",
                Some("https://git.acme.com/bb/rest"),
                "SHOP/infra",
                Some(3),
            ),
            (
                "https://git.acme.com/users/ann/repos/infra/pull-requests/3",
                "bitbucket-dc",
                Some("https://git.acme.com/rest"),
                "~ann/infra",
                Some(3),
            ),
            (
                "https://acme@dev.azure.com/acme/My%20Shop/_git/infra",
                "azure",
                Some("https://dev.azure.com/acme"),
                "My Shop/infra",
                None,
            ),
            (
                "https://dev.azure.com/acme/shop/_git/infra/pullrequest/3",
                "azure",
                Some("https://dev.azure.com/acme"),
                "shop/infra",
                Some(3),
            ),
            ("https://dev.azure.com/acme/_git/infra", "azure", Some("https://dev.azure.com/acme"), "infra/infra", None),
            (
                "git@ssh.dev.azure.com:v3/acme/shop/infra",
                "azure",
                Some("https://dev.azure.com/acme"),
                "shop/infra",
                None,
            ),
            (
                "https://tfs.acme.com/tfs/Main/shop/_git/infra",
                "azure",
                Some("https://tfs.acme.com/tfs/Main"),
                "shop/infra",
                None,
            ),
        ] {
            let expected = Whereabouts { host, api: api.map(str::to_owned), repository: repository.to_owned(), number };
            assert_eq!(read(address), Some(expected), "{address}");
        }
        for address in
            ["", "/srv/git/infra.git", "https://git.acme.com/acme/infra.git", "https://git.acme.com/a/pull/x"]
        {
            assert_eq!(read(address), None, "{address}");
        }
    }
}
