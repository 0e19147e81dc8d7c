import { showsLine } from '../../platform/pages/chat-line.ts';
import { openChat, say, until } from '../../platform/pages/meeting.ts';
import { type AtMeeting, atMeeting, type Guest, patient } from './at-meeting.ts';

export default atMeeting(['delivered'], async (at) => {
  await at.journey.shows('delivered', async () => {
    for (const one of [at.host, at.guest])
      await at.journey.does('opening the chat', () => openChat(one.page), patient(at.journey));
    await passes(at, at.host, at.guest);
    await passes(at, at.guest, at.host);
  });
});

async function passes({ journey }: AtMeeting, from: Guest, to: Guest): Promise<void> {
  const text = `Hello from ${from.name}`;
  await journey.does(`sending a message as ${from.name}`, () => say(from.page, text));
  const names = [from.name, from.account.email];
  await journey.sees(`it did not appear at ${to.name} as a message of ${from.name}`, (withinMs) =>
    until(to.page, () => showsLine(to.page, text, names), withinMs),
  );
}
