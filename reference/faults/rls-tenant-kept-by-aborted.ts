import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-tenant-kept-by-aborted',
  plants: 'Whoever closes the connection in the middle of a request leaves its tenant to the next reader.',
  catches: ['sec.rls.bypass'],
  mayAlso: ['smoke.*', 'e2e.*', 'sec.*'],
  set: 'tenant-kept-by',
  value: 'gone',
});
