// Draws what a terminal showed as SVG: node scripts/terminal-picture.mjs TITLE <text >picture.svg
// Colours follow the signs that Pulumi puts before a line: + create, ~ update, +- replace, - delete.
import { readFileSync } from "node:fs";

const title = process.argv[2] ?? "";
const lines = readFileSync(0, "utf8").trimEnd().split("\n");
const size = { char: 8.4, line: 19, pad: 18, bar: 34 };
const width = Math.ceil(Math.max(title.length, ...lines.map((line) => line.length)) * size.char + 2 * size.pad);
const height = lines.length * size.line + size.bar + 2 * size.pad;
const escape = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
const colour = (line) =>
  line.startsWith("$")
    ? "#e6edf3"
    : /^\s*\+-|^\s*\+\+|^\s*--/.test(line)
      ? "#d2a8ff"
      : /^\s*~/.test(line)
        ? "#e3b341"
        : /^\s*\+/.test(line)
          ? "#7ee787"
          : /^\s*-/.test(line)
            ? "#ff7b72"
            : "#9aa4af";

const text = lines.map(
  (line, index) =>
    `<text x="${size.pad}" y="${size.bar + size.pad + (index + 0.75) * size.line}" fill="${colour(line)}" xml:space="preserve">${escape(line)}</text>`,
);
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<text x="${size.pad}" y="23" fill="#7d8590" font-family="sans-serif" font-size="13">${escape(title)}</text>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
${text.join("\n")}
</g>
</svg>`);
