import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-lists-shared',
  plants: 'A cache before the dashboard hands a list that one user asked for to everybody who asks for it.',
  catches: ['e2e.tenants.data', 'e2e.tenants.files', 'e2e.tenants.sessions'],
  mayAlso: ['e2e.*'],
  on: ['web'],
  set: { 'lists-shared': true },
});
