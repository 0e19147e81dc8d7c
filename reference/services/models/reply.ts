interface Message {
  readonly role: string;
  readonly content: string;
}

/** The answer names the question and the passages it was given, so that one can see whose question was answered from what. */
export function reply(model: string, messages: readonly Message[]) {
  const asked = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const content = [`You asked: "${asked.slice(0, 2000)}".`, grounding(messages)].join(' ');
  const inputTokens = tokens(messages.map((message) => message.content).join(' '));
  const outputTokens = tokens(content);
  return {
    model,
    choices: [{ message: { role: 'assistant', content } }],
    usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens },
  };
}

function grounding(messages: readonly Message[]): string {
  const passages = messages
    .filter((message) => message.role === 'system')
    .flatMap((message) => message.content.split('\n'))
    .filter((line) => line.startsWith('[source '));
  const [best] = passages;
  return best
    ? `From the knowledge base: ${best.slice(0, 600)}`
    : 'The knowledge base has nothing on this, so this is a general answer.';
}

/** About four characters a token, as English has it. */
export const tokens = (text: string): number => Math.max(1, Math.ceil(text.length / 4));
