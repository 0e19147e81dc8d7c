import { agentIn, askAgent } from '../../platform/agent.ts';
import type { Person } from '../../probes/media/protocol.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Hall, inMeeting, neverCame, wasDone } from '../meetings.ts';

const body: Body = (context) =>
  inMeeting(
    context,
    'joins',
    async (hall) => {
      const withinMs = 2 * context.environment.timeoutMs;
      const joined = await hall.enter('guest', 0);
      if (!wasDone(context, 'joins', 'nobody gets into a meeting', joined)) return;
      const agent = await agentIn(hall.participants, 'guest', withinMs);
      if (agent === null)
        return context.breaks(
          'joins',
          `after somebody came into a meeting no agent joined within ${withinMs / 1000} s`,
        );
      context.holds('joins', { expected: 'the agent joins', observed: `${agent.name || agent.identity} joined` });
      await writes(context, hall, agent, withinMs);
      await speaks(context, hall, agent, withinMs);
    },
    1,
  );
export default body;

async function writes(context: BodyContext, { participants }: Hall, agent: Person, withinMs: number): Promise<void> {
  const told = await askAgent(participants, 'guest', agent, withinMs);
  const expected = 'an answer in words';
  if (told.ok) context.holds('text', { expected, observed: told.answer });
  else context.breaks('text', `after writing to the agent, ${told.because}`, { expected });
}

/** Whoever speaks and then pauses is answered aloud. */
async function speaks(context: BodyContext, { participants }: Hall, agent: Person, withinMs: number): Promise<void> {
  const spoken = await participants.speak('guest', { everyMs: 150, count: 12 });
  if (!wasDone(context, 'voice', 'the microphone cannot be opened', spoken)) return;
  const fromMs = context.now();
  const answer = await participants.await(
    ({ who, ...happening }) => who === 'guest' && happening.what === 'sound' && happening.from === agent.identity,
    withinMs,
  );
  if (answer !== null) context.holds('voice', { expected: 'an answer aloud', observed: 'the agent spoke' });
  else {
    const because = `after speaking to the agent nothing was heard of it within ${withinMs / 1000} s`;
    neverCame(context, participants, ['voice'], because, { fromMs, toMs: context.now() });
  }
}
