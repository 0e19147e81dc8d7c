import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-tenant-kept-by-cancelled',
  plants: 'A request whose statement is cancelled leaves its tenant to the next reader.',
  catches: ['sec.rls.bypass'],
  mayAlso: ['smoke.*', 'e2e.*', 'sec.*'],
  set: 'tenant-kept-by',
  value: 'cancelled',
});
