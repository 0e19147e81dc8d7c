import { quoted } from '../catalogue.ts';
import type { Privileges } from './privileges.ts';
import type { World } from './seed.ts';
import type { RlsTable } from './types.ts';

/** A floor under whatever the permissive policies say; restrictive policies are joined by AND. */
export function suggest(world: World, table: RlsTable, command: string, privileges?: Privileges): string {
  const own = ownCondition(world, table);
  const lines = [
    ...(table.enabled ? [] : [`ALTER TABLE ${table.sql} ENABLE ROW LEVEL SECURITY;`]),
    ...(table.forced ? [] : [`ALTER TABLE ${table.sql} FORCE ROW LEVEL SECURITY;`]),
    ...(privileges && !privileges.active && table.enabled && table.forced
      ? ['-- and connect as a role that is neither superuser nor BYPASSRLS']
      : []),
    `CREATE POLICY tenant_floor_${command.toLowerCase()} ON ${table.sql} AS RESTRICTIVE FOR ${command}${command === 'INSERT' ? '' : ` USING (${own})`}${command === 'INSERT' || command === 'UPDATE' ? ` WITH CHECK (${own})` : ''};`,
    ...(table.enabled && world.catalogue.policies.some((policy) => policy.table === table.oid)
      ? []
      : [`CREATE POLICY tenant_own ON ${table.sql} USING (${own}) WITH CHECK (${own});`]),
  ];
  return lines.join('\n');
}

/** As most policies of this database say it. */
export function ownCondition(world: World, table: RlsTable, depth = 0): string {
  const { keys, catalogue, carriers } = world;
  const key = keys.of.get(table.oid);
  if (!key || depth > 12) return 'false';
  if (key.kind === 'through') {
    const link = catalogue.tables.find(({ oid }) => oid === key.by)!;
    const joined = key.refColumns
      .map((name, at) => `link.${quoted(key.columns[at]!)} = ${quoted(table.name)}.${quoted(name)}`)
      .join(' AND ');
    return `EXISTS (SELECT FROM ${link.sql} AS link WHERE ${joined} AND ${ownCondition(world, { ...link, name: 'link' }, depth + 1)})`;
  }
  if (key.kind === 'path') {
    const parent = catalogue.tables.find(({ oid }) => oid === key.to)!;
    const joined = key.columns
      .map((name, at) => `parent.${quoted(key.refColumns[at]!)} = ${quoted(table.name)}.${quoted(name)}`)
      .join(' AND ');
    return `EXISTS (SELECT FROM ${parent.sql} AS parent WHERE ${joined} AND ${ownCondition(world, { ...parent, name: 'parent' }, depth + 1)})`;
  }
  const type = table.columns.find(({ name }) => name === key.column)?.type ?? 'text';
  const carrier = keys.setting
    ? `nullif(current_setting('${keys.setting}', true), '')::${type}`
    : carriers.byRole
      ? 'current_user'
      : "nullif(current_setting('app.tenant_id', true), '')";
  return `${quoted(table.name)}.${quoted(key.column)} = ${carrier}`;
}
