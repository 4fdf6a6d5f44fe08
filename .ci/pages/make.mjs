// The pages: workspaces, what is live, and what the program makes of both. Each page is there as HTML, as text and as Markdown.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

import { hostile } from "./hostile.mjs";
import { told } from "./told.mjs";

const NUMBER_OF_PROJECTS = 200;
/** The project with the change that cannot be undone. */
const UNDOABLE = 117;
const SUBJECTS = [
  "confirmation", "invite", "magic_link", "recovery", "email_change", "reauthentication", "password_changed_notification",
  "email_changed_notification", "phone_changed_notification", "mfa_factor_enrolled_notification",
  "mfa_factor_unenrolled_notification", "identity_linked_notification", "identity_unlinked_notification",
];
const CLIENTS = ["azure", "bitbucket", "discord", "facebook", "figma", "github", "gitlab", "kakao", "keycloak", "notion", "slack", "zoom"];
const SAME = {
  jwt_exp: 1800, password_min_length: 14, mfa_max_enrolled_factors: 4, sms_otp_length: 8, rate_limit_otp: 25, rate_limit_verify: 29,
  rate_limit_token_refresh: 140, password_hibp_enabled: true, sessions_timebox: 12,
};
const LONG = ["confirmation", "invite", "magic_link", "recovery", "email_change", "reauthentication"];

/** A workspace in a folder of its own, and the program that runs in it. */
class Workspace {
  constructor(program, folder, target) {
    Object.assign(this, { program, folder, target });
    this.write("supaform.yaml", "version: 1\n");
  }

  write(name, text) {
    const path = `${this.folder}/${name}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  run(args) {
    const done = spawnSync(this.program, args, {
      cwd: this.folder, env: { PATH: process.env.PATH }, encoding: "utf8", maxBuffer: 256 * 1024 * 1024,
    });
    if (done.error) throw done.error;
    return done;
  }

  /** Runs what must go well. */
  does(...args) {
    const done = this.run(args);
    if (done.status !== 0) throw new Error(`${args.join(" ")} ended with ${done.status}: ${done.stdout}${done.stderr}`);
  }

  live(change) {
    const path = `${this.folder}/live/state.json`;
    const state = JSON.parse(readFileSync(path, "utf8"));
    change(state);
    writeFileSync(path, JSON.stringify(state));
  }

  /** A page, and what is checked of it. */
  page(name, args, more = {}) {
    const { stdout: html, stderr } = this.run([...args, "--format", "html"]);
    if (!html.startsWith("<!DOCTYPE html>")) throw new Error(`${name} is no page: ${html}${stderr}`);
    const file = `${this.target}/${name}.html`;
    writeFileSync(file, html);
    return { name, file, html, ...more };
  }

  /** The same as it stands in terminals of two widths, and in Markdown where there is any. */
  printed(args) {
    const quoted = [this.program, ...args].map((it) => `'${it}'`).join(" ");
    const text = (width) => spawnSync("script", ["--quiet", "--command", `stty rows 50 cols ${width}; ${quoted}`, "/dev/null"], {
      cwd: this.folder, env: { PATH: process.env.PATH, TERM: "xterm-256color" }, encoding: "utf8",
    }).stdout.replaceAll("\r\n", "\n").replace(/^.*\r(?:\x1b\[(?:0|2)?K)?/gm, "");
    return { text: { 80: text(80), 140: text(140) }, markdown: this.run([...args, "--format", "markdown"]).stdout };
  }

  /** What has no page: it is only printed. */
  printedOnly(name, ...args) {
    return { name, text: this.printed(args).text };
  }

  /** Keeps what a command prints in a file. */
  keeps(file, ...args) {
    this.write(file, this.run(args).stdout);
  }

  commit(message) {
    const git = (...args) => {
      const done = spawnSync("git", ["-c", "user.name=Acme", "-c", "user.email=acme@example.com", ...args], { cwd: this.folder, encoding: "utf8" });
      if (done.status !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}`);
    };
    git("init", "--quiet");
    git("add", "--all", ":!live");
    git("commit", "--quiet", "--message", message);
  }

  /** A page, and the same in other formats. */
  all(name, ...args) {
    return this.page(name, args, this.printed(args));
  }
}

