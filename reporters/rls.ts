interface RlsLike {
  readonly role: string;
  readonly carriers: readonly string[];
  readonly tenantColumn: string | null;
  readonly tenantTables: readonly string[];
  readonly sharedTables: readonly string[];
  readonly cells: readonly {
    readonly where: string;
    readonly command: string;
    readonly context: string;
    readonly variant: string;
    readonly verdict: string;
    readonly because: string;
  }[];
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly where: string;
    readonly what: string;
    readonly reproduce?: string;
    readonly fix?: string;
  }[];
}

/** What `shakedown rls` prints: what was looked at, every hole with its script, everything nobody could look at. */
export function rlsText(report: RlsLike): string {
  const of = (verdict: string) => report.cells.filter((cell) => cell.verdict === verdict);
  const holes = report.findings.filter(({ severity }) => !['low', 'info'].includes(severity));
  const notes = report.findings.filter(({ severity }) => ['low', 'info'].includes(severity));
  return [
    `role ${report.role}; the tenant is told by ${report.carriers.join(', ') || 'nothing that was found'}; ${report.tenantTables.length} tables with rows of tenants (${report.tenantColumn ?? 'no tenant column'}), ${report.sharedTables.length} shared`,
    ...holes.map((one) =>
      [
        `LEAK ${one.rule} ${one.severity} ${one.where}`,
        `  ${one.what}`,
        ...indented('see it', one.reproduce),
        ...indented('fix', one.fix),
      ].join('\n'),
    ),
    ...unprobed(of('UNPROBED')),
    ...notes.map((one) => `note ${one.rule} ${one.where}: ${one.what}`),
    ...(report.sharedTables.length > 0 ? [`taken as shared by all tenants: ${report.sharedTables.join(', ')}`] : []),
    `${report.cells.length} cells: ${of('HOLD').length} HOLD, ${of('LEAK').length} LEAK, ${of('UNPROBED').length} UNPROBED`,
  ].join('\n');
}

const indented = (title: string, text: string | undefined): string[] =>
  text ? [`  ${title}:`, ...text.split('\n').map((line) => `    ${line}`)] : [];

const unprobed = (cells: RlsLike['cells']): string[] =>
  [...Map.groupBy(cells, ({ where, because }) => `UNPROBED ${where}: ${because}`)].map(
    ([text, group]) => `${text} (${group.length} cells)`,
  );
