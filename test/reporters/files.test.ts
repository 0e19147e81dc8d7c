import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { fileReporters } from '../../reporters/index.ts';
import type { Report } from '../../verdict/types.ts';
import { all, broken, check, healthy, hostile, large, report, row, unfinished } from './fixtures.ts';

const files = (one: Report) =>
  new Map(fileReporters.flatMap((reporter) => reporter.render(one)).map((file) => [file.path, file.text]));
const file = (one: Report, path: string) => files(one).get(path)!;
const paths = ['report.json', 'junit.xml', 'report.md', 'report.html', 'findings.sarif'];

test('the files of a run directory', () => expect([...files(healthy).keys()]).toEqual(paths));

// The pages beside this file were read by a person; `vitest -u` writes them anew, and then they want reading again.
describe.each(Object.entries(all))('%s', (name, one) => {
  test.each(paths)('%s is, byte for byte, the one that was looked at', async (path) => {
    await expect(file(one, path)).toMatchFileSnapshot(`./pages/${name}/${path}`);
  });
  test('rendering twice gives the same bytes', () => expect(files(one)).toEqual(files(structuredClone(one))));
  test.each(paths)('%s ends in one new line and holds no control or bidirectional character', (path) => {
    expect(file(one, path)).toMatch(/[^\n]\n$/);
    if (!/json|sarif/.test(path)) expect(file(one, path)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

describe('findings.sarif', () => {
  // The schema of the standard, OASIS errata 01; it is of an older draft, whose words used in it mean the same.
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(new URL('./schemas/sarif-2.1.0.json', import.meta.url), 'utf8'));
  const valid = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(
    JSON.parse(JSON.stringify(schema)),
  );
  test.each(Object.entries(all))('%s is valid SARIF 2.1.0', (_, one) => {
    expect(valid(JSON.parse(file(one, 'findings.sarif'))), JSON.stringify(valid.errors)).toBe(true);
  });
  test.each([
    ['a level there is not', { level: 'grave' }],
    ['a result without a message', { message: undefined }],
    ['a key there is not', { severity: 'high' }],
  ])('the schema refuses %s', (_, over) => {
    const log = JSON.parse(file(broken, 'findings.sarif'));
    log.runs[0].results[0] = JSON.parse(JSON.stringify({ ...log.runs[0].results[0], ...over }));
    expect(valid(log)).toBe(false);
  });
  test('has each finding with its rule, its severity, its place, its fix and its script', () => {
    const found = broken.findings[0]!;
    const [result] = JSON.parse(file(broken, 'findings.sarif')).runs[0].results;
    expect(result.ruleId.startsWith(found.check)).toBe(true);
    expect(result.locations[0].logicalLocations[0].fullyQualifiedName).toBe(found.where);
    expect(result.message.text).toContain(found.what);
    if (found.reproduce) expect(result.message.text).toContain(found.reproduce);
  });
});

describe('report.json', () => {
  const schema = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
  const valid = ajv.compile(schema);
  const closed = ajv.compile({ ...(closedObjects(schema) as object), $id: 'closed' });

  test.each(Object.entries(all))('%s is valid, and the schema knows each of its keys', (_, one) => {
    const parsed = JSON.parse(file(one, 'report.json'));
    expect(valid(parsed), JSON.stringify(valid.errors)).toBe(true);
    expect(closed(parsed), JSON.stringify(closed.errors)).toBe(true);
  });
  test.each([
    ['a status there is not', { verdict: 'ok' }],
    ['an exit code there is not', { exitCode: 4 }],
    ['a row without why', { checks: [check('a.b', 'pass', { assertions: [row('form', 'pass', { why: '' })] })] }],
    ['not verified, and nothing that it needs', { checks: [check('a.b', 'not-verified')] }],
    ['waived by nobody', { checks: [check('a.b', 'waived', { assertions: [] })] }],
    ['no end said', { complete: undefined }],
  ])('refuses %s', (_, over) => expect(valid({ ...JSON.parse(file(healthy, 'report.json')), ...over })).toBe(false));
  test('says all there is in the report', () =>
    expect(JSON.parse(file(unfinished, 'report.json'))).toEqual({ ...unfinished, tookMs: 221_834.218 }));
  test('keys keep their order however the report was put together', () => {
    const turned = Object.fromEntries(Object.entries(broken).toReversed()) as unknown as Report;
    expect(file(turned, 'report.json')).toBe(file(broken, 'report.json'));
  });
  test('durations to a microsecond, shares to nine digits', () => {
    const assertions = [
      row('a', 'pass', { interval: [0.1 + 0.2, 0.00001234567891], intervalUnit: '%' }),
      row('b', 'pass', { interval: [41.23456, 1 / 3], intervalUnit: 'ms' }),
    ];
    const { tookMs, checks } = JSON.parse(
      file(report([check('a.b', 'pass', { assertions })], { tookMs: 1.23456 }), 'report.json'),
    );
    expect([tookMs, checks[0].assertions[0].interval, checks[0].assertions[1].interval]).toEqual([
      1.235,
      [0.3, 0.0000123456789],
      [41.235, 0.333],
    ]);
  });
});

function closedObjects(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closedObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'allOf' ? value : closedObjects(value)]),
  );
  return 'type' in schema && schema.type === 'object' ? { ...inner, additionalProperties: false } : inner;
}

describe('junit.xml', () => {
  test.each(Object.entries(all))('%s is well-formed, and its sums are right', (_, one) => {
    const tags = parsed(file(one, 'junit.xml'));
    const counted = (name: string) => String(tags.filter((tag) => tag.name === name).length);
    const sums = {
      tests: counted('testcase'),
      failures: counted('failure'),
      errors: counted('error'),
      skipped: counted('skipped'),
    };
    expect(tags[0]!.attributes).toMatchObject(sums);
  });
  test('each status has its element, and none but a pass is green', () => {
    const statuses = ['pass', 'fail', 'invalid', 'undecided', 'not-verified', 'excluded', 'shown'] as const;
    const tags = parsed(file(report(statuses.map((status) => check(`smoke.${status}`, status))), 'junit.xml'));
    const under = tags
      .filter((tag) => tag.name !== 'testsuite')
      .map((tag) =>
        tag.name === 'testcase' ? tag.attributes.classname : `${tag.name} ${tag.attributes.type ?? ''}`.trim(),
      );
    expect(under.slice(1)).toEqual([
      ...[
        'smoke.pass',
        'smoke.fail',
        'failure fail',
        'smoke.invalid',
        'error invalid',
        'smoke.undecided',
        'error undecided',
      ],
      ...['smoke.not-verified', 'error not-verified', 'smoke.excluded', 'skipped', 'smoke.shown', 'skipped', 'verdict'],
    ]);
  });
  test('a run whose rows are green but whose verdict is not a pass is not green', () => {
    const cut = report([check('smoke.a', 'pass')], { verdict: 'undecided', complete: false });
    expect(parsed(file(cut, 'junit.xml'))[0]!.attributes).toMatchObject({ tests: '2', errors: '1' });
  });
});

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function parsed(xml: string): Tag[] {
  const tags: Tag[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => tags.push({ name, attributes: attributes as Record<string, string> }));
  parser.write(xml).close();
  return tags;
}

describe('report.md', () => {
  test.each(['<script', '<img', '](javascript', ' @everyone', 'https://', 'www.'])(
    '%s of a deployment is only text',
    (markup) => {
      const outsideFences = file(hostile, 'report.md').replaceAll(/^~~~[^~]*^~~~$/gm, '');
      expect(outsideFences).not.toContain(markup);
    },
  );
  test('every row of a table has as many cells as its head', () => {
    const tables = file(hostile, 'report.md')
      .split('\n\n')
      .filter((block) => block.startsWith('| '));
    for (const table of tables)
      expect(new Set(table.split('\n').map((line) => line.match(/ \||^\|/g)!.length)).size).toBe(1);
  });
});

describe('report.html', () => {
  test('170 checks stay under 300 kB', () =>
    expect(Buffer.byteLength(file(large, 'report.html'))).toBeLessThan(300_000));
});
