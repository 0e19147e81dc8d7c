import type { FindingEntry } from '../record/entries.ts';
import type { Report } from '../verdict/types.ts';
import type { Reporter } from './reporter.ts';

/** A finding of a run, or of a command that stands by itself. */
export type SarifFinding = Pick<FindingEntry, 'severity' | 'where' | 'what' | 'reproduce' | 'fix' | 'check'> & {
  readonly rule?: string;
};

/** SARIF 2.1.0, for the code scanning pages of CI systems. */
export const sarif: Reporter = {
  name: 'sarif',
  render: (report) => [{ path: 'findings.sarif', text: sarifOf(findingsOf(report), versionOf(report)) }],
};

const findingsOf = ({ findings }: Report): readonly SarifFinding[] => findings;
const versionOf = (report: Report): string => ('harness' in report ? String(report.harness) : '1.0.0');

export function sarifOf(findings: readonly SarifFinding[], version: string): string {
  const ids = [...new Set(findings.map(ruleOf))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'shakedown',
            semanticVersion: version,
            rules: ids.map((id) => ({ id, defaultConfiguration: { level: 'error' } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, ids)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const ruleOf = ({ check, rule }: SarifFinding): string => (rule ? `${check}/${rule}` : check);

const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note' } as const;
const scores = { critical: '9.5', high: '8.0', medium: '5.0', low: '2.0', info: '0.0' } as const;

function result(finding: SarifFinding, ids: readonly string[]) {
  const id = ruleOf(finding);
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: levels[finding.severity],
    message: {
      text: [
        finding.what,
        ...(finding.fix ? [`Fix: ${finding.fix}`] : []),
        ...(finding.reproduce ? [`See it: ${finding.reproduce}`] : []),
      ].join('\n\n'),
    },
    locations: [{ logicalLocations: [{ fullyQualifiedName: finding.where }] }],
    partialFingerprints: { 'shakedown/v1': `${id} ${finding.where}` },
    properties: { 'security-severity': scores[finding.severity] },
  };
}
