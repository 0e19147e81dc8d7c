import type { Fault } from './fault.ts';
import { recovered } from './recovery.ts';

export default {
  name: 'db-stopped',
  plants: 'PostgreSQL is not running.',
  catches: [
    'smoke.db.version',
    'smoke.db.tables',
    'smoke.db.policies',
    'smoke.db.forced',
    'smoke.db.function',
    'smoke.db.extensions',
    'smoke.db.vector',
    'smoke.db.migrations',
    'smoke.db.seed',
    'smoke.db.pool',
  ],
  mayAlso: ['smoke.*', 'sec.*'],
  plant: async (deployment) => {
    await deployment.stop('postgres');
  },
  lift: async (deployment) => {
    await deployment.start('postgres');
    await recovered(deployment);
  },
} satisfies Fault;
