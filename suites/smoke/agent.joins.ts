import { agentIn, askAgent } from '../../platform/agent.ts';
import type { Body } from '../../runners/body.ts';
import { inMeeting, wasDone } from '../meetings.ts';

const body: Body = (context) =>
  inMeeting(
    context,
    'joins',
    async ({ enter, participants }) => {
      const { timeoutMs } = context.environment;
      const joined = await enter('guest', 0);
      if (!wasDone(context, 'joins', 'nobody gets into a meeting', joined)) return;
      const agent = await agentIn(participants, 'guest', 2 * timeoutMs);
      const expected = 'the agent, without being asked';
      if (agent === null)
        return context.breaks('joins', `no agent came into a new meeting within ${(2 * timeoutMs) / 1000} s`, {
          expected,
        });
      context.holds('joins', { expected, observed: `${agent.name || agent.identity} came` });
      const told = await askAgent(participants, 'guest', agent, 2 * timeoutMs);
      if (told.ok) context.holds('answers', { expected: 'an answer in words', observed: told.answer });
      else
        context.breaks('answers', `the agent is in the meeting, and ${told.because}`, {
          expected: 'an answer in words',
        });
    },
    1,
  );
export default body;
