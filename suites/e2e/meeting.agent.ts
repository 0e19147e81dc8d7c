import { agentIn, askAgent, hasVoice, untilSilent } from '../../platform/agent.ts';
import type { Participants } from '../../probes/media/participants.ts';
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

/** An answer read aloud, or a greeting, has its own end; what is heard after so long a silence was set off by what we say. */
const silentMs = 3_000;
const toneEveryMs = 150;
const tones = 12;

/**
 * Whoever speaks and then pauses is answered aloud. What we speak are tones: an agent that waits for words rightly keeps
 * silent, so silence is held against the deployment only where its file says that tones are answered.
 */
async function speaks(context: BodyContext, { participants }: Hall, agent: Person, withinMs: number): Promise<void> {
  const answersTones = context.environment.agent?.voice === 'tones';
  if (!answersTones && !(await hasVoice(participants, 'guest', agent, withinMs / 2)))
    return context.unmet('an agent that speaks', 'voice');
  const fromMs = context.now();
  const because = await whySilent(context, participants, agent, withinMs);
  if (because === 'told') return;
  if (because === null) context.holds('voice', { expected: 'an answer aloud', observed: 'the agent spoke' });
  else if (answersTones) neverCame(context, participants, ['voice'], because, { fromMs, toMs: context.now() });
  else context.unmet('an agent that answers tones, and agent.voice: tones in the environment file', 'voice');
}

/** Null when it answered aloud; `told` when it could not be spoken to, which stands in the record then. */
async function whySilent(context: BodyContext, participants: Participants, agent: Person, withinMs: number) {
  if (!(await untilSilent(participants, 'guest', agent, silentMs, 2 * withinMs)))
    return `the agent spoke for ${(2 * withinMs) / 1000} s on end before it was spoken to`;
  let lastToneMs = Number.POSITIVE_INFINITY;
  const stop = participants.listen((one) => {
    if (one.what === 'spoke' && one.who === 'guest' && one.code === tones - 1) lastToneMs = one.atMs + toneEveryMs;
  });
  const answer = participants.next(
    (one) => one.who === 'guest' && one.what === 'sound' && one.from === agent.identity && one.atMs > lastToneMs,
    withinMs + tones * toneEveryMs,
  );
  const spoken = await participants.speak('guest', { everyMs: toneEveryMs, count: tones });
  const wasSpoken = wasDone(context, 'voice', 'the microphone cannot be opened', spoken);
  const heard = wasSpoken ? await answer : null;
  stop();
  if (!wasSpoken) return 'told';
  return heard ? null : `after speaking to the agent nothing was heard of it within ${withinMs / 1000} s`;
}
