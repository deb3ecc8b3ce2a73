/** The word that is most like another one, if any is like it. */
export const nearest = (word: string, words: readonly string[]): string | undefined => {
  const [best] = words
    .map((candidate) => [distance(word.toLowerCase(), candidate.toLowerCase()), candidate] as const)
    .sort(([a], [b]) => a - b);
  return best && best[0] <= Math.max(2, word.length / 3) ? best[1] : undefined;
};

/**
 * `"; did you mean memory?"`, or the whole list.
 * @param kind what the words are, in the plural
 */
export const didYouMean = (word: string, words: readonly string[], kind = "options"): string => {
  const best = nearest(word, words);
  return best === undefined ? `; the ${kind} are ${words.join(", ")}` : `; did you mean ${best}?`;
};

/** Levenshtein's distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};
