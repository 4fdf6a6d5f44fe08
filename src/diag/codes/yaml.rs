//! The codes of reading YAML.

use super::code::codes;

codes! {
    SYNTAX = "E0101", "not YAML",
        "The text breaks the syntax of YAML 1.2, so nothing of the file is used. The place is where reading stopped; the cause may be a little before it: a quote or bracket that is not closed, or a line that is indented too little or too much.",
        "auth:\n  site_url: [https://acme.com\n";
    NOT_UTF8 = "E0102", "not UTF-8",
        "Manifests are UTF-8, with or without a byte order mark. This file is in another encoding, such as UTF-16 or Latin-1; save it as UTF-8.",
        "";
    FILE_TOO_LARGE = "E0103", "the file is too large",
        "A manifest has at most 1 MiB, which is checked before it is parsed. Split it into several files, or put long texts into files of their own with `{file: PATH}`.",
        "";
    TOO_MANY_NODES = "E0104", "too many values",
        "A manifest has at most 10 000 keys and values and 4 MiB of text after its aliases are expanded, so that a few lines cannot grow to fill the memory.",
        "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n# …and so on, ten times more each line\n";
    TEXT_TOO_LONG = "E0105", "a text is too long",
        "A single text or key has at most 256 KiB. Put long texts into a file of their own with `{file: PATH}`.",
        "";
    TOO_DEEP = "E0106", "nested too deeply",
        "Lists and maps are nested at most 32 levels deep, aliases expanded. No manifest needs as many; a deeper file is an attack.",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n";
    CONTROL_CHARACTER = "E0107", "a control character",
        "Control characters, raw or as an escape in double quotes, steer terminals and the programs that read them later. A text may hold line feeds and tabs, nothing else of the kind.",
        "site_url: \"https://acme.com\\e[2J\"\n";
    LINE_BREAK = "E0108", "a line break that readers disagree on",
        "Lines end with LF or CRLF. A CR alone, NEL (U+0085), LS (U+2028) and PS (U+2029) are line breaks to some readers and not to others, so that two tools could read two different files.",
        "";
    INVISIBLE_CHARACTER = "E0109", "a character that is not seen",
        "Characters without width and characters that change the direction of writing make a text look different from what it is. They are refused in keys and in escapes, and warned about in texts and comments.",
        "site\\u200b_url: https://acme.com\n";
    TAB = "E0110", "a tab where YAML wants spaces",
        "YAML indents with spaces only: how wide a tab is depends on who looks at it. Replace the tab with spaces.",
        "auth:\n\tsite_url: https://acme.com\n";
    DUPLICATE_KEY = "E0111", "a key occurs twice in one map",
        "Each key occurs once in a map; otherwise one of the two values would be dropped unseen. Keys that differ only in quotes or in their Unicode normal form are the same key.",
        "auth:\n  jwt_exp: 3600\n  jwt_exp: 7200\n";
    KEY_NOT_TEXT = "E0112", "a key that is not a text",
        "Keys are texts of one line. Numbers, booleans, null, lists, maps and aliases are refused as keys; put quotes around a key that is meant to be a text.",
        "secrets:\n  123: {env: KEY}\n";
    MERGE_KEY = "E0113", "merge keys are not supported",
        "The key `<<` is not part of YAML 1.2, and tools disagree on what it overrides. Say what projects have in common in a profile and use it with `extends:`.",
        "auth: {<<: *defaults, jwt_exp: 7200}\n";
    TAG = "E0114", "tags are not supported",
        "Tags such as `!include` or `!!str` mean something else to every tool, and some run code. There is another way for each: quotes for a text, `{file: PATH}` for the text of a file, `{env: NAME}` for a secret of the environment.",
        "site_url: !env SITE_URL\n";
    UNKNOWN_ANCHOR = "E0115", "an alias without an anchor",
        "`*name` repeats what `&name` marked earlier in the same file, and no anchor of that name precedes it. A text that begins with an asterisk needs quotes.",
        "uri_allow_list: [*.acme.com]\n";
    ALIAS_IN_ITSELF = "E0116", "an alias inside its own anchor",
        "An alias inside the value that it repeats would never end.",
        "a: &a [*a]\n";
    DIRECTIVE = "E0117", "directives are not supported",
        "`%YAML` and `%TAG` lines change how the rest of a file is read. Manifests are YAML 1.2 without tags, so there is nothing to change.",
        "%YAML 1.1\n---\nversion: 1\n";
    SECOND_DOCUMENT = "E0118", "more than one document in a file",
        "A file holds one document, because many editors and schemas check only the first. Several projects go under `projects:`, or into files of their own.",
        "project: {ref: abcdefghijklmnopqrst}\n---\nproject: {ref: zyxwvutsrqponmlkjihg}\n";
    SAYS_NOTHING = "E0119", "the file is empty",
        "The file is empty, or holds only comments or null. That never means \"delete everything\"; more likely a generator failed or a merge went wrong. Remove the file if it is meant to be empty.",
        "# only a comment\n";
    NUMBER = "E0120", "an ambiguous number",
        "Readers disagree on numbers with leading zeros, octal and hexadecimal ones, and no setting takes infinity, NaN or minus zero. Write a plain decimal number, or put quotes around what is meant to be a text.",
        "rate_limit_email_sent: 0123\n";
    INTERPOLATION_IN_FLOW = "E0121", "`${…}` inside brackets needs quotes",
        "Inside `[…]` and `{…}` a brace begins a map, so an unquoted `${…}` is not YAML there. Put quotes around the text that holds it.",
        "uri_allow_list: [https://${var.domain}/**]\n";
}
