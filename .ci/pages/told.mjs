// What stands on a code host: comments and issues as the tests have kept them.
import { readFileSync } from "node:fs";

const KEPT = { comment: "comment__thread_github", "comment-merged": "workflow__from_the_first_push", "drift-issue": "comment__issue_github" };

/** Bodies alone: below the line that says whose each is, to where the next step begins. */
const bodies = (snapshot) => {
  const text = readFileSync(`tests/snapshots/suite__${snapshot}.snap`, "utf8");
  const found = [];
  let body = null;
  for (const line of text.split("\n")) {
    const quoted = body?.quoted ? line.startsWith("  |") : !/^(?:# |\$ |\[exit |[A-Z]+ \/)/.test(line);
    if (line.startsWith("── ")) {
      body = /^── (?:on #|\d+ (?:by|open))/.test(line) ? { quoted: line.startsWith("── on #"), lines: [] } : null;
      if (body) found.push(body.lines);
    } else if (body && quoted) body.lines.push(body.quoted ? line.slice(4) : line);
    else body = null;
  }
  return found.map((lines) => lines.join("\n")).join("\n\n---\n\n");
};

/** Markdown alone: the page of a host is not ours. */
export const told = () => Object.entries(KEPT).map(([name, snapshot]) => ({ name, markdown: bodies(snapshot) }));
