import type { answerQuestion } from './answer.ts';

export type Answer = Awaited<ReturnType<typeof answerQuestion>>;

/** What the asker gets of question and answer. */
export function shown({ userMessage, assistantMessage, usage }: Answer) {
  const { id, role, content, attachments, timestamp } = userMessage;
  const answer = assistantMessage;
  return {
    userMessage: { id, role, content, attachments, timestamp },
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
