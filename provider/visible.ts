// Control characters, and the marks that turn the direction of a text or break its line.
const unseen = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A text in which nothing forges a line, or steers the terminal of who reads it: what is unseen is written out. */
export const visible = (text: string): string =>
  text.replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
