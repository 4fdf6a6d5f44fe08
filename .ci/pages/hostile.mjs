// Values that would do something if they were anything but text: ten thousand of them, live and in manifests.

const PIECES = [
  "<script>document.title='pwned';alert(1)</script>", "</script><script>alert(1)</script>", "</style><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>", "<img src=https://evil.example/p.png>", "<svg/onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
  "<iframe src=javascript:alert(1)></iframe>", "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
  "<style>@import 'https://evil.example/a.css'</style>", "<link rel=stylesheet href=https://evil.example/a.css>", "<base href=https://evil.example>",
  "<meta http-equiv=refresh content=0;url=https://evil.example>", "<form action=https://evil.example><input name=a></form>", "<object data=x>",
  "<embed src=x>", "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<video src=x onerror=alert(1)>", "<body onload=alert(1)>",
  "<math><mtext></mtext></math>", "<template><script>alert(1)</script></template>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
  "]]>", "<![CDATA[", "/*]]>*/", "*/", "<!--", "-->", "--!>", "</title>", "</textarea>", "</main></body></html>", "\" onmouseover=alert(1) x=\"",
  "' onmouseover='alert(1)", "` onmouseover=`alert(1)", "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "&lt;script&gt;", "&#60;script&#62;",
  "&#x3c;script&#x3e;", "%3Cscript%3E", "\\u003cscript\\u003e", "{{ 7*7 }}", "{% include 'x' %}", "{{{x}}}", "<%= x %>", "#{x}", "$(x)", "`x`",
  "__proto__", "constructor", "\u202e", "\u2066", "\u2067", "\u200f", "\ufeff", "\u0000", "\u001b[2J", "\u001b]8;;https://evil.example\u0007", "\u0085",
  "\u2028", "\u2029", "\ufffd", "\u{1f600}", "x".repeat(400),
];

/** A generator that gives the same numbers every time. */
const numbers = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Values of one to four pieces each; what is written in manifests has no control characters, and is no template of a mail. */
export const values = (seed) => {
  const next = numbers(seed);
  const piece = () => PIECES[Math.floor(next() * PIECES.length)];
  return (isWritten) => {
    const text = Array.from({ length: 1 + Math.floor(next() * 4) }, piece).join(next() < 0.5 ? " " : "");
    return isWritten ? text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029{}]/g, "") || "x" : text;
  };
};

const PROJECTS = 250;
const FIELDS = [
  "confirmation", "invite", "magic_link", "recovery", "email_change", "reauthentication", "password_changed_notification",
  "email_changed_notification", "phone_changed_notification", "mfa_factor_enrolled_notification",
  "mfa_factor_unenrolled_notification", "identity_linked_notification", "identity_unlinked_notification",
].flatMap((kind) => [`mailer_subjects_${kind}`, `mailer_templates_${kind}_content`]).slice(0, 20);

/** Writes a workspace of 250 projects with 20 fields each, hostile before and after: ten thousand values. */
export const hostile = (it, { world, project, reference }) => {
  const value = values(0x5eed);
  const fields = (isWritten) => Object.fromEntries(FIELDS.map((field) => {
    const many = field.endsWith("_content") ? [value(isWritten), "kept", value(isWritten)].join("\n") : value(isWritten);
    return [field, many];
  }));
  const numbers = Array.from({ length: PROJECTS }, (_, at) => at);
  it.write("world.json", world(Object.fromEntries(numbers.map((at) => [
    reference(at), { ...project(value(false)), region: value(false), auth: fields(false) },
  ]))));
  numbers.forEach((at) => it.write(`projects/p${at}.yaml`, JSON.stringify({
    project: `p${at}`, ref: reference(at), labels: { team: value(true).slice(0, 60) }, auth: fields(true),
  }, null, 1)));
};
