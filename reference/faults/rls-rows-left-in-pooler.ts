import { pooledFault } from './pooled.ts';

export default pooledFault({
  name: 'rls-rows-left-in-pooler',
  plants: 'Whoever stores something leaves a cursor over its rows open on a server connection of the pooler.',
  catches: ['sec.rls.bypass'],
  mayAlso: [],
  set: 'rows-left-on-connection',
});
