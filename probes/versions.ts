/** Is this version at least that one? Compared number by number, so that 16.10 is newer than 16.7; null: not a version. */
export function isAtLeast(version: string, floor: string): boolean | null {
  const have = numbersOf(version);
  const want = numbersOf(floor);
  if (!have || !want) return null;
  for (const [at, number] of want.entries()) {
    const difference = (have[at] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbersOf(version: string): readonly number[] | null {
  const match = /^\s*v?(\d+(?:\.\d+)*)/.exec(version);
  return match ? match[1]!.split('.').map(Number) : null;
}
