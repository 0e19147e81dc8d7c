import type { Stage } from './ground.ts';
import { mayAnything } from './privileges.ts';
import type { World } from './seed.ts';
import type { Cell, Finding } from './types.ts';

export function headOf({ keys, carriers, catalogue }: World, role: string, further: readonly string[]) {
  const label = (oid: string) => catalogue.tables.find((one) => one.oid === oid)?.label ?? oid;
  return {
    role,
    further,
    carriers: [
      ...carriers.settings,
      ...(carriers.byRole ? ['current_user'] : []),
      ...(carriers.bySession ? ['session_user'] : []),
    ],
    tenantColumn: keys.names[0] ?? null,
    tenantTables: [...keys.of.keys()].map(label).sort(),
    sharedTables: catalogue.tables
      .filter(({ oid }) => !keys.of.has(oid) && !keys.questions.has(oid))
      .map(({ label: name }) => name),
    questions: [...keys.questions.values()],
  };
}

/** From medium on a finding of the catalogue is a hole, like a row that was seen. */
export const asCells = (role: string, findings: readonly Finding[]): Cell[] =>
  findings
    .filter((one) => one.check === 'sec.rls.catalog' && isHole(one))
    .map((one) => ({
      role,
      where: one.where,
      command: 'CATALOGUE',
      context: 'any',
      variant: one.rule,
      verdict: 'LEAK',
      because: one.what,
    }));

export const isHole = ({ severity }: Finding): boolean => ['critical', 'high', 'medium'].includes(severity);

export function unanswered({ keys, catalogue, carriers }: World, stages: readonly Stage[]): Cell[] {
  const [{ role }] = stages as [Stage];
  const may = (oid: string) => stages.some(({ privileges }) => mayAnything(privileges.get(oid)!));
  const cell = (where: string, because: string): Cell => ({
    role,
    where,
    command: 'any',
    context: 'any',
    variant: 'any',
    verdict: 'UNPROBED',
    because,
  });
  const questions = [...keys.questions]
    .filter(([oid]) => may(oid))
    .map(([oid, question]) => cell(catalogue.tables.find((one) => one.oid === oid)!.label, question));
  if (keys.of.size === 0) questions.push(cell('the database', 'no table with rows of tenants was found'));
  else if (carriers.settings.length === 0 && !carriers.byRole && !carriers.bySession)
    questions.push(cell('the database', 'no policy reads a setting or a role that says whose turn it is'));
  else if (![...keys.of.keys()].some(may))
    questions.push(
      cell(
        'the database',
        `${role} has no privilege on any table of tenants: is it the role the application connects with?`,
      ),
    );
  return questions;
}

export const gapsOf = ({ seeds, role }: Stage): Cell[] =>
  seeds.gaps.map(({ table, variant, why }) => ({
    role,
    where: table.label,
    command: 'any',
    context: 'any',
    variant: `row "${variant}"`,
    verdict: 'UNPROBED',
    because: `the row could not be made: ${why}`,
  }));

/** One hole shows in many cells; the first finding of each place and rule stands for them. */
export function onePerHole(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(findings, (one) => `${one.rule} ${one.where}`);
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    what: group.length > 1 ? `${group[0]!.what} (and ${group.length - 1} more ways)` : group[0]!.what,
  }));
}
