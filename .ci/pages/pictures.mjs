// Pictures of the pages in three widths and two themes, and on paper, of the text in two widths, and of Markdown as GitHub shows it.
import { readFileSync } from "node:fs";

const WIDTHS = { phone: 360, tablet: 800, desktop: 1440 };
const THEMES = ["light", "dark"];
/** A sheet of A4 at 96 dots an inch. */
const PAPER = 794;
const TALLEST = 5_000;
/** Those of a usual dark terminal. */
const COLORS = { 1: "#ff7b72", 2: "#3fb950", 3: "#d29922", 4: "#58a6ff", 5: "#bc8cff", 6: "#39c5cf", 8: "#8b949e", 9: "#ffa198", 10: "#56d364", 11: "#e3b341", 12: "#79c0ff", 13: "#d2a8ff", 14: "#56d4dd" };

const picture = async (browser, path, { width, theme, file, html, media }) => {
  const page = await browser.newPage();

  // Each takes back what the other has set.
  await (media ? page.emulateMediaType(media) : page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]));
  await page.setViewport({ width, height: 900 });
  await (file ? page.goto(`file://${file}`) : page.setContent(html));
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({ path, clip: { x: 0, y: 0, width, height: Math.min(Math.max(height, 900), TALLEST) }, captureBeyondViewport: true });
  await page.close();
};

/** Takes all pictures into a folder. */
export const pictures = async (browser, pages, folder, need) => {
  const Convert = need("ansi-to-html");
  const { marked } = need("marked");
  const style = readFileSync(need.resolve("github-markdown-css/github-markdown.css"), "utf8");
  marked.use(need("marked-alert")());
  for (const made of pages.filter((it) => !it.isHostile)) {
    for (const theme of made.file ? THEMES : []) {
      for (const [name, width] of Object.entries(WIDTHS)) {
        await picture(browser, `${folder}/${made.name}.html.${name}.${theme}.png`, { width, theme, file: made.file });
      }
    }
    if (made.file && !made.isLarge) await picture(browser, `${folder}/${made.name}.html.paper.png`, { width: PAPER, theme: "light", file: made.file, media: "print" });
    for (const [columns, text] of Object.entries(made.text ?? {})) {
      const lines = new Convert({ escapeXML: true, fg: "#e6edf3", bg: "#0d1117", colors: COLORS }).toHtml(text);
      const html = `<body style="background:#0d1117;margin:12px"><pre style="color:#e6edf3;font:13px/1.4 'DejaVu Sans Mono',monospace;width:${columns}ch">${lines}</pre>`;
      await picture(browser, `${folder}/${made.name}.text.${columns}.png`, { width: Number(columns) * 8 + 40, theme: "dark", html });
    }
    if (!made.markdown) continue;
    const html = `<meta name="color-scheme" content="light dark"><style>${style} body{margin:0} .markdown-body{padding:16px;max-width:900px}</style><article class="markdown-body">${await marked.parse(made.markdown, { gfm: true })}</article>`;
    for (const [name, width, theme] of [["desktop.light", 920, "light"], ["desktop.dark", 920, "dark"], ["phone.light", 360, "light"]]) {
      await picture(browser, `${folder}/${made.name}.markdown.${name}.png`, { width, theme, html });
    }
  }
};
