import { quoted } from '../catalogue.ts';
import { closure } from './carriers.ts';
import { wrapped } from './contexts.ts';
import { type Ground, ownedBy, type Stage, sceneOf, survivors } from './matrix.ts';
import { insertSql, type SeedRow } from './seed.ts';
import type { Context, Outcome, Scene } from './stage.ts';
import type { Finding, ForeignKey, RlsColumn, RlsTable } from './types.ts';
import { literal, type Value } from './values.ts';

type Answer = Extract<Outcome, { ok: true }>;

export interface Probe {
  readonly rule: string;
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly variant: string;
  readonly scene: Scene;
  readonly statement: string;
  readonly look?: string;
  /** In the context of a tenant of its own, where an error is no answer. */
  readonly own: boolean;
  /** Without a WHERE: touches every row that the policies let through. */
  readonly unbounded?: boolean;
  /** What leaked, or null. */
  readonly leaked: (answer: Answer) => string | null;
  /** The role reached what is its own: what it did not reach was kept from it. */
  readonly proves?: (answer: Answer) => boolean;
  /** Not a cell by itself. */
  readonly control?: boolean;
  /** Only a row of another tenant could have offended the constraint. */
  readonly constraintLeaks?: boolean;
  /** A change that the policies can have no reason to refuse on an own row. */
  readonly harmless?: boolean;
  /** A constraint is as good as a policy here. */
  readonly constraintHolds?: boolean;
  readonly severity?: Finding['severity'];
}

/** Everything a tenant could try on one table. */
export async function ownProbes(stage: Stage, ground: Ground): Promise<Probe[]> {
  const scene = sceneOf(stage, stage.own);
  return [
    ...reads(ground, scene, true),
    ...otherReads(ground, scene),
    ...(await inserts(stage, ground, scene)),
    ...writes(ground, scene, true),
    ...otherWrites(ground, scene),
    ...(await moves(stage, ground, scene)),
  ];
}

export function contextProbes(stage: Stage, ground: Ground, context: Context): Probe[] {
  const scene = sceneOf(stage, context);
  const insert = foreignInsert(ground, scene, false);
  const others: Ground = {
    ...ground,
    own: ground.all.filter(({ tenant }) => tenant === context.tenant),
    foreign: ground.foreign.filter(({ tenant }) => tenant !== context.tenant),
  };
  return [...reads(others, scene, false), ...writes(others, scene, false), ...(insert ? [insert] : [])];
}

const switchValues = ['true', '1', 'on', 'yes', 't', 'admin', 'all', '*'];

/** Each further setting that the policies of this table read, set to what could open them, while the tenant stays itself. */
export function switchProbes(stage: Stage, ground: Ground): Probe[] {
  const { carriers, keys } = stage.world;
  const values = [
    ...new Set([stage.otherKey, ...switchValues, ...carriers.literals.filter((one) => /^[\w*.:-]{1,30}$/.test(one))]),
  ].slice(0, 24);
  const plain = carriers.settings.filter((name) => name !== keys.setting && !stage.own.settings.has(name));
  const bent = [...stage.own.settings.keys()].filter((name) => name !== keys.setting);
  const { policies, functions } = stage.world.catalogue;
  const texts = policies
    .filter(({ table }) => table === ground.table.oid || ground.table.partitionOf === table)
    .map(({ text }) => closure(text, functions))
    .join('\n');
  const contexts = [...plain, ...bent]
    .filter((name) => texts.includes(name))
    .flatMap((name) =>
      values.map(
        (value): Context => ({
          ...stage.own,
          name: `tenant a with ${name} = '${value}'`,
          settings: new Map([...stage.own.settings, [name, value]]),
        }),
      ),
    );
  const claims = [...carriers.jsonKeys].flatMap(([name, names]) =>
    names
      .filter((key) => !keys.names.includes(key))
      .flatMap((key) =>
        values.map(
          (value): Context => ({
            ...stage.own,
            name: `tenant a with the claim ${key} = '${value}'`,
            settings: new Map([...stage.own.settings, [name, withClaim(stage, name, key, value)]]),
          }),
        ),
      ),
  );
  return [...contexts, ...claims].flatMap((context) => {
    const scene = sceneOf(stage, context);
    const insert = foreignInsert(ground, scene, true);
    return [...reads(ground, scene, true), ...writes(ground, scene, true), ...(insert ? [insert] : [])].map(
      (probe) => ({ ...probe, rule: 'R12', own: false, proves: undefined }),
    );
  });
}

