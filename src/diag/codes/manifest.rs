//! The codes of the manifest language: documents, merging, variables, selecting.

use super::code::codes;

codes! {
    NO_WORKSPACE = "E0200", "no workspace",
        "A workspace is a folder with a `supaform.yaml` in it. The program looks for it from the working directory upwards; `--root` names it directly.",
        "";
    EMPTY_WORKSPACE = "E0201", "a workspace without a project",
        "No document below the root describes a project. That is more likely a mistake (a wrong folder, an ignore file that leaves out too much) than intent, and it never means that everything is to be deleted.",
        "";
    NOT_A_MANIFEST = "E0202", "a YAML file that is no manifest",
        "Every YAML file below the root is read and must hold a project (`project:`), many of them (`projects:`) or a profile (`profile:`), so that a misspelt manifest is not passed over. Other YAML files are named in `.supaformignore`, or `manifests:` in `supaform.yaml` says where manifests are, and no other file is opened.",
        "services: {web: {image: nginx}}";
    MIXED_DOCUMENT = "E0203", "a document of more than one type",
        "A file holds one project, or many under `projects:`, or one profile. Put each into its own file, or all projects under `projects:`.",
        "project: a\nprofile: b";
    UNKNOWN_KEY = "E0204", "an unknown key",
        "The document has no such key. Keys are those of the document itself, such as `ref` or `extends`, and the names of sections. What could weaken a check, such as limits or the API's address, is never in a manifest but on the command line.",
        "project: a\nrefs: aaaaaaaaaaaaaaaaaaaa";
    UNKNOWN_FIELD = "E0205", "an unknown field",
        "The section has no such field. Fields have the names that the API gives them; `supaform explain SECTION` lists them. What the API has and this version does not know can be set under `extra:`.",
        "project: a\nauth: {jwt_expiry: 1h}";
    BAD_VERSION = "E0206", "a version that cannot be read",
        "`supaform.yaml` says which version of the manifest language the workspace is written in. There is one so far: `version: 1`.",
        "version: 2";
    NESTED_WORKSPACE = "E0207", "a workspace in a workspace",
        "A `supaform.yaml` below the root would start another workspace, and its projects would belong to both. Name its folder in `.supaformignore`, leave it out of `manifests:`, or work in it with `--root`.",
        "";
    NOTHING_MATCHES = "E0208", "`manifests` that matches nothing",
        "`manifests` in `supaform.yaml` limits what is read, to folders or patterns such as `projects/**`; no other file is opened. An entry that matches no YAML file would leave projects out silently.",
        "version: 1\nmanifests: [project]";
    BAD_ENVELOPE = "E0209", "a wrong value outside of the sections",
        "Keys such as `extends`, `labels` or `protected` have values of one form each; references and markers are not possible there.",
        "project: a\nextends: acme";
    BAD_NAME = "E0210", "a name that cannot be used",
        "Names of documents, profiles, variables and labels have ASCII letters, digits, `-` and `_`, start with a letter or digit, and have at most 64 characters, so that they can be used in addresses and for selecting.",
        "project: acme/prod";
    BAD_REF = "E0211", "a ref of the wrong form",
        "A project's ref is 20 lower-case letters. It is in the address of the project's dashboard.",
        "project: a\nref: https://example.supabase.co";
    SECOND_ENVELOPE = "E0212", "a project that is described twice",
        "A project may be split over several files, but everything beside its sections (`ref`, `extends`, `vars`…) stands in one of them.",
        "";
    SECOND_SECTION = "E0213", "a section that is written twice",
        "A project may be split over several files, each section in one of them.",
        "";
    SAME_REF = "E0214", "one ref for two projects",
        "Two documents with the same ref would write the same project in turns.",
        "";
    SAME_PROJECT = "E0215", "two documents for one project",
        "Without `ref`, a project is found by organization and name; two documents must not find the same one. Nor may names of documents differ in case or punctuation only: their secrets would be looked up under the same variables.",
        "";
    NOT_FINDABLE = "E0216", "a project that cannot be found",
        "A project is found by its `ref`, or by `organization` and name. This one gives neither.",
        "project: a\nauth: {jwt_exp: 1h}";
    CREATE_NEEDS = "E0217", "a project that cannot be created",
        "With `create: true` a project that does not exist is created, which needs its organization, its region and the password of its database (`database_password:`, a reference to a secret).",
        "project: a\ncreate: true\norganization: acme-inc";
    UNKNOWN_PROFILE = "E0220", "an unknown profile",
        "`extends` names a profile that no document below the root declares.",
        "project: a\nextends: [nowhere]";
    SECOND_PROFILE = "E0221", "a profile that is declared twice",
        "Two documents declare the same profile, so that chance would decide which one counts.",
        "";
    EXTENDS_CYCLE = "E0222", "profiles that extend each other",
        "A profile extends itself, directly or through others, so no layer is the weakest. The message shows the chain.",
        "profile: a\nextends: [a]";
    EXTENDS_DEPTH = "E0223", "profiles nested too deeply",
        "Profiles extend each other at most 8 deep, because nobody can trace a value through more.",
        "";
    PROTECTED_LOWERED = "E0224", "protection that a document removes",
        "A document can add protection to what a profile or `common` sets, and never remove it. Remove `protected: true` where it is set.",
        "";
    IDLE_PROFILE = "E0225", "a profile that nothing extends",
        "No project extends the profile, neither itself nor through another, so its values apply nowhere and are not checked.",
        "profile: a\nauth: {jwt_exp: 1h}";
    SHOWN_SECRET = "E0226", "a file of a secret in a field that is shown",
        "The text of the file would be shown in plans and logs, and the same file holds a secret: some manifest of the workspace (or of the base revision) refers to it as a secret, or the command line names it as the source of a token or of secrets. Put a text that everybody may read into a file of its own.",
        "project: a\nref: aaaaaaaaaaaaaaaaaaaa\nauth: {smtp_pass: {file: key.txt}, site_url: {file: key.txt}}";
    UNKNOWN_VARIABLE = "E0230", "a variable that is not defined",
        "`${var.NAME}` is defined by `vars:` of the document, of `common`, or of a profile that it extends; `${label.NAME}` by `labels:`.",
        "project: a\nauth: {site_url: \"https://${var.domian}\"}";
    MISSING_VARIABLE = "E0231", "a variable that a profile requires",
        "A profile that the project extends names the variable under `requires:`, and the project does not define it.",
        "";
    UNUSED_VARIABLE = "E0232", "a variable that nothing uses",
        "A variable is defined and no section uses it. Most often its name is misspelt.",
        "project: a\nvars: {domian: a.example}";
    BAD_INTERPOLATION = "E0233", "`${…}` that cannot be read",
        "In texts of sections, `${var.NAME}`, `${label.NAME}`, `${document}`, `${project.ref}` and `${project.name}` are replaced, once and without nesting. A literal `${` is written `$${`.",
        "project: a\nauth: {site_url: \"https://${DOMAIN}\"}";
    NOT_SCALAR = "E0234", "a list or a map within a text",
        "Only texts, numbers and booleans can be inserted into a text. A value that is nothing but `${var.NAME}` may be of any type.",
        "";
    KNOWN_LATER = "E0235", "a ref that is not known",
        "Without `ref:` in the document, `${project.ref}` is known once the project is found or created. Names, regions and references to secrets and files are needed before that, so they cannot use it.",
        "project: a\norganization: acme-inc\nauth: {smtp_pass: {file: \"keys/${project.ref}\"}}";
    BAD_MARKER = "E0240", "a marker that cannot be read",
        "`{unmanaged: true}` stops managing a field or an item; its live value stays. `{append: […]}` and `{remove: […]}`, alone or together, edit an inherited list. A map with a marker has no other keys.",
        "project: a\nauth: {jwt_exp: {unmanaged: yes}}";
    NOTHING_INHERITED = "E0241", "nothing inherited to edit",
        "`append` and `remove` edit the list of a weaker layer, never the live one, and here no profile or `common` has a list.",
        "project: a\nauth: {uri_allow_list: {append: [\"https://a.example\"]}}";
    NOTHING_TO_REMOVE = "E0242", "an item to remove that the list does not have",
        "`remove` names items of the inherited list, as they are written there.",
        "";
    BAD_POLICY = "E0243", "`manage` that cannot be read",
        "`manage:` says how sections are managed: `{SECTION: false}` leaves a section alone, `{COLLECTION: {prune: true}}` makes a collection authoritative, and `{SECTION: {restart: later}}` stores what needs a restart without restarting.",
        "project: a\nmanage: {auth: {prune: true}}";
    NOT_MANAGED = "E0244", "settings for a section that is not managed",
        "`manage: {SECTION: false}` leaves the section alone, and the same or a stronger layer sets fields in it. Remove one of the two.",
        "project: a\nmanage: {auth: false}\nauth: {jwt_exp: 1h}";
    BAD_ITEM_NAME = "E0245", "a name that an item cannot have",
        "The API refuses this name for an item of the collection, or reserves it.",
        "project: a\nsecrets: {SUPABASE_URL: {plain: x}}";
    BAD_SECTION = "E0246", "a section of the wrong form",
        "A section is a map: of fields, or of items by their names. To stop managing an inherited section, write `manage: {SECTION: false}`.",
        "project: a\nauth: true";
    EXTRA_KNOWN = "E0247", "a known field under `extra`",
        "`extra` is for what this version does not know; it is sent unchecked. Fields that this version knows are written in the section itself, where they are checked.",
        "project: a\nauth: {extra: {JWT_EXP: 3600, jwt_exp: 3600}}";
    FILE_REFUSED = "E0250", "a file that is not read",
        "Files are read below the root of the workspace only, without following links, and only regular files of a fair size. The value of a field that is shown never comes from files or folders whose names begin with a dot, from `node_modules`, or from what `.gitignore` or `.supaformignore` names. Untrusted manifests can use such files only as they are in the commit that is checked out.",
        "project: a\nauth: {site_url: {file: ../../etc/passwd}}";
    TOO_MUCH = "E0251", "too much to read",
        "A workspace has at most 20,000 YAML files of 1 MiB each and 64 MiB together, which is what ten thousand projects need. Most often a folder is missing in `.supaformignore`, or `manifests:` in `supaform.yaml` should say where manifests are.",
        "";
    BAD_SELECTOR = "E0260", "a selector that cannot be read",
        "A selector is `LABEL=VALUE`, `PROJECT` or `PROJECT/SECTION`, with `*` and `?` in names and values. A comma means `and`, a leading `!` means `not`, and a second `--select` means `or`.",
        "";
    NOTHING_SELECTED = "E0261", "a selector that matches nothing",
        "Nothing in the workspace matches. A selector with a typo must not look like a run without findings.",
        "";
    NO_LIVE_NAME = "E0265", "a name in the dashboard that the manifest does not set",
        "`${project.name}` is the project's name in the dashboard, as `name:` sets it. Without `name:` its value would change as soon as `name:` is added. `${document}` is the name of the document, which always exists.",
        "project: a\nref: aaaaaaaaaaaaaaaaaaaa\nauth: {smtp_sender_name: \"${project.name}\"}";
    BRANCH_OF = "E0270", "a branch of something that has no such branch",
        "`branch_of: {project: NAME, branch: NAME}` says that a document describes a branch instead of a project of its own. The project is named as its document is; it must be a project that has branches, not a branch itself, and the branch must not be removed there. What finds or makes a project (`ref`, `name`, `organization`, `region`, `create`) does not belong beside it.",
        "project: b\nbranch_of: {project: c, branch: staging}";
    BAD_PATTERN = "E0271", "a pattern of branches that cannot be read",
        "In `branches`, a name with `*` or `?` is a pattern: what it says holds for each live branch that matches and that no document describes. It has the keys of a document (`extends`, `vars`, `labels`, `protected`, `manage`) and sections, and none that finds or makes a project.",
        "project: a\norganization: acme-inc\nbranches: {\"*\": true}";
    BAD_IGNORE = "E0280", "a rule of `ignore` that cannot be read",
        "A rule of `ignore` in `supaform.yaml` says which difference is left alone (`path`, an address with `*` and `?` in its parts), why (`reason`), who answers for it (`owner`) and for how long (`until`, the last day). None of them may be missing, so that what is ignored is never forgotten.",
        "version: 1\nignore: [{path: acme-prod/auth/site_url}]";
    IDLE_IGNORE = "E0281", "a rule of `ignore` that matches nothing",
        "No manifest manages what the rule names, so there can be no difference that the rule would leave alone. Most often the path has a typo, or the manifest was changed since.",
        "";
    EXPIRED_IGNORE = "E0282", "a rule of `ignore` that has expired",
        "The rule held until the day that it names; the difference counts again in plan, apply and drift. Remove the difference, or give the rule a new day.",
        "";
    BAD_ALLOW = "E0283", "a rule of `allow` that cannot be read",
        "A rule of `allow` in `supaform.yaml` says what may be done without being allowed anew each time: the classes of harm (`classes`), the projects and sections (`select`, a selector as for `--select`) and why (`reason`). None of them may be missing. The rules of the base revision count, so that no branch allows itself anything.",
        "version: 1\nallow: [{classes: [restart], select: env=dev}]";
    IDLE_ALLOW = "E0284", "a rule of `allow` that matches no project",
        "The selector of the rule matches no project, so that it allows nothing. Most often it has a typo, or a label was changed since.",
        "";
}
