import type { FindingEntry } from '../record/entries.ts';
import type { Report } from '../verdict/types.ts';
import type { Reporter } from './reporter.ts';

/** A finding of a run, or of a command that stands by itself. */
export type SarifFinding = Pick<FindingEntry, 'severity' | 'where' | 'what' | 'reproduce' | 'fix' | 'check' | 'rule'>;

/** SARIF 2.1.0, for the code scanning pages of CI systems. */
export const sarif: Reporter = {
  name: 'sarif',
  render: (report) => [{ path: 'findings.sarif', text: sarifOf(findingsOf(report), versionOf(report)) }],
};

const findingsOf = ({ findings }: Report): readonly SarifFinding[] => findings;
const versionOf = ({ harness }: Report): string => harness;

/** `version` is that of the harness; the same findings give the same bytes. */
export function sarifOf(findings: readonly SarifFinding[], version: string): string {
  const ids = [...new Set(findings.map(ruleOf))].sort();
  const rules = ids.map((id) =>
    rule(
      id,
      findings.filter((one) => ruleOf(one) === id),
    ),
  );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'shakedown', ...(isSemantic(version) && { semanticVersion: version }), rules } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, ids)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const isSemantic = (version: string): boolean => /^\d+\.\d+\.\d+/.test(version);

/** Code scanning pages sort rules by the gravest of their findings. */
function rule(id: string, findings: readonly SarifFinding[]) {
  const [gravest] = [...findings].sort((a, b) => Number(scores[b.severity]) - Number(scores[a.severity]));
  return {
    id,
    shortDescription: { text: gravest!.what },
    defaultConfiguration: { level: levels[gravest!.severity] },
    properties: { 'security-severity': scores[gravest!.severity] },
  };
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
    // What is examined is no file; pages that insist on one get the check as its name.
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(finding.check) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: finding.where }],
      },
    ],
    partialFingerprints: { 'shakedown/v1': `${id} ${finding.where}` },
    properties: { 'security-severity': scores[finding.severity] },
  };
}
