import type { ReferenceHandle } from '../handle.ts';
import type { Fault } from './fault.ts';

interface PooledFault extends Pick<Fault, 'name' | 'plants' | 'catches' | 'mayAlso'> {
  readonly set: string;
  /** What the switch is set to; true unless said. */
  readonly value?: unknown;
}

/** A defect in how the API tells a tenant to its pooled connections; what they carry is gone with them when it is lifted. */
export function pooledFault({ set, value = true, ...fault }: PooledFault): Fault {
  return {
    ...fault,
    async plant(deployment) {
      await endConnections(deployment);
      await deployment.switch('api', set, value);
    },
    async lift(deployment) {
      await deployment.switch('api', set, null);
      await endConnections(deployment);
    },
  };
}

/** Of the API and of the pooler, whose connections bear the name of whoever used them last. */
const endConnections = (deployment: ReferenceHandle) =>
  deployment.sql(
    `select pg_terminate_backend(pid, 2000) from pg_stat_activity where (application_name in ('api-app', 'api-service') or usename = 'app_user' and application_name like 'shakedown%') and state = 'idle'`,
  );
