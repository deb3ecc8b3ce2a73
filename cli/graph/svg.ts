/** A graph as SVG: no scripts, no fonts of its own, colours for light and dark. Pure. */
import { type Box, type Edge, fontSize, layout, lineHeight, padding } from "./layout";
import { type Graph, signs } from "./model";
import { escaped, widthOf } from "./text";

const light = {
  ...{ back: "#ffffff", text: "#1f2328", faint: "#59636e", line: "#b7bfc8", box: "#f6f8fa", task: "#ffffff" },
  ...{ create: "#1a7f37", update: "#8a5a00", replace: "#8250df", delete: "#cf222e" },
  ...{ volume: "#0969da", path: "#57606a", network: "#bc4c00" },
};

const dark: typeof light = {
  ...{ back: "#0d1117", text: "#e6edf3", faint: "#9aa4af", line: "#444c56", box: "#161b22", task: "#0d1117" },
  ...{ create: "#7ee787", update: "#e3b341", replace: "#d2a8ff", delete: "#ff7b72" },
  ...{ volume: "#79c0ff", path: "#b1bac4", network: "#ffa657" },
};

const changeNames = ["create", "update", "replace", "delete"] as const;
const thingNames = ["volume", "path", "network"] as const;

const rules = (color: typeof light): string =>
  [
    `.back{fill:${color.back}}`,
    `text{fill:${color.text}}`,
    `.plain{fill:${color.faint}}`,
    `.frame{fill:${color.box};stroke:${color.line}}`,
    `.task{fill:${color.task};stroke:${color.line}}`,
    ...changeNames.flatMap((name) => [
      `rect.${name}{stroke:${color[name]};stroke-width:2}`,
      `text.${name}{fill:${color[name]}}`,
    ]),
    ...thingNames.flatMap((name) => [
      `.${name}{fill:${color.task};stroke:${color[name]}}`,
      `.${name}-edge{fill:none;stroke:${color[name]}}`,
    ]),
  ].join("\n");

const style = [
  // Fonts whose signs are no wider than what texts were measured by.
  `text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:${fontSize}px;white-space:pre}`,
  ".title,.head{font-weight:600}",
  ".network,.network-edge{stroke-dasharray:5 3}",
  "rect.delete{stroke-dasharray:3 3}",
  rules(light),
  `@media (prefers-color-scheme:dark){\n${rules(dark)}\n}`,
].join("\n");

const n = (value: number): string => String(Math.round(value * 10) / 10);

const isFrame = ({ kind }: Box): boolean => ["engine", "job", "group"].includes(kind);

function drawnBox(box: Box): string {
  const { kind, x, y, width, height, change, lines } = box;
  const classes = isFrame(box) ? `frame ${kind}` : `${kind}${change ? ` ${change}` : ""}`;
  const radius = kind === "volume" ? 10 : 4;
  const texts = lines.map(({ text, whole, style }, index) => {
    const of = /^(\+-|[+~-]) /.exec(whole)?.[1];
    const sign = style === "changed" || change ? changeNames.find((name) => signs[name] === of) : undefined;
    const color = style === "changed" ? (sign ?? change) : style === "head" ? change : undefined;
    const at = y + padding + (index + 0.75) * lineHeight;
    const title = text === whole ? "" : `<title>${escaped(whole)}</title>`;
    return `<text class="${[style, color].filter(Boolean).join(" ")}" x="${n(x + padding)}" y="${n(at)}">${escaped(text)}${title}</text>`;
  });
  return [
    `<rect class="${classes}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`,
    ...texts,
  ].join("\n");
}

const drawnEdge = ({ kind, from, lane, to }: Edge): string =>
  `<path class="${kind}-edge" d="M${n(from[0])} ${n(from[1])}H${n(lane)}V${n(to[1])}H${n(to[0])}"/>`;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

export function toSvg(graph: Graph): string {
  const { boxes, edges, width, height } = layout(graph);
  const margin = 16;
  const top = margin + 2 * lineHeight + 6;
  const legend = graph.summary.map(({ change, count }) => ({ change, text: `${signs[change]} ${count} ${change}` }));
  const total = `${counted(graph.tasks, "task")}${graph.isWhole ? "" : " that change; what stays is not known here"}`;
  let x = margin + widthOf(`${total}   `, fontSize);
  const words = legend.map(({ change, text }) => {
    const drawn = `<text class="head ${change}" x="${n(x)}" y="${n(margin + 1.75 * lineHeight)}">${text}</text>`;
    x += widthOf(`${text}   `, fontSize);
    return drawn;
  });
  const whole = Math.max(width + 2 * margin, x, margin * 2 + widthOf(graph.title, fontSize));
  const full = top + height + margin;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(whole)}" height="${n(full)}" viewBox="0 0 ${n(whole)} ${n(full)}" role="img" aria-label="${escaped(graph.title)}">`,
    `<title>${escaped(graph.title)}</title>`,
    `<style>\n${style}\n</style>`,
    `<rect class="back" width="100%" height="100%"/>`,
    `<text class="title" x="${margin}" y="${n(margin + 0.75 * lineHeight)}">${escaped(graph.title)}</text>`,
    `<text class="plain" x="${margin}" y="${n(margin + 1.75 * lineHeight)}">${total}</text>`,
    ...words,
    `<g transform="translate(${margin} ${n(top)})">`,
    ...boxes.filter(isFrame).map(drawnBox),
    ...edges.map(drawnEdge),
    ...boxes.filter((box) => !isFrame(box)).map(drawnBox),
    "</g>",
    "</svg>",
  ].join("\n")}\n`;
}
