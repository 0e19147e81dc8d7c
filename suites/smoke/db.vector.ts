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
  const chunks = columns.filter((column) => /chunk/i.test(column.table));
  return chunks.length > 0 ? chunks : columns;
}

async function judgeSearches(
  context: BodyContext,
  database: Database,
  schema: string,
  columns: readonly EmbeddingColumn[],
): Promise<void> {
  if (columns.length === 0) context.breaks('search', 'the platform has no column of type vector to search in');
  const { setting } = await readTenantContext(database);
  for (const column of columns) {
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
        const rows = await service.undone((ask) => aroundOneStored(ask, schema, column), 'read only');
        const nearest = Number(rows[0]?.distance ?? 0);
        const seen = { cell, observed: rows.length > 0 ? `${rows.length} stored neighbours` : 'nothing is stored yet' };
        if (Math.abs(nearest) < 1e-4) context.holds('search', seen);
        else
          context.breaks(
            'search',
            `the nearest to a stored embedding of ${cell} is not itself but ${nearest} away`,
            seen,
          );
      });
    }
  });
}

async function aroundOneStored(ask: Ask, schema: string, column: EmbeddingColumn) {
  const { schema: where, table, column: name } = column;
  const [one] = await ask(
    `select ${quoted(name)}::text as v from ${quoted(where, table)} where ${quoted(name)} is not null limit 1`,
  );
  return one ? nearestRows(ask, schema, column, String(one.v)) : [];
}
