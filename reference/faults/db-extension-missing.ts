import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-extension-missing',
  plants: 'The extension uuid-ossp is not installed.',
  catches: ['smoke.db.extensions'],
  plant: `drop extension "uuid-ossp"`,
  lift: `create extension "uuid-ossp"`,
});
