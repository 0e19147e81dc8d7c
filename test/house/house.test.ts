import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../cli/errors.ts';
import { everyCommand, program } from '../../cli/main.ts';
import { faults } from '../../reference/faults/index.ts';
import { allChecks, isBuilt } from '../../suites/index.ts';
import { targets } from '../../targets/index.ts';
import { statuses } from '../../verdict/types.ts';

const root = normalize(join(import.meta.dirname, '../..'));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** folder → the folders it may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  record: [],
  targets: [],
  verdict: ['targets', 'record'],
  reporters: ['verdict', 'targets', 'record'],
  signoff: ['verdict', 'targets', 'record'],
  environment: ['record'],
  platform: ['environment', 'record', 'probes'],
  probes: ['environment', 'record', 'platform'],
  runners: ['probes', 'platform', 'environment', 'record'],
  suites: ['runners', 'probes', 'platform', 'environment', 'record'],
  reference: ['setup'],
  cli: [
    'runners',
    'verdict',
    'reporters',
    'signoff',
    'reference',
    'suites',
    'targets',
    'environment',
    'record',
    'probes',
    'platform',
    'setup',
  ],
};

function sources(folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const imports = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*['"`](\.{1,2}\/[^'"`]+)['"`]/g)].map(
    (match) => relative(root, normalize(join(root, dirname(file), match[1]!))).split('/')[0]!,
  );

describe('imports run one way', () => {
  test.each(Object.keys(mayImport))('%s', (folder) => {
    const allowed = new Set([folder, ...mayImport[folder]!]);
    const wrong = sources(folder).flatMap((file) =>
      imports(file)
        .filter((target) => !allowed.has(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('verdict and record are pure: verdict touches neither clock nor disk nor network', () => {
    const wrong = sources('verdict').filter((file) =>
      /from 'node:|Date\.now|performance\.now|(?<!')process\./.test(read(file)),
    );
    expect(wrong).toEqual([]);
  });

  test('only the environment reads environment variables', () => {
    const wrong = ['record', 'targets', 'verdict', 'reporters', 'platform', 'probes', 'runners', 'suites', 'cli']
      .flatMap(sources)
      .filter((file) => /process\.env/.test(read(file)) && !file.startsWith('suites/load/k6'));
    expect(wrong).toEqual([]);
  });

  test('only the command line writes files and the exit code', () => {
    const wrong = ['targets', 'verdict', 'reporters', 'platform', 'probes', 'suites']
      .flatMap(sources)
      .filter((file) => /writeFileSync|appendFileSync|process\.exitCode|process\.exit\(/.test(read(file)));
    expect(wrong).toEqual([]);
  });
});

describe('every check', () => {
  const built = allChecks.filter(isBuilt);

  test('has an id of its own, of its suite', () => {
    expect(new Set(allChecks.map((check) => check.id)).size).toBe(allChecks.length);
    const prefix = { smoke: 'smoke.', e2e: 'e2e.', load: 'load.', security: 'sec.', soak: 'soak.', ops: 'ops.' };
    expect(allChecks.filter((check) => !check.id.startsWith(prefix[check.suite]))).toEqual([]);
  });

  test.each(built.map((check) => check.id))('%s has a body', (id) => {
    const check = built.find((one) => one.id === id)!;
    expect(
      existsSync(join(root, 'suites', check.suite, `${id.slice(id.indexOf('.') + 1)}.ts`)) ? 'a body' : 'no body',
    ).toBe('a body');
  });

  test.each(built.map((check) => check.id))('%s has a fault that breaks it', (id) => {
    expect(faults.filter((fault) => fault.catches.includes(id)).length).toBeGreaterThan(0);
  });

  test('names only target rows that exist, and at least one assertion', () => {
    const wrong = allChecks.filter(
      (check) =>
        Object.keys(check.assertions).length === 0 ||
        Object.values(check.assertions).some(({ target }) => target !== undefined && !targets[target]),
    );
    expect(wrong.map((check) => check.id)).toEqual([]);
  });
});

describe('every fault', () => {
  test('has a name of its own, that of its file, and breaks checks that exist', () => {
    expect(new Set(faults.map((fault) => fault.name)).size).toBe(faults.length);
    const files = readdirSync(join(root, 'reference/faults')).map((file) => file.replace(/\.ts$/, ''));
    const ids = new Set(allChecks.map((check) => check.id));
    const wrong = faults.filter(
      (fault) => !files.includes(fault.name) || fault.catches.length === 0 || fault.catches.some((id) => !ids.has(id)),
    );
    expect(wrong.map((fault) => fault.name)).toEqual([]);
  });
});

describe('the documents', () => {
  const commands = everyCommand(program())
    .slice(1)
    .filter((command) => command.name() !== 'start');
  const readme = read('README.md');

  test('name every command, and only commands that exist', () => {
    const names = new Set(everyCommand(program()).map((command) => command.name()));
    expect(commands.filter((command) => !readme.includes(command.name())).map((command) => command.name())).toEqual([]);
    const named = [...readme.matchAll(/`shakedown ([a-z0-9]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });

  test('name every flag of the commands, and only flags that exist', () => {
    const flags = new Set(commands.flatMap((command) => command.options.map((option) => option.long!)));
    const named = new Set([...readme.matchAll(/(--[a-z][a-z-]+)/g)].map((match) => match[1]!));
    expect([...flags].filter((flag) => !named.has(flag))).toEqual([]);
    expect([...named].filter((flag) => !flags.has(flag))).toEqual([]);
  });

  test('name every status and every exit code', () => {
    for (const text of [readme, read('ARCHITECTURE.md')]) {
      expect(statuses.filter((status) => !text.includes(`\`${status}\``))).toEqual([]);
      expect(Object.values(exitCodes).filter((code) => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([]);
    }
  });

  test('list every check and every fault in docs/checks.md, and nothing else', () => {
    const text = read('docs/checks.md');
    const listed = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
    expect(listed.sort()).toEqual([...allChecks.map((check) => check.id), ...faults.map((fault) => fault.name)].sort());
    for (const check of allChecks) expect(text).toContain(check.claim.replaceAll('|', '\\|'));
  });

  test('speak of the project alone', () => {
    const docs = [
      'README.md',
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md'))
        .map((file) => `docs/${file}`),
    ];
    expect(
      docs.filter((file) => /\/(home|root|work)\/|registry\.npmjs|proxy\.golang|pypi\.org/.test(read(file))),
    ).toEqual([]);
  });
});
