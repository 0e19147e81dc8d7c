import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-seed-tenant-missing',
  plants: 'The seed tenant has another name.',
  catches: ['smoke.db.seed'],
  plant: `update tenants set name = 'Nobody' where name = 'Acme Corporation'`,
  lift: `update tenants set name = 'Acme Corporation' where name = 'Nobody'`,
});
