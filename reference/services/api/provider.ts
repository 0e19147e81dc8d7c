import { z } from 'zod';
import type { Deployment } from './deployment.ts';
import type { Model } from './routing.ts';
import { internal } from './trpc.ts';

const usage = z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() });
const whole = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1), usage });
const piece = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().optional() }) })),
  usage: usage.nullish(),
});

export interface Completed {
  readonly content: string;
  readonly usage: z.infer<typeof usage>;
}

interface Said {
  readonly role: string;
  readonly content: string;
}

const timeoutMs = 20_000;

/** Asks the model; with `onPiece` the answer comes piece by piece, as its provider makes it. */
export async function complete(
  { config }: Deployment,
  model: Model,
  messages: readonly Said[],
  onPiece?: (text: string) => void,
): Promise<Completed> {
  const response = await fetch(new URL('/v1/chat/completions', config.models.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: model.name,
      messages,
      ...(onPiece ? { stream: true, stream_options: { include_usage: true } } : {}),
    }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok || !response.body) throw internal(`the model provider answered ${response.status}`);
  if (onPiece) return pieces(response.body, onPiece);
  const answer = whole.parse(await response.json());
  return { content: answer.choices[0]!.message.content, usage: answer.usage };
}

async function pieces(body: ReadableStream<Uint8Array>, onPiece: (text: string) => void): Promise<Completed> {
  let content = '';
  let counted: Completed['usage'] | undefined;
  for await (const data of events(body)) {
    if (data === '[DONE]') break;
    const { choices, usage: told } = piece.parse(JSON.parse(data));
    const text = choices[0]?.delta.content ?? '';
    if (text !== '') onPiece(text);
    content += text;
    counted = told ?? counted;
  }
  if (!counted) throw internal('the model provider ended its stream early');
  return { content, usage: counted };
}

/** The data of server-sent events; one line each, as providers send them. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length).trim();
  }
}
