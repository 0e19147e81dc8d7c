export interface Pair {
  /** What the other table is called there. */
  readonly alias: string;
  readonly theirs: string;
  readonly own: string;
}

/** Other table's column and own column of each comparison between the two, either way round. */
export function pairsIn(text: string, own: string): Pair[] {
  const side = String.raw`\(*"?(\w+)"?\."?(\w+)"?\)*(?:::\w+)?`;
  return [...text.matchAll(new RegExp(`${side}\\s*=\\s*${side}`, 'g'))].flatMap((match): Pair[] => {
    const [, left, leftColumn, right, rightColumn] = match as unknown as string[];
    if (right === own) return [{ alias: left!, theirs: leftColumn!, own: rightColumn! }];
    return left === own ? [{ alias: right!, theirs: rightColumn!, own: leftColumn! }] : [];
  });
}

/** What tables are called in the sub-selects of a policy. */
export function aliasesIn(text: string): Map<string, string> {
  const from = /\b(?:FROM|JOIN)\s+\(*(?:"?\w+"?\.)?"?(\w+)"?(?:\s+(?:AS\s+)?"?(\w+)"?)?/gi;
  return new Map(
    [...text.matchAll(from)].map(([, table, alias]) => [
      alias === undefined || /^(where|on|join|left|inner|cross|group|order|limit)$/i.test(alias) ? table! : alias,
      table!,
    ]),
  );
}
