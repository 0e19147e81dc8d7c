import type { Draft } from './audit.ts';
import type { Stage } from './ground.ts';
import { aliasesIn, type Pair, pairsIn } from './pairs.ts';
import { text } from './stage.ts';
import type { ForeignKey, RlsPolicy, RlsTable } from './types.ts';

/**
 * A policy that compares the parent's key with the column that refers to it, and with another that refers to nothing: a row
 * whose position happens to be the number of somebody else's order lets that somebody in. Probes meet it by chance only.
 */
export function mistakenReferences({ world, privileges }: Stage): Draft[] {
  const { tables, policies, foreignKeys } = world.catalogue;
  const reachable = tables.filter(({ oid }) => privileges.has(oid) && world.keys.of.has(oid));
  return reachable.flatMap((table) => {
    const references = foreignKeys.filter((one) => one.from === table.oid);
    return policies
      .filter((policy) => policy.table === table.oid && policy.permissive)
      .flatMap((policy) => besideIn(policy, table, tables, references).map((mistake) => told(table, policy, mistake)));
  });
}

interface Mistake {
  readonly parent: string;
  readonly reference: string;
  readonly mistaken: string;
}

function besideIn(
  { text: condition }: RlsPolicy,
  table: RlsTable,
  tables: readonly RlsTable[],
  references: readonly ForeignKey[],
): Mistake[] {
  const aliases = aliasesIn(condition);
  const pairs = [...pairsIn(condition, table.name), ...listedIn(condition, table.name)];
  return [...Map.groupBy(pairs, ({ alias, theirs }) => `${alias}.${theirs}`).values()].flatMap((group) => {
    const [{ alias, theirs } = { alias: '', theirs: '' }] = group;
    const parent = tables.find((one) => one.name === (aliases.get(alias) ?? alias) && one.oid !== table.oid);
    const refers = (name: string): boolean =>
      references.some(({ to, columns, refColumns }) =>
        columns.some((column, at) => column === name && to === parent?.oid && refColumns[at] === theirs),
      );
    const names = [...new Set(group.map(({ own }) => own))];
    const reference = names.find(refers);
    if (!parent || reference === undefined) return [];
    return names
      .filter((name) => refersToNothing(name, table, references))
      .map((mistaken) => ({ parent: `${parent.label}.${theirs}`, reference, mistaken }));
  });
}

/** Not by a constraint, and not by its name. */
const refersToNothing = (name: string, table: RlsTable, references: readonly ForeignKey[]): boolean =>
  table.columns.some((column) => column.name === name) &&
  !references.some(({ columns }) => columns.includes(name)) &&
  !/(?:^|_)(?:id|uuid|guid|key|ref|by|of|parent|owner|root)$|[a-z](?:Id|By|Ref|Key)$/.test(name);

/** `d.id = ANY (ARRAY[lines.deal_id, lines.pos])`, as `d.id in (deal_id, pos)` is told. */
function listedIn(condition: string, own: string): Pair[] {
  const list = /"?(\w+)"?\."?(\w+)"?\)*(?:::[\w ]+)?\s*=\s*ANY\s*\(+ARRAY\[([^\]]*)\]/g;
  return [...condition.matchAll(list)].flatMap(([, alias, theirs, values]) =>
    [...values!.matchAll(/"?(\w+)"?\."?(\w+)"?/g)]
      .filter((match) => match[1] === own)
      .map((match) => ({ alias: alias!, theirs: theirs!, own: match[2]! })),
  );
}

const told = (table: RlsTable, { name }: RlsPolicy, { parent, reference, mistaken }: Mistake): Draft => ({
  rule: 'R05',
  severity: 'high',
  where: table.label,
  what: `its policy ${name} takes ${mistaken}, which refers to nothing, for ${reference}: a row is let through where its ${mistaken} happens to be the ${parent} of whoever asks`,
  fix: `-- compare ${parent} with ${reference} alone`,
  reproduce: `select polname, pg_get_expr(polqual, polrelid) from pg_policy where polrelid = ${text(table.sql)}::regclass;`,
});
