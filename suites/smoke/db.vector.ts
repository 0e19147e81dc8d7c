import { randomUUID } from 'node:crypto';
import { quoted } from '../../probes/catalogue.ts';
import type { Ask, Database } from '../../probes/postgres.ts';
import { readTenantContext } from '../../probes/tenant-context.ts';
import {
  distances,
  type EmbeddingColumn,
  embeddingColumns,
  embeddingLabel,
  literal,
  lookup,
  nearestOf,
  spreadVectors,
  vectorNames,
  vectorSchema,
} from '../../probes/vectors.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { attempt, withDatabase } from './connections.ts';
import { coreTables } from './schema.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['nearest', 'index', 'search'], async (database) => {
    const schema = await vectorSchema(database);
    if (!schema) {
      for (const assertion of ['nearest', 'index', 'search'])
        context.breaks(assertion, 'the extension vector is not installed');
      return;
    }
    for (const sign of Object.keys(distances))
      await attempt(context, 'nearest', {}, () => judgeNearest(context, database, schema, sign));
    const columns = await embeddingColumns(database);
    judgeIndexes(context, columns);
    await judgeSearches(context, database, schema, columns);
    await judgeStored(context, schema, columns);
  });

export default body;

/** The size of the platform's embeddings. */
const dimensions = 1024;

/** Order and distances are compared with our own arithmetic; a wrong order is a wrong answer to a user. */
async function judgeNearest(context: BodyContext, database: Database, schema: string, sign: string): Promise<void> {
  const { stored, query } = lookup(dimensions);
  const own = stored
    .map((vector, id) => ({ id, distance: distances[sign]!(vector, query) }))
    .sort((a, b) => a.distance - b.distance);
  const theirs = await database.undone((ask) => nearestOf(ask, schema, sign, stored, query), 'read only');
  const wrong = own.findIndex(
    ({ id, distance }, at) => theirs[at]?.id !== id || !isClose(theirs[at].distance, distance),
  );
  const seen = {
    expected: `${own.length} vectors in order of their distance (${sign})`,
    observed: `nearest at ${theirs[0]?.distance}`,
  };
  if (theirs.length === own.length && wrong === -1) context.holds('nearest', seen);
  else context.breaks('nearest', `place ${wrong + 1} in the order by ${sign} is not what arithmetic says`, seen);
}

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));

function judgeIndexes(context: BodyContext, columns: readonly EmbeddingColumn[]): void {
  const relevant = searchedOf(columns);
  if (relevant.length === 0) context.breaks('index', 'the platform has no column of type vector to search in');
  for (const column of relevant) {
    const cell = embeddingLabel(column);
    const seen = { cell, observed: column.indexes.join(', ') || 'no usable index' };
    if (column.indexes.length > 0) context.holds('index', seen);
    else context.breaks('index', `${cell} has no usable nearest-neighbour index (hnsw or ivfflat)`, seen);
  }
  const without = columns
    .filter((column) => !relevant.includes(column) && column.indexes.length === 0)
    .map(embeddingLabel);
  if (without.length > 0) context.note('embeddings without an index', without.join(', '));
}

/** Knowledge is searched by its chunks; the other embeddings are few and may do without an index. */
function searchedOf(columns: readonly EmbeddingColumn[]): readonly EmbeddingColumn[] {
  const own = ofThePlatform(columns);
  const chunks = own.filter((column) => /chunk/i.test(column.table));
  return chunks.length > 0 ? chunks : own;
}

/** A deployment may embed further things of its own by another model, and keep them from the app's role; nothing is agreed about those. */
export function ofThePlatform(columns: readonly EmbeddingColumn[]): readonly EmbeddingColumn[] {
  const own = columns.filter(({ table }) => Object.hasOwn(coreTables, table));
  return own.length > 0 ? own : columns;
}