const reference = (number) => {
  const letters = [...String(number)].map((digit) => "abcdefghij"[digit]).join("");
  return (letters + "z".repeat(20)).slice(0, 20);
};
const world = (projects) => JSON.stringify({
  format: "supaform.sandbox", version: 1, organizations: { "acme-inc": { name: "Acme Inc", plan: "team" } }, projects,
});
const project = (name, more = {}) => ({
  name, organization: "acme-inc", region: "eu-central-1", status: "ACTIVE_HEALTHY", ...more,
});
const lines = (count, of) => Array.from({ length: count }, (_, at) => of(at)).join("\n");

/** Projects of all sorts: what is refused, what restarts, what differs in a text, what is not at hand. */
const shop = (it) => {
  it.write("world.json", world(Object.fromEntries(["pay-prod", "shop-prod", "shop-stag"].map((name, at) => [
    reference(at), project(name, { auth: { password_min_length: 14, jwt_exp: 3600 } }),
  ]))));
  const mail = (friend, end) => JSON.stringify(`<h1>You are invited</h1>\n<p>Dear ${friend}</p>\n${lines(9, (at) => `<p>Line ${at}</p>`)}\n${end}\n`);
  const manifest = (name, at, body) => it.write(`projects/${name}.yaml`, `project: ${name}\nref: ${reference(at)}\nlabels: {env: ${name.split("-")[1]}, team: ${name.split("-")[0]}}\n${body}`);
  const first = `auth:\n  mailer_templates_invite_content: ${mail("friend,", "<p>Yours, the shop</p>")}\n  uri_allow_list: [https://pay.example.com/callback]\n`;
  manifest("pay-prod", 0, `${first}secrets: {OLD_WEBHOOK_TOKEN: {plain: old}, APP_ENV: {plain: production}}\n`);
  manifest("shop-prod", 1, first);
  manifest("shop-stag", 2, first);
  it.does("apply", "--sandbox", "live", "--world", "world.json", "--yes");
  const later = mail("new friend!", "<p>Yours truly, the shop</p>\n<p>Unsubscribe</p>");
  const next = (more) => `auth:\n  mailer_templates_invite_content: ${later}\n  uri_allow_list: [https://pay.example.com/callback, https://checkout.example.com/callback]\n${more}`;
  manifest("pay-prod", 0, `protected: true\n${next("  jwt_exp: 30m\n")}secrets: {OLD_WEBHOOK_TOKEN: null, APP_ENV: {plain: production}, NEW_KEY: {env: NEW_KEY}}\nnetwork_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}\n`);
  manifest("shop-prod", 1, `${next("  jwt_exp: 30m\n  site_url: https://shop.example.com\n")}postgres: {max_connections: 120}\n`);
  manifest("shop-stag", 2, `${next("  jwt_exp: 30m\n  password_min_length: 8\n  site_url: https://stag.example.com\n")}postgres: {max_connections: 90}\nssl_enforcement: {database: true}\n`);
};

