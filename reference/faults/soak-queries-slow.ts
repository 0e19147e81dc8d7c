import { sqlFault } from './sql.ts';

const eachTable = (statement: string): string => `
  do $$ declare name text; begin
    for name in select c.oid::regclass::text from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
    loop execute format('${statement}', name); end loop;
  end $$`;

export default sqlFault({
  name: 'soak-queries-slow',
  plants:
    'One more policy of each table looks something up for an eighth of a second, once a query, and lets nobody see more.',
  catches: ['soak.latency'],
  mayAlso: ['smoke.*', 'sec.rls.*', 'soak.alerts', 'soak.db.connections'],
  profile: 'production',
  plant: eachTable('create policy zz_slow on %s using ((select pg_sleep(0.125)) is null)'),
  lift: eachTable('drop policy zz_slow on %s'),
});