async function judgeSearches(
  context: BodyContext,
  database: Database,
  schema: string,
  columns: readonly EmbeddingColumn[],
): Promise<void> {
  if (columns.length === 0) context.breaks('search', 'the platform has no column of type vector to search in');
  const { setting } = await readTenantContext(database);
  const own = ofThePlatform(columns);
  const others = columns.filter((column) => !own.includes(column)).map(embeddingLabel);
  if (others.length > 0) context.note("embeddings beside the platform's own, not searched", others.join(', '));
  for (const column of own) {
    const cell = embeddingLabel(column);
    if (column.dimensions !== dimensions) {
      context.breaks(
        'search',
        `${cell} holds vectors of ${column.dimensions} dimensions, the platform's have ${dimensions}`,
        { cell },
      );
      continue;
    }
    await attempt(context, 'search', { cell }, async () => {
      const rows = await database.undone((ask) => search(ask, schema, column, setting), 'read only');
      const ordered = rows.every((row, at) => at === 0 || Number(rows[at - 1]!.distance) <= Number(row.distance));
      if (ordered)
        context.holds('search', { cell, observed: `${rows.length} rows for a tenant of our own making, no error` });
      else context.breaks('search', `${cell} answers nearest neighbours out of order`, { cell });
    });
  }
}

/** As the platform asks: inside a transaction with a tenant set, by cosine distance, through the index where there is one. */
async function search(ask: Ask, schema: string, column: EmbeddingColumn, setting: string) {
  await ask('select set_config($1, $2, true)', [setting, randomUUID()]);
  await ask('set local enable_seqscan = off');
  return nearestRows(ask, schema, column, literal(spreadVectors(1, dimensions)[0]!));
}

function nearestRows(ask: Ask, schema: string, column: EmbeddingColumn, query: string) {
  const { type, operator } = vectorNames(schema);
  const name = quoted(column.column);
  return ask(
    `select (${name} ${operator('<=>')} $1::${type})::float8 as distance from ${quoted(column.schema, column.table)}
     where ${name} is not null order by ${name} ${operator('<=>')} $1::${type} limit 5`,
    [query],
  );
}

/** Where the service role is granted and something is stored: what is stored is nearest to itself. */
async function judgeStored(context: BodyContext, schema: string, columns: readonly EmbeddingColumn[]): Promise<void> {
  if (context.environment.database.serviceUrl === null) return;
  await withDatabase(context, 'serviceUrl', [], async (service) => {
    for (const column of searchedOf(columns)) {
      const cell = embeddingLabel(column);
      await attempt(context, 'search', { cell }, async () => {
        const { wrong, observed } = await service.undone((ask) => lookForStored(ask, schema, column), 'read only');
        if (wrong === null) context.holds('search', { cell, observed });
        else context.breaks('search', `${wrong} (${cell})`, { cell, observed });
      });
    }
  });
}

interface Stored {
  readonly wrong: string | null;
  readonly observed: string;
}

/** One that is stored, of any direction at all, must be found again, and nearest to itself. */
export async function lookForStored(ask: Ask, schema: string, column: EmbeddingColumn): Promise<Stored> {
  const { schema: where, table, column: name } = column;
  const own = quoted(name);
  const [one] = await ask(
    `select ${own}::text as v from ${quoted(where, table)} where (${own} ${vectorNames(schema).operator('<=>')} ${own})::float8 < 0.01 limit 1`,
  );
  if (!one) return { wrong: null, observed: 'nothing is stored yet' };
  const [first, ...more] = await nearestRows(ask, schema, column, String(one.v));
  if (!first) return { wrong: 'a stored embedding is not found when it is looked for', observed: 'no neighbours' };
  const nearest = Number(first.distance);
  const observed = `${1 + more.length} stored neighbours`;
  const isItself = Math.abs(nearest) < 1e-4;
  return { wrong: isItself ? null : `the nearest to a stored embedding is not itself but ${nearest} away`, observed };
}
