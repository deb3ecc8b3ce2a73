/** What is drawn: all of it, nothing over another, and nothing that a reader of SVG or Mermaid would take for more than text. */
import { execFileSync } from "node:child_process";
import { type Box, fontSize, layout, padding } from "../../cli/graph/layout";
import { toMermaid } from "../../cli/graph/mermaid";
import { changes, signs, toGraph } from "../../cli/graph/model";
import { toSvg } from "../../cli/graph/svg";
import { shortened, widthOf } from "../../cli/graph/text";
import { item, manyItems } from "../support/graph-items";

/** The elements of a text, or what is not well-formed in it. As strict as our own writing needs. */
function elementsIn(xml: string): readonly string[] {
  const open: string[] = [];
  const found: string[] = [];
  const attribute = /^\s+[\w:-]+="(?:[^<&"]|&(?:amp|lt|gt|quot);)*"/;
  let rest = xml.trim();
  while (rest !== "") {
    const text = /^[^<]+/.exec(rest)?.[0];
    if (text !== undefined) {
      if (/&(?!(?:amp|lt|gt|quot);)/.test(text)) throw new Error(`a bare & in ${text}`);
      if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/.test(text)) throw new Error(`no sign of XML in ${text}`);
      rest = rest.slice(text.length);
      continue;
    }
    const [end, ended] = /^<\/([\w:]+)>/.exec(rest) ?? [];
    if (end !== undefined) {
      if (open.pop() !== ended) throw new Error(`</${ended ?? ""}> ends what did not begin`);
      rest = rest.slice(end.length);
      continue;
    }
    const [start = "", name = ""] = /^<([\w:]+)/.exec(rest) ?? [];
    if (start === "") throw new Error(`no element: ${rest.slice(0, 40)}`);
    rest = rest.slice(start.length);
    for (let one = attribute.exec(rest); one; one = attribute.exec(rest)) rest = rest.slice(one[0].length);
    const [close] = /^\/?>/.exec(rest) ?? [];
    if (close === undefined) throw new Error(`<${name} does not close: ${rest.slice(0, 40)}`);
    found.push(name);
    if (close === ">") open.push(name);
    rest = rest.slice(close.length);
  }
  if (open.length > 0) throw new Error(`${open.join(", ")} do not end`);
  return found;
}

const isInside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

const isApart = (one: Box, other: Box): boolean =>
  one.x + one.width <= other.x ||
  other.x + other.width <= one.x ||
  one.y + one.height <= other.y ||
  other.y + other.height <= one.y;

describe.each([1, 5, 100])("%s tasks", (count) => {
  const graph = toGraph("shop/dev", manyItems(count));
  const { boxes, edges, width, height } = layout(graph);

  test("no box lies over another, but wholly in it", () => {
    const clashes = boxes.flatMap((one, index) =>
      boxes
        .slice(index + 1)
        .filter(
          (other) => !isApart(one, other) && !(isInside(other, one) && ["engine", "job", "group"].includes(one.kind)),
        )
        .map((other) => [one, other]),
    );
    expect(clashes).toEqual([]);
  });

  test("every text fits its box, and every box the picture", () => {
    const all = boxes.flatMap((box) => box.lines.map(({ text }) => [box.width, widthOf(text, fontSize) + 2 * padding]));
    expect(all.filter(([room = 0, needed = 0]) => needed > room)).toEqual([]);
    expect(boxes.filter((box) => box.x + box.width > width || box.y + box.height > height)).toEqual([]);
  });

  test("no edge runs through a box on its way", () => {
    const solid = boxes.filter(({ kind }) => !["engine", "job", "group"].includes(kind));
    const crossed = edges.filter(({ from, lane, to }) =>
      solid.some(({ x, y, width, height }) => {
        const crosses = (left: number, right: number, at: number) =>
          at > y && at < y + height && left < x + width && right > x;
        const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
        const isThrough = lane > x && lane < x + width && top < y + height && bottom > y;
        return crosses(from[0], lane, from[1]) || crosses(lane, to[0], to[1]) || isThrough;
      }),
    );
    expect(crossed).toEqual([]);
  });

  test("every task is in both pictures, with its sign", () => {
    const [svg, mermaid] = [toSvg(graph), toMermaid(graph)];
    for (const { task = "", change } of manyItems(count)) {
      const head = `${change ? `${signs[change]} ` : ""}${task} [0]`;
      expect(svg).toContain(`>${head}</text>`);
      expect(mermaid).toContain(`["${head}<br/>`);
    }
  });

  test("the SVG is well-formed, without a script, and the same whatever the order", () => {
    const svg = toSvg(graph);
    expect(new Set(elementsIn(svg))).toEqual(
      new Set(["svg", "title", "style", "rect", "text", "g", ...(edges.length > 0 ? ["path"] : [])]),
    );
    expect(toSvg(toGraph("shop/dev", [...manyItems(count)].reverse()))).toBe(svg);
  });
});

