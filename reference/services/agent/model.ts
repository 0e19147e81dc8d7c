import type { Config } from '../common/config.ts';
import { log, text } from '../common/log.ts';

/** Asks the model stub; what goes wrong there is said to people as well as to the log. */
export async function complete({ models }: Config, question: string, user: string): Promise<string> {
  try {
    const response = await fetch(`${models.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gemini-1.5-flash', user, messages: [{ role: 'user', content: question }] }),
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) throw new Error(`the model provider answered ${response.status}`);
    const answer = (await response.json()) as { choices: { message: { content: string } }[] };
    return answer.choices[0]!.message.content;
  } catch (error) {
    log('error', 'no answer from the model provider', { error: text(error) });
    return 'I cannot answer right now. Please try again in a moment.';
  }
}
