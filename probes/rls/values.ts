import { createHash } from 'node:crypto';
import { samplesOf } from './patterns.ts';
import type { RlsColumn, RlsTable } from './types.ts';

export type Value = string | null;

/** A row worth having: `full` fills every column, `sparse` leaves empty what may be empty. */
export interface Variant {
  readonly name: string;
  readonly sparse: boolean;
  /** As a row comes to be in daily life: defaults where there are any, and nothing that says it is gone. */
  readonly usual?: boolean;
  readonly truth: boolean;
  readonly past: boolean;
  /** Which of the values that a column lists (enum, CHECK, literals of policies) it takes. */
  readonly turn: number;
}

/** Turns of 0 and 1 with everything else both ways, then further listed values, each in a full and in a sparse row. */
export const variants: readonly Variant[] = [
  { name: 'usual', usual: true, sparse: false, truth: true, past: true, turn: 0 },
  { name: 'full', sparse: false, truth: true, past: true, turn: 0 },
  { name: 'full, false, future', sparse: false, truth: false, past: false, turn: 1 },
  { name: 'sparse', sparse: true, truth: true, past: false, turn: 0 },
  { name: 'sparse, false, past', sparse: true, truth: false, past: true, turn: 1 },
  ...[2, 3, 4, 5, 6, 7].flatMap((turn) =>
    [false, true].map((sparse) => ({
      name: `listed value ${turn + 1}${sparse ? ', sparse' : ''}`,
      sparse,
      truth: (turn % 2 === 0) !== sparse,
      past: turn % 2 === 1,
      turn,
    })),
  ),
];

/** What every value of a row is made from; the same for the same run, tenant, table and number. */
export interface Origin {
  readonly run: string;
  readonly tenant: string;
  readonly table: RlsTable;
  readonly number: number;
  readonly variant: Variant;
}

export const canaryOf = (run: string, tenant: string): string => `cnry-${run}-${tenant}-`;
export const uuidPrefixOf = (run: string, tenant: string): string => `${run}-${tenantCode(tenant)}-4`;

const tenantCode = (tenant: string): string => Buffer.from(tenant.padEnd(2, '0').slice(-2)).toString('hex').slice(0, 4);

export function uuidOf({ run, tenant, table, number }: Origin, column: string): string {
  const hex = createHash('sha256').update(`${table.label} ${column} ${number}`).digest('hex');
  return `${uuidPrefixOf(run, tenant)}${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

/** A literal of the column's own type. */
export const literal = (value: Value, { type }: Pick<RlsColumn, 'type'>): string =>
  value === null ? `NULL::${type}` : `'${value.replaceAll("'", "''")}'::${type}`;

/** Values to try in turn, best first: what the constraints list, then one that can be told from every other. */
export function candidates(
  column: RlsColumn,
  origin: Origin,
  listed: readonly string[],
  patterns: readonly string[] = [],
): readonly string[] {
  const { variant } = origin;
  if (column.labels.length > 0) return rotated(column.labels, variant.turn);
  const natural = column.base.startsWith('_') ? arrays(column.base) : plain(column, origin);
  const isNumber = /^(int|float|numeric|money)/.test(column.base);
  const usable = listed.filter((one) => isOf(column.base, one));
  const wide = isNumber
    ? [...natural, ...usable, '0', '1', '2', '5', '10', '50', '100', '500', '1000', '0.5', '-1', '1500']
    : natural;
  const tail = /^(text|varchar|bpchar|citext|name)$/.test(column.base)
    ? [...shapes(origin, column), ...sampled(patterns, origin, column), ...commonplaces]
    : [];
  return [...new Set([...foremost(natural[0], usable, variant.turn, isNumber), ...wide, ...tail])].map((value) =>
    fitted(value, column),
  );
}

/** A number of its own first, and an empty text never first: conditions speak of them only to refuse them. */
function foremost(own: string | undefined, usable: readonly string[], turn: number, isNumber: boolean): string[] {
  const words = usable.filter((one) => one !== '');
  const empty = usable.includes('') ? [''] : [];
  if (isNumber) return turn > 0 ? rotated(usable, turn - 1) : [];
  return rotated([...(words.length > 0 ? words : own === undefined ? [] : [own]), ...empty], turn);
}

/** A word that a policy speaks of need not be one of this column's. */
function isOf(base: string, value: string): boolean {
  if (/^(int|float|numeric|money)/.test(base)) return /^-?\d+(\.\d+)?$/.test(value);
  if (base === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
  if (/^(date|timestamp)/.test(base)) return /^\d{4}-\d\d-\d\d/.test(value);
  return /^(text|varchar|bpchar|citext|name)$/.test(base);
}

const gone =
  /delet|archiv|expire|revok|block|lock|suspend|disabl|ended|closed|cancel|hidden|removed|inactive|geloescht|gesperrt/i;

const expiry = /expir|until|valid_to|_to$|^to_|due|end|bis$|ablauf/i;

/** The value of a usual row; undefined: one like any other. Unique columns need a value of their own. */
export function usualValue(column: RlsColumn, isUnique: boolean): Value | undefined {
  if (isUnique) return undefined;
  const given = /^(?:'((?:[^']|'')*)'(?:::.*)?|(true|false|-?\d+(?:\.\d+)?))$/s.exec(column.default ?? '');
  if (given) return (given[1]?.replaceAll("''", "'") ?? given[2])!;
  if (expiry.test(column.name) && /^(date|timestamp)/.test(column.base)) return column.notNull ? '2901-01-01' : null;
  if (!gone.test(column.name)) return undefined;
  if (column.base === 'bool') return 'false';
  return column.notNull ? undefined : null;
}

