import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-messages-stuck',
  plants: 'Every page of a session’s messages is the first.',
  catches: ['e2e.lists'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.*'],
  on: ['api'],
  set: { 'list-wrong': 'messages-stuck' },
});
