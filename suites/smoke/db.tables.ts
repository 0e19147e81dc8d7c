import { readCatalogue, type Table } from '../../probes/catalogue.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withDatabase } from './connections.ts';
import { coreTables } from './schema.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['count', 'core'], async (database) => {
    const { tables } = await readCatalogue(database);
    const own = tables.filter((table) => !table.partition);
    judgeCount(context, own);
    judgeCore(context, own);
  });

export default body;

function judgeCount(context: BodyContext, tables: readonly Table[]): void {
  const floor = context.environment.expect.tables;
  const schemas = Map.groupBy(tables, (table) => table.schema);
  const spread = [...schemas].map(([schema, some]) => `${some.length} in ${schema}`).join(', ');
  const seen = {
    expected: `at least ${floor} tables`,
    observed: `${tables.length} tables${spread ? ` (${spread})` : ''}`,
  };
  if (tables.length > 0 && tables.length >= floor) context.holds('count', seen);
  else context.breaks('count', `there are ${tables.length} tables where at least ${floor} belong`, seen);
}

/** A count alone would not miss a lost table where there are a few to spare. A file that lowers the floor knows of lost ones. */
function judgeCore(context: BodyContext, tables: readonly Table[]): void {
  const names = new Set(tables.map((table) => table.name));
  const lowered = context.environment.expect.tables < floorOfTheDocuments;
  for (const cell of Object.keys(coreTables)) {
    if (names.has(cell)) context.holds('core', { cell });
    else if (lowered)
      context.note('table not there', `${cell}: not judged, because the environment file lowers the number of tables`);
    else context.breaks('core', `the table ${cell} is not there`, { cell });
  }
}

const floorOfTheDocuments = 28;
