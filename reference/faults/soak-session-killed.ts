import { ongoingFault } from './ongoing.ts';

const oneSession = `select pid from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid() order by backend_start limit 1`;

export default ongoingFault({
  name: 'soak-session-killed',
  plants:
    'One session of PostgreSQL is killed, as by a kernel that is out of memory; the server ends all others, recovers and goes on.',
  catches: ['soak.restarts'],
  mayAlso: ['soak.*'],
  everyMs: 4_000,
  again: async ({ sql }, turn) => {
    if (turn !== 3) return;
    const [session] = await sql(oneSession);
    process.kill(Number(session?.pid), 'SIGKILL');
  },
});
