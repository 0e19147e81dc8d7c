import { laterChecks } from '../later.ts';

export const checks = laterChecks('soak', 'soak', {
  critical: ['No critical error in 48 h', ['api'], 'R', ['T-soak']],
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
  latency: [
    'Every latency target holds in every hour and does not drift',
    ['api'],
    'R',
    ['T-api', 'T-chat', 'T-search', 'T-ws-connect', 'T-ws-msg'],
  ],
  uptime: ['The platform was available as promised, with every outage named', ['api'], 'P I', ['T-uptime']],
  alerts: ['Each threshold that was crossed raised its alert in time', ['cloud'], 'R', ['T-alert']],
});
