import { leaveRoom, lists, until } from '../../platform/pages/meeting.ts';
import { atMeeting, patient } from './at-meeting.ts';

export default atMeeting(['seen'], async ({ journey, host, guest }) => {
  await journey.shows('seen', async () => {
    await journey.sees('the second person was not in the list', (withinMs) =>
      until(host.page, () => lists(host.page, guest.name), withinMs),
    );
    await journey.does('leaving as the second person', () => leaveRoom(guest.page), patient(journey));
    await journey.sees(
      'the first person still saw the second in the list',
      (withinMs) => until(host.page, async () => !(await lists(host.page, guest.name)), withinMs),
      patient(journey),
    );
  });
});
