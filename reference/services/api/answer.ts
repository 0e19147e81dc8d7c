import { z } from 'zod';
import type { Sql } from '../common/database.ts';
import type { SessionUser } from '../common/sessions.ts';
import type { Deployment } from './deployment.ts';
import { announce, type Message, store } from './messages.ts';
import { type Chunk, retrieve } from './retrieval.ts';
import { open } from './routers/sessions.ts';
import { complexity, type Model, priceUsd, route } from './routing.ts';
import { badRequest, internal } from './trpc.ts';

export interface Asker {
  readonly deployment: Deployment;
  readonly user: SessionUser;
  inTenant<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

interface Question {
  readonly sessionId: string;
  readonly content: string;
  readonly attachments: unknown;
}

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() }),
});
const providerTimeoutMs = 20_000;

/**
 * Looks things up, asks the model, then stores question and answer together. No transaction is open while the model thinks,
 * so slow answers use up no connections; and a question that could not be answered leaves nothing behind.
 */
export async function answerQuestion(who: Asker, question: Question) {
  const started = performance.now();
  const asked = new Date();
  const { history, chunks, ragMs } = await who.inTenant((sql) => context(sql, question));
  const level = complexity(question.content);
  const model = route(level.score);
  const answered = await complete(who.deployment, model, prompt(history, chunks, question.content));
  const usage = {
    ...tokens(answered.usage),
    cost: priceUsd(model, answered.usage.prompt_tokens, answered.usage.completion_tokens),
  };
  const latencyMs = Math.round(performance.now() - started);
  const metadata = {
    ...describe(model, level, chunks),
    ...flat(usage, latencyMs, chunks),
    performance: { totalLatencyMs: latencyMs, ragLatencyMs: ragMs },
  };
  const both = await who.inTenant((sql) => keep(sql, question, asked, answered.content, metadata, usage.cost));
  await announce(who, both.userMessage);
  await announce(who, both.assistantMessage);
  return { ...both, usage };
}

async function context(sql: Sql, { sessionId, content }: Question) {
  await open(sql, sessionId);
  const started = performance.now();
  const chunks = await retrieve(sql, content, { limit: 5, minScore: 0.62 });
  const ragMs = Math.round(performance.now() - started);
  const latest = await sql.rows<Pick<Message, 'role' | 'content'>>(
    'messages-latest',
    `SELECT role, content FROM messages WHERE session_id = $1 ORDER BY "timestamp" DESC, id LIMIT 20`,
    [sessionId],
  );
  return { chunks, ragMs, history: latest.reverse() };
}

function prompt(history: readonly Pick<Message, 'role' | 'content'>[], chunks: readonly Chunk[], question: string) {
  const sources = chunks.map((chunk) => `[source ${chunk.documentId}] ${chunk.content.replaceAll('\n', ' ')}`);
  const system = ['You are a helpful assistant. Answer from the sources where they say something.', ...sources].join(
    '\n',
  );
  return [{ role: 'system', content: system }, ...history, { role: 'user', content: question }];
}

async function complete({ config }: Deployment, model: Model, messages: readonly { role: string; content: string }[]) {
  const response = await fetch(new URL('/v1/chat/completions', config.models.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: model.name, messages }),
    signal: AbortSignal.timeout(providerTimeoutMs),
  });
  if (!response.ok) throw internal(`the model provider answered ${response.status}`);
  const { choices, usage } = completion.parse(await response.json());
  return { content: choices[0]!.message.content, usage };
}

async function keep(sql: Sql, question: Question, asked: Date, answer: string, metadata: unknown, cost: number) {
  const { sessionId, content, attachments } = question;
  const billed = await sql.first(
    'sessions-bill',
    'UPDATE sessions SET cost_usd = cost_usd + $2::numeric WHERE id = $1 AND ended_at IS NULL RETURNING 1',
    [sessionId, cost],
  );
  if (!billed) throw badRequest('This session has ended');
  const userMessage = await store(sql, {
    sessionId,
    role: 'user',
    content,
    attachments,
    metadata: {},
    timestamp: asked,
  });
  // The answer is later than its question even within one millisecond, or the list could turn them round.
  const timestamp = new Date(Math.max(Date.now(), asked.getTime() + 1));
  const assistantMessage = await store(sql, {
    sessionId,
    role: 'assistant',
    content: answer,
    attachments: [],
    metadata,
    timestamp,
  });
  return { userMessage, assistantMessage };
}

function describe(model: Model, level: ReturnType<typeof complexity>, chunks: readonly Chunk[]) {
  return {
    model: model.name,
    modelRouting: {
      selectedModel: model.name,
      modelTier: model.tier,
      provider: model.provider,
      reasoning: `complexity ${level.score} is ${level.level}`,
      fallbacksAvailable: 0,
      wasEscalated: false,
      attemptNumber: 1,
    },
    complexity: level,
    confidence: 0.85,
    rag: {
      chunksRetrieved: chunks.length,
      topRelevance: chunks[0]?.score ?? 0,
      method: 'vector',
      rerankingApplied: false,
      chunks: chunks.map(({ id, content, score, documentId }) => ({ id, content, score, source: documentId })),
    },
  };
}

interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cost: number;
}

function flat(usage: Usage, latencyMs: number, chunks: readonly Chunk[]) {
  const { inputTokens, outputTokens, totalTokens, cost } = usage;
  return {
    cost: { total: cost, inputTokens, outputTokens },
    tokensUsed: totalTokens,
    costUsd: cost,
    latencyMs,
    ragChunksRetrieved: chunks.length,
  };
}

function tokens(usage: z.infer<typeof completion>['usage']) {
  return { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens, totalTokens: usage.total_tokens };
}
