//! The pages on which a code host shows the files of a commit.

/// How a kind of host addresses a line of a file: `{web}` is the address of its server, `{file}` the path.
struct Form {
    host: &'static str,
    /// Its server, where all users share one.
    shared: Option<&'static str>,
    /// The end of the address of its API, which is not part of the server's.
    api: &'static str,
    page: &'static str,
}

const FORMS: &[Form] = &[
    Form {
        host: "github",
        shared: Some("https://github.com"),
        api: "/api/v3",
        page: "{web}/{repository}/blob/{commit}/{file}#L",
    },
    Form {
        host: "gitlab",
        shared: Some("https://gitlab.com"),
        api: "/api/v4",
        page: "{web}/{repository}/-/blob/{commit}/{file}#L",
    },
    Form { host: "gitea", shared: None, api: "/api/v1", page: "{web}/{repository}/src/commit/{commit}/{file}#L" },
    Form {
        host: "bitbucket",
        shared: Some("https://bitbucket.org"),
        api: "",
        page: "{web}/{repository}/src/{commit}/{file}#lines-",
    },
    Form {
        host: "bitbucket-dc",
        shared: None,
        api: "/rest",
        page: "{web}/projects/{owner}/repos/{name}/browse/{file}?at={commit}#",
    },
    Form {
        host: "azure",
        shared: None,
        api: "",
        page: "{web}/{owner}/_git/{name}?version=GC{commit}&path=/{file}&line=",
    },
];

/// What is before the path of a file, and what is between it and the number of a line.
pub(super) fn files(host: &str, api: Option<&str>, repository: &str, commit: &str) -> Option<(String, String)> {
    let form = FORMS.iter().find(|form| form.host == host)?;
    let web = match api {
        Some(api) => api.strip_suffix(form.api)?.trim_end_matches('/'),
        None => form.shared?,
    };
    let (owner, name) = repository.rsplit_once('/')?;
    let (before, between) = form.page.split_once("{file}")?;
    let filled = |text: &str| {
        let parts = [("{web}", web), ("{repository}", repository), ("{owner}", owner), ("{name}", name)];
        let text = parts.iter().fold(text.to_owned(), |text, (part, value)| text.replace(part, value));
        text.replace("{commit}", commit).replace(' ', "%20")
    };
    Some((filled(before), filled(between)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_pages() {
        for (host, api, repository, page) in [
            ("github", None, "acme/infra", "https://github.com/acme/infra/blob/c0ffee/a.yaml#L7"),
            (
                "github",
                Some("https://git.acme.com/api/v3"),
                "acme/infra",
                "https://git.acme.com/acme/infra/blob/c0ffee/a.yaml#L7",
            ),
            ("gitlab", None, "acme/deep/infra", "https://gitlab.com/acme/deep/infra/-/blob/c0ffee/a.yaml#L7"),
            (
                "gitea",
                Some("https://codeberg.org/api/v1"),
                "acme/infra",
                "https://codeberg.org/acme/infra/src/commit/c0ffee/a.yaml#L7",
            ),
            ("bitbucket", None, "acme/infra", "https://bitbucket.org/acme/infra/src/c0ffee/a.yaml#lines-7"),
            (
                "bitbucket-dc",
                Some("https://git.acme.com/bb/rest"),
                "SHOP/infra",
                "https://git.acme.com/bb/projects/SHOP/repos/infra/browse/a.yaml?at=c0ffee#7",
            ),
            (
                "azure",
                Some("https://dev.azure.com/acme"),
                "my shop/infra",
                "https://dev.azure.com/acme/my%20shop/_git/infra?version=GCc0ffee&path=/a.yaml&line=7",
            ),
        ] {
            let (before, between) = files(host, api, repository, "c0ffee").expect("a page");
            assert_eq!(format!("{before}a.yaml{between}7"), page);
        }
        assert_eq!(files("gitea", None, "acme/infra", "c0ffee"), None, "no server is known");
        assert_eq!(files("github", Some("https://git.acme.com"), "acme/infra", "c0ffee"), None, "not its API");
    }
}
