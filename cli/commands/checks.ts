import type { Command } from 'commander';
import { faults } from '../../reference/faults/index.ts';
import type { Check } from '../../suites/check.ts';
import { allChecks, checkById, suiteNames } from '../../suites/index.ts';
import { type ProfileName, profileNames, targetFor, targets } from '../../targets/index.ts';
import { UsageError } from '../errors.ts';
import { print } from '../output.ts';

export interface CheckRow {
  readonly id: string;
  readonly suite: string;
  readonly claim: string;
  readonly assertions: readonly string[];
  readonly targets: readonly string[];
  readonly needs: readonly string[];
  readonly faults: readonly string[];
  readonly later?: true;
}

/** `checks` lists every promise; `explain` tells one from its source to the fault that breaks it. */
export function addChecksCommands(program: Command): void {
  program
    .command('checks')
    .description('every check with its claim, targets, what it needs and the faults that break it')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => print(json ? JSON.stringify(rows(), null, 2) : table()));
  program
    .command('explain <id>')
    .description("a check's claim, source, target per profile, how it is probed, which fault breaks it")
    .action((id: string) => print(explain(id)));
}

export const rows = (): CheckRow[] => allChecks.map(rowOf);

function rowOf(check: Check): CheckRow {
  return {
    id: check.id,
    suite: check.suite,
    claim: check.claim,
    assertions: Object.keys(check.assertions),
    targets: [...new Set(Object.values(check.assertions).flatMap((row) => row.target ?? []))],
    needs: check.needs,
    faults: faults.filter((fault) => fault.catches.includes(check.id)).map((fault) => fault.name),
    ...(check.later ? { later: true as const } : {}),
  };
}

function table(): string {
  return suiteNames
    .map((suite) => {
      const all = rows().filter((row) => row.suite === suite);
      const built = all.filter((row) => !row.later).length;
      const lines = all.map(
        (row) =>
          `  ${row.id.padEnd(26)} ${row.later ? 'later' : '     '}  ${row.claim}${row.targets.length > 0 ? ` [${row.targets.join(' ')}]` : ''}`,
      );
      return [`${suite}: ${built} built, ${all.length - built} later`, ...lines].join('\n');
    })
    .join('\n\n');
}

function explain(id: string): string {
  const check = checkById.get(id);
  if (!check)
    throw new UsageError(`expected the id of a check, found "${id}"${near(id)}; "shakedown checks" lists them`);
  const row = rowOf(check);
  return [
    `${check.id}${check.later ? ' (later: no body yet)' : ''}`,
    `  claim    ${check.claim}`,
    `  source   ${check.source}`,
    `  probe    ${check.how}`,
    `  needs    ${check.needs.join(', ') || 'nothing'}`,
    '  asserts',
    ...Object.entries(check.assertions).map(
      ([name, { target }]) =>
        `    ${name}${target ? `: ${target}, ${measureOf(target)}` : ': functional, judged on every profile'}`,
    ),
    ...row.targets.flatMap((target) => [
      `  ${target}`,
      ...profileNames.map((profile) => `    ${profile.padEnd(12)} ${targetText(profile, target)}`),
    ]),
    `  faults   ${row.faults.join(', ') || (check.later ? 'none yet' : 'none')}`,
    ...faults.filter((fault) => row.faults.includes(fault.name)).map((fault) => `    ${fault.name}: ${fault.plants}`),
  ].join('\n');
}

const measureOf = (id: string): string => targets[id]?.measure ?? '';

function targetText(profile: ProfileName, id: string): string {
  const limit = targetFor(profile, id)?.limit;
  return limit ? limit.text : 'no value: measured and shown, not judged';
}

function near(id: string): string {
  const close = allChecks.find((check) => check.id.includes(id) || id.includes(check.id.split('.').at(-1)!));
  return close ? `, did you mean ${close.id}?` : '';
}
