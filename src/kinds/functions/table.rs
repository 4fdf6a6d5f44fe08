//! The rows.

use crate::kind::prelude::*;

pub(super) const LIST: &str = "/v1/projects/{ref}/functions";
pub(super) const ONE: &str = "/v1/projects/{ref}/functions/{function_slug}";
pub(super) const BODY: &str = "/v1/projects/{ref}/functions/{function_slug}/body";
pub(super) const DEPLOY: &str = "/v1/projects/{ref}/functions/deploy";

const TEXT: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });

const FILES: &str = "it says where files are, and each of these is compared by itself";

pub(super) static INFO: KindInfo = KindInfo {
    name: "functions",
    doc: "Edge functions, deployed from their sources; the name of each is its slug, the last part of its address.",
    shape: Shape::Collection {
        path: LIST,
        key: "slug",
        scalar: None,
        reserved: None,
        bad_name,
        delete_risk: "whoever calls it gets an error at once",
        items: None,
    },
    fields: &[&[
        text("path")
            .local()
            .example("../supabase/functions/hello")
            .harmless(FILES)
            .doc("The folder of the sources, or the file where the function begins; without it, `supabase/functions/SLUG` below the root of the workspace."),
        text("entrypoint")
            .local()
            .example("index.ts")
            .harmless(FILES)
            .doc("The file where the function begins, from that folder; without it, `index.ts`."),
        text("import_map")
            .local()
            .example("deno.json")
            .harmless(FILES)
            .doc("The import map or the configuration of Deno, from that folder; without it, a `deno.json` or `deno.jsonc` beside the entry point, or else `supabase/functions/import_map.json`."),
        list("static_files", &TEXT, ListAs::Set)
            .local()
            .example("[\"assets/*.html\"]")
            .harmless(FILES)
            .doc("Files beside the sources, as patterns from that folder; the platform drops them when it bundles, so that only a local bundle has them."),
        flag("verify_jwt")
            .risks(&[
                Risk {
                    when: When::Off,
                    impact: Impact::Security,
                    why: "anybody can call the function: it has to check by itself who does",
                },
                Risk {
                    when: When::On,
                    impact: Impact::Access,
                    why: "calls without a valid token are refused, such as those of webhooks",
                },
            ])
            .default(Literal::Bool(true))
            .doc("Whether a call needs a valid token of the project; a new function without this line does."),
        text("name")
            .prose()
            .example("Hello")
            .harmless("it is a name for people only")
            .doc("The name in the dashboard; a new function without this line is called by its slug."),
    ]],
    form: Some(DEPLOY),
    own_members: &["entrypoint_path", "import_map_path", "static_patterns"],
    after: &["secrets"],
    read_back: ReadBack::MayBeLost,
    example: "functions:\n  hello: {verify_jwt: true}",
    dropped: &["import_map"],
    read_only: &["id", "slug", "status", "version", "created_at", "updated_at", "ezbr_sha256"],
    ..KindInfo::PLAIN
};

/// The stricter of the two patterns that the API has for slugs.
fn bad_name(slug: &str) -> Option<String> {
    let rest = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let fine = slug.starts_with(|c: char| c.is_ascii_alphabetic()) && slug.chars().all(rest);
    (!fine).then(|| "the slug of a function is letters, digits, `_` and `-`, and begins with a letter".to_owned())
}

/// The settings of a function in a section.
pub(super) fn wanted<'s>(section: &'s Section, name: &str) -> Option<&'s Settings> {
    let SectionBody::Items(items) = &section.body else { return None };
    match items.get(name)? {
        Item::Present(settings, _) => Some(settings),
        Item::Absent(_) | Item::Unmanaged(_) => None,
    }
}
