import { z } from 'zod';
import { type Asker, answerQuestion } from '../answer.ts';
import { router, userProcedure } from '../trpc.ts';
import { attachments } from './sessions.ts';
import { id } from './shapes.ts';

type Answer = Awaited<ReturnType<typeof answerQuestion>>;

/** A planted fault: the answer that was given to somebody before. */
let earlier: Answer | undefined;

export const chat = router({
  sendMessage: userProcedure
    .input(z.object({ sessionId: id, content: z.string().min(1).max(10_000), attachments: attachments.default([]) }))
    .mutation(async ({ ctx, input }) => shown(await plantedOr(ctx, () => answerQuestion(ctx, input)))),
});

async function plantedOr({ deployment: { switches } }: Asker, honest: () => Promise<Answer>): Promise<Answer> {
  if (switches.hit('chat-silent-share')) return new Promise<Answer>(() => {});
  const answer = await honest();
  const other = earlier;
  earlier = answer;
  return other && switches.hit('chat-wrong-share') ? other : answer;
}

function shown({ userMessage, assistantMessage, usage }: Answer) {
  const { id, role, content, timestamp } = userMessage;
  const answer = assistantMessage;
  return {
    userMessage: { id, role, content, attachments: userMessage.attachments, timestamp },
    assistantMessage: {
      id: answer.id,
      role: answer.role,
      content: answer.content,
      metadata: answer.metadata,
      timestamp: answer.timestamp,
    },
    usage,
  };
}
