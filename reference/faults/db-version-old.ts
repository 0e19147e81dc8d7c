import type { Fault } from './fault.ts';
import { putRelayBefore, takeRelayAway } from './relay.ts';

export default {
  name: 'db-version-old',
  plants: 'PostgreSQL says that it is an older major version.',
  catches: ['smoke.db.version'],
  mayAlso: ['sec.rls.catalog'],
  async plant(deployment) {
    const [row] = await deployment.sql('show server_version_num');
    const number = Number(row?.server_version_num);
    const port = Number(new URL(deployment.postgres.appUrl).port);
    await putRelayBefore(deployment, { service: 'postgres', port, from: String(number), to: String(number - 10_000) });
  },
  lift: (deployment) => takeRelayAway(deployment, { service: 'postgres' }),
} satisfies Fault;