function withClaim(stage: Stage, setting: string, key: string, value: string): string {
  const current = stage.own.settings.get(setting);
  try {
    return JSON.stringify({ ...(JSON.parse(current ?? '{}') as object), [key]: value });
  } catch {
    return wrapped(stage.world.carriers, stage.world.keys, setting, current ?? '', { [key]: value });
  }
}

const at = `tableoid::text || ':' || ctid::text as at`;

function reads({ table, privileges, mine, own: spared, foreign }: Ground, scene: Scene, own: boolean): Probe[] {
  if (privileges.selectable.length === 0) return [];
  const base = { rule: own ? 'R05' : 'R10', command: 'SELECT', scene, own, variant: 'SELECT without WHERE' } as const;
  if (!privileges.select) {
    const statement = `select count(${quoted(privileges.selectable[0]!)}::text)::int + count(*)::int - count(${quoted(privileges.selectable[0]!)}::text)::int as n from ${table.sql}`;
    const most = own ? mine.length : spared.length;
    return [
      {
        ...base,
        statement,
        leaked: ({ rows }) =>
          Number(rows[0]?.n) > most ? `${Number(rows[0]?.n) - most} rows of others are counted` : null,
        proves: ({ rows }) => own && Number(rows[0]?.n) > 0,
      },
    ];
  }
  const theirs = new Map(foreign.map((row) => [row.at, row]));
  const ours = new Set((own ? mine : spared).map((row) => row.at));
  return [
    {
      ...base,
      statement: `select ${at} from ${table.sql} limit ${mine.length + foreign.length + 20}`,
      leaked: ({ rows }) => {
        const seen = rows
          .map((row) => String(row.at))
          .filter((one) => !ours.has(one) && (theirs.has(one) || scene.context.role == null));
        return seen.length === 0
          ? null
          : `${seen.length} rows that are not its own are seen${kinds(seen.flatMap((one) => theirs.get(one) ?? []))}`;
      },
      proves: ({ rows }) => own && rows.some((row) => ours.has(String(row.at))),
    },
  ];
}

const kinds = (rows: readonly SeedRow[]): string => {
  const names = [...new Set(rows.map(({ variant, tenant }) => (tenant === 'nn' ? 'without a tenant' : variant)))];
  return names.length === 0 ? '' : ` (${names.join('; ')})`;
};

function otherReads(ground: Ground, scene: Scene): Probe[] {
  const { table, privileges, mine, foreign } = ground;
  if (!privileges.select) return [];
  const base = { rule: 'R05', command: 'SELECT', scene, own: true } as const;
  const victim = keyed(table, foreign[0]!);
  const seen = ({ rows }: Answer) => (rows.length > 0 ? `${rows.length} rows of others are seen` : null);
  return [
    ...(victim
      ? [
          {
            ...base,
            variant: 'SELECT by key',
            statement: `select 1 as seen from ${table.sql} where ${victim}`,
            leaked: seen,
          },
        ]
      : []),
    {
      ...base,
      variant: 'COPY TO',
      statement: `copy (select * from ${table.sql}) to stdout`,
      leaked: ({ affected }: Answer) =>
        affected > mine.length ? `${affected - mine.length} rows of others are copied` : null,
    },
    ...(victim && (privileges.update || privileges.updatable.length > 0)
      ? [
          {
            ...base,
            variant: 'SELECT FOR UPDATE',
            statement: `select 1 as seen from ${table.sql} where ${victim} for update`,
            leaked: seen,
          },
        ]
      : []),
  ];
}

/** A condition that one row alone meets. */
function keyed(table: RlsTable, row: SeedRow): string | null {
  const key =
    table.uniques.find((one) => one.primary) ?? table.uniques.find((one) => !one.expressions && one.columns.length > 0);
  const columns =
    key?.columns ??
    table.columns
      .filter(({ name, generated }) => !generated && row.values.get(name) != null)
      .slice(0, 4)
      .map(({ name }) => name);
  const parts = columns.map(
    (name) => [table.columns.find((one) => one.name === name)!, row.values.get(name) ?? null] as const,
  );
  if (parts.length === 0 || parts.some(([column, value]) => value === null || /^(json|xml|point)$/.test(column.base)))
    return null;
  return parts.map(([column, value]) => `${quoted(column.name)} = ${literal(value, column)}`).join(' and ');
}

