import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-vector-operator-denied',
  plants: 'Nobody may compare embeddings by cosine distance.',
  catches: ['smoke.db.vector'],
  plant: `revoke execute on function cosine_distance(vector, vector) from public`,
  lift: `grant execute on function cosine_distance(vector, vector) to public`,
});
