import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-seed-user-missing',
  plants: 'A seed user has another address.',
  catches: ['smoke.db.seed'],
  plant: `update users set email = 'renamed+' || email where email = 'user@acme.com'`,
  lift: `update users set email = 'user@acme.com' where email = 'renamed+user@acme.com'`,
});