/** Every class of risk, and what stands beside the changes: rules, what is no longer managed, what is sent along. */
const risks = (it) => {
  const ref = reference(0);
  it.write("world.json", world({ [ref]: project("bank-prod", { auth: { password_min_length: 14 } }) }));
  const manifest = (rules, body) => {
    it.write("supaform.yaml", `version: 1\n${rules}`);
    it.write("projects/bank.yaml", `project: bank-prod\nref: ${ref}\nlabels: {env: prod}\n${body}migrations: {path: ../sql}\n`);
  };
  it.write("sql/20260101000000_orders.sql", "create table orders (id bigint primary key);\n");
  manifest("", "auth: {password_min_length: 14, mailer_otp_exp: 15m}\nsecrets: {OLD_KEY: {plain: old}, APP_ENV: {plain: production}}\nnetwork_restrictions: {mode: open}\ndata_api: {max_rows: 500}\n");
  it.does("apply", "--sandbox", "live", "--world", "world.json", "--yes");
  it.commit("base");
  it.write("sql/20260101000000_orders.sql", "create table orders (id bigint primary key, placed_at timestamptz);\n");
  it.write("sql/20260201000000_clear.sql", "drop table orders;\n");
  const rule = "ignore:\n  - {path: bank-prod/auth/site_url, reason: moved by support, owner: \"@acme/platform\", until: 2027-01-31}\n";
  manifest(rule, `create: true
auth: {password_min_length: 8, site_url: "https://bank.example.com", disable_signup: true, hook_send_email_enabled: false}
secrets: {OLD_KEY: null, APP_ENV: {plain: production}, NEW_KEY: {env: NEW_KEY}}
network_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}
postgres: {max_connections: 120}
legacy_api_keys: {enabled: false}
ssl_enforcement: {database: true}
`);
  it.write("projects/more.yaml", "project: bank-stag\norganization: acme-inc\nname: Bank Staging\nregion: eu-central-1\ncreate: true\ndatabase_password: {env: DB}\nauth: {jwt_exp: 30m}\n");
  it.live((state) => {
    state.projects[ref].auth.site_url = "https://night.example.com";
    state.projects[ref].auth.mailer_otp_exp = 60;
  });
};

/** Two hundred projects with forty changes each, and one change among them that cannot be undone. */
const large = (it) => {
  const names = Array.from({ length: NUMBER_OF_PROJECTS }, (_, at) => `customer-${String(at).padStart(3, "0")}`);
  const long = (name, kind, mark) => lines(12, (at) => `<p>${mark && at === 5 ? "Welcome back" : "Welcome"} to ${name}, ${kind} ${at}</p>`);
  const live = (name) => Object.fromEntries(LONG.map((kind) => [`mailer_templates_${kind}_content`, long(name, kind, false)]));
  it.write("world.json", world(Object.fromEntries(names.map((name, at) => [
    reference(at), project(name, { auth: live(name) }),
  ]))));
  const write = (name, manifest) => it.write(`projects/${name}.yaml`, JSON.stringify({ project: name, ...manifest }, null, 1));
  const marked = { ref: reference(UNDOABLE), secrets: { LEGACY_SIGNING_KEY: { plain: "x" } } };
  write(names[UNDOABLE], marked);
  it.does("apply", "--sandbox", "live", "--world", "world.json", "--yes");
  names.forEach((name, at) => {
    const auth = {
      ...SAME,
      ...Object.fromEntries(SUBJECTS.map((kind) => [`mailer_subjects_${kind}`, `${name}: ${kind.replaceAll("_", " ")}`])),
      ...Object.fromEntries(CLIENTS.map((kind) => [`external_${kind}_client_id`, `${name}-${kind}-client`])),
      ...Object.fromEntries(LONG.map((kind) => [`mailer_templates_${kind}_content`, long(name, kind, true)])),
    };
    const secrets = at === UNDOABLE ? { secrets: { LEGACY_SIGNING_KEY: null } } : {};
    write(name, { ref: reference(at), labels: { cell: `c${at % 8}` }, auth, ...secrets });
  });
};

