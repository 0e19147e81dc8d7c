import { mediaFault } from './media.ts';

export default mediaFault({
  name: 'meeting-picture-late',
  plants: 'No picture comes through in the first four seconds of a call.',
  catches: ['e2e.meeting.media'],
  mayAlso: ['e2e.meeting.screen', 'e2e.meeting.controls'],
  how: { only: 'large', 'for-ms': '4000' },
});
