import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-tenant-set-once',
  plants:
    'For reading, the API sets the tenant only on a pooled connection that has none yet, and serves the next tenant as the first.',
  catches: ['sec.rls.bypass'],
  mayAlso: ['smoke.*', 'sec.*'],
  set: 'tenant-set-once',
});
