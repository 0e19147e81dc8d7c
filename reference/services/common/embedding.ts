/** Words too common to tell one text from another. */
const common = new Set(
  'a an and are as at be by can do does for from have how i in is it its me my of on or our so than that the their then there these they this to was we were what when where which who why will with you your'.split(
    ' ',
  ),
);

export const dimensions = 1024;

/**
 * A stand-in for the embedding provider: words and pairs of letters hashed onto 1024 dimensions, the same text always to
 * the same vector. One dimension is shared by all texts, because real embeddings of unrelated texts are far from
 * orthogonal too: unrelated texts score near 0.6, texts that share words 0.7 and more, equal ones 1.
 */
export function embed(text: string): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const [feature, weight] of features(text)) {
    const hash = fnv1a(feature);
    const at = 1 + (hash % (dimensions - 1));
    vector[at] = (vector[at] ?? 0) + (hash & 0x80000000 ? weight : -weight);
  }
  const length = Math.hypot(...vector);
  const scaled = vector.map((value) => (length === 0 ? 0 : (value / length) * Math.sqrt(0.4)));
  scaled[0] = length === 0 ? 1 : Math.sqrt(0.6);
  return scaled;
}

/** As pgvector reads it. */
export const vectorText = (vector: readonly number[]): string =>
  `[${vector.map((value) => +value.toFixed(6)).join(',')}]`;

function features(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    if (common.has(word)) continue;
    const stem = word.length > 4 ? word.replace(/(ing|ed|es|s)$/u, '') : word;
    counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  // Logarithmic counts keep one repeated word from drowning the others.
  return new Map([...counts].map(([word, count]) => [word, 1 + Math.log(count)]));
}

function fnv1a(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
