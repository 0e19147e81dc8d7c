import { switchFault } from './switched.ts';

export default switchFault({
  name: 'cross-meeting-apart',
  plants: 'Calls through the meeting site reach the API without cookies, so that it knows nobody.',
  catches: ['e2e.cross.apps'],
  mayAlso: ['e2e.meeting.*'],
  on: ['web'],
  set: { 'cookies-dropped': 'meeting' },
});
