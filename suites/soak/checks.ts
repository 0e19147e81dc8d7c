import type { Check } from '../check.ts';

const traffic =
  'Users who are there all the time ask, search, chat and write to each other every few seconds; beside them others come and go, ' +
  'sign in, read, ask, talk and meet.';

const critical: Check = {
  id: 'soak.critical',
  suite: 'soak',
  claim:
    'No critical error while it is used for days: no server error, no wrong answer, no socket cut, no critical log line, no media server away, and hardly an answer or message lost',
  assertions: {
    answers: {},
    sockets: { needs: ['realtime'] },
    load: {},
    'T-soak': { target: 'T-soak' },
  },
  needs: ['api', 'accounts'],
  source: 'R',
  how: `${traffic} Every answer is looked at, and every socket that ends before its time is told from one that a proxy may end. For a twentieth of the time the load that was asked for may be missing; what was never sent shows nothing.`,
  writes: true,
};

const latency: Check = {
  id: 'soak.latency',
  suite: 'soak',
  claim: 'Every latency target holds in every hour and does not drift',
  assertions: {
    'T-health': { target: 'T-health' },
    'T-db': { target: 'T-db', needs: ['database.appUrl'] },
    'T-api': { target: 'T-api' },
    'T-chat': { target: 'T-chat' },
    'T-search': { target: 'T-search' },
    'T-ws-connect': { target: 'T-ws-connect', needs: ['realtime'] },
    'T-ws-msg': { target: 'T-ws-msg', needs: ['realtime'] },
  },
  needs: ['api', 'accounts'],
  source: 'R',
  how: `${traffic} /health and read-only queries of the database are timed beside them; where a question of /health had to connect first, what the fastest of the last 60 connections took is left out of its time. Each hour is held against each target by itself, and the hours against each other.`,
  writes: true,
};

const uptime: Check = {
  id: 'soak.uptime',
  suite: 'soak',
  claim: 'The platform was available as promised, with every outage named',
  assertions: { 'T-uptime': { target: 'T-uptime' } },
  needs: ['api'],
  source: 'P I',
  how: '/health every five seconds and a query of its data every minute, in every slot while it is not answered; what could not be asked for a cause of ours counts neither way.',
};

interface Watched extends Pick<Check, 'claim' | 'how' | 'later'> {
  readonly needs: Check['needs'];
  readonly assertions?: Check['assertions'];
}

/** What is watched from beside: it sends nothing to the deployment but questions about itself. */
const watched = (name: string, { claim, how, needs, later, assertions = { holds: {} } }: Watched): Check => ({
  id: `soak.${name}`,
  suite: 'soak',
  claim,
  assertions,
  needs,
  source: 'R',
  how,
  ...(later ? { later } : {}),
});

const database = ['watch.database'] as const;
const redis = ['watch.redis'] as const;
const held = { holds: {}, 'T-soak': { target: 'T-soak' } };
const trend = 'A rise that noise of any colour does not explain is a leak, and is told with the hour in which it ends.';

const rows: readonly Check[] = [
  critical,
  watched('restarts', {
    claim: 'No service restarted',
    how: 'The start of each process and of the workers beneath it, by its id, its uptime, its metrics, its run id or the server a socket names, at every look. A service that exists and tells none of these is no pass.',
    needs: ['api'],
    assertions: held,
  }),
  watched('memory.SERVICE', {
    claim: 'No service leaks memory',
    how: `Memory, heap, open files and threads of each process, ours too. ${trend}`,
    needs: ['watch'],
    assertions: held,
  }),
  watched('cpu.SERVICE', {
    claim: 'CPU use of every service stays within its limits',
    how: `Cores used by each process, against its limit; without one it is not verified. ${trend}`,
    needs: ['watch'],
  }),
  watched('db.connections', {
    claim: 'Database connections are stable and never exhausted',
    how: `Connections of the whole server against max_connections; used up for a moment is used up. ${trend}`,
    needs: database,
  }),
  watched('db.disk', {
    claim: 'The database disk stays below 80 %',
    how: 'The size of all databases, and of WAL beyond max_wal_size, against the disk, and when their growth would fill four fifths of it.',
    needs: database,
  }),
  watched('db.deadlocks', {
    claim: 'The database has no deadlocks',
    how: 'The counter of the server.',
    needs: database,
  }),
  watched('db.bloat', {
    claim: 'Dead rows do not pile up in tables',
    how: `The share of dead rows of the tables of which they are most; more than half of a table for minutes is a breach, and so is a rise beyond three tenths. Indexes are not measured. ${trend}`,
    needs: database,
  }),
  watched('redis.memory', {
    claim: 'Redis memory is stable and below 75 %',
    how: `Memory used against maxmemory. ${trend}`,
    needs: redis,
  }),
  watched('redis.evictions', { claim: 'Redis evicts nothing', how: 'The counter of the server.', needs: redis }),
  watched('redis.clients', {
    claim: 'The number of Redis clients is stable',
    how: `Connected clients against maxclients, and those that were refused. ${trend}`,
    needs: redis,
  }),
  watched('redis.streams', {
    claim: 'Streams and their pending entries stay bounded',
    how: `How many streams there are, how long, and how far their readers are behind. ${trend}`,
    needs: ['redis.url'],
  }),
  latency,
  uptime,
  watched('alerts', {
    claim: 'Each threshold that was crossed raised its alert in time',
    how: 'The eight thresholds of the readiness papers, watched from outside, and the notifications of the deployment beside them.',
    needs: ['api'],
  }),
];

export const checks: Readonly<Record<string, Check>> = Object.fromEntries(
  rows.map((check) => [check.id.slice('soak.'.length), check]),
);