/** All pages. */
export const pages = (program, target) => {
  const folder = mkdtempSync(`${tmpdir()}/supaform-pages-`);
  try {
    return made((name) => new Workspace(program, `${folder}/${name}`, target));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const made = (workspace) => {
  const live = ["--sandbox", "live", "--world", "world.json"];
  const made = [];

  const fleet = workspace("fleet");
  cpSync("examples/fleet", fleet.folder, { recursive: true });
  made.push(fleet.all("fleet", "plan", ...live));

  const shops = workspace("shop");
  shop(shops);
  made.push(shops.all("plan", "plan", "--sandbox", "live"));
  made.push(shops.all("compare", "compare", "shop-prod", "shop-stag"));
  made.push(shops.all("compare-many", "compare", "pay-prod", "shop-prod", "shop-stag"));
  shops.live((state) => {
    Object.assign(state.projects[reference(0)].auth, { password_min_length: 6, uri_allow_list: "https://evil.example.com" });
    Object.assign(state.projects[reference(2)].auth, { jwt_exp: 600 });
  });
  made.push(shops.all("drift", "drift", "--sandbox", "live"));
  made.push(shops.all("status", "status", "--sandbox", "live"));
  made.push(shops.all("status-field", "status", "--field", "auth.password_min_length", "--sandbox", "live"));
  for (const [name, ...args] of [
    ["explain", "explain", "auth.jwt_exp"], ["explain-fleet", "explain", "*/auth/jwt_exp"], ["explain-value", "explain", "pay-prod/auth/jwt_exp"], ["needs", "needs", "--missing"],
    ["explain-code", "explain", "E0504"], ["accept", "accept", "shop-stag/auth/password_min_length", "--sandbox", "live", "--dry-run"],
  ]) made.push(shops.printedOnly(name, ...args));
  const refused = { kind: "refuse", status: 400, message: "jwt_exp: Too small" };
  shops.live((state) => {
    state.faults = [{ route: `PATCH /v1/projects/{ref}/config/auth`, times: 1, fault: refused }];
  });
  const report = shops.run(["apply", "--sandbox", "live", "--yes", "--select", "shop-*", "--format", "json"]);
  shops.write("report.json", report.stdout);
  made.push(shops.all("report", "show", "report.json"));

  const bank = workspace("bank");
  risks(bank);
  made.push(bank.all("risks", "plan", "--sandbox", "live", "--base", "HEAD", "--full"));
  made.push(bank.all("revisions", "render", "--base", "HEAD"));
  made.push(bank.all("drift-full", "drift", "--sandbox", "live", "--full"));

  // What somebody outside has to do before a run can go on.
  const host = workspace("hostname");
  cpSync("examples/hostname", host.folder, { recursive: true });
  host.keeps("waiting.json", "apply", ...live, "--yes", "--allow", "shop/custom_hostname/activate", "--format", "json");
  made.push(host.all("waiting", "show", "waiting.json"));
  made.push(host.all("waiting-status", "status", "--sandbox", "live"));

  // Kinds that are no settings.
  for (const [name, ...more] of [
    ["functions", "--secrets-from", "fake-secrets.env"], ["migrations"], ["previews", "--world", "world.json"], ["sign-in", "--secrets-from", "fake-secrets.env"],
  ]) {
    const example = workspace(name);
    cpSync(`examples/${name}`, example.folder, { recursive: true });
    made.push(example.all(name, "plan", "--sandbox", "live", ...more));
  }

  const taken = workspace("import");
  taken.write("world.json", world(Object.fromEntries(["acme", "bolt", "cedar"].map((name, at) => [
    reference(at), project(`${name}-prod`, { auth: { jwt_exp: 1800, password_min_length: 12, site_url: `https://${name}.example.com` } }),
  ]))));
  made.push(taken.printedOnly("import", "import", ...live, "--organization", "acme-inc", "--profile", "base", "--dry-run"));

  made.push(...told());

  const findings = workspace("findings");
  findings.write("projects/acme.yaml", "project: acme\nref: nonsense\nauth: {jwt_exp: 2 hours, jwt_expp: 1h, smtp_admin_email: nobody}\ndatabse: {}\n");
  made.push(findings.all("findings", "validate"));

  const many = workspace("large");
  large(many);
  made.push(many.page("large", ["plan", "--sandbox", "live"], { isLarge: true }));

  const bad = workspace("hostile");
  hostile(bad, { world, project, reference });
  made.push(bad.page("hostile", ["plan", ...live], { isHostile: true }));
  return made;
};
