import type { Check } from '../check.ts';
import { laterChecks } from '../later.ts';

const traffic =
  'Users who are there all the time ask, search, chat and write to each other every few seconds; beside them others come and go, ' +
  'sign in, read, ask, talk and meet.';

const critical: Check = {
  id: 'soak.critical',
  suite: 'soak',
  claim:
    'No critical error while it is used for days: no server error, no wrong answer, no socket cut, no critical log line',
  assertions: {
    answers: {},
    sockets: { needs: ['realtime'] },
    'T-soak': { target: 'T-soak' },
  },
  needs: ['api', 'accounts'],
  source: 'R',
  how: `${traffic} Every answer is looked at, and every socket that ends before its time is told from one that a proxy may end.`,
  writes: true,
};

const latency: Check = {
  id: 'soak.latency',
  suite: 'soak',
  claim: 'Every latency target holds in every hour and does not drift',
  assertions: {
    'T-api': { target: 'T-api' },
    'T-chat': { target: 'T-chat' },
    'T-search': { target: 'T-search' },
    'T-ws-connect': { target: 'T-ws-connect', needs: ['realtime'] },
    'T-ws-msg': { target: 'T-ws-msg', needs: ['realtime'] },
  },
  needs: ['api', 'accounts'],
  source: 'R',
  how: `${traffic} Each hour is held against each target by itself, and the hours against each other.`,
  writes: true,
};

const uptime: Check = {
  id: 'soak.uptime',
  suite: 'soak',
  claim: 'The platform was available as promised, with every outage named',
  assertions: { 'T-uptime': { target: 'T-uptime' } },
  needs: ['api'],
  source: 'P I',
  how: '/health every five seconds and a query of its data every minute; what could not be asked for a cause of ours counts neither way.',
};

export const checks: Readonly<Record<string, Check>> = {
  critical,
  latency,
  uptime,
  ...laterChecks('soak', 'soak', {
    restarts: ['No service restarted', ['api'], 'R', ['T-soak']],
    'memory.SERVICE': ['No service leaks memory', ['api'], 'R', ['T-soak']],
    'cpu.SERVICE': ['CPU use of every service stays within its limits', ['api'], 'R', ['T-soak']],
    'db.connections': ['Database connections are stable and never exhausted', ['database.appUrl'], 'R'],
    'db.disk': ['The database disk stays below 80 %', ['database.appUrl'], 'R'],
    'db.deadlocks': ['The database has no deadlocks', ['database.appUrl'], 'R'],
    'db.bloat': ['Tables and indexes do not bloat', ['database.appUrl'], 'R'],
    'redis.memory': ['Redis memory is stable and below 75 %', ['redis.url'], 'R'],
    'redis.evictions': ['Redis evicts nothing', ['redis.url'], 'R'],
    'redis.clients': ['The number of Redis clients is stable', ['redis.url'], 'R'],
    'redis.streams': ['Streams and their pending entries stay bounded', ['redis.url'], 'R'],
    alerts: ['Each threshold that was crossed raised its alert in time', ['cloud'], 'R', ['T-alert']],
  }),
};