const count = ({ after }: Answer): number => Number(after[0]?.n);

function writes(ground: Ground, scene: Scene, own: boolean): Probe[] {
  const { table, privileges, mine, foreign } = ground;
  const update = harmless(ground);
  const look = `select (${survivors(table, foreign)}) as n, (${survivors(table, mine)}) as own`;
  const base = {
    scene,
    own,
    look,
    unbounded: true,
    rule: own ? 'R09' : 'R10',
    proves: (answer: Answer) => own && Number(answer.after[0]?.own) < mine.length,
  };
  const lost = (what: string, counted: readonly SeedRow[]) => (answer: Answer) => {
    const left = count(answer) + (own ? 0 : Number(answer.after[0]?.own));
    return left < counted.length ? `${counted.length - left} rows that are not its own are ${what}` : null;
  };
  const all = own ? foreign : [...foreign, ...mine];
  return [
    ...(update
      ? [
          {
            ...base,
            command: 'UPDATE' as const,
            variant: 'UPDATE without WHERE',
            statement: `update ${table.sql} set ${update}`,
            leaked: lost('changed', all),
            harmless: true,
          },
        ]
      : []),
    ...(privileges.delete
      ? [
          {
            ...base,
            command: 'DELETE' as const,
            variant: 'DELETE without WHERE',
            statement: `delete from ${table.sql}`,
            leaked: lost('deleted', all),
          },
        ]
      : []),
  ];
}

function otherWrites(ground: Ground, scene: Scene): Probe[] {
  const { table, privileges, foreign } = ground;
  const victim = keyed(table, foreign[0]!);
  const update = harmless(ground);
  const base = { scene, own: true, look: survivors(table, foreign), rule: 'R09' };
  const lost = (answer: Answer) =>
    count(answer) < foreign.length ? `${foreign.length - count(answer)} rows that are not its own are written` : null;
  const returned = (answer: Answer) =>
    lost(answer) ??
    (answer.rows.some((row) => foreign.some(({ at: place }) => place === row.at))
      ? 'rows of others are returned'
      : null);
  return [
    ...(update && victim
      ? [
          {
            ...base,
            command: 'UPDATE' as const,
            variant: 'UPDATE by key',
            statement: `update ${table.sql} set ${update} where ${victim}`,
            leaked: lost,
            constraintLeaks: true,
          },
        ]
      : []),
    ...(update && privileges.select
      ? [
          {
            ...base,
            command: 'UPDATE' as const,
            variant: 'UPDATE RETURNING',
            statement: `update ${table.sql} set ${update} returning ${at}`,
            unbounded: true,
            leaked: returned,
          },
        ]
      : []),
    ...(privileges.delete && victim
      ? [
          {
            ...base,
            command: 'DELETE' as const,
            variant: 'DELETE by key',
            statement: `delete from ${table.sql} where ${victim}`,
            leaked: lost,
            constraintLeaks: true,
          },
        ]
      : []),
    ...(privileges.delete && privileges.select
      ? [
          {
            ...base,
            command: 'DELETE' as const,
            variant: 'DELETE RETURNING',
            statement: `delete from ${table.sql} returning ${at}`,
            unbounded: true,
            leaked: returned,
          },
        ]
      : []),
  ];
}

/** A change that offends no constraint and reads nothing: reading a column would bring the SELECT policies in. */
function harmless({ table, privileges, foreign }: Ground): string | null {
  const delicate = new Set([
    ...table.uniques.flatMap(({ columns }) => columns),
    ...table.checks.filter(({ columns }) => columns.length > 1).flatMap(({ columns }) => columns),
  ]);
  const usable = table.columns.filter(
    (column) => privileges.updatable.includes(column.name) && !column.generated && !column.identity,
  );
  const rank = (column: RlsColumn): number =>
    (delicate.has(column.name) ? 100 : 0) +
    (/id$/i.test(column.name) ? 20 : 0) +
    (/^(text|varchar|json)/.test(column.base) ? 0 : 5);
  const [column] = [...usable].sort((a, b) => rank(a) - rank(b));
  return column ? `${quoted(column.name)} = ${literal(foreign[0]!.values.get(column.name) ?? null, column)}` : null;
}

