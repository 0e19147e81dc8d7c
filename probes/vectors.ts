import { quoted } from './catalogue.ts';
import type { Ask, Database, Row } from './postgres.ts';

/** A column that holds embeddings. */
export interface EmbeddingColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** -1: any. */
  readonly dimensions: number;
  /** Usable nearest-neighbour indexes on it, `hnsw (vector_cosine_ops)`. */
  readonly indexes: readonly string[];
}

export const embeddingLabel = ({ schema, table, column }: EmbeddingColumn): string => `${schema}.${table}.${column}`;

/** The schema of the extension; null when it is not there. */
export async function vectorSchema(database: Database): Promise<string | null> {
  const [row] = await database.rows(
    `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'`,
  );
  return row ? String(row.schema) : null;
}

export async function embeddingColumns(database: Database): Promise<readonly EmbeddingColumn[]> {
  return (await database.rows(columnsSql)).map((row: Row) => ({
    schema: String(row.schema),
    table: String(row.table),
    column: String(row.column),
    dimensions: Number(row.dimensions),
    indexes: Array.isArray(row.indexes) ? row.indexes.map(String) : [],
  }));
}

const columnsSql = `
select n.nspname as schema, c.relname as "table", a.attname as "column", a.atttypmod as dimensions,
  array(select m.amname || ' (' || o.opcname || ')' from pg_index i join pg_class x on x.oid = i.indexrelid
    join pg_am m on m.oid = x.relam join pg_opclass o on o.oid = i.indclass[0]
    where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indisvalid and i.indisready and m.amname in ('hnsw', 'ivfflat')) as indexes
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
where t.typname in ('vector', 'halfvec') and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and not c.relispartition order by 1, 2, 3`;

/** How the operators and types are written when the extension's schema is on nobody's search path. */
export const vectorNames = (schema: string) => ({
  type: quoted(schema, 'vector'),
  operator: (sign: string) => `operator(${quoted(schema)}.${sign})`,
});

export const literal = (vector: readonly number[]): string => `[${vector.join(',')}]`;

/** Directions spread enough that the order of their distances is beyond single-precision doubt. */
export function spreadVectors(count: number, dimensions: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, at) =>
    Array.from({ length: dimensions }, (_, index) => {
      const angle = ((at + 1) * Math.PI) / (2 * (count + 2));
      return Math.round((index % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) * 1e4) / 1e4;
    }),
  );
}

/** Something to look among and something to look for, near to one of them and equally near to no two. */
export function lookup(dimensions: number): {
  readonly stored: readonly (readonly number[])[];
  readonly query: readonly number[];
} {
  const stored = spreadVectors(24, dimensions);
  return { stored, query: stored[7]!.map((value, at) => (at < dimensions / 16 ? value + 0.1 : value)) };
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

/** Our own arithmetic, to hold the database's against. */
export const distances: Readonly<Record<string, (a: readonly number[], b: readonly number[]) => number>> = {
  '<->': (a, b) => Math.hypot(...a.map((value, at) => value - b[at]!)),
  '<=>': (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  '<#>': (a, b) => -dot(a, b),
};

/** What the database makes of the distances from `query` to each of `stored`, in order of nearness. */
export async function nearestOf(
  ask: Ask,
  schema: string,
  sign: string,
  stored: readonly (readonly number[])[],
  query: readonly number[],
): Promise<readonly { readonly id: number; readonly distance: number }[]> {
  const { type, operator } = vectorNames(schema);
  const rows = await ask(
    `select at::int as id, (v::${type} ${operator(sign)} $1::${type})::float8 as distance
     from unnest($2::text[]) with ordinality as stored (v, at) order by 2, 1`,
    [literal(query), stored.map(literal)],
  );
  return rows.map((row) => ({ id: Number(row.id) - 1, distance: Number(row.distance) }));
}
