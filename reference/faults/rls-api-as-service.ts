import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-api-as-service',
  plants: 'The API works for tenants as the service role, which row level security does not bind.',
  catches: ['sec.rls.catalog', 'sec.rls.bypass'],
  mayAlso: ['smoke.*'],
  set: 'tenant-as-service',
});