const mayInsert = ({ privileges, table }: Ground, row: SeedRow): boolean =>
  privileges.insert ||
  [...row.values.keys()].every(
    (name) => privileges.insertable.includes(name) || table.columns.find((one) => one.name === name)?.generated,
  );

/** Only what the role may fill in is filled in, where the rest has defaults. */
function fillable({ privileges, table }: Ground, row: SeedRow): ReadonlyMap<string, Value> {
  if (mayInsert({ privileges, table } as Ground, row)) return row.values;
  return new Map([...row.values].filter(([name]) => privileges.insertable.includes(name)));
}

const rehearsed = new WeakMap<Ground, SeedRow>();

function foreignInsert(ground: Ground, scene: Scene, own: boolean): Probe | null {
  const row = rehearsed.get(ground) ?? null;
  if (!row || ground.privileges.insertable.length === 0) return null;
  return insertProbe(ground, scene, row, own, {
    rule: own ? 'R07' : 'R10',
    variant: "INSERT with another tenant's key",
  });
}

function insertProbe(
  ground: Ground,
  scene: Scene,
  row: SeedRow,
  own: boolean,
  more: { rule: string; variant: string; tail?: string },
): Probe {
  const { tail, ...named } = more;
  return {
    ...named,
    command: 'INSERT',
    scene,
    own,
    constraintHolds: true,
    statement: insertSql(ground.table, fillable(ground, row), tail ?? ''),
    look: `select count(*)::int as n from ${ground.table.sql} where ${same(ground.table, row)}`,
    leaked: (answer) => (count(answer) > 0 ? "a row with another tenant's key is stored" : null),
  };
}

/** The row as it was asked for: a trigger may have made it the role's own. */
function same(table: RlsTable, row: SeedRow): string {
  const columns = table.columns.filter(
    ({ name, base }) =>
      row.values.has(name) &&
      !/^(json|jsonb|xml|point|tsvector|vector|halfvec|bytea|float4|float8|numeric|timestamptz?|_.*)$/.test(base),
  );
  return (
    columns
      .map((column) =>
        row.values.get(column.name) === null
          ? `${quoted(column.name)} is null`
          : `${quoted(column.name)} = ${literal(row.values.get(column.name)!, column)}`,
      )
      .join(' and ') || 'false'
  );
}

/** A row of another tenant's, for storing it before any setting was ever set. */
export async function rehearseForeign(stage: Stage, ground: Ground): Promise<void> {
  if (ground.privileges.insertable.length === 0) return;
  const theirs = await stage.seeds.rehearse(ground.table, 'b');
  if (typeof theirs !== 'string') rehearsed.set(ground, theirs);
}

async function inserts(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { table, privileges } = ground;
  if (privileges.insertable.length === 0) return [];
  const mine = await stage.seeds.rehearse(table, 'a');
  const theirs = await stage.seeds.rehearse(table, 'b');
  if (typeof mine === 'string' || typeof theirs === 'string') return [];
  rehearsed.set(ground, theirs);
  const control: Probe = {
    ...insertProbe(ground, scene, mine, true, { rule: 'R07', variant: 'INSERT of its own' }),
    control: true,
    leaked: () => null,
    proves: (answer) => count(answer) > 0,
  };
  const foreign = foreignInsert(ground, scene, true)!;
  return [
    control,
    foreign,
    ...(privileges.select
      ? [
          insertProbe(ground, scene, theirs, true, {
            rule: 'R07',
            variant: "INSERT with another tenant's key RETURNING",
            tail: ' returning 1',
          }),
        ]
      : []),
    ...withoutTenant(stage, ground, scene, mine),
    ...overwrites(ground, scene, mine),
    ...(await attachments(stage, ground, scene, mine)),
  ];
}

function withoutTenant(stage: Stage, ground: Ground, scene: Scene, mine: SeedRow): Probe[] {
  const key = stage.world.keys.of.get(ground.table.oid);
  const column = key?.kind === 'column' ? ground.table.columns.find(({ name }) => name === key.column) : undefined;
  if (!column || column.notNull) return [];
  const row = { ...mine, values: new Map([...mine.values, [column.name, null]]) };
  return [
    {
      ...insertProbe(ground, scene, row, true, { rule: 'R11', variant: 'INSERT without a tenant' }),
      leaked: (answer) => (count(answer) > 0 ? 'a row without a tenant is stored' : null),
    },
  ];
}

