/** Texts that fit their boxes, measured without a font: each sign as wide as in the widest of the usual fixed-width fonts. */

/** Of the size of the font. */
const perSign = 0.62;

const isWide = (sign: string): boolean => {
  const code = sign.codePointAt(0) ?? 0;
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code < 0xe000) || (code >= 0xf900 && code !== 0xfffd);
};

const signsIn = (text: string): number => Array.from(text).reduce((sum, sign) => sum + (isWide(sign) ? 2 : 1), 0);

/** In pixels. */
export const widthOf = (text: string, fontSize: number): number => Math.ceil(signsIn(text) * perSign * fontSize);

/** No longer than so many signs; what is left out is the middle, for names differ at their ends. */
export function shortened(text: string, most: number): string {
  if (signsIn(text) <= most) return text;
  const all = Array.from(text);
  const head: string[] = [];
  const tail: string[] = [];
  for (let left = 0, right = all.length - 1; left < right; left++, right--) {
    const [first = "", last = ""] = [all[left], all[right]];
    if (signsIn([...head, ...tail, first, last].join("")) + 1 > most) break;
    head.push(first);
    tail.unshift(last);
  }
  return `${head.join("")}…${tail.join("")}`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Signs that XML cannot have are left out. */
export const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
