import { quoted } from '../catalogue.ts';
import type { Ground } from './ground.ts';
import { type Answer, at, keyed, type Probe } from './probe.ts';
import type { SeedRow } from './seed.ts';
import type { Scene } from './stage.ts';

/** Without a WHERE: every row that the policies let through. */
export function reads({ table, privileges, mine, own: spared, foreign }: Ground, scene: Scene, own: boolean): Probe[] {
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
  const seedsOnly = scene.seedsOnly || scene.context.role != null;
  const theirs = new Map(foreign.map((row) => [row.at, row]));
  const ours = new Set((own ? mine : spared).map((row) => row.at));
  return [
    {
      ...base,
      statement: `select ${at} from ${table.sql} limit ${mine.length + foreign.length + 20}`,
      leaked: ({ rows }) => {
        const seen = rows
          .map((row) => String(row.at))
          .filter((one) => !ours.has(one) && (theirs.has(one) || !seedsOnly));
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

/** Other ways to read, which PostgreSQL checks each by itself. */
export function otherReads(ground: Ground, scene: Scene): Probe[] {
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
