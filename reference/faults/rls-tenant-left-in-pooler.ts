import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-tenant-left-in-pooler',
  plants:
    'A request that is cancelled sets its tenant once more for the whole connection, which goes back to the pooler with it.',
  catches: ['sec.rls.bypass'],
  mayAlso: [],
  set: 'tenant-left-by-cancelled',
});
