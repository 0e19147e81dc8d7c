import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-tenant-left-on-connection',
  plants: 'The API sets the tenant for a pooled connection, which keeps it for whoever gets it next.',
  catches: ['sec.rls.bypass'],
  mayAlso: ['smoke.*', 'e2e.*', 'sec.*'],
  set: 'tenant-for-connection',
});
