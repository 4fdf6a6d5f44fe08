// Asks yaml-language-server for hover texts, completions and findings: `node editor.mjs SERVER SCHEMA`.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [server, schemaFile] = process.argv.slice(2);
const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
const settings = {
  yaml: {
    schemas: { [pathToFileURL(resolve(schemaFile)).href]: "*.yaml" },
    hover: true,
    completion: true,
    validate: true,
    schemaStore: { enable: false },
  },
};

// The protocol: messages with their length, over standard input and output.
const child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const answers = new Map();
const published = new Map();
let received = Buffer.alloc(0);
let asked = 0;
const send = (message) => {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
};
const tell = (method, params) => send({ method, params });
const ask = (method, params) =>
  new Promise((take, refuse) => {
    answers.set(++asked, ({ result, error }) => (error ? refuse(new Error(error.message)) : take(result)));
    send({ id: asked, method, params });
  });
const receive = (message) => {
  if (message.method === "workspace/configuration") {
    send({ id: message.id, result: message.params.items.map((item) => settings[item.section] ?? {}) });
  } else if (message.method === "textDocument/publishDiagnostics") {
    published.get(message.params.uri)?.(message.params.diagnostics.map((finding) => finding.message));
  } else if (message.method && message.id !== undefined) {
    send({ id: message.id, result: null });
  } else if (message.id !== undefined) {
    answers.get(message.id)?.(message);
    answers.delete(message.id);
  }
};
child.stdout.on("data", (bytes) => {
  received = Buffer.concat([received, bytes]);
  for (;;) {
    const head = received.indexOf("\r\n\r\n");
    const length = head < 0 ? NaN : Number(/Content-Length: (\d+)/.exec(received.subarray(0, head))[1]);
    const end = head + 4 + length;
    if (!(received.length >= end)) return;
    const message = JSON.parse(received.subarray(head + 4, end));
    received = received.subarray(end);
    receive(message);
  }
});

let opened = 0;
async function open(text) {
  const uri = `file:///manifest-${++opened}.yaml`;
  const findings = new Promise((take) => published.set(uri, take));
  tell("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
  const at = (line, character) => ({ textDocument: { uri }, position: { line, character } });
  return {
    findings: await findings,
    hover: async (line, character) => (await ask("textDocument/hover", at(line, character)))?.contents.value ?? "",
    offered: async (line, character) => (await ask("textDocument/completion", at(line, character)))?.items ?? [],
  };
}

const wrong = [];
let checked = 0;
const expect = (what, is, told) => {
  checked += 1;
  if (!is) wrong.push(`${what}: ${JSON.stringify(told)}`);
};

await ask("initialize", {
  processId: process.pid,
  rootUri: null,
  capabilities: {
    workspace: { configuration: true },
    textDocument: { completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } } },
  },
});
tell("initialized", {});
tell("workspace/didChangeConfiguration", { settings });

// The hover text of every field is its own, with its example and with a value that is refused.
for (const [name, { properties, additionalProperties }] of Object.entries(schema.definitions)) {
  if (!name.startsWith("section_")) continue;
  const section = name.slice("section_".length);
  const item = additionalProperties === false ? null : additionalProperties;
  const whole = item?.anyOf.find((way) => way.properties);
  const fields = Object.entries(properties ?? whole.properties);
  const example = (field) =>
    field.examples ? JSON.stringify(field.examples[0]) : (field.defaultSnippets?.[0].body ?? "null");
  for (const value of [example, () => "[[]]"]) {
    const above = ["project: acme", `${section}:`, ...(item ? ["  one:"] : [])];
    const lines = fields.map(([key, field]) => `${item ? "    " : "  "}${key}: ${value(field)}`);
    const document = await open([...above, ...lines, ""].join("\n"));
    for (const [index, [key, field]] of fields.entries()) {
      const shown = await document.hover(above.length + index, 5);
      const own = field.markdownDescription ?? field.description.replace(/[\\`*_{}[\]#+!]/g, "\\$&");
      expect(`hover of ${section}.${key}: ${value(field)}`, shown.includes(own) && !shown.includes("||"), shown);
    }
  }
}

// A line of a section: what is found there, and what is offered at its end.
const says = async (section, line, ...expected) => {
  const { findings } = await open(`project: acme\n${section}:\n  ${line}\n`);
  expect(`findings of ${section}: ${line}`, JSON.stringify(findings) === JSON.stringify(expected), findings);
};
const offers = async (section, line, ...expected) => {
  const document = await open(`project: acme\n${section}:\n  ${line}\n`);
  const items = await document.offered(2, 2 + line.length);
  const told = items.map((item) => [item.label, item.insertText]);
  for (const one of expected) {
    expect(`offers at ${section}: ${line}`, told.some((it) => JSON.stringify(it) === JSON.stringify(one)), told);
  }
  expect(`labels at ${section}: ${line}`, !told.some(([label]) => label.includes("[object")), told);
};

const secret =
  "A secret is never written here: refer to it by `{secret: NAME}`, `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND]}`";
const text = "Write a text of one line. A field may have it from elsewhere: `{file: PATH}` or `{env: NAME}`.";
await says("auth", "smtp_pass: abc", `${secret}.`);
await says("auth", "smtp_pass: {sekret: SMTP_PASS}", `${secret}.`);
await says("auth", "smtp_pass: {secret: SMTP_PASS}");
await says("auth", "hook_send_sms_secrets: abc", `${secret}.`);
await says("secrets", "STRIPE_KEY: abc", `${secret}, or \`{plain: TEXT}\` where it is none.`);
await says("auth", "site_url: 5", text);
await says("auth", "site_url: {evn: SITE}", text);
await says("auth", "site_url: {env: SITE}");
await says("auth", "site_url: ${var.site}");
await says("auth", "jwt_exp: abc", "Takes a whole number of seconds from 0 to 604800, or a duration such as `90s` or `1h30m`.");
await says("auth", "jwt_exp: 700000", "Value is above the maximum of 604800.");
await says("auth", "disable_signup: perhaps", "Takes `true` or `false`.");
await says("auth", "uri_allow_list: abc", "Takes a list; each item is a text without commas.");
await says("auth", "sms_test_otp: {a: b}", "Takes digits.");
await says("postgres", "wal_keep_size: much of it", "Takes an amount in Postgres's grammar such as `64MB`.");
await says("auth", "site_ur: x", "Property site_ur is not allowed.");

const [env, file, exec, unmanaged] = [
  ["{env: NAME}", "{env: ${1:NAME}}"],
  ["{file: PATH}", "{file: ${1:PATH}}"],
  ["{exec: [COMMAND]}", "{exec: [${1:COMMAND}]}"],
  ["{unmanaged: true}", "{unmanaged: true}"],
];
await offers("auth", "smtp_pass: ", ["{secret: SMTP_PASS}", "{secret: SMTP_PASS}"], env, file, exec, unmanaged);
await offers("auth", "smtp_pa", ["smtp_pass", "smtp_pass: {secret: SMTP_PASS}"]);
await offers("auth", "site_url: ", ["https://example.com", "https://example.com"], env, file, unmanaged);
await offers("auth", "disable_signup: ", ["true", "true"], ["false", "false"]);
await offers("auth", "password_required_characters: ", ["letters_digits", "letters_digits"]);
await offers("auth", "sms_test_otp: ", ['{"15551234567": "123456"}', '{"15551234567": "123456"}']);
await offers("secrets", "STRIPE_KEY: ", env, file, exec, ["{plain: TEXT}", "{plain: ${1:TEXT}}"]);

child.kill();
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`an editor shows what it should, in ${checked} places`);
