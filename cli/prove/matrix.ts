export interface MatrixRow {
  readonly fault: string;
  readonly plants: string;
  readonly caught: readonly string[];
  /** Red as well, and allowed to be. */
  readonly also: readonly string[];
  readonly missed: readonly string[];
  /** Alarms of checks that have nothing to do with it. */
  readonly beside: readonly string[];
  /** Why each red check says it is red. */
  readonly why: Readonly<Record<string, string>>;
  readonly trouble: string | null;
  readonly tookMs: number;
  readonly proven: boolean;
}

export interface Matrix {
  readonly quick: boolean;
  readonly rows: readonly MatrixRow[];
  readonly alarmsOnHealthy: readonly string[];
  /** Checks that were never seen to pass on the healthy deployment. */
  readonly neverPassed: readonly string[];
  /** Built checks that no fault breaks. */
  readonly uncovered: readonly string[];
  readonly later: readonly string[];
  readonly complete: boolean;
  readonly proven: boolean;
}

export function summaryLines(matrix: Matrix): string[] {
  const proven = matrix.rows.filter((row) => row.proven).length;
  const checks = new Set(matrix.rows.flatMap((row) => row.caught));
  return [
    `${matrix.proven ? 'PROVEN' : 'NOT PROVEN'}${matrix.quick ? ' (quick: only the checks that must go red were run)' : ''}`,
    `${proven} of ${matrix.rows.length} faults caught by every check that must catch them; ${checks.size} checks seen to fail`,
    ...matrix.rows
      .filter((row) => !row.proven)
      .map(
        (row) =>
          `  ${row.fault}: ${[row.trouble, row.missed.length ? `unseen by ${row.missed.join(', ')}` : '', row.beside.length ? `alarm beside: ${row.beside.join(', ')}` : ''].filter(Boolean).join('; ')}`,
      ),
    ...matrix.alarmsOnHealthy.map((alarm) => `  alarm on the healthy deployment, ${alarm}`),
    ...matrix.neverPassed.map((line) => `  never seen to pass on the healthy deployment: ${line}`),
    ...matrix.uncovered.map((check) => `  no fault breaks ${check}`),
    `${matrix.later.length} checks have no body yet and were left out`,
    ...(matrix.complete ? [] : ['the run was cut off before every fault was planted']),
  ];
}

export function markdownMatrix(matrix: Matrix): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = matrix.rows.map(
    (row) =>
      `| ${row.proven ? 'yes' : '**no**'} | ${row.fault} | ${cell(row.plants)} | ${row.caught.map((id) => `${id}: ${cell(row.why[id] ?? '')}`).join('<br>')} | ${row.also.join(', ')} |`,
  );
  return [
    ...summaryLines(matrix),
    '',
    '| proven | fault | plants | caught by | red as well |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
