/** One policy of the reference, as `pg_policies` tells it; `table` is written as SQL wants it. */
export interface PolicyRow {
  readonly table: string;
  /** `schema.table` */
  readonly label: string;
  readonly name: string;
  readonly command: string;
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

/** One change that opens a hole, or takes a guard away, and how it is taken back. */
export interface Mutant {
  readonly label: string;
  readonly name: string;
  readonly what: string;
  readonly plant: string;
  readonly lift: string;
  /** A change that opens nothing by itself, and must be told all the same: by a finding of this rule. */
  readonly told?: string;
}

/**
 * Every mutant of one policy: each condition true, each AND an OR, each comparison with itself, nobody let in, and gone. `others`
 * are the policies of the tables it may look into.
 */
export function mutantsOf(policy: PolicyRow, setting: string, others: readonly PolicyRow[] = []): Mutant[] {
  const sides = [
    ['USING', policy.using],
    ['WITH CHECK', policy.check],
  ] as const;
  const changed = sides.flatMap(([side, text]) =>
    text === null
      ? []
      : changesOf(text, setting, side, policy).map((change) => altered(policy, side, text, change, others)),
  );
  return [...changed, dropped(policy)];
}

interface Change {
  readonly what: string;
  readonly text: string;
  /** The table it looks into, whose own policies would hide that this one no longer compares. */
  readonly behind?: string | undefined;
}

function altered(
  policy: PolicyRow,
  side: string,
  before: string,
  change: Change,
  others: readonly PolicyRow[],
): Mutant {
  const alter = (text: string) =>
    `alter policy ${quoted(policy.name)} on ${policy.table} ${side.toLowerCase()} (${text})`;
  const locks = others.filter(
    ({ label, command, using }) =>
      change.behind !== undefined &&
      label.endsWith(`.${change.behind}`) &&
      /select|all/.test(command) &&
      using !== null,
  );
  const turn = (condition: (lock: PolicyRow) => string) =>
    locks.map((lock) => `; alter policy ${quoted(lock.name)} on ${lock.table} using (${condition(lock)})`).join('');
  return {
    label: policy.label,
    name: policy.name,
    what: `${side} ${change.what}${locks.length > 0 ? `, ${change.behind} being open` : ''}`,
    plant: alter(change.text) + turn(() => 'true'),
    lift: alter(before) + turn(({ using }) => using!),
  };
}

function dropped(policy: PolicyRow): Mutant {
  const { table, name, command, permissive, roles, using, check } = policy;
  const to = roles.map((role) => (role === 'public' ? role : quoted(role))).join(', ');
  const lift = [
    `create policy ${quoted(name)} on ${table} as ${permissive ? 'permissive' : 'restrictive'} for ${command} to ${to}`,
    ...(using === null ? [] : [`using (${using})`]),
    ...(check === null ? [] : [`with check (${check})`]),
  ].join(' ');
  // A permissive policy that is gone lets nothing through; what is left without one must be said.
  const told = permissive ? { told: 'R04' } : {};
  return {
    label: policy.label,
    name,
    what: 'dropped',
    plant: `drop policy ${quoted(name)} on ${table}`,
    lift,
    ...told,
  };
}

function changesOf(text: string, setting: string, side: string, { command, using }: PolicyRow): Change[] {
  // What changes a row has to reach it first, and in nobody's turn USING lets it reach none: such a mutant would open nothing.
  const reachesNobody = side === 'WITH CHECK' && command === 'update' && using !== null;
  return [
    { what: 'true', text: 'true' },
    ...each(text, / AND /g).map(({ at, found }, n) => ({
      what: `AND ${n + 1} as OR`,
      text: `${text.slice(0, at)} OR ${text.slice(at + found.length)}`,
    })),
    ...comparisons(text),
    ...(reachesNobody
      ? []
      : [
          { what: 'with nobody let in', text: `(${text}) or current_setting('${setting}', true) is null` },
          { what: 'with the empty setting let in', text: `(${text}) or current_setting('${setting}', true) = ''` },
        ]),
  ];
}

const each = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => ({ at: match.index, found: match[0], parts: match }));

/** `parent.id = messages.session_id` becomes `parent.id = parent.id`: the other column, or whose turn it is, no longer counts. */
function comparisons(text: string): Change[] {
  const tables = new Map([...text.matchAll(/\bFROM "?(\w+)"? "?(\w+)"?/g)].map((match) => [match[2]!, match[1]!]));
  return each(text, /((?:"?\w+"?\.)?"?\w+"?) = ((?:"?\w+"?\.)?"?\w+"?(?:\(\))?)/g).map(({ at, found, parts }) => ({
    what: `${found} as ${parts[1]} = ${parts[1]}`,
    text: `${text.slice(0, at)}${parts[1]} = ${parts[1]}${text.slice(at + found.length)}`,
    ...(parts[2]!.endsWith('()') && { behind: tables.get(parts[1]!.split('.')[0]!.replaceAll('"', '')) }),
  }));
}

/** What can be wrong with a table as a whole, whatever its policies say. */
export function tableMutants(table: string, label: string, role: string): Mutant[] {
  const view = '"sd_mutant_view"';
  return [
    {
      label,
      name: 'the table',
      what: 'row level security disabled',
      plant: `alter table ${table} disable row level security`,
      lift: `alter table ${table} enable row level security`,
    },
    {
      label,
      name: 'the table',
      what: 'row level security not forced',
      plant: `alter table ${table} no force row level security`,
      lift: `alter table ${table} force row level security`,
      told: 'R03',
    },
    {
      label,
      name: 'the table',
      what: 'a view of its owner over it',
      plant: `create view public.${view} as select * from ${table}; grant select on public.${view} to ${quoted(role)}`,
      lift: `drop view public.${view}`,
    },
  ];
}

export const roleMutant = (role: string, label: string): Mutant => ({
  label,
  name: `role ${role}`,
  what: 'BYPASSRLS granted',
  plant: `alter role ${quoted(role)} bypassrls`,
  lift: `alter role ${quoted(role)} nobypassrls`,
});

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
