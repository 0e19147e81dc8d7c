import type { Command } from 'commander';
import type { Fault } from '../../reference/faults/fault.ts';
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
    .option('--markdown', 'as the page docs/checks.md')
    .action(async ({ json, markdown }: { json?: boolean; markdown?: boolean }) =>
      print(markdown ? await page() : json ? JSON.stringify(await checkRows(), null, 2) : table(await checkRows())),
    );
  program
    .command('explain <id>')
    .description("a check's claim, source, target per profile, how it is probed, which fault breaks it")
    .action(async (id: string) => print(explain(id, await everyFault())));
}

const everyFault = async (): Promise<readonly Fault[]> => (await import('../../reference/faults/index.ts')).faults;

export async function checkRows(): Promise<CheckRow[]> {
  const faults = await everyFault();
  return allChecks.map((check) => rowOf(check, faults));
}

function rowOf(check: Check, faults: readonly Fault[]): CheckRow {
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

function table(rows: readonly CheckRow[]): string {
  return suiteNames
    .map((suite) => {
      const all = rows.filter((row) => row.suite === suite);
      const built = all.filter((row) => !row.later).length;
      const lines = all.map(
        (row) =>
          `  ${row.id.padEnd(26)} ${row.later ? 'later' : '     '}  ${row.claim}${row.targets.length > 0 ? ` [${row.targets.join(' ')}]` : ''}`,
      );
      return [`${suite}: ${built} built, ${all.length - built} later`, ...lines].join('\n');
    })
    .join('\n\n');
}

function explain(id: string, faults: readonly Fault[]): string {
  const check = checkById.get(id);
  if (!check)
    throw new UsageError(`expected the id of a check, found "${id}"${near(id)}; "shakedown checks" lists them`);
  const row = rowOf(check, faults);
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

/** `docs/checks.md`: written by this command, held against it by a test. */
async function page(): Promise<string> {
  const faults = await everyFault();
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const checkLines = (await checkRows()).map(
    (row) =>
      `| \`${row.id}\` | ${row.later ? 'later' : 'built'} | ${cell(row.claim)} | ${row.targets.join(' ')} | ${row.needs.join(', ')} | ${row.faults.join(', ')} |`,
  );
  const faultLines = faults.map(
    (fault) =>
      `| \`${fault.name}\` | ${cell(fault.plants)} | ${fault.catches.join(', ')} | ${fault.mayAlso.join(', ')} |`,
  );
  return [
    '# Checks and faults',
    '',
    'Written by `shakedown checks --markdown`. A check marked later has no body yet: it is listed, never run, and never a pass.',
    '',
    '| check | | claim | targets | needs | faults that break it |',
    '|---|---|---|---|---|---|',
    ...checkLines,
    '',
    '| fault | plants | must be caught by | may also be seen by |',
    '|---|---|---|---|',
    ...faultLines,
  ].join('\n');
}