const rotated = <T>(values: readonly T[], by: number): T[] =>
  values.length === 0 ? [] : [...values.slice(by % values.length), ...values.slice(0, by % values.length)];

function fitted(value: string, { base, modifier }: RlsColumn): string {
  const room = /^(varchar|bpchar)$/.test(base) && modifier > 4 ? modifier - 4 : 0;
  if (room === 0 || value.length <= room) return value;
  // What tells rows apart stands at the end.
  return value.slice(-room);
}

function plain(column: RlsColumn, origin: Origin): string[] {
  const { variant, number, tenant, run, table } = origin;
  const year = variant.past ? 2001 : 2901;
  const at = `${year}-01-${String((number % 27) + 1).padStart(2, '0')}`;
  // What is usual holds today.
  const end = `${variant.usual ? 2902 : year + 1}-01-01`;
  const clock = `${String(number % 24).padStart(2, '0')}:${String(Math.floor(number / 24) % 60).padStart(2, '0')}:00`;
  const text = `${canaryOf(run, tenant)}${table.name}-${column.name}-${number}`;
  const known: Readonly<Record<string, string[]>> = {
    uuid: [uuidOf(origin, column.name)],
    bool: [String(variant.truth), String(!variant.truth)],
    int2: [String(20_000 + (serial(origin) % 12_000))],
    int4: [String(2_000_000_000 + (serial(origin) % 140_000_000))],
    int8: [String(9_000_000_000_000 + serial(origin))],
    float4: [String(0.5 + number)],
    float8: [String(0.5 + number)],
    numeric: [numeric(column.modifier, number)],
    money: ['1'],
    date: [at],
    timestamp: [`${at} ${clock}`],
    timestamptz: [`${at} ${clock}+00`],
    time: [clock],
    timetz: [`${clock}+00`],
    interval: ['1 day'],
    json: [`{"canary": "${text}"}`, '[]', '{}', `"${text}"`],
    jsonb: [`{"canary": "${text}"}`, '[]', '{}', `"${text}"`],
    bytea: [`\\x${Buffer.from(text).toString('hex')}`],
    inet: [`10.9.${number % 250}.${serial(origin) % 250}`],
    cidr: [`10.9.${number % 250}.0/24`],
    macaddr: ['08:00:2b:01:02:03'],
    tsvector: [`${text.replaceAll(/\W/g, '')}`],
    xml: [`<canary>${text}</canary>`],
    bit: [column.base === 'bit' ? '1'.repeat(Math.max(1, column.modifier)) : '1'],
    varbit: ['1'],
    vector: [vectorOf(column)],
    halfvec: [vectorOf(column)],
    int4range: [`[${number},${number + 1})`],
    int8range: [`[${number},${number + 1})`],
    numrange: [`[${number},${number + 1})`],
    daterange: [`[${at},${end})`],
    tsrange: [`[${at},${end})`],
    tstzrange: [`[${at},${end})`],
    point: ['(1,2)'],
    hstore: ['a=>1'],
    // Two below one: what belongs to a sister is not one's own either.
    ltree: [`sd_${run}.${text.replaceAll(/\W/g, '_')}`, text.replaceAll(/\W/g, '_')],
    oid: ['1'],
  };
  return known[column.base] ?? [text];
}

/** Only a vector's modifier is a length; of a number it is anything. */
const vectorOf = ({ base, modifier }: RlsColumn): string =>
  /vec/.test(base) ? `[${Array.from({ length: Math.max(1, modifier) }, () => '0.1').join(',')}]` : '';

/** Differs from row to row, tenant to tenant and table to table, without a counter that two worlds would have to share. */
const serial = ({ tenant, table, number }: Origin): number =>
  (createHash('sha256').update(`${tenant} ${table.label}`).digest().readUInt32BE(0) % 90_000) * 1_000 + number;

function numeric(modifier: number, number: number): string {
  if (modifier < 4) return String(number + 0.5);
  const [precision, scale] = [((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0xffff];
  const whole = Math.max(0, precision - scale);
  return whole === 0 ? `0.${String((number % 9) + 1)}` : String(number % 10 ** Math.min(whole, 6));
}

const arrays = (base: string): string[] => (/^_(text|varchar|bpchar|citext)$/.test(base) ? ['{cnry}', '{}'] : ['{}']);

/** Texts that the usual CHECKs ask for. */
function shapes({ run, tenant, table, number }: Origin, column: RlsColumn): string[] {
  const slug = `${tenant}${run.slice(0, 4)}${table.name
    .slice(0, 12)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')}${number}`;
  const digits = `${serial({ run, tenant, table, number, variant: variants[0]! })}`.padStart(8, '0');
  const hex = createHash('sha256').update(`${slug}${column.name}`).digest('hex');
  return [
    `${slug}@canary.example`,
    `+1555${digits.slice(-8)}`,
    `https://canary.example/${slug}`,
    slug,
    slug.toUpperCase(),
    slug.replaceAll(/\d/g, 'x'),
    digits,
    hex,
    hex.slice(0, 40),
    hex.slice(0, 32),
    hex.slice(0, 16),
    `${slug}.canary.example`,
  ];
}

const sampled = (patterns: readonly string[], { run, tenant, table, number }: Origin, { name }: RlsColumn): string[] =>
  patterns.flatMap((one) => samplesOf(one, `${run} ${tenant} ${table.label} ${name} ${number}`));

/** Values of everybody's that some CHECK may ask for. */
const commonplaces = [
  'EUR',
  'US',
  'de',
  'de-DE',
  '#aabbcc',
  '1.0.0',
  'a',
  'A',
  'AB12',
  'AB-1234',
  '12345',
  '00:00',
  'UTC',
  '/a',
  '',
];
