// Makes pages with the program, checks them in Chromium, and takes pictures of them.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

import { checks } from "./checks.mjs";
import { pages } from "./make.mjs";
import { pictures } from "./pictures.mjs";

const need = createRequire(`${process.env.TOOLS}/`);
const target = `${process.cwd()}/target`;
for (const folder of ["pages", "screenshots"]) {
  rmSync(`${target}/${folder}`, { recursive: true, force: true });
  mkdirSync(`${target}/${folder}`, { recursive: true });
}

const made = pages(process.env.SUPAFORM, `${target}/pages`);
const browser = await need("puppeteer-core").launch({
  executablePath: execFileSync("which", ["chromium"], { encoding: "utf8" }).trim(),
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
const failures = [];
try {
  failures.push(...(await checks(browser, made, need)));
  await pictures(browser, made, `${target}/screenshots`, need);
} finally {
  await browser.close();
}
console.log(`${made.length} pages checked; pictures are in target/screenshots`);
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
