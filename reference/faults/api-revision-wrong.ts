import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-revision-wrong',
  plants: 'The API runs another revision than the one that was to be deployed.',
  catches: ['smoke.api.version'],
  on: ['api'],
  set: { revision: '0123456789abcdef0123456789abcdef01234567' },
});
