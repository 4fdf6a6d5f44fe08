//! The codes of secrets. None of their messages, and no line that is shown with them, holds the text of a secret.

use super::code::codes;

codes! {
    LITERAL = "E0400", "a literal where a secret belongs",
        "The field holds a secret, so the manifest holds a reference to it and never its text: `{secret: NAME}`, `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND]}`. If a real secret was written here, it is in the history of the repository and should be replaced.",
        "auth: {smtp_pass: correct-horse}";
    DIGEST = "E0401", "a digest in place of a secret",
        "The API shows secrets as digests, and this looks like one. Written back, the digest itself would become the secret. Refer to the secret's own value, or remove the line.",
        "";
    LOOKS_SECRET = "E0402", "a secret in a field that is shown",
        "The text has the form of a key, a token or a private key, and this field is shown in plans and logs. If it is real, replace it, and refer to it from a field that holds secrets.",
        "";
    BAD_REFERENCE = "E0403", "not a reference to a secret",
        "A reference is a map with one key: `secret`, `env` or `file` with a name, or `exec` with a list of the command and its arguments. In a collection, `{plain: …}` says that a value is no secret.",
        "auth: {smtp_pass: {environment: SMTP_PASS}}";
    FORBIDDEN_VARIABLE = "E0404", "a variable that no manifest may read",
        "The variable holds a credential of this tool or of the CI system. A manifest that may read it could send it anywhere, so it is refused whatever is allowed elsewhere.",
        "auth: {smtp_pass: {env: SUPABASE_ACCESS_TOKEN}}";
    ENV_REFUSED = "E0405", "a variable in a field that is shown",
        "A variable of the environment may hold a secret, and this field is shown. So that no pull request can reveal one, the variable has to be allowed by a flag of the command line.",
        "auth: {site_url: {env: ADDRESS}}";
    ENV_CALL = "E0406", "`env(NAME)` is not resolved",
        "`env(NAME)` belongs to the configuration of local development and would be sent as it is. In a manifest, use `{env: NAME}` in a field that holds a secret, and `${var.NAME}` in other fields.",
        "auth: {smtp_pass: env(SMTP_PASS)}";
    PLAIN_REFUSED = "E0407", "a plain value where a secret belongs",
        "`{plain: …}` is for items of a collection that are no secrets, such as names of environments. This field always holds a secret.",
        "auth: {smtp_pass: {plain: none}}";
    EMPTY = "E0410", "an empty secret",
        "The reference was resolved, and its value is empty. An empty value would lock out or disable what uses the secret, so it is never sent.",
        "";
    LINE_BREAK = "E0411", "a secret that ends in a line break",
        "The variable ends in a line break, which would become part of the secret. One at the end of a file or of a command's output is dropped, because editors and commands add it; a variable has none by accident.",
        "";
    NOT_TEXT = "E0412", "a secret that is not text",
        "Secrets are sent as JSON, so they must be UTF-8.",
        "";
    TOO_LONG = "E0413", "a secret that is too long",
        "The API stores a limited number of characters in this field, and the value has more.",
        "";
    EXEC_REFUSED = "E0414", "a command that may not run",
        "`{exec: […]}` runs a command with the rights of this process. So that no pull request can run one, commands are allowed by a flag of the command line only.",
        "auth: {smtp_pass: {exec: [pass, smtp]}}";
    EXEC_FAILED = "E0415", "a command that gave no secret",
        "The command of an `{exec: […]}` could not be started, did not end in time, or ended with a failure. What it printed is not shown, because it may hold the secret.",
        "";
    UNRESOLVED = "E0416", "a reference that finds no secret",
        "No source has the secret that the reference names. A plan then shows the secret as missing if live has none, and does not compare it if live has one; before apply writes anything, every managed secret must be found.",
        "";
    UNREADABLE_SOURCE = "E0417", "secrets that cannot be read",
        "The file that `--secrets-from` names is neither a map in YAML or JSON, from a document's name to its secrets, nor a list of `NAME=value` lines.",
        "";
    FILE_REFUSED = "E0418", "a secret file that is not read",
        "A secret file is a regular file below the root of the workspace or below `--secret-dir`. Links are not followed, and nothing else is read.",
        "auth: {smtp_pass: {file: ../../other/secret.txt}}";
    BAD_FORM = "E0465", "a secret of the wrong form",
        "Some secrets have a form: those that sign a hook's calls are `v1,whsec_` and 32 to 88 characters of base64, several joined with `|`. The auth service accepts no others, and would no longer call the hook. The value itself is never shown.",
        "";
    FOREIGN = "E0485", "a reference of another tool",
        "`$NAME`, `${{ … }}`, `op://…`, `vault:…`, `{{ … }}` and their like are filled in by shells, CI systems and other tools. Nothing fills them in here, so the text itself would go live. Let that tool write the value beforehand, or take it from `${var.NAME}` or a reference to a secret. In texts that people read it is a warning.",
        "auth: {site_url: \"$SITE_URL\"}";
}