/** ON CONFLICT reaches for a row that is already there. */
function overwrites(ground: Ground, scene: Scene, mine: SeedRow): Probe[] {
  const { table, foreign } = ground;
  const key = table.uniques.find((one) => one.primary && !one.expressions);
  const update = harmless(ground);
  const victim = foreign.find(({ values }) => key?.columns.every((name) => values.get(name) != null));
  if (!key || !update || !victim) return [];
  const row = {
    ...mine,
    values: new Map([...mine.values, ...key.columns.map((name) => [name, victim.values.get(name)!] as const)]),
  };
  const tail = ` on conflict (${key.columns.map((name) => quoted(name)).join(', ')}) do update set ${update}`;
  return [
    {
      ...insertProbe(ground, scene, row, true, { rule: 'R09', variant: 'INSERT ON CONFLICT DO UPDATE', tail }),
      look: survivors(table, foreign),
      leaked: (answer) => (count(answer) < foreign.length ? "another tenant's row is overwritten" : null),
    },
  ];
}

/** A row of its own that hangs on another tenant's parent: references are checked without looking at policies. */
async function attachments(stage: Stage, ground: Ground, scene: Scene, mine: SeedRow): Promise<Probe[]> {
  const { world, seeds } = stage;
  const key = world.keys.of.get(ground.table.oid);
  const own = key?.kind === 'column' ? [key.column] : key?.kind === 'root' ? [key.column] : [];
  const probes: Probe[] = [];
  for (const reference of world.catalogue.foreignKeys.filter((one) => one.from === ground.table.oid)) {
    if (
      reference.columns.some((name) => own.includes(name)) ||
      reference.to === world.keys.root ||
      !world.keys.of.has(reference.to)
    )
      continue;
    if (key?.kind === 'path' && key.columns.join() === reference.columns.join()) continue;
    const parent = await seeds.base(world.catalogue.tables.find(({ oid }) => oid === reference.to)!, 'b');
    if (!parent) continue;
    probes.push(attachment(ground, scene, mine, reference, parent));
  }
  return probes;
}

function attachment(ground: Ground, scene: Scene, mine: SeedRow, reference: ForeignKey, parent: SeedRow): Probe {
  const row = {
    ...mine,
    values: new Map([
      ...mine.values,
      ...reference.columns.map(
        (name, index) => [name, parent.values.get(reference.refColumns[index]!) ?? null] as const,
      ),
    ]),
  };
  return {
    ...insertProbe(ground, scene, row, true, {
      rule: 'R32',
      variant: `INSERT that refers to another tenant's row by ${reference.columns.join(', ')}`,
    }),
    leaked: (answer) => (count(answer) > 0 ? `a row of its own hangs on another tenant's ${parent.table.label}` : null),
    severity: 'medium',
  };
}

/** Rows that change hands: out of the tenant, and into it. */
async function moves(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { world, seeds } = stage;
  const { table, privileges, foreign } = ground;
  const key = world.keys.of.get(table.oid)!;
  const columns = key.kind === 'path' ? key.columns : [key.column];
  if (!columns.every((name) => privileges.updatable.includes(name))) return [];
  const [theirs, ours] = [foreign[0]!, ground.mine[0]!];
  const set = (from: SeedRow, names: readonly string[]) =>
    names
      .map(
        (name) =>
          `${quoted(name)} = ${literal(from.values.get(name) ?? null, table.columns.find((one) => one.name === name)!)}`,
      )
      .join(', ');
  const base = { command: 'UPDATE' as const, scene, own: true, rule: 'R08' };
  const victim = keyed(table, theirs);
  // All that could say whose the row is, at once: a policy may look at more than the key.
  const whole = [...new Set([...columns, ...tellingColumns(stage, table)])].filter((name) =>
    privileges.updatable.includes(name),
  );
  const into =
    key.kind === 'root'
      ? []
      : [
          {
            ...base,
            variant: 'UPDATE without WHERE that takes rows over',
            unbounded: true,
            statement: `update ${table.sql} set ${set(ours, columns)}`,
            look: survivors(table, foreign),
            constraintLeaks: true,
            leaked: (answer: Answer) =>
              count(answer) < foreign.length ? `${foreign.length - count(answer)} rows of others became its own` : null,
          },
          ...(whole.length > columns.length
            ? [
                {
                  ...base,
                  variant: 'UPDATE without WHERE that takes rows over with all they refer to',
                  unbounded: true,
                  statement: `update ${table.sql} set ${set(ours, whole)}`,
                  look: survivors(table, foreign),
                  constraintHolds: true,
                  leaked: (answer: Answer) =>
                    count(answer) < foreign.length
                      ? `${foreign.length - count(answer)} rows of others became its own`
                      : null,
                },
              ]
            : []),
          ...(victim
            ? [
                {
                  ...base,
                  variant: 'UPDATE by key that takes a row over',
                  statement: `update ${table.sql} set ${set(ours, columns)} where ${victim}`,
                  look: survivors(table, foreign),
                  constraintLeaks: true,
                  leaked: (answer: Answer) =>
                    count(answer) < foreign.length ? "another tenant's row became its own" : null,
                },
              ]
            : []),
        ];
  return [...into, ...(await movesOut(stage, ground, set, columns, theirs, base, seeds))];
}

