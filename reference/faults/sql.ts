import type { ReferenceHandle } from '../handle.ts';
import type { Fault } from './fault.ts';

interface SqlFault extends Pick<Fault, 'name' | 'plants' | 'catches' | 'profile'> {
  readonly mayAlso?: readonly string[];
  readonly plant: string;
  /** The statement that lifts it, or one that is read from the database before it is planted. */
  readonly lift: string | ((deployment: ReferenceHandle) => Promise<string>);
}

/** A fault that is planted and lifted by statements of the superuser. */
export function sqlFault({ plant, lift, mayAlso = [], ...fault }: SqlFault): Fault {
  let undo: string | null = null;
  return {
    ...fault,
    mayAlso,
    async plant(deployment) {
      undo = typeof lift === 'string' ? lift : await lift(deployment);
      await deployment.sql(plant);
    },
    async lift(deployment) {
      if (undo === null) throw new Error(`${fault.name} was not planted by this process`);
      await deployment.sql(undo);
    },
  };
}

/** The definition a function, index or policy has now, as the statement that brings it back. */
export const definitionOf =
  (query: string) =>
  async (deployment: ReferenceHandle): Promise<string> => {
    const [row] = await deployment.sql(`select (${query}) as statement`);
    if (typeof row?.statement !== 'string') throw new Error(`nothing to bring back: ${query}`);
    return row.statement;
  };

export const policyOf = (table: string, policy: string) =>
  definitionOf(
    `select format('create policy %I on %s for %s%s%s', p.polname, p.polrelid::regclass,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
       ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
     from pg_policy p where p.polrelid = '${table}'::regclass and p.polname = '${policy}'`,
  );

export const tenantFunction = definitionOf("pg_get_functiondef('get_current_tenant_id()'::regprocedure)");
