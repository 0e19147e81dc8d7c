import { createHash } from 'node:crypto';
import type { Ask } from '../postgres.ts';
import type { Finding } from './types.ts';

/** One line for each thing that isolation hangs on, sorted, so that a difference reads as one. */
const sql = `
select format('table %s rls=%s forced=%s owner=%s', c.oid::regclass, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole) as line, c.relkind in ('r', 'p') as kept
  from pg_class c where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
union all select format('policy %s %I %s %s to %s using %s check %s', p.polrelid::regclass, p.polname, p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end,
    (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ',' order by 1) from unnest(p.polroles) r), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), true from pg_policy p
union all select format('grant on %s to %s: %s', c.oid::regclass, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end, string_agg(a.privilege_type, ',' order by a.privilege_type)), true
  from pg_class c, aclexplode(c.relacl) a where c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' and a.grantee <> c.relowner group by c.oid, a.grantee
union all select format('function %s %s %s %s', p.oid::regprocedure, p.provolatile, case when p.prosecdef then 'definer' else 'invoker' end, md5(p.prosrc)), true
  from pg_proc p where p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)' and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all select format('role %s super=%s bypass=%s', rolname, rolsuper, rolbypassrls), true from pg_roles where rolname !~ '^pg_' and (rolsuper or rolbypassrls)`;

/** What row level security consists of here, as text for a repository; the same on the same schema, whoever asks. */
export async function policySnapshot(ask: Ask): Promise<string> {
  const rows = await ask(sql);
  const lines = rows.map(({ line }) => String(line)).sort();
  return `${[`# ${createHash('sha256').update(lines.join('\n')).digest('hex')}`, ...lines].join('\n')}\n`;
}

const linesOf = (snapshot: string): Set<string> =>
  new Set(snapshot.split('\n').filter((line) => line !== '' && !line.startsWith('#')));

/** What is there and not in the snapshot, or in it and no longer there. */
export function driftFrom(expected: string, found: string): Finding[] {
  const [before, now] = [linesOf(expected), linesOf(found)];
  const finding = (line: string, what: string): Finding => ({
    rule: 'R49',
    check: 'sec.rls.catalog',
    severity: 'medium',
    where: line.split(' ').slice(0, 2).join(' '),
    what: `${what}: ${line}`,
    fix: '-- bring the database back, or take a new snapshot with the change that is meant',
  });
  return [
    ...[...now].filter((line) => !before.has(line)).map((line) => finding(line, 'not in the snapshot')),
    ...[...before]
      .filter((line) => !now.has(line))
      .map((line) => finding(line, 'in the snapshot and not in the database')),
  ];
}