/** Columns besides the key that a row's tenant can be read from: references to tenants' rows, and what is called like the tenant. */
const tellingColumns = ({ world }: Stage, table: RlsTable): string[] => [
  ...world.catalogue.foreignKeys
    .filter((one) => one.from === table.oid && one.to !== table.oid && world.keys.of.has(one.to))
    .flatMap((one) => one.columns),
  ...table.columns
    .filter(({ name, generated }) => !generated && world.keys.names.includes(name))
    .map(({ name }) => name),
];

/** A tenant that becomes another tenant. */
async function rootMoves(stage: Stage, ground: Ground, column: string, base: Base): Promise<Probe[]> {
  const other = await stage.seeds.rehearse(ground.table, 'd');
  if (typeof other === 'string') return [];
  const key = ground.table.columns.find(({ name }) => name === column)!;
  const value = literal(other.values.get(column) ?? null, key);
  return [
    {
      ...base,
      variant: 'UPDATE without WHERE that makes it another tenant',
      unbounded: true,
      statement: `update ${ground.table.sql} set ${quoted(column)} = ${value}`,
      look: `select count(*)::int as n from ${ground.table.sql} where ${quoted(column)} = ${value}`,
      leaked: (answer) => (count(answer) > 0 ? 'its own row became that of another tenant' : null),
    },
  ];
}

type Base = { command: 'UPDATE'; scene: Scene; own: boolean; rule: string };

async function movesOut(
  stage: Stage,
  ground: Ground,
  set: (from: SeedRow, names: readonly string[]) => string,
  columns: readonly string[],
  theirs: SeedRow,
  base: Base,
  seeds: Stage['seeds'],
): Promise<Probe[]> {
  const { table, privileges } = ground;
  const { world } = stage;
  // A row without dependants, so that no reference keeps it where it is.
  const spare = await seeds.rehearse(table, 'a');
  if (typeof spare === 'string') return [];
  if (world.keys.of.get(table.oid)?.kind === 'root') return rootMoves(stage, ground, columns[0]!, base);
  const names = [...new Set([...columns, ...tellingColumns(stage, table)])].filter((name) =>
    privileges.updatable.includes(name),
  );
  const owned = await ownedBy(stage, table, 'b');
  const [before] = await stage.database.bare(`select count(*)::int as n from ${table.sql} where ${owned}`);
  const where = keyed(table, spare);
  const shared = {
    ...base,
    scene: { ...base.scene, before: spare.sql },
    look: `select count(*)::int as n from ${table.sql} where ${owned}`,
    leaked: (answer: Answer) =>
      count(answer) > Number(before?.n)
        ? `${count(answer) - Number(before?.n)} own rows became another tenant's`
        : null,
    constraintHolds: true,
  };
  return [
    {
      ...shared,
      variant: 'UPDATE without WHERE that gives rows away',
      unbounded: true,
      statement: `update ${table.sql} set ${set(theirs, names)}`,
    },
    ...(where
      ? [
          {
            ...shared,
            variant: 'UPDATE by key that gives a row away',
            statement: `update ${table.sql} set ${set(theirs, names)} where ${where}`,
          },
        ]
      : []),
  ];
}
