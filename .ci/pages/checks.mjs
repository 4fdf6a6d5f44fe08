// What must hold of every page in a browser, and of some pages.
import { readFileSync } from "node:fs";

const THEMES = ["light", "dark"];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 640 };
/** The most that a page of two hundred projects with forty changes each may have. */
const LARGEST = 5_000_000;

/** A tab that notes whatever a page must not do. */
const tab = async (browser, theme, size, scripts = true) => {
  const page = await browser.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", async (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.isNavigationRequest() || request.redirectChain().length > 0) wrong.push(`request: ${request.url()}`);
  });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.setViewport(size);
  await page.setJavaScriptEnabled(scripts);
  return { page, wrong };
};

/** Nothing wrong, no violation of what people with disabilities need, no scrolling sideways. */
const anyPage = async (browser, made, axe) => {
  const failures = [];
  for (const theme of THEMES) {
    for (const size of [WIDE, PHONE]) {
      const { page, wrong } = await tab(browser, theme, size);
      await page.goto(`file://${made.file}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) wrong.push(`it is ${overflow} pixels too wide`);
      if (!made.isHostile) {
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const it of violations) wrong.push(`axe: ${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" ")}`);
      }
      failures.push(...wrong.map((it) => `${made.name} (${theme}, ${size.width}): ${it}`));
      await page.close();
    }
  }
  return failures;
};

/** Without scripts all is there, and no search that does nothing; on paper all folds are open. */
const withoutScripts = async (browser, made) => {
  const { page, wrong } = await tab(browser, "light", WIDE, false);
  await page.goto(`file://${made.file}`);
  const found = await page.evaluate(() => ({
    search: [...document.querySelectorAll("#search")].some((form) => form.checkVisibility()),
    hidden: document.querySelectorAll("main [hidden]:not(#search)").length,
  }));
  if (found.search) wrong.push("a search that does nothing is shown");
  if (found.hidden > 0) wrong.push(`${found.hidden} elements are hidden`);
  await page.emulateMediaType("print");
  const folded = await page.evaluate(() => {
    const option = { contentVisibilityAuto: false };
    return [...document.querySelectorAll("details > :not(summary)")].filter((it) => it.getBoundingClientRect().height === 0 && it.textContent.trim() !== "" && !it.checkVisibility(option)).length;
  });
  if (folded > 0) wrong.push(`${folded} folds are closed on paper`);
  if (!made.isLarge && !made.isHostile) {
    const paper = await page.pdf({ format: "A4" });
    if (paper.length < 5_000) wrong.push("nothing is printed");
  }
  await page.close();
  return wrong.map((it) => `${made.name} (without scripts): ${it}`);
};

/** The search finds, counts, and gives all back; the table sorts, by keyboard, too. */
const search = async (browser, made) => {
  const { page, wrong } = await tab(browser, "light", WIDE);
  await page.goto(`file://${made.file}`);
  const shown = () => page.evaluate(() => [...document.querySelectorAll("[data-k]")].filter((it) => !it.hidden).length);
  const said = () => page.evaluate(() => document.querySelector("#search output").value);
  const all = await shown();
  const words = await said();
  const choose = async (name, value, expected) => {
    await page.evaluate((name, value) => {
      const field = document.querySelector("#search").elements[name];
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }, name, value);
    const [now, says] = [await shown(), await said()];
    if (!(now > 0 && now < all) || !says.startsWith("Shown: ")) wrong.push(`${name}=${value} shows ${now} of ${all} (${says})`);
    if (expected && !(await page.evaluate((expected) => [...document.querySelectorAll("[data-k]")].filter((it) => !it.hidden).some((it) => it.closest(".group").textContent.includes(expected)), expected))) wrong.push(`${name}=${value} does not show ${expected}`);
    await page.evaluate(() => document.querySelector("#search button[type=reset]").click());
    await page.evaluate(() => new Promise((done) => setTimeout(done, 20)));
    if ((await shown()) !== all || (await said()) !== words) wrong.push(`after ${name}, not all is back`);
  };
  await choose("text", "jwt_exp", "jwt_exp");
  await choose("project", "0");
  await choose("kind", "postgres", "max_connections");
  await choose("risk", "destructive", "OLD_WEBHOOK_TOKEN");
  const sort = async (at) => {
    await page.focus(`#fleet th:nth-child(${at}) button`);
    await page.keyboard.press("Enter");
    return page.evaluate((at) => ({
      state: document.querySelector(`#fleet th:nth-child(${at})`).getAttribute("aria-sort"),
      cells: [...document.querySelectorAll(`#fleet tbody tr > :nth-child(${at})`)].map((it) => it.textContent),
    }), at);
  };
  await page.evaluate(() => { document.querySelector("#fleet").open = true; });
  const up = await sort(1);
  const down = await sort(1);
  if (up.state !== "ascending" || down.state !== "descending" || up.cells.join() !== [...down.cells].reverse().join()) wrong.push(`the table does not sort: ${JSON.stringify([up, down])}`);
  await page.close();
  return wrong.map((it) => `${made.name} (search): ${it}`);
};

/** However long a page is, what cannot be undone is seen at once; it is not too large, and is searched without a wait. */
const large = async (browser, made) => {
  const failures = [];
  const bytes = Buffer.byteLength(made.html);
  if (bytes > LARGEST) failures.push(`${bytes} bytes`);
  for (const size of [WIDE, PHONE]) {
    const { page, wrong } = await tab(browser, "light", size);
    await page.goto(`file://${made.file}`);
    const bottom = await page.evaluate(() => {
      const all = [...document.querySelectorAll(".card.destructive code, #refused code")];
      return all.find((it) => it.textContent.includes("LEGACY_SIGNING_KEY"))?.getBoundingClientRect().bottom ?? Infinity;
    });
    if (bottom > size.height) wrong.push(`what cannot be undone ends at ${bottom}, below ${size.height}`);
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
    const filtered = await page.evaluate(async () => {
      const field = document.querySelector("#search").elements.text;
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const times = [];
      for (const text of ["c", "customer-1", "customer-117", ""]) {
        await frame();
        const start = performance.now();
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        const script = performance.now() - start;
        await frame();
        times.push(`${Math.round(script)}+${Math.round(performance.now() - start - script)}`);
      }
      return times;
    });
    console.log(`${made.name} at ${size.width}: ${bytes} bytes, first paint after ${Math.round(paint)} ms, filters (script+frame): ${filtered.join(", ")} ms`);
    failures.push(...wrong);
    await page.close();
  }
  return failures.map((it) => `${made.name}: ${it}`);
};

/** What is text stays text: no element, no attribute and no address of it is in the page. */
const inert = async (browser, made) => {
  const { page, wrong } = await tab(browser, "light", WIDE);
  await page.goto(`file://${made.file}`);
  await page.evaluate(() => { for (const fold of document.querySelectorAll("details")) fold.open = true; });
  const found = await page.evaluate(() => {
    const ours = new Set("HTML HEAD META TITLE STYLE BODY HEADER MAIN FOOTER SECTION H1 H2 H3 H4 P UL OL LI TABLE THEAD TBODY TR TH TD DETAILS SUMMARY CODE INS DEL MARK SPAN DIV STRONG EM A FORM LABEL INPUT SELECT OPTION BUTTON OUTPUT PRE SCRIPT".split(" "));
    const all = [...document.querySelectorAll("*")];
    return {
      many: document.querySelectorAll("del, ins").length,
      elements: all.filter((it) => !ours.has(it.tagName)).map((it) => it.outerHTML.slice(0, 100)),
      scripts: document.querySelectorAll("script").length,
      handlers: all.filter((it) => [...it.attributes].some((one) => /^on|^style$|^src$|^action$|^srcdoc$/i.test(one.name))).length,
      links: all.filter((it) => it.hasAttribute("href") && !/^#[a-z0-9]+$/.test(it.getAttribute("href"))).length,
    };
  });
  if (found.many < 5_000) wrong.push(`only ${found.many} values`);
  if (found.elements.length > 0) wrong.push(`elements: ${found.elements.slice(0, 5).join(" ")}`);
  if (found.scripts !== 1 || found.handlers > 0 || found.links > 0) wrong.push(JSON.stringify({ ...found, elements: undefined }));
  if ((await page.title()).includes("pwned")) wrong.push("the title was changed");
  await page.close();
  return wrong.map((it) => `${made.name}: ${it}`);
};

/** What is wrong with the pages. */
export const checks = async (browser, pages, need) => {
  const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");
  const failures = [];
  for (const made of pages.filter((it) => it.file)) {
    failures.push(...(await anyPage(browser, made, axe)), ...(await withoutScripts(browser, made)));
    if (made.name === "plan") failures.push(...(await search(browser, made)));
    if (made.isLarge) failures.push(...(await large(browser, made)));
    if (made.isHostile) failures.push(...(await inert(browser, made)));
  }
  return failures;
};
