import type { Stage } from './ground.ts';

/** Keys and values of another tenant's, then what asks for everything. */
export function valuesFor(stage: Stage, type: string): readonly (string | null)[] {
  const { seeds } = stage;
  if (type.endsWith('[]'))
    return [
      ...new Set([
        ...valuesFor(stage, type.slice(0, -2)).map((one) => `{${one === null ? '' : quotedItem(one)}}`),
        '{}',
      ]),
    ];
  const theirs = seeds.rows.filter(
    ({ tenant, variant }) => tenant === 'b' && (variant === 'usual' || variant === 'full'),
  );
  const of = (pattern: RegExp) => [
    ...new Set(
      theirs.flatMap((row) =>
        row.table.columns
          .filter((column) => pattern.test(column.base))
          .flatMap((column) => row.values.get(column.name) ?? []),
      ),
    ),
  ];
  const key = stage.otherKey === '' ? null : stage.otherKey;
  const first = key === null ? [] : [key];
  if (/uuid/.test(type) && !type.endsWith('[]'))
    return [...new Set([...first.filter((one) => /^[0-9a-f-]{36}$/.test(one)), ...of(/^uuid$/)])].slice(0, 12);
  if (/^(integer|bigint|smallint|numeric|double|real)/.test(type))
    return [...new Set([...first.filter((one) => /^\d+$/.test(one)), ...of(/^(int|numeric)/).slice(0, 8), '100', '1'])]
      .filter((value) => !/smallint/.test(type) || Number(value) < 32_768)
      .filter((value) => type !== 'integer' || Number(value) < 2 ** 31);
  if (/^(text|character|name|citext)/.test(type) && !type.endsWith('[]'))
    return [...new Set([...first, '%', ...of(/^(text|varchar|citext|bpchar)$/).slice(0, 12), '', 'cnry'])];
  if (type === 'boolean') return ['true', 'false'];
  if (/^jsonb?$/.test(type)) return [...objectsOf(stage), '{}', '[]'];
  if (/^(timestamp|date)/.test(type)) return ['1900-01-01', '2999-01-01'];
  if (type === 'interval') return ['100 years'];
  const alike = [...theirs, ...ownRows(stage)].flatMap((row) =>
    row.table.columns.filter((one) => one.type === type).flatMap((one) => row.values.get(one.name) ?? []),
  );
  return alike.length > 0 ? [...new Set(alike)].slice(0, 12) : [null];
}

const ownRows = ({ seeds }: Stage) =>
  seeds.rows.filter(({ tenant, variant }) => tenant === 'a' && (variant === 'usual' || variant === 'full'));

/** Keys and values of one's own: where something goes to may be asked, and where it comes from not. */
export function ownValuesFor(stage: Stage, type: string): readonly string[] {
  const base = ownRows(stage).flatMap((row) =>
    row.table.columns.filter((one) => one.type === type).flatMap((one) => row.values.get(one.name) ?? []),
  );
  return [...new Set(base)].slice(0, 6);
}

const quotedItem = (one: string): string => `"${one.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Whole rows of another tenant's as objects, and its key under every name the platform has for it. */
function objectsOf({ seeds, world, otherKey }: Stage): string[] {
  const names = ['id', 'tenant', ...world.keys.names, ...[...world.carriers.jsonKeys.values()].flat()];
  const rows = seeds.rows.filter(({ tenant, variant }) => tenant === 'b' && variant === 'usual').slice(0, 8);
  return [
    JSON.stringify(Object.fromEntries(names.map((name) => [name, otherKey]))),
    ...rows.map(({ values }) => JSON.stringify(Object.fromEntries(values))),
  ];
}
