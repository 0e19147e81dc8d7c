import { z } from 'zod';
import { type Asker, answerQuestion, type Question } from '../answer.ts';
import { type Answer, shown } from '../shown.ts';
import { told } from '../stream.ts';
import { router, userProcedure } from '../trpc.ts';
import { chatFiles } from './chat-files.ts';
import { attachments, tenantOfSession } from './sessions.ts';
import { id } from './shapes.ts';

/** A planted fault: the answer that was given to somebody before. */
let earlier: Answer | undefined;

const question = z.object({
  sessionId: id,
  content: z.string().min(1).max(10_000),
  attachments: attachments.default([]),
});

export const chat = router({
  sendMessage: userProcedure
    .input(question)
    .mutation(async ({ ctx, input }) => shown(await plantedOr(ctx, () => answerIn(ctx, input)))),

  /**
   * The same, told as it comes about: `user_message` {message}, then `token` {content} for each piece, then `complete`
   * {userMessage, assistantMessage, usage} once both are stored, or `error` {message} when nothing is.
   */
  streamMessage: userProcedure.input(question).subscription(async function* ({ ctx, input }) {
    yield* told(ctx, input);
  }),

  ...chatFiles,
});

/** Planted or not: with the fault it does not matter whose session it is. */
async function answerIn(asker: Asker, asked: Question): Promise<Answer> {
  const { switches, database } = asker.deployment;
  if (!switches.on('foreign-questions')) return answerQuestion(asker, asked);
  const tenantId = await tenantOfSession(database.service, asked.sessionId);
  const user = { ...asker.user, tenantId };
  return answerQuestion({ ...asker, user, inTenant: (work) => database.inTenant(tenantId, work) }, asked);
}

async function plantedOr({ deployment: { switches } }: Asker, honest: () => Promise<Answer>): Promise<Answer> {
  if (switches.hit('chat-silent-share')) return new Promise<Answer>(() => {});
  const answer = await honest();
  const other = earlier;
  earlier = answer;
  return other && switches.hit('chat-wrong-share') ? other : answer;
}
