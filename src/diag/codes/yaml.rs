//! The codes of reading YAML and files.

use super::codes;

codes! {
    NOT_UTF8 = "E0101", "the file is not UTF-8",
        "Manifests are UTF-8. The message names the first byte that is not; a mark of UTF-16 or UTF-32 at the start is named too. Save the file as UTF-8.",
        "";
    TOO_LARGE = "E0102", "more than the limits allow",
        "A file may have 1 MiB, 10,000 values after its aliases are expanded, and 256 KiB in one text; a workspace 2,000 files and 16 MiB. The limits keep hostile input from taking the machine; real manifests stay far below them.",
        "";
    TOO_DEEP = "E0103", "nesting deeper than 32",
        "Lists and maps may be nested 32 deep. Manifests need four or five levels.",
        "";
    CONTROL_CHARACTER = "E0104", "a control character",
        "Control characters, line separators and a byte order mark in the middle of a file are invisible, are read differently by different tools and can forge what a terminal shows. Long texts may have line breaks and tabs.",
        "site_url: \"https://acme.com\\e[2J\"";
    DECEPTIVE_CHARACTER = "E0105", "an invisible or turning character",
        "Characters that have no width or turn the direction of text let a file look unlike what it says. They are refused in keys and where they are written as an escape, and pointed out in texts.",
        "";
    SYNTAX = "E0106", "the file is not YAML",
        "The parser cannot go on here. Most often an indentation, a quote or a bracket a little above is off.",
        "auth: {site_url: https://acme.com";
    UNQUOTED_INTERPOLATION = "E0107", "`${…}` in brackets needs quotes",
        "Within [ ] and { }, YAML reads the brace of ${…} as the start of a map. Put the whole value in quotes.",
        "uri_allow_list: [https://${var.domain}/callback]";
    TAG = "E0108", "tags are not supported",
        "Tags such as !include or !!binary make tools do things with a value. Manifests have none: write the value, or a reference such as {file: …} or {env: …}.",
        "smtp_pass: !env SMTP_PASS";
    MERGE_KEY = "E0109", "merge keys are not supported",
        "The merge key << is not part of YAML 1.2 and tools disagree about it. What projects share goes into a profile that they name in `extends`.",
        "auth: {<<: *base}";
    DUPLICATE_KEY = "E0110", "a key is written twice",
        "A map has each key once, also after Unicode normalisation. Of two, one would be ignored, and which one depends on the tool.",
        "auth:\n  jwt_exp: 1h\n  jwt_exp: 2h";
    BAD_KEY = "E0111", "a key is no text",
        "Keys are texts. Numbers, booleans, null, lists and maps are not; a name that looks like one goes in quotes.",
        "secrets:\n  1: {env: X}";
    BAD_ALIAS = "E0112", "an alias that leads nowhere",
        "An alias must name an anchor that stands before it in the same file, and not the value that it is part of.",
        "auth: &a {site_url: *b}";
    BAD_NUMBER = "E0113", "a number that tools read differently",
        "Numbers with leading zeros, octal and hexadecimal numbers, infinities, not-a-number, minus zero and numbers beyond all bounds are read differently by different tools. Write a plain decimal number, or quotes around a text.",
        "smtp_port: 0587";
    SECOND_DOCUMENT = "E0114", "a second document in the file",
        "A file holds one document, because editors check only the first. Several projects go under `projects:`, or each into a file of its own.",
        "project: a\n---\nproject: b";
    EMPTY_FILE = "E0115", "the file says nothing",
        "An empty manifest could mean that nothing is wanted or that something went wrong while it was written. It is never read as an order to delete. Write a document, or name the file in .supaformignore.",
        "# only a comment";
    DIRECTIVE = "E0116", "directives are not supported",
        "%YAML and %TAG change how the rest of the file is read. Manifests are YAML 1.2 without tags, so neither is needed.",
        "%YAML 1.1";
}