test("a picture of nothing is one", () => expect(elementsIn(toSvg(toGraph("shop/dev", [])))).toContain("svg"));

test.each(changes)("%s has its sign and its colour", (change) => {
  const graph = toGraph("shop", [item({ change, changed: change === "update" ? ["memory"] : [] })]);
  const svg = toSvg(graph);
  const text = change === "update" ? "update: memory" : change;
  expect(svg).toContain(`<rect class="task ${change}"`);
  expect(svg).toMatch(
    new RegExp(`<text class="head ${change}"[^>]*>${signs[change].replace("+", "\\+")} echo \\[0\\]<`),
  );
  expect(svg).toMatch(new RegExp(`<text class="changed ${change}"[^>]*>${text}<`));
  expect(toMermaid(graph)).toContain(`["${signs[change]} echo [0]<br/>acme/echo:1<br/>${text}"]:::${change}`);
});

const nasty = '<script>alert("x")</script>]&\u0007`--> ;#"\nend';

test("what an author writes stays text", () => {
  const graph = toGraph(nasty, [
    item({
      engine: nasty,
      job: nasty,
      group: nasty,
      task: nasty,
      image: nasty,
      things: [{ kind: "volume", name: nasty }],
    }),
  ]);
  expect(elementsIn(toSvg(graph))).not.toContain("script");
  const [, , , ...lines] = toMermaid(graph).split("\n");
  const label = '"[^"<>`]*"';
  const clean = lines.map((line) => line.replace(/<br\/>/g, ""));
  const grammar = [
    /^flowchart LR$/,
    new RegExp(`^  subgraph \\w+ \\[${label}\\]$`),
    new RegExp(`^  \\w+\\[${label}\\](:::\\w+)?$`),
    new RegExp(`^  \\w+\\[\\(${label}\\)\\]$`),
    /^ {2}\w+ --- \w+$/,
    /^ {2}end$/,
    /^ {2}classDef \w+ [\w#:, -]+$/,
    /^$/,
  ];
  expect(clean.filter((line) => !grammar.some((one) => one.test(line)))).toEqual([]);
});

test("a long name keeps its two ends, and the whole of it for who points at it", () => {
  const image = `registry.example/${"deep/".repeat(20)}echo:1`;
  const short = shortened(image, 44);
  expect(short).toMatch(/^registry\.example\/.*….*echo:1$/);
  expect(Array.from(short).length).toBeLessThanOrEqual(44);
  expect(toSvg(toGraph("shop", [item({ image })]))).toContain(`>${short}<title>${image}</title>`);
});

test("allocations that look alike are one box", () => {
  const at = (index: number, change?: "create") =>
    item({ index, change, ports: [{ label: "http", host: `127.0.0.1:${20_000 + index}`, to: 80 }] });
  const svg = toSvg(toGraph("shop", [at(0), at(1), at(3), at(4, "create")]));
  expect(svg).toContain(">echo [0-1, 3]<");
  expect(svg).toContain(">http → 80<");
  expect(svg).toContain(">+ echo [4]<");
  expect(svg).toContain(">http 127.0.0.1:20004 → 80<");
  expect(svg).toContain(">group server ×3 → ×4<");
});

const hasRsvg = (() => {
  try {
    execFileSync("rsvg-convert", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

(hasRsvg ? test : test.skip)("a real renderer draws it", () => {
  const png = execFileSync("rsvg-convert", [], { input: toSvg(toGraph("shop", manyItems(100))) });
  expect(png.subarray(1, 4).toString()).toBe("PNG");
});
