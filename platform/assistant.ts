import type { Account } from './accounts.ts';
import { isRecord } from './json.ts';
import { dataOf } from './people.ts';
import { type Reply, whyNoData } from './trpc.ts';

/** What a question to the AI came to. Costs in US dollars. */
export interface Answer {
  readonly ok: true;
  readonly asked: string;
  readonly text: string;
  readonly usage: {
    readonly input: number;
    readonly output: number;
    readonly total: number;
    readonly costUsd: number;
  } | null;
  readonly tier: string | null;
  readonly model: string | null;
  /** `simple`, `moderate` or `complex`, as the deployment calls it. */
  readonly level: string | null;
  /** Ids of the documents the answer rests on. */
  readonly sources: readonly string[];
  readonly startMs: number;
  readonly tookMs: number;
}

export type Asked =
  | Answer
  | {
      readonly ok: false;
      /** `limited`: the user has asked as often as the plan allows, which says nothing about the answer. */
      readonly limited: boolean;
      readonly because: string;
      readonly startMs: number;
      readonly tookMs: number;
    };

/** Puts one question into a chat session and reads the answer closely. */
export async function ask({ client }: Account, sessionId: string, content: string): Promise<Asked> {
  const reply = await client.mutation('chat.sendMessage', { sessionId, content });
  const { startMs, tookMs } = reply.answer;
  const wrong = whyNoData(reply) ?? wrongForm(reply, content);
  if (wrong !== null)
    return { ok: false, limited: reply.status === 429, because: `chat.sendMessage: ${wrong}`, startMs, tookMs };
  return { ok: true, asked: content, ...readAnswer(dataOf(reply)), startMs, tookMs };
}

/** The question stands in the answer as it was asked: whoever gets another one, got somebody else's. */
function wrongForm(reply: Reply, content: string): string | null {
  const { userMessage, assistantMessage } = record(dataOf(reply));
  if (!isRecord(userMessage) || !isRecord(assistantMessage)) return 'answered without userMessage and assistantMessage';
  if (userMessage.content !== content) return 'answered a question that was not asked';
  if (typeof assistantMessage.content !== 'string' || assistantMessage.content.trim() === '')
    return 'answered with nothing';
  return null;
}

function readAnswer(data: unknown): Pick<Answer, 'text' | 'usage' | 'tier' | 'model' | 'level' | 'sources'> {
  const { assistantMessage, usage } = record(data);
  const { content, metadata } = record(assistantMessage);
  const { modelRouting, complexity, rag, model } = record(metadata);
  const { modelTier, selectedModel } = record(modelRouting);
  const chunks = record(rag).chunks;
  return {
    text: String(content),
    usage: usageOf(usage),
    tier: textOf(modelTier),
    model: textOf(selectedModel) ?? textOf(model),
    level: textOf(record(complexity).level),
    sources: (Array.isArray(chunks) ? chunks : []).flatMap((chunk) => textOf(record(chunk).source) ?? []),
  };
}

function usageOf(value: unknown): Answer['usage'] {
  if (!isRecord(value)) return null;
  const [input, output, total, costUsd] = [value.inputTokens, value.outputTokens, value.totalTokens, value.cost].map(
    Number,
  );
  const all = [input, output, total, costUsd] as [number, number, number, number];
  return all.every(Number.isFinite) ? { input: all[0], output: all[1], total: all[2], costUsd: all[3] } : null;
}

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A question nobody could call hard. */
export const simpleQuestion = (mark: string): string => `Hello, is anybody there? ${mark}`;

/** A question nobody could call simple: long, in several parts, with reasons asked for and code to look at. */
export const hardQuestion = (mark: string): string =>
  [
    `Reference ${mark}. Analyze and compare three architectures for a multi-tenant event pipeline, explain step by step why each of them keeps or breaks the order of events, and justify which trade-offs you would accept.`,
    'First, derive the worst-case delay of each design from the number of partitions, the batch size and the rate of arrivals; second, prove that no event is handled twice when a consumer restarts between handling and acknowledging it; and then evaluate how each design behaves while one of its nodes is unreachable for ten minutes.',
    'Design a strategy that moves a running system from the first architecture to the third without an outage, explain the implications for clients that hold a connection open during the move, and synthesize the three analyses into one recommendation with its reasons, its risks and its costs.',
    'Finally, refactor and optimize this function, explain why it loses events under load, and prove that your version does not:',
    '```ts',
    'async function drain(queue: Queue): Promise<void> {',
    '  for (const event of await queue.read(100)) { void handle(event); await queue.acknowledge(event.id); }',
    '}',
    '```',
    'What would you measure to notice the loss in production? Which of those measurements would mislead you, and why? How would you test the recommendation before anybody depends on it?',
  ].join('\n');
